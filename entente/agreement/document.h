// A multilingual text that is aligned article by article, co-signed and published: declaration,
// agreement, minutes, communiqué are one primitive.
//
// The signed bytes are the canonical JSON (docs/formats/document.md); the id is their SHA-256. What
// is signed is the text: wording and enforced terms are one object. Every text exists in every
// language of the document. Parties are stored in country order; alternat (each party's copy names
// itself first) is a matter of rendering.
// Limits: kDocumentBytesMax, 2 parties, 1..kArticlesMax articles, kTextBytesMax and
// kLineBytesMax per text and language, kSignatoriesMax signatories. Threads: plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entente/act/act.h"
#include "entente/act/card.h"
#include "entente/act/kind.h"
#include "entente/base/result.h"
#include "entente/wire/json.h"

namespace entente::agreement {

inline constexpr std::size_t kDocumentBytesMax = std::size_t{512} << 10U;
inline constexpr std::size_t kArticlesMax = 200;
inline constexpr std::size_t kTextBytesMax = std::size_t{16} << 10U;  // an article's text
inline constexpr std::size_t kLineBytesMax = 1024;  // a title, heading, office or party's name
inline constexpr std::size_t kSignatoriesMax = 8;

using DocumentId = act::AgreementId;

enum class DocumentType { kDeclaration, kAgreement, kMinutes, kCommunique };
std::string_view TypeName(
    DocumentType type);  // "declaration", "agreement", "minutes", "communique"
// Errors: kInvalidInput listing the four names.
Result<DocumentType> ParseType(std::string_view name);

// Language ("fr", "de", "ar", "en") → text.
using LocalText = std::map<std::string, std::string>;

// The text in `language`, or the first there is in the order of language codes. Requires one text.
const std::string& In(const LocalText& text, const std::string& language);

struct Party {
  std::string country;  // ISO 3166-1 alpha-2
  LocalText name;
  act::CardFingerprint card;  // pins the node that speaks for this party
  bool operator==(const Party&) const = default;
};

struct Article {
  std::string id;  // "5" or "5.2": 1..16 letters, digits and dots; unique in the document
  LocalText heading;
  LocalText text;
  bool operator==(const Article&) const = default;
};

struct Signatory {
  std::string country;  // of one of the parties
  std::string name;     // fictional in an exercise
  LocalText office;
  bool operator==(const Signatory&) const = default;
};

// What private matching may do under an agreement.
struct MatchTerms {
  std::string scheme;                      // "entente-keys/1"
  crypto::Digest scheme_digest;            // of the scheme's tables
  std::vector<std::string> crypto_suites;  // "voprf-ristretto255-sha512/1"; at least one
  std::uint64_t records_max = 0;           // per side and round
  std::vector<std::string> origins;        // store::OriginName values; at least one
  std::uint64_t rounds_per_day_max = 0;
  bool operator==(const MatchTerms&) const = default;
};

// The enforced half of a declaration or agreement. Each rule names the article it comes from.
struct Terms {
  act::Tier tier = act::Tier::kT0;
  UtcTime valid_from;
  UtcTime valid_until;
  std::map<std::string, std::string> permits;   // act kind → article
  std::map<std::string, std::string> purposes;  // purpose id → article
  // Rule ("tier", "kind", "validity", "purpose", "origin", "limit", "scheme") → article that a
  // refusal by this rule cites. All are present, and no other.
  std::map<std::string, std::string> refusals;
  std::optional<MatchTerms> matching;  // T1 only
  bool operator==(const Terms&) const = default;
};

struct Document {
  DocumentType type = DocumentType::kMinutes;
  bool is_exercise = true;
  std::vector<std::string> languages;  // authentic texts, at least one
  LocalText title;
  std::vector<Party> parties;
  std::vector<Article> articles;
  std::vector<Signatory> signatories;  // at least one per party
  std::optional<Terms> terms;          // declaration (T0) and agreement (T1) only
  bool operator==(const Document&) const = default;

  const Article* FindArticle(std::string_view id) const;
  const Party* FindParty(std::string_view country) const;
};

// The signed bytes.
Bytes EncodeDocument(const Document& document);
// Errors: kInvalidInput naming the member that is missing, contradictory or unenforceable;
// kLimitExceeded above kDocumentBytesMax or wire::kJsonDepthMax.
Result<Document> DecodeDocument(ByteView bytes);
DocumentId IdOf(ByteView document_bytes);

// Completes a drafter's template: a text as DecodeDocument takes it, white space and order of
// members apart, in which "card" of each party and "scheme" and "scheme_digest" of the matching
// terms may be missing.
struct TemplateValues {
  std::map<std::string, act::CardFingerprint> cards;  // by country
  std::string scheme;
  crypto::Digest scheme_digest;
};
// The canonical bytes of a valid document. Errors: as DecodeDocument; kInvalidInput if a party's
// country has no card in `values`, or the template states another card or scheme than `values`.
Result<Bytes> CompleteTemplate(std::string_view json_text, const TemplateValues& values);

}  // namespace entente::agreement
