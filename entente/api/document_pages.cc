// Documents: the list, and one with its texts side by side.
#include <algorithm>

#include "entente/api/page.h"

namespace entente::api {
namespace {

using agreement::Document;
using agreement::LocalText;
using documents::DocumentView;

Attributes InLanguage(const std::string& language) {
  return {{"lang", language}, {"dir", std::string(DirectionOf(language))}};
}

// The languages the reader wants to see beside each other, as ?l=fr&l=ar; all without any.
std::vector<std::string> ChosenLanguages(const Page& page, const Document& document) {
  std::vector<std::string> chosen;
  for (const std::string& language : document.languages) {
    const auto& query = page.context().request.query;
    if (std::find(query.begin(), query.end(), std::pair<std::string, std::string>("l", language)) !=
        query.end()) {
      chosen.push_back(language);
    }
  }
  return chosen.empty() ? document.languages : chosen;
}

Html LanguageChoice(const Page& page, const Document& document,
                    const std::vector<std::string>& chosen) {
  Html boxes = Tag("legend", page.Say("documents.side_by_side"));
  for (const std::string& language : document.languages) {
    Attributes box{{"type", "checkbox"}, {"name", "l"}, {"value", language}};
    if (std::find(chosen.begin(), chosen.end(), language) != chosen.end()) {
      box.emplace_back("checked", kPresent);
    }
    boxes += Tag("label", Tag("input", box) + Text(" ") +
                              Tag("span", InLanguage(language), page.Say("language." + language)));
  }
  return Tag("form", {{"method", "get"}, {"class", "choice"}},
             Tag("fieldset", boxes) + Tag("button", {{"type", "submit"}, {"class", "quiet"}},
                                          page.Say("documents.show")));
}

// One row of cells in which every language says the same.
template <typename CellOf>
Html AlignedRow(const std::vector<std::string>& languages, const CellOf& cell_of) {
  Html row;
  for (const std::string& language : languages) {
    row += Tag("td", InLanguage(language), cell_of(language));
  }
  return Tag("tr", row);
}

// Alternat: each party's copy names itself first.
template <typename T>
std::vector<T> OwnFirst(std::vector<T> list, const std::string& country) {
  std::stable_partition(list.begin(), list.end(),
                        [&](const T& item) { return item.country == country; });
  return list;
}

Html Texts(const Page& page, const Document& document, const std::vector<std::string>& languages) {
  Html head;
  for (const std::string& language : languages) {
    Attributes attributes = InLanguage(language);
    attributes.emplace_back("scope", "col");
    head += Tag("th", attributes, page.Say("language." + language));
  }
  const auto parties = OwnFirst(document.parties, page.own().country);
  Html rows = AlignedRow(languages, [&](const std::string& language) {
    Html cell = Tag("p", {{"class", "title"}}, Text(agreement::In(document.title, language)));
    for (const agreement::Party& party : parties) {
      cell += Tag("p", {{"class", "party"}}, Text(agreement::In(party.name, language)));
    }
    return cell;
  });
  for (const agreement::Article& article : document.articles) {
    rows += AlignedRow(languages, [&](const std::string& language) {
      const std::string label =
          page.catalogue().Say(language, "documents.article", {{"id", article.id}});
      return Tag("h2", Tag("span", Text(label)) + Text(" ") +
                           Text(agreement::In(article.heading, language))) +
             Tag("p", Text(agreement::In(article.text, language)));
    });
  }
  constexpr std::string_view kCaption = "documents.authentic_texts";
  return page.Scrolled(kCaption, Tag("table", {{"class", "texts"}},
                                     Tag("caption", page.Say(kCaption)) +
                                         Tag("thead", Tag("tr", head)) + Tag("tbody", rows)));
}

Result<Html> Signatures(const Page& page, const PeerId& peer, const DocumentView& view) {
  ENTENTE_ASSIGN(const auto acts, ListActs(page.services(), peer));
  Html rows;
  for (const agreement::Signatory& signatory :
       OwnFirst(view.document.signatories, page.own().country)) {
    const auto signature =
        std::find_if(view.signatures.begin(), view.signatures.end(), [&](const auto& one) {
          return one.country == signatory.country && one.signatory == signatory.name;
        });
    Html state = page.Say("documents.not_signed");
    Html proof;
    if (signature != view.signatures.end()) {
      state = page.Say("documents.signed");
      proof = Code(signature->act.Hex().substr(0, 16));
      const auto act = std::find_if(acts.begin(), acts.end(), [&](const store::ActRow& row) {
        return row.id == signature->act;
      });
      if (act != acts.end()) {
        proof += Text(" · ") + page.SayCount("ledger.leaf", act->leaf_index);
      }
    }
    rows += Page::Row({Tag("bdi", Text(signatory.name)) + Text(" ") + Code(signatory.country),
                       page.SayLocal(signatory.office), state, proof});
  }
  return page.Table("documents.signatures",
                    {"documents.signatory", "documents.office", "console.status", "ledger.proof"},
                    rows);
}

Html Terms(const Page& page, const agreement::Terms& terms) {
  const auto list = [&](std::string_view prefix, const std::map<std::string, std::string>& words) {
    Html items;
    for (const auto& [word, article] : words) {
      items += Tag("li", page.SayWord(prefix, word) + Text(" (") +
                             page.Say("documents.article", {{"id", article}}) + Text(")"));
    }
    return items.empty() ? page.Say("console.none") : Tag("ul", items);
  };
  Html pairs =
      Page::Pair(page.Say("documents.tier"), page.SayWord("tier", act::TierName(terms.tier))) +
      Page::Pair(page.Say("documents.valid_from"), page.SayTime(terms.valid_from)) +
      Page::Pair(page.Say("documents.valid_until"), page.SayTime(terms.valid_until)) +
      Page::Pair(page.Say("documents.permits"), list("kind", terms.permits)) +
      Page::Pair(page.Say("documents.purposes"), list("purpose", terms.purposes));
  if (terms.matching) {
    pairs += Page::Pair(
        page.Say("documents.limits"),
        page.SayCount("documents.records_max", terms.matching->records_max) + Text(" · ") +
            page.SayCount("documents.rounds_per_day_max", terms.matching->rounds_per_day_max));
  }
  return Tag("dl", pairs);
}

// Whom the publication waits for, while one side alone has agreed to it.
Html Publication(const Page& page, const DocumentView& view) {
  if (view.published_by.empty() || view.IsPublished()) {
    return {};
  }
  const std::string& agreed = *view.published_by.begin();
  const auto& parties = view.document.parties;
  const std::string& open =
      parties.front().country == agreed ? parties.back().country : parties.front().country;
  return Tag("p", {{"class", "note"}},
             page.Say("documents.publication_waits", {{"by", agreed}, {"on", open}}));
}

Html Actions(const Page& page, const DocumentView& view, const std::string& address) {
  Html forms;
  if (!view.IsProposed()) {
    forms += page.Form(address + "/propose", {}, "documents.propose");
  }
  for (const documents::NamedSignatory& signatory : view.OpenSignatories(page.own().country)) {
    const Html name =
        Tag("input", {{"type", "hidden"}, {"name", "signatory"}, {"value", signatory.name}});
    const Html confirm = Tag("label", Tag("input", {{"type", "checkbox"},
                                                    {"name", "confirm"},
                                                    {"value", "yes"},
                                                    {"required", std::string(kPresent)}}) +
                                          Text(" ") + page.Say("documents.sign_confirm"));
    forms += page.Form(address + "/sign",
                       Tag("p", Tag("strong", Tag("bdi", Text(signatory.name)))) + name + confirm,
                       "documents.sign");
  }
  if (view.IsCoSigned() && !view.published_by.contains(page.own().country)) {
    forms += page.Form(address + "/publish", {}, "documents.publish", "quiet");
  }
  return forms.empty() ? forms : Tag("section", {{"class", "actions"}}, forms);
}

}  // namespace

std::string DocumentAddress(const PeerId& peer, const documents::DocumentId& id) {
  return "/documents/" + peer.str() + "/" + id.Hex();
}

Result<http::Response> DocumentsPage(const Page& page) {
  ENTENTE_ASSIGN(const auto peers, ListPeers(page.services()));
  const UtcTime now = page.services().exchange.clock().Now();
  Html body;
  for (const PeerSummary& peer : peers) {
    ENTENTE_ASSIGN(const auto heads, page.services().documents.List(peer.card.id()));
    Html rows;
    for (const documents::DocumentHead& head : heads) {
      rows += Page::Row(
          {Link(DocumentAddress(peer.card.id(), head.id), page.SayLocal(head.title)),
           page.SayWord("document_type", agreement::TypeName(head.type)),
           head.validity ? page.SayWord("tier", act::TierName(head.validity->tier)) : Html(),
           page.State("document_state", documents::StateName(head.StateAt(now))),
           Code(std::to_string(head.signatures.size()) + " / " +
                std::to_string(head.signatories.size()))});
    }
    body +=
        Tag("section",
            Tag("h2", page.PeerName(peer.card)) +
                (rows.empty() ? Tag("p", page.Say("documents.empty"))
                              : page.Table("documents.title",
                                           {"documents.name", "documents.type", "documents.tier",
                                            "console.status", "documents.signatures"},
                                           rows)));
  }
  return page.Render(200, page.Say("documents.title"),
                     body.empty() ? Tag("p", page.Say("peer.empty")) : body);
}

Result<http::Response> DocumentPage(const Page& page) {
  ENTENTE_ASSIGN(const PeerId peer,
                 FindPeer(page.services(), page.context().PathParameter("peer")));
  ENTENTE_ASSIGN(const DocumentView view,
                 FindDocument(page.services(), peer, page.context().PathParameter("id")));
  const Document& document = view.document;
  const UtcTime now = page.services().exchange.clock().Now();
  const std::vector<std::string> languages = ChosenLanguages(page, document);
  ENTENTE_ASSIGN(const Html signatures, Signatures(page, peer, view));
  Html body = Tag("p", {{"class", "lead"}},
                  page.SayWord("document_type", agreement::TypeName(document.type)) + Text(" · ") +
                      page.State("document_state", documents::StateName(view.StateAt(now)))) +
              Publication(page, view) +
              Tag("dl", Page::Pair(page.Say("documents.id"), Code(view.id.Hex()))) +
              LanguageChoice(page, document, languages) + Texts(page, document, languages) +
              signatures + Actions(page, view, DocumentAddress(peer, view.id));
  if (document.terms) {
    body += Tag("section", {{"class", "terms"}},
                Tag("h2", page.Say("documents.terms")) + Terms(page, *document.terms));
  }
  return page.Render(200, page.SayLocal(document.title), body);
}

}  // namespace entente::api
