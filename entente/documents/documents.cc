#include "entente/documents/documents.h"

#include <algorithm>
#include <array>
#include <utility>

#include "entente/wire/json.h"

namespace entente::documents {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::string_view kTable = "documents";
constexpr std::size_t kDocumentsMax = 256;  // per peer; bounds what List() holds in memory

constexpr std::array<std::string_view, 6> kStateNames{"draft",    "proposed", "co-signed",
                                                      "in-force", "expired",  "published"};

Bytes EncodeRow(const DocumentView& view) {
  Json signatures = Json::array();
  for (const DocumentSignature& signature : view.signatures) {
    signatures.push_back({{"country", signature.country},
                          {"signatory", signature.signatory},
                          {"key", Base64Encode(signature.key.view())},
                          {"sig", Base64Encode(signature.signature.view())},
                          {"act", signature.act.Hex()}});
  }
  return ToBytes(wire::WriteCanonicalJson({{"document", Base64Encode(view.bytes)},
                                           {"proposed", view.is_proposed},
                                           {"published", view.published_by},
                                           {"signatures", std::move(signatures)}}));
}

Result<DocumentSignature> ParseSignature(const Json& json) {
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

Result<DocumentView> ParseRow(ByteView row) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(row)));
  JsonReader reader(json, "row");
  DocumentView view;
  ENTENTE_ASSIGN(view.bytes, reader.Base64("document", agreement::kDocumentBytesMax));
  ENTENTE_ASSIGN(view.document, agreement::DecodeDocument(view.bytes));
  view.id = agreement::IdOf(view.bytes);
  ENTENTE_ASSIGN(view.is_proposed, reader.Boolean("proposed"));
  ENTENTE_ASSIGN(const std::vector<std::string> published, reader.Strings("published", 2));
  view.published_by = {published.begin(), published.end()};
  ENTENTE_ASSIGN(const Json* signatures, reader.Array("signatures", 8));
  ENTENTE_TRY(reader.Finish());
  for (const Json& item : *signatures) {
    ENTENTE_ASSIGN(DocumentSignature signature, ParseSignature(item));
    view.signatures.push_back(std::move(signature));
  }
  return view;
}

Result<DocumentView> DecodeRow(ByteView row) {
  auto view = ParseRow(row);
  if (!view) {
    return Error{ErrorCode::kCorruptData,
                 "a stored document does not decode: " + view.error().message};
  }
  return view;
}

Result<std::optional<DocumentView>> Find(const store::Reader& reader, const PeerId& peer,
                                         const DocumentId& id) {
  ENTENTE_ASSIGN(const auto row, reader.GetRow(kTable, peer, id.Hex()));
  if (!row) {
    return std::optional<DocumentView>();
  }
  ENTENTE_ASSIGN(DocumentView view, DecodeRow(*row));
  return std::optional<DocumentView>(std::move(view));
}

Result<DocumentView> Require(const store::Reader& reader, const PeerId& peer,
                             const DocumentId& id) {
  ENTENTE_ASSIGN(auto view, Find(reader, peer, id));
  if (!view) {
    return Error{ErrorCode::kNotFound,
                 "no such document: it was never proposed, or its text was altered"};
  }
  return *std::move(view);
}

Status PutView(store::Transaction& transaction, const PeerId& peer, const DocumentView& view) {
  return transaction.PutRow(kTable, peer, view.id.Hex(), EncodeRow(view));
}

Result<DocumentId> BodyDocumentId(const act::Act& act) {
  JsonReader reader(act.body, "body");
  ENTENTE_ASSIGN(const std::string hex, reader.String("document", 64));
  ENTENTE_TRY(reader.Finish());
  return DocumentId::FromHex(hex);
}

// The document bytes of a proposal.
Result<Bytes> BodyDocument(const act::Act& act) {
  JsonReader reader(act.body, "body");
  ENTENTE_ASSIGN(Bytes bytes, reader.Base64("document", agreement::kDocumentBytesMax));
  ENTENTE_TRY(reader.Finish());
  return bytes;
}

// The document an act of any kind here is about.
Result<DocumentId> SubjectOf(const act::Act& act) {
  if (act.kind == act::kDocumentPropose) {
    ENTENTE_ASSIGN(const Bytes bytes, BodyDocument(act));
    return agreement::IdOf(bytes);
  }
  JsonReader reader(act.body, "body");
  ENTENTE_ASSIGN(const std::string hex, reader.String("document", 64));
  return DocumentId::FromHex(hex);
}

std::vector<std::string> SignatoriesOf(const agreement::Document& document,
                                       const std::string& country) {
  std::vector<std::string> names;
  for (const agreement::Signatory& signatory : document.signatories) {
    if (signatory.country == country) {
      names.push_back(signatory.name);
    }
  }
  return names;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

bool IsPinned(const agreement::Document& document, const act::Card& card) {
  const agreement::Party* const party = document.FindParty(card.country);
  return party != nullptr && party->card == act::FingerprintOf(card);
}

// The two parties must be exactly the two cards.
Status CheckPins(const agreement::Document& document, const act::Card& one,
                 const act::Card& other) {
  for (const act::Card* card : {&one, &other}) {
    if (!IsPinned(document, *card)) {
      return Error{ErrorCode::kInvalidInput,
                   "the document does not pin the card of " + card->country +
                       ": draft it again with the cards both sides have now"};
    }
  }
  return {};
}

}  // namespace

// What a document.sign act says.
struct Documents::Signing {
  DocumentId document;
  std::string signatory;
  crypto::Signature signature;

  static Result<Signing> Parse(const act::Act& act) {
    JsonReader reader(act.body, "body");
    Signing out;
    ENTENTE_ASSIGN(const std::string hex, reader.String("document", 64));
    ENTENTE_ASSIGN(out.document, DocumentId::FromHex(hex));
    ENTENTE_ASSIGN(out.signatory, reader.String("signatory", 200));
    ENTENTE_ASSIGN(const Bytes signature, reader.Base64("sig", crypto::Signature::kSize));
    ENTENTE_ASSIGN(out.signature, crypto::Signature::From(signature));
    ENTENTE_TRY(reader.Finish());
    return out;
  }
};

std::string_view StateName(DocumentState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

bool DocumentView::IsCoSigned() const {
  return std::all_of(document.signatories.begin(), document.signatories.end(),
                     [this](const agreement::Signatory& signatory) {
                       return std::any_of(signatures.begin(), signatures.end(),
                                          [&](const DocumentSignature& signature) {
                                            return signature.country == signatory.country &&
                                                   signature.signatory == signatory.name;
                                          });
                     });
}

bool DocumentView::IsPublished() const {
  return std::all_of(
      document.parties.begin(), document.parties.end(),
      [this](const agreement::Party& party) { return published_by.contains(party.country); });
}

DocumentState DocumentView::StateAt(UtcTime now) const {
  if (!IsCoSigned()) {
    return is_proposed ? DocumentState::kProposed : DocumentState::kDraft;
  }
  if (document.terms && now >= document.terms->valid_until) {
    return DocumentState::kExpired;
  }
  if (document.terms && now >= document.terms->valid_from) {
    return DocumentState::kInForce;
  }
  return IsPublished() ? DocumentState::kPublished : DocumentState::kCoSigned;
}

Documents::Documents(exchange::Exchange& exchange, std::string scheme,
                     const crypto::Digest& scheme_digest)
    : exchange_(exchange), scheme_(std::move(scheme)), scheme_digest_(scheme_digest) {
  for (const std::string_view kind :
       {act::kDocumentPropose, act::kDocumentSign, act::kDocumentPublish}) {
    exchange_.Register(kind, *this);
  }
}

Result<DocumentId> Documents::Draft(const PeerId& peer, std::string_view template_json) {
  ENTENTE_ASSIGN(const act::Card peer_card, exchange_.PeerCard(peer));
  const act::Card& own = exchange_.identity().card;
  const agreement::TemplateValues values{
      {{own.country, act::FingerprintOf(own)}, {peer_card.country, act::FingerprintOf(peer_card)}},
      scheme_,
      scheme_digest_};
  DocumentView view;
  ENTENTE_ASSIGN(view.bytes, agreement::CompleteTemplate(template_json, values));
  ENTENTE_ASSIGN(view.document, agreement::DecodeDocument(view.bytes));
  view.id = agreement::IdOf(view.bytes);
  ENTENTE_TRY(CheckPins(view.document, own, peer_card));
  if (view.document.is_exercise != own.is_exercise) {
    return Error{ErrorCode::kInvalidInput,
                 "the document's \"exercise\" differs from this home's --exercise setting"};
  }
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const auto known, Find(transaction, peer, view.id));
    return known ? Status() : PutView(transaction, peer, view);
  }));
  return view.id;
}

Result<exchange::Submission> Documents::Propose(const PeerId& peer, const DocumentId& id,
                                                std::string actor) {
  ENTENTE_ASSIGN(const DocumentView view, Get(peer, id));
  return exchange_.Submit(peer, {std::string(act::kDocumentPropose),
                                 std::nullopt,
                                 {{"document", Base64Encode(view.bytes)}},
                                 std::move(actor)});
}

Result<exchange::Submission> Documents::Sign(const PeerId& peer, const DocumentId& id,
                                             const std::string& signatory, std::string actor) {
  ENTENTE_ASSIGN(const DocumentView view, Get(peer, id));
  ENTENTE_ASSIGN(const act::Envelope envelope,
                 act::Sign(act::kDocumentType, view.bytes, *exchange_.identity().message));
  const crypto::Signature& signature = envelope.signatures.front().signature;
  return exchange_.Submit(
      peer,
      {std::string(act::kDocumentSign),
       std::nullopt,
       {{"document", id.Hex()}, {"signatory", signatory}, {"sig", Base64Encode(signature.view())}},
       std::move(actor)});
}

Result<exchange::Submission> Documents::Publish(const PeerId& peer, const DocumentId& id,
                                                std::string actor) {
  ENTENTE_ASSIGN(const auto agreement, BestInForce(peer));
  if (!agreement) {
    return Error{ErrorCode::kNotPermitted,
                 "no declaration or agreement is in force under which to publish"};
  }
  return exchange_.Submit(peer, {std::string(act::kDocumentPublish),
                                 agreement->id,
                                 {{"document", id.Hex()}},
                                 std::move(actor)});
}

Result<std::vector<DocumentView>> Documents::List(const PeerId& peer) const {
  std::vector<DocumentView> out;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto rows, reader.ListRows(kTable, peer, "", kDocumentsMax));
    for (const store::Row& row : rows) {
      ENTENTE_ASSIGN(DocumentView view, DecodeRow(row.value));
      out.push_back(std::move(view));
    }
    return {};
  }));
  return out;
}

Result<DocumentView> Documents::Get(const PeerId& peer, const DocumentId& id) const {
  DocumentView view;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(view, Require(reader, peer, id));
    return {};
  }));
  return view;
}

Result<std::optional<agreement::AgreementInForce>> Documents::BestInForce(
    const PeerId& peer) const {
  ENTENTE_ASSIGN(std::vector<DocumentView> views, List(peer));
  std::optional<agreement::AgreementInForce> best;
  act::Tier best_tier = act::Tier::kIntroduction;
  for (DocumentView& view : views) {
    if (view.document.terms && view.document.terms->tier > best_tier &&
        view.StateAt(exchange_.clock().Now()) == DocumentState::kInForce) {
      best_tier = view.document.terms->tier;
      best = {view.id, std::move(view.document)};
    }
  }
  return best;
}

Status Documents::CheckOwnCard() const {
  const act::Card& own = exchange_.identity().card;
  std::vector<store::PeerRow> peers;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(peers, reader.ListPeers());
    return {};
  }));
  for (const store::PeerRow& peer : peers) {
    ENTENTE_ASSIGN(const std::vector<DocumentView> views, List(peer.id));
    for (const DocumentView& view : views) {
      if (!view.signatures.empty() && !IsPinned(view.document, own)) {
        return Error{ErrorCode::kConflict,
                     "the signed document " + view.id.Hex().substr(0, 12) +
                         " pins another card of this node: name, country, exercise and keys cannot "
                         "change under it; put home.json and keys/ back as they were"};
      }
    }
  }
  return {};
}

Result<std::optional<agreement::AgreementInForce>> Documents::FindInForce(
    const store::Reader& reader, const PeerId& peer, const DocumentId& id) const {
  ENTENTE_ASSIGN(auto view, Find(reader, peer, id));
  if (!view || !view->document.terms || !view->IsCoSigned()) {
    return std::optional<agreement::AgreementInForce>();
  }
  return std::optional<agreement::AgreementInForce>({id, std::move(view->document)});
}

Result<act::Card> Documents::SignerCard(const store::Reader& reader, const PeerId& peer,
                                        store::Direction direction) const {
  if (direction == store::Direction::kOut) {
    return exchange_.identity().card;
  }
  ENTENTE_ASSIGN(const auto row, reader.GetPeer(peer));
  if (!row) {
    return Error{ErrorCode::kNotFound, "no such peer"};
  }
  return act::OpenCard(row->card);
}

Status Documents::CheckProposal(const store::Reader& reader, const PeerId& peer,
                                const act::Act& act, store::Direction direction) const {
  ENTENTE_ASSIGN(const Bytes bytes, BodyDocument(act));
  ENTENTE_ASSIGN(const agreement::Document document, agreement::DecodeDocument(bytes));
  ENTENTE_ASSIGN(const act::Card peer_card, SignerCard(reader, peer, store::Direction::kIn));
  ENTENTE_TRY(CheckPins(document, exchange_.identity().card, peer_card));
  if (document.is_exercise != exchange_.identity().card.is_exercise) {
    return Error{ErrorCode::kNotPermitted, "a live and an exercise document do not mix"};
  }
  if (document.terms && exchange_.clock().Now() >= document.terms->valid_until) {
    return Error{ErrorCode::kInvalidInput, "the document would never be in force: it expired on " +
                                               FormatRfc3339(document.terms->valid_until) +
                                               " (terms.valid_until)"};
  }
  ENTENTE_ASSIGN(const auto known, Find(reader, peer, agreement::IdOf(bytes)));
  ENTENTE_ASSIGN(const auto rows, reader.ListRows(kTable, peer, "", kDocumentsMax));
  if (!known && rows.size() >= kDocumentsMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "too many documents with this peer: " + std::to_string(kDocumentsMax)};
  }
  if (direction == store::Direction::kOut && known && known->is_proposed) {
    return Error{ErrorCode::kConflict, "the document is already proposed"};
  }
  return {};
}

Status Documents::CheckSigning(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                               store::Direction direction) const {
  ENTENTE_ASSIGN(const Signing signing, Signing::Parse(act));
  ENTENTE_ASSIGN(const DocumentView view, Require(reader, peer, signing.document));
  ENTENTE_ASSIGN(const act::Card card, SignerCard(reader, peer, direction));
  if (!view.is_proposed) {
    return Error{ErrorCode::kConflict, "the document is still a draft; propose it first"};
  }
  ENTENTE_ASSIGN(const act::Card peer_card, SignerCard(reader, peer, store::Direction::kIn));
  ENTENTE_TRY(CheckPins(view.document, exchange_.identity().card, peer_card));
  if (view.document.terms && exchange_.clock().Now() >= view.document.terms->valid_until) {
    return Error{ErrorCode::kNotPermitted,
                 "the document has expired (terms.valid_until); negotiate a new one"};
  }
  const std::vector<std::string> named = SignatoriesOf(view.document, card.country);
  if (std::find(named.begin(), named.end(), signing.signatory) == named.end()) {
    // An answer to the peer repeats no name.
    return Error{ErrorCode::kInvalidInput,
                 "the document names no such signatory for " + card.country +
                     (direction == store::Direction::kOut ? "; it names " + Joined(named) : "")};
  }
  if (std::any_of(
          view.signatures.begin(), view.signatures.end(), [&](const DocumentSignature& signature) {
            return signature.country == card.country && signature.signatory == signing.signatory;
          })) {
    return Error{ErrorCode::kConflict, "this signatory has already signed"};
  }
  if (!crypto::Verify(card.keys.message, act::PreAuthEncoding(act::kDocumentType, view.bytes),
                      signing.signature)) {
    return Error{ErrorCode::kPeerViolation, "the signature does not cover this document's text"};
  }
  return {};
}

Status Documents::Check(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                        store::Direction direction) const {
  if (act.kind == act::kDocumentPropose) {
    return CheckProposal(reader, peer, act, direction);
  }
  if (act.kind == act::kDocumentSign) {
    return CheckSigning(reader, peer, act, direction);
  }
  ENTENTE_ASSIGN(const DocumentId id, BodyDocumentId(act));
  ENTENTE_ASSIGN(const DocumentView view, Require(reader, peer, id));
  if (!view.IsCoSigned()) {
    return Error{ErrorCode::kConflict, "the document is not co-signed by every party yet"};
  }
  ENTENTE_ASSIGN(const act::Card card, SignerCard(reader, peer, direction));
  if (view.published_by.contains(card.country)) {
    return Error{ErrorCode::kConflict, card.country + " has agreed to its publication already"};
  }
  return {};
}

Status Documents::Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
                        const act::ActId& id, store::Direction direction) {
  if (act.kind == act::kDocumentPropose) {
    DocumentView view;
    ENTENTE_ASSIGN(view.bytes, BodyDocument(act));
    view.id = agreement::IdOf(view.bytes);
    ENTENTE_ASSIGN(auto known, Find(transaction, peer, view.id));
    DocumentView& target = known ? *known : view;
    target.is_proposed = true;
    return PutView(transaction, peer, target);
  }
  if (act.kind == act::kDocumentSign) {
    ENTENTE_ASSIGN(const Signing signing, Signing::Parse(act));
    ENTENTE_ASSIGN(DocumentView view, Require(transaction, peer, signing.document));
    ENTENTE_ASSIGN(const act::Card card, SignerCard(transaction, peer, direction));
    view.signatures.push_back(
        {card.country, signing.signatory, card.keys.message, signing.signature, id});
    return PutView(transaction, peer, view);
  }
  ENTENTE_ASSIGN(const DocumentId document, BodyDocumentId(act));
  ENTENTE_ASSIGN(DocumentView view, Require(transaction, peer, document));
  ENTENTE_ASSIGN(const act::Card card, SignerCard(transaction, peer, direction));
  view.published_by.insert(card.country);
  return PutView(transaction, peer, view);
}

Status Documents::ApplyAnswer(store::Transaction& transaction, const PeerId& peer,
                              const act::Act& own, const act::ActId& id,
                              const act::Answer& answer) {
  if (answer.is_receipt) {
    return {};
  }
  // The peer refused: what our act did here is undone.
  ENTENTE_ASSIGN(const DocumentId document, SubjectOf(own));
  ENTENTE_ASSIGN(DocumentView view, Require(transaction, peer, document));
  if (own.kind == act::kDocumentPropose) {
    view.is_proposed = false;
  } else if (own.kind == act::kDocumentPublish) {
    view.published_by.erase(exchange_.identity().card.country);
  } else {
    std::erase_if(view.signatures,
                  [&](const DocumentSignature& signature) { return signature.act == id; });
  }
  return PutView(transaction, peer, view);
}

void Documents::OnCommitted(const PeerId& /*peer*/, const act::Act& /*act*/,
                            const act::ActId& /*id*/, store::Direction /*direction*/) {}

Bytes CoSignedEnvelope(const DocumentView& view) {
  act::Envelope envelope{std::string(act::kDocumentType), view.bytes, {}};
  for (const DocumentSignature& signature : view.signatures) {
    envelope.signatures.push_back({act::KeyId(signature.key), signature.signature});
  }
  return act::Encode(envelope);
}

}  // namespace entente::documents
