#include "entente/agreement/document.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "entente/base/utf8.h"

namespace entente::agreement {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::array<std::string_view, 4> kTypeNames{"declaration", "agreement", "minutes",
                                                     "communique"};
constexpr std::array<std::string_view, 4> kLanguages{"fr", "de", "ar", "en"};
constexpr std::array<std::string_view, 7> kRules{"tier",   "kind",  "validity", "purpose",
                                                 "origin", "limit", "scheme"};
constexpr std::int64_t kCountMax = 1'000'000'000;

Error Bad(std::string why) { return {ErrorCode::kInvalidInput, "document: " + std::move(why)}; }

bool Contains(const auto& range, const auto& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }
bool IsSmallOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsCountry(std::string_view text) {
  return text.size() == 2 && std::all_of(text.begin(), text.end(), IsCapital);
}

bool IsArticleId(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsCapital(c) || IsSmallOrDigit(c) || c == '.';
  });
}

bool IsPurposeId(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return IsSmallOrDigit(c) || c == '-'; });
}

bool NamesNothing(const std::vector<std::string>& list) {
  return list.empty() || Contains(list, "");
}

// `result`, its error naming the member it came from.
template <typename T>
Result<T> Named(std::string_view member, Result<T> result) {
  if (!result) {
    return Bad(std::string(member) + ": " + result.error().message);
  }
  return result;
}

Json TextJson(const LocalText& text) { return Json(text); }

// No character that could move the cursor or turn the text around; line breaks are allowed.
bool IsShownAsSigned(std::string_view text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (OneLine(line, line.size()) != line) {
      return false;
    }
    begin = end + 1;
  }
  return true;
}

Result<LocalText> ReadText(JsonReader& reader, std::string_view member, const Document& document,
                           std::size_t size_bytes_max = kLineBytesMax) {
  ENTENTE_ASSIGN(const Json* json, reader.Object(member));
  JsonReader texts(*json, std::string(member));
  LocalText out;
  for (const std::string& language : document.languages) {
    ENTENTE_ASSIGN(std::string text, texts.String(language, size_bytes_max));
    if (text.empty()) {
      return Bad(std::string(member) + "." + language + " is empty");
    }
    if (!IsShownAsSigned(text)) {
      return Bad(std::string(member) + "." + language +
                 " has control or direction characters: what is seen must be what is signed");
    }
    out.emplace(language, std::move(text));
  }
  ENTENTE_TRY(texts.Finish());
  return out;
}

Status ReadLanguages(JsonReader& reader, Document& document) {
  ENTENTE_ASSIGN(document.languages, reader.Strings("languages", kLanguages.size()));
  const std::set<std::string> distinct(document.languages.begin(), document.languages.end());
  if (document.languages.empty() || distinct.size() != document.languages.size()) {
    return Bad("languages must name at least one language, none twice");
  }
  for (const std::string& language : document.languages) {
    if (!Contains(kLanguages, language)) {
      return Bad("languages are fr, de, ar and en");
    }
  }
  return {};
}

Status ReadParties(JsonReader& reader, Document& document) {
  ENTENTE_ASSIGN(const Json* parties, reader.Array("parties", 2));
  for (const Json& item : *parties) {
    JsonReader one(item, "parties");
    Party party;
    ENTENTE_ASSIGN(party.country, one.String("country", 2));
    ENTENTE_ASSIGN(party.name, ReadText(one, "name", document));
    ENTENTE_ASSIGN(const std::string card, one.String("card", 64));
    ENTENTE_ASSIGN(party.card, Named("parties.card", act::CardFingerprint::FromHex(card)));
    ENTENTE_TRY(one.Finish());
    if (!IsCountry(party.country)) {
      return Bad("parties.country must be two capital letters (ISO 3166-1), such as MA");
    }
    document.parties.push_back(std::move(party));
  }
  if (document.parties.size() != 2 ||
      !(document.parties[0].country < document.parties[1].country)) {
    return Bad("there must be two parties of different countries, in the order of their codes");
  }
  return {};
}

Status ReadArticles(JsonReader& reader, Document& document) {
  ENTENTE_ASSIGN(const Json* articles, reader.Array("articles", kArticlesMax));
  for (const Json& item : *articles) {
    JsonReader one(item, "articles");
    Article article;
    ENTENTE_ASSIGN(article.id, one.String("id", 16));
    ENTENTE_ASSIGN(article.heading, ReadText(one, "heading", document));
    ENTENTE_ASSIGN(article.text, ReadText(one, "text", document, kTextBytesMax));
    ENTENTE_TRY(one.Finish());
    if (!IsArticleId(article.id) || document.FindArticle(article.id) != nullptr) {
      return Bad("every article needs an id of its own, such as 5 or 5.2");
    }
    document.articles.push_back(std::move(article));
  }
  if (document.articles.empty()) {
    return Bad("there is no article");
  }
  return {};
}

Status ReadSignatories(JsonReader& reader, Document& document) {
  ENTENTE_ASSIGN(const Json* signatories, reader.Array("signatories", kSignatoriesMax));
  std::set<std::string> countries;
  for (const Json& item : *signatories) {
    JsonReader one(item, "signatories");
    Signatory signatory;
    ENTENTE_ASSIGN(signatory.country, one.String("country", 2));
    ENTENTE_ASSIGN(signatory.name, one.String("name", 200));
    ENTENTE_ASSIGN(signatory.office, ReadText(one, "office", document));
    ENTENTE_TRY(one.Finish());
    if (document.FindParty(signatory.country) == nullptr || signatory.name.empty() ||
        !IsShownAsSigned(signatory.name)) {
      return Bad(
          "every signatory needs a name without control characters and the country of a party");
    }
    countries.insert(signatory.country);
    document.signatories.push_back(std::move(signatory));
  }
  if (countries.size() != document.parties.size()) {
    return Bad("every party needs a signatory");
  }
  return {};
}

// One name in a map of the terms, for an error. Only names on our lists are repeated: the text may
// be a peer's, and errors are kept.
std::string InTerms(std::string_view member, const std::string& name) {
  const std::string map = "terms." + std::string(member);
  const bool is_known = act::FindKind(name) != nullptr || Contains(kRules, name);
  return is_known ? map + "." + name : "a name in " + map;
}

// A map of names to article ids that exist.
Result<std::map<std::string, std::string>> ReadArticleMap(JsonReader& reader,
                                                          std::string_view member,
                                                          const Document& document) {
  ENTENTE_ASSIGN(const Json* json, reader.Object(member));
  std::map<std::string, std::string> out;
  for (const auto& [name, article] : json->items()) {
    if (!article.is_string() || document.FindArticle(article.get<std::string>()) == nullptr) {
      return Bad(InTerms(member, name) + " must name an article of this document");
    }
    out.emplace(name, article.get<std::string>());
  }
  return out;
}

Result<MatchTerms> ReadMatching(const Json& json) {
  JsonReader reader(json, "terms.matching");
  MatchTerms out;
  ENTENTE_ASSIGN(out.scheme, reader.String("scheme", 64));
  ENTENTE_ASSIGN(const std::string digest, reader.String("scheme_digest", 64));
  ENTENTE_ASSIGN(out.scheme_digest,
                 Named("terms.matching.scheme_digest", crypto::Digest::FromHex(digest)));
  ENTENTE_ASSIGN(out.crypto_suites, reader.Strings("crypto_suites", 8));
  ENTENTE_ASSIGN(const std::int64_t records, reader.Integer("records_max", 1, kCountMax));
  ENTENTE_ASSIGN(out.origins, reader.Strings("origins", 8));
  ENTENTE_ASSIGN(const std::int64_t rounds, reader.Integer("rounds_per_day_max", 1, kCountMax));
  ENTENTE_TRY(reader.Finish());
  if (out.scheme.empty() || NamesNothing(out.crypto_suites) || NamesNothing(out.origins)) {
    return Bad("terms.matching must name a scheme, a crypto suite and an origin");
  }
  out.records_max = static_cast<std::uint64_t>(records);
  out.rounds_per_day_max = static_cast<std::uint64_t>(rounds);
  return out;
}

Status CheckTerms(const Terms& terms, DocumentType type) {
  const bool is_declaration = type == DocumentType::kDeclaration;
  if (is_declaration != (terms.tier == act::Tier::kT0)) {
    return Bad("a declaration has tier T0 and an agreement tier T1");
  }
  if (terms.valid_until <= terms.valid_from) {
    return Bad("terms.valid_until must be after terms.valid_from");
  }
  for (const auto& [kind, article] : terms.permits) {
    const act::KindInfo* const info = act::FindKind(kind);
    if (info == nullptr) {
      return Bad(InTerms("permits", kind) + " is not a known act kind");
    }
    if (info->tier > terms.tier) {
      return Bad("terms.permits." + kind + " needs tier " + std::string(act::TierName(info->tier)) +
                 ": contradictory");
    }
  }
  for (const auto& [purpose, article] : terms.purposes) {
    if (!IsPurposeId(purpose)) {
      return Bad(InTerms("purposes", purpose) + " must be small letters, digits and hyphens");
    }
  }
  for (const auto& [rule, article] : terms.refusals) {
    if (!Contains(kRules, rule)) {
      return Bad(InTerms("refusals", rule) + " is not a rule that cites an article");
    }
  }
  for (const std::string_view rule : kRules) {
    if (!terms.refusals.contains(std::string(rule))) {
      return Bad("terms.refusals." + std::string(rule) +
                 " is missing: say which article a refusal cites");
    }
  }
  if (is_declaration && terms.matching) {
    return Bad("terms.matching is not possible under a declaration (no personal data)");
  }
  if (terms.permits.contains(std::string(act::kMatchOffer)) && !terms.matching) {
    return Bad("terms.matching is missing although terms.permits names match.offer");
  }
  const bool has_offer = terms.permits.contains(std::string(act::kMatchOffer));
  for (const std::string_view kind : {act::kMatchAccept, act::kMatchDecline, act::kMatchResult}) {
    if (terms.permits.contains(std::string(kind)) != has_offer) {
      return Bad("terms.permits must name all four match kinds or none: a round needs each");
    }
  }
  if (terms.matching && terms.purposes.empty()) {
    return Bad("terms.purposes is empty: nothing could ever be matched");
  }
  return {};
}

Status ReadTerms(JsonReader& reader, Document& document) {
  const bool needs_terms =
      document.type == DocumentType::kDeclaration || document.type == DocumentType::kAgreement;
  if (needs_terms != reader.Has("terms")) {
    return Bad("a declaration or agreement has terms, minutes and communiqués have none");
  }
  if (!needs_terms) {
    return {};
  }
  ENTENTE_ASSIGN(const Json* json, reader.Object("terms"));
  JsonReader one(*json, "terms");
  Terms terms;
  ENTENTE_ASSIGN(const std::string tier, one.String("tier", 2));
  if (tier != "T0" && tier != "T1") {
    return Bad("terms.tier must be T0 or T1");
  }
  terms.tier = tier == "T0" ? act::Tier::kT0 : act::Tier::kT1;
  ENTENTE_ASSIGN(const std::string from, one.String("valid_from", 27));
  ENTENTE_ASSIGN(terms.valid_from, Named("terms.valid_from", ParseRfc3339(from)));
  ENTENTE_ASSIGN(const std::string until, one.String("valid_until", 27));
  ENTENTE_ASSIGN(terms.valid_until, Named("terms.valid_until", ParseRfc3339(until)));
  ENTENTE_ASSIGN(terms.permits, ReadArticleMap(one, "permits", document));
  ENTENTE_ASSIGN(terms.purposes, ReadArticleMap(one, "purposes", document));
  ENTENTE_ASSIGN(terms.refusals, ReadArticleMap(one, "refusals", document));
  if (one.Has("matching")) {
    ENTENTE_ASSIGN(const Json* matching, one.Object("matching"));
    ENTENTE_ASSIGN(terms.matching, ReadMatching(*matching));
  }
  ENTENTE_TRY(one.Finish());
  ENTENTE_TRY(CheckTerms(terms, document.type));
  document.terms = std::move(terms);
  return {};
}

Json TermsJson(const Terms& terms) {
  Json out{{"tier", act::TierName(terms.tier)},
           {"valid_from", FormatRfc3339(terms.valid_from)},
           {"valid_until", FormatRfc3339(terms.valid_until)},
           {"permits", terms.permits},
           {"purposes", terms.purposes},
           {"refusals", terms.refusals}};
  if (terms.matching) {
    out["matching"] = {{"scheme", terms.matching->scheme},
                       {"scheme_digest", terms.matching->scheme_digest.Hex()},
                       {"crypto_suites", terms.matching->crypto_suites},
                       {"records_max", terms.matching->records_max},
                       {"origins", terms.matching->origins},
                       {"rounds_per_day_max", terms.matching->rounds_per_day_max}};
  }
  return out;
}

Result<Document> Parse(const Json& json) {
  JsonReader reader(json, "document");
  Document document;
  ENTENTE_TRY(reader.Integer("v", 1, 1));
  ENTENTE_ASSIGN(const std::string type, reader.String("type", 32));
  ENTENTE_ASSIGN(document.type, ParseType(type));
  ENTENTE_ASSIGN(document.is_exercise, reader.Boolean("exercise"));
  ENTENTE_TRY(ReadLanguages(reader, document));
  ENTENTE_ASSIGN(document.title, ReadText(reader, "title", document));
  ENTENTE_TRY(ReadParties(reader, document));
  ENTENTE_TRY(ReadArticles(reader, document));
  ENTENTE_TRY(ReadSignatories(reader, document));
  ENTENTE_TRY(ReadTerms(reader, document));
  ENTENTE_TRY(reader.Finish());
  return document;
}

// Writes what a template may leave out, and refuses what it states otherwise.
Status Fill(Json& object, const char* member, const std::string& value) {
  if (object.contains(member) && object[member] != value) {
    return Bad("the template states another " + std::string(member) + " than this node has");
  }
  object[member] = value;
  return {};
}

Status Complete(Json& json, const TemplateValues& values) {
  if (!json.is_object() || !json.contains("parties") || !json["parties"].is_array()) {
    return Bad("parties are missing");
  }
  for (Json& party : json["parties"]) {
    if (!party.is_object() || !party.contains("country") || !party["country"].is_string()) {
      return Bad("a party has no country");
    }
    const auto card = values.cards.find(party["country"].get<std::string>());
    if (card == values.cards.end()) {
      return Bad("no imported card belongs to the party " +
                 OneLine(party["country"].get<std::string>(), 8) +
                 ": run `entente card import` first");
    }
    ENTENTE_TRY(Fill(party, "card", card->second.Hex()));
  }
  if (json.contains("terms") && json["terms"].is_object() && json["terms"].contains("matching") &&
      json["terms"]["matching"].is_object()) {
    ENTENTE_TRY(Fill(json["terms"]["matching"], "scheme", values.scheme));
    ENTENTE_TRY(Fill(json["terms"]["matching"], "scheme_digest", values.scheme_digest.Hex()));
  }
  return {};
}

}  // namespace

std::string_view TypeName(DocumentType type) {
  return kTypeNames.at(static_cast<std::size_t>(type));
}

Result<DocumentType> ParseType(std::string_view name) {
  const auto* const found = std::find(kTypeNames.begin(), kTypeNames.end(), name);
  if (found == kTypeNames.end()) {
    return Bad("type must be declaration, agreement, minutes or communique");
  }
  return static_cast<DocumentType>(found - kTypeNames.begin());
}

const std::string& In(const LocalText& text, const std::string& language) {
  const auto found = text.find(language);
  return found != text.end() ? found->second : text.begin()->second;
}

const Article* Document::FindArticle(std::string_view id) const {
  const auto found = std::find_if(articles.begin(), articles.end(),
                                  [&](const Article& article) { return article.id == id; });
  return found == articles.end() ? nullptr : &*found;
}

const Party* Document::FindParty(std::string_view country) const {
  const auto found = std::find_if(parties.begin(), parties.end(),
                                  [&](const Party& party) { return party.country == country; });
  return found == parties.end() ? nullptr : &*found;
}

Bytes EncodeDocument(const Document& document) {
  Json parties = Json::array();
  for (const Party& party : document.parties) {
    parties.push_back(
        {{"country", party.country}, {"name", TextJson(party.name)}, {"card", party.card.Hex()}});
  }
  Json articles = Json::array();
  for (const Article& article : document.articles) {
    articles.push_back({{"id", article.id},
                        {"heading", TextJson(article.heading)},
                        {"text", TextJson(article.text)}});
  }
  Json signatories = Json::array();
  for (const Signatory& signatory : document.signatories) {
    signatories.push_back({{"country", signatory.country},
                           {"name", signatory.name},
                           {"office", TextJson(signatory.office)}});
  }
  Json json{{"v", 1},
            {"type", TypeName(document.type)},
            {"exercise", document.is_exercise},
            {"languages", document.languages},
            {"title", TextJson(document.title)},
            {"parties", std::move(parties)},
            {"articles", std::move(articles)},
            {"signatories", std::move(signatories)}};
  if (document.terms) {
    json["terms"] = TermsJson(*document.terms);
  }
  return ToBytes(wire::WriteCanonicalJson(json));
}

Result<Document> DecodeDocument(ByteView bytes) {
  if (bytes.size() > kDocumentBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "document: larger than " + std::to_string(kDocumentBytesMax) + " bytes"};
  }
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  ENTENTE_ASSIGN(Document document, Parse(json));
  if (EncodeDocument(document) != ToBytes(bytes)) {
    return Bad("times must be written with six decimals");
  }
  return document;
}

DocumentId IdOf(ByteView document_bytes) { return crypto::Sha256(document_bytes); }

Result<Bytes> CompleteTemplate(std::string_view json_text, const TemplateValues& values) {
  ENTENTE_ASSIGN(Json json, wire::ParseJson(json_text));
  ENTENTE_TRY(Complete(json, values));
  ENTENTE_ASSIGN(const Document document, Parse(json));
  Bytes out = EncodeDocument(document);
  ENTENTE_TRY(DecodeDocument(out));
  return out;
}

}  // namespace entente::agreement
