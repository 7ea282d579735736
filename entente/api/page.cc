#include "entente/api/page.h"

#include <algorithm>

#include "entente/base/check.h"
#include "entente/base/error_table.h"
#include "entente/base/utf8.h"

namespace entente::api {
namespace {

constexpr std::string_view kLanguageCookie = "entente_lang";
constexpr std::chrono::hours kLanguageAge{24 * 365};

std::string_view TrimLeft(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

// The first language of an accept-language header that the catalogue speaks. Browsers send them
// in order of preference, so weights are not read.
std::string_view Accepted(const Catalogue& catalogue, std::string_view header) {
  while (!header.empty()) {
    const std::string_view item = header.substr(0, header.find(','));
    header.remove_prefix(std::min(item.size() + 1, header.size()));
    const std::string_view tag = TrimLeft(item);
    const std::string_view primary = tag.substr(0, tag.find_first_of("-; "));
    if (catalogue.Speaks(primary)) {
      return primary;
    }
  }
  return kDefaultLanguage;
}

}  // namespace

Page::Page(const Services& services, const LoginBook& logins, const Catalogue& catalogue,
           const http::RequestContext& context)
    : services_(services), logins_(logins), catalogue_(catalogue), context_(context) {
  const http::Request& request = context.request;
  if (const auto asked = request.FindQuery("lang"); asked && catalogue.Speaks(*asked)) {
    language_ = *asked;
    is_language_chosen_ = true;
  } else if (const auto kept = request.FindCookie(kLanguageCookie);
             kept && catalogue.Speaks(*kept)) {
    language_ = *kept;
  } else {
    language_ = Accepted(catalogue, request.headers.Find("accept-language").value_or(""));
  }
}

Html Page::Say(std::string_view key, const Catalogue::Values& values) const {
  return Text(catalogue_.Say(language_, key, values));
}

Html Page::SayCount(std::string_view key, std::uint64_t n) const {
  return Say(key, {{"n", std::to_string(n)}});
}

Html Page::SayWord(std::string_view prefix, std::string_view word) const {
  const auto text = catalogue_.Find(language_, std::string(prefix) + "." + std::string(word));
  return text ? Text(*text) : Tag("bdi", Text(OneLine(word)));
}

Html Page::SayLocal(const agreement::LocalText& text) const {
  const auto own = text.find(language_);
  const auto& [language, words] = own == text.end() ? *text.begin() : *own;
  if (language == language_) {
    return Text(words);
  }
  return Tag("bdi", {{"lang", language}, {"dir", std::string(DirectionOf(language))}}, Text(words));
}

Html Page::SayTime(UtcTime time) const {
  const std::string text = FormatRfc3339(time);
  return Tag(
      "time", {{"datetime", text}},
      Tag("bdi", {{"dir", "ltr"}}, Text(text.substr(0, 10) + " " + text.substr(11, 5) + " UTC")));
}

Html Page::Form(const std::string& action, const Html& fields, std::string_view button_key,
                std::string_view button_class) const {
  const Html token =
      Tag("input", {{"type", "hidden"}, {"name", "form"}, {"value", logins_.FormToken(context_)}});
  const Html button =
      Tag("button", {{"type", "submit"}, {"class", std::string(button_class)}}, Say(button_key));
  return Tag("form", {{"method", "post"}, {"action", action}}, token + fields + button);
}

Html Page::Table(std::string_view caption_key, const std::vector<std::string_view>& column_keys,
                 const Html& rows) const {
  Html head;
  for (const std::string_view key : column_keys) {
    head += Tag("th", {{"scope", "col"}}, Say(key));
  }
  const Html table = Tag("table", Tag("caption", Say(caption_key)) + Tag("thead", Tag("tr", head)) +
                                      Tag("tbody", rows));
  return Scrolled(caption_key, table);
}

Html Page::Scrolled(std::string_view name_key, const Html& table) const {
  return Tag("div",
             {{"class", "scroll"},
              {"tabindex", "0"},
              {"role", "region"},
              {"aria-label", catalogue_.Say(language_, name_key)}},
             table);
}

Html Page::Row(const std::vector<Html>& cells) {
  Html row;
  for (const Html& cell : cells) {
    row += row.empty() ? Tag("th", {{"scope", "row"}}, cell) : Tag("td", cell);
  }
  return Tag("tr", row);
}

Html Page::Pair(const Html& term, const Html& description) {
  return Tag("div", Tag("dt", term) + Tag("dd", description));
}

Html Page::State(std::string_view prefix, std::string_view state) const {
  return Tag("span", {{"class", "state " + std::string(state)}}, SayWord(prefix, state));
}

Html Page::PeerName(const act::Card& card) const {
  return Tag("bdi", Text(card.name)) + Text(" ") + Code(card.country);
}

Html Page::Technical(std::string_view message) {
  return Tag("samp", {{"lang", "en"}, {"dir", "ltr"}}, Text(message));
}

Html Page::Head(const Html& title, bool is_running) const {
  Html head =
      Tag("meta", {{"charset", "utf-8"}}) +
      Tag("meta", {{"name", "viewport"}, {"content", "width=device-width,initial-scale=1"}}) +
      Tag("link", {{"rel", "stylesheet"}, {"href", "/static/console.css"}}) +
      Tag("title", WithoutTags(title) + Text(" · ") + Say("console.title"));
  if (is_running) {
    head += Tag("meta", {{"http-equiv", "refresh"}, {"content", "3"}});
  }
  return Tag("head", head);
}

Html Page::Navigation() const {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kPlaces{{
      {"/", "due.title"},
      {"/documents", "documents.title"},
      {"/rounds", "rounds.title"},
      {"/collections", "collections.title"},
  }};
  Html links;
  for (const auto& [address, key] : kPlaces) {
    const bool is_here =
        address == "/" ? context_.request.path == "/" : context_.request.path.starts_with(address);
    Attributes attributes{{"href", std::string(address)}};
    if (is_here) {
      attributes.emplace_back("aria-current", "page");
    }
    links += Tag("li", Tag("a", attributes, Say(key)));
  }
  return Tag("nav", {{"aria-label", catalogue_.Say(language_, "console.navigation")}},
             Tag("ul", links));
}

// This page in another language; the home page where asking again would act again.
std::string Page::AddressIn(std::string_view language) const {
  const http::Request& request = context_.request;
  if (request.method != http::Method::kGet) {
    return "/?lang=" + std::string(language);
  }
  http::Parameters query = request.query;
  std::erase_if(query, [](const auto& parameter) { return parameter.first == "lang"; });
  query.emplace_back("lang", language);
  return "?" + http::FormatParameters(query);
}

Html Page::Banner() const {
  Html languages;
  for (const std::string_view language : kLanguages) {
    const std::string name(language);
    Attributes attributes{{"href", AddressIn(name)}, {"lang", name}, {"hreflang", name}};
    if (name == language_) {
      attributes.emplace_back("aria-current", "true");
    }
    languages += Tag("li", Tag("a", attributes, Say("language." + name)));
  }
  Html tools =
      Tag("ul", {{"aria-label", catalogue_.Say(language_, "console.language")}}, languages);
  Html bar = Tag("p", {{"class", "brand"}},
                 Link("/", Say("console.title")) + Tag("span", Tag("bdi", Text(own().name))));
  if (!context_.person.empty()) {
    bar += Navigation();
    tools += Form("/logout", {}, "console.logout", "quiet");
  }
  Html banner;
  if (own().is_exercise) {
    banner = Tag("p", {{"class", "exercise"}},
                 Tag("strong", Say("console.exercise")) + Text(" ") +
                     Tag("span", Say("console.exercise_note")));
  }
  return banner + Tag("header", bar + Tag("div", {{"class", "tools"}}, tools));
}

http::Response Page::Render(int status, const Html& title, const Html& body,
                            bool is_running) const {
  const Html skip =
      Tag("a", {{"class", "skip"}, {"href", "#main"}}, Say("console.skip_to_content"));
  const Html main = Tag("main", {{"id", "main"}, {"tabindex", "-1"}}, Tag("h1", title) + body);
  const Html html = Tag("html", {{"lang", language_}, {"dir", std::string(DirectionOf(language_))}},
                        Head(title, is_running) + Tag("body", skip + Banner() + main));
  http::Response response = http::Html(status, "<!doctype html>" + html.str());
  if (is_language_chosen_) {
    const auto cookie = http::FormatCookie(kLanguageCookie, language_, false, kLanguageAge);
    ENTENTE_CHECK(cookie && response.headers.Add("set-cookie", *cookie));
  }
  return response;
}

http::Response Page::RenderError(const Error& error) const {
  const std::string name(ErrorRowFor(error.code).name);
  return Render(http::StatusFor(error.code), Say("error." + name),
                Tag("p", {{"class", "note"}}, Technical(error.message)) +
                    Tag("p", Link("/", Say("console.back"))));
}

http::Response Page::RenderRefusal(const PeerId& peer, const agreement::Decision& decision) const {
  const std::string rule =
      catalogue_.Say(language_, "rule." + std::string(agreement::RuleName(decision.rule)));
  Html body = Tag("p", {{"class", "note"}},
                  decision.article.empty()
                      ? Text(rule)
                      : Say("console.refused_by", {{"rule", rule}, {"article", decision.article}}));
  const auto view = decision.agreement ? services_.documents.Get(peer, *decision.agreement)
                                       : Result<documents::DocumentView>(Error{});
  const agreement::Article* const article =
      view ? view->document.FindArticle(decision.article) : nullptr;
  if (article != nullptr) {
    body += Tag("blockquote", Tag("p", Tag("strong", SayLocal(article->heading))) +
                                  Tag("p", SayLocal(article->text))) +
            Tag("p", Link(DocumentAddress(peer, view->id), SayLocal(view->document.title)));
  }
  return Render(http::StatusFor(ErrorCode::kNotPermitted), Say("error.not_permitted"), body);
}

}  // namespace entente::api
