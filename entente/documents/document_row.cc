#include "entente/documents/document_row.h"

#include <utility>

#include "entente/wire/json.h"

namespace entente::documents {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::string_view kHeads = "documents";
constexpr std::string_view kTexts = "document_texts";

Bytes Encode(const DocumentHead& head) {
  Json parties = Json::object();
  for (const auto& [country, card] : head.parties) {
    parties[country] = card.Hex();
  }
  Json signatories = Json::array();
  for (const NamedSignatory& signatory : head.signatories) {
    signatories.push_back({{"country", signatory.country}, {"name", signatory.name}});
  }
  Json signatures = Json::array();
  for (const DocumentSignature& signature : head.signatures) {
    signatures.push_back({{"country", signature.country},
                          {"signatory", signature.signatory},
                          {"key", Base64Encode(signature.key.view())},
                          {"sig", Base64Encode(signature.signature.view())},
                          {"act", signature.act.Hex()}});
  }
  Json row{{"id", head.id.Hex()},
           {"type", agreement::TypeName(head.type)},
           {"title", head.title},
           {"parties", std::move(parties)},
           {"signatories", std::move(signatories)},
           {"signatures", std::move(signatures)},
           {"published", head.published_by}};
  if (head.validity) {
    row["validity"] = {{"tier", act::TierName(head.validity->tier)},
                       {"from", FormatRfc3339(head.validity->from)},
                       {"until", FormatRfc3339(head.validity->until)}};
  }
  if (head.proposal) {
    row["proposal"] = {{"by", head.proposal->country},
                       {"time", FormatRfc3339(head.proposal->time)}};
  }
  return ToBytes(wire::WriteCanonicalJson(row));
}

Result<UtcTime> ReadTime(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const std::string text, reader.String(member, 27));
  return ParseRfc3339(text);
}

Result<DocumentSignature> ReadSignature(const Json& json) {
  JsonReader reader(json, "signature");
  DocumentSignature out;
  ENTENTE_ASSIGN(out.country, reader.String("country"));
  ENTENTE_ASSIGN(out.signatory, reader.String("signatory"));
  ENTENTE_ASSIGN(const Bytes key, reader.Base64("key", crypto::PublicKey::kSize));
  ENTENTE_ASSIGN(out.key, crypto::PublicKey::From(key));
  ENTENTE_ASSIGN(const Bytes signature, reader.Base64("sig", crypto::Signature::kSize));
  ENTENTE_ASSIGN(out.signature, crypto::Signature::From(signature));
  ENTENTE_ASSIGN(const std::string act, reader.String("act", 64));
  ENTENTE_ASSIGN(out.act, act::ActId::FromHex(act));
  ENTENTE_TRY(reader.Finish());
  return out;
}

Status ReadPeople(JsonReader& reader, DocumentHead& head) {
  ENTENTE_ASSIGN(const Json* signatories, reader.Array("signatories", agreement::kSignatoriesMax));
  for (const Json& item : *signatories) {
    JsonReader one(item, "signatory");
    NamedSignatory signatory;
    ENTENTE_ASSIGN(signatory.country, one.String("country"));
    ENTENTE_ASSIGN(signatory.name, one.String("name"));
    ENTENTE_TRY(one.Finish());
    head.signatories.push_back(std::move(signatory));
  }
  ENTENTE_ASSIGN(const Json* signatures, reader.Array("signatures", agreement::kSignatoriesMax));
  for (const Json& item : *signatures) {
    ENTENTE_ASSIGN(DocumentSignature signature, ReadSignature(item));
    head.signatures.push_back(std::move(signature));
  }
  return {};
}

Status ReadParties(JsonReader& reader, DocumentHead& head) {
  ENTENTE_ASSIGN(const Json* parties, reader.Object("parties"));
  JsonReader cards(*parties, "parties");
  for (const auto& [country, unused] : parties->items()) {
    ENTENTE_ASSIGN(const std::string card, cards.String(country, 64));
    ENTENTE_ASSIGN(head.parties[country], act::CardFingerprint::FromHex(card));
  }
  return {};
}

Status ReadProgress(JsonReader& reader, DocumentHead& head) {
  if (reader.Has("validity")) {
    ENTENTE_ASSIGN(const Json* json, reader.Object("validity"));
    JsonReader one(*json, "validity");
    DocumentHead::Validity& validity = head.validity.emplace();
    ENTENTE_ASSIGN(const std::string tier, one.String("tier"));
    validity.tier = tier == act::TierName(act::Tier::kT0) ? act::Tier::kT0 : act::Tier::kT1;
    ENTENTE_ASSIGN(validity.from, ReadTime(one, "from"));
    ENTENTE_ASSIGN(validity.until, ReadTime(one, "until"));
  }
  if (reader.Has("proposal")) {
    ENTENTE_ASSIGN(const Json* json, reader.Object("proposal"));
    JsonReader one(*json, "proposal");
    DocumentHead::Proposal& proposal = head.proposal.emplace();
    ENTENTE_ASSIGN(proposal.country, one.String("by"));
    ENTENTE_ASSIGN(proposal.time, ReadTime(one, "time"));
  }
  ENTENTE_ASSIGN(const std::vector<std::string> published, reader.Strings("published", 2));
  head.published_by = {published.begin(), published.end()};
  return {};
}

Result<DocumentHead> ReadRow(ByteView row) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(row)));
  JsonReader reader(json, "row");
  DocumentHead head;
  ENTENTE_ASSIGN(const std::string id, reader.String("id", 64));
  ENTENTE_ASSIGN(head.id, DocumentId::FromHex(id));
  ENTENTE_ASSIGN(const std::string type, reader.String("type"));
  ENTENTE_ASSIGN(head.type, agreement::ParseType(type));
  ENTENTE_ASSIGN(const Json* title, reader.Object("title"));
  JsonReader texts(*title, "title");
  for (const auto& [language, unused] : title->items()) {
    ENTENTE_ASSIGN(head.title[language], texts.String(language));
  }
  ENTENTE_TRY(ReadParties(reader, head));
  ENTENTE_TRY(ReadPeople(reader, head));
  ENTENTE_TRY(ReadProgress(reader, head));
  ENTENTE_TRY(reader.Finish());
  return head;
}

Error Damaged(const Error& why) {
  return {ErrorCode::kCorruptData, "a stored document does not decode: " + why.message};
}

Result<DocumentHead> Decode(ByteView row) {
  Result<DocumentHead> head = ReadRow(row);
  return head ? std::move(head) : Result<DocumentHead>(Damaged(head.error()));
}

}  // namespace

DocumentHead HeadOf(const DocumentId& id, const agreement::Document& document) {
  DocumentHead head;
  head.id = id;
  head.type = document.type;
  head.title = document.title;
  for (const agreement::Party& party : document.parties) {
    head.parties[party.country] = party.card;
  }
  for (const agreement::Signatory& signatory : document.signatories) {
    head.signatories.push_back({signatory.country, signatory.name});
  }
  if (document.terms) {
    head.validity = {document.terms->tier, document.terms->valid_from, document.terms->valid_until};
  }
  return head;
}

Result<std::optional<Bytes>> FindHeadBytes(const store::Reader& reader, const PeerId& peer,
                                           const DocumentId& id) {
  return reader.GetRow(kHeads, peer, id.Hex());
}

Result<std::optional<DocumentHead>> FindHead(const store::Reader& reader, const PeerId& peer,
                                             const DocumentId& id) {
  ENTENTE_ASSIGN(const auto row, FindHeadBytes(reader, peer, id));
  if (!row) {
    return std::optional<DocumentHead>();
  }
  ENTENTE_ASSIGN(DocumentHead head, Decode(*row));
  return std::optional<DocumentHead>(std::move(head));
}

Result<std::vector<DocumentHead>> ListHeads(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto rows, reader.ListRows(kHeads, peer, "", kDocumentsMax));
  std::vector<DocumentHead> heads;
  heads.reserve(rows.size());
  for (const store::Row& row : rows) {
    ENTENTE_ASSIGN(DocumentHead head, Decode(row.value));
    heads.push_back(std::move(head));
  }
  return heads;
}

Result<std::optional<DocumentView>> FindView(const store::Reader& reader, const PeerId& peer,
                                             const DocumentId& id) {
  ENTENTE_ASSIGN(auto head, FindHead(reader, peer, id));
  if (!head) {
    return std::optional<DocumentView>();
  }
  ENTENTE_ASSIGN(auto bytes, reader.GetRow(kTexts, peer, id.Hex()));
  if (!bytes) {
    return Damaged({ErrorCode::kCorruptData, "its text is missing"});
  }
  Result<agreement::Document> document = agreement::DecodeDocument(*bytes);
  if (!document) {
    return Damaged(document.error());
  }
  return std::optional<DocumentView>({*std::move(head), *std::move(bytes), *std::move(document)});
}

Status PutHead(store::Transaction& transaction, const PeerId& peer, const DocumentHead& head) {
  return transaction.PutRow(kHeads, peer, head.id.Hex(), Encode(head));
}

Status PutText(store::Transaction& transaction, const PeerId& peer, const DocumentId& id,
               ByteView bytes) {
  return transaction.PutRow(kTexts, peer, id.Hex(), bytes);
}

}  // namespace entente::documents
