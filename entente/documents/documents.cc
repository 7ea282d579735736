#include "entente/documents/documents.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "entente/documents/document_row.h"
#include "entente/wire/json.h"

namespace entente::documents {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::array<std::string_view, 6> kStateNames{"draft",    "proposed", "co-signed",
                                                      "in-force", "expired",  "published"};

constexpr std::string_view kUnknown =
    "no such document: it was never proposed, or its text was altered";

Result<DocumentHead> RequireHead(const store::Reader& reader, const PeerId& peer,
                                 const DocumentId& id) {
  ENTENTE_ASSIGN(auto head, FindHead(reader, peer, id));
  if (!head) {
    return Error{ErrorCode::kNotFound, std::string(kUnknown)};
  }
  return *std::move(head);
}

Result<DocumentView> RequireView(const store::Reader& reader, const PeerId& peer,
                                 const DocumentId& id) {
  ENTENTE_ASSIGN(auto view, FindView(reader, peer, id));
  if (!view) {
    return Error{ErrorCode::kNotFound, std::string(kUnknown)};
  }
  return *std::move(view);
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

// "A, B": who may sign for `country`.
std::string NamesOf(const DocumentHead& head, const std::string& country) {
  std::string out;
  for (const NamedSignatory& signatory : head.signatories) {
    if (signatory.country == country) {
      out += (out.empty() ? "" : ", ") + signatory.name;
    }
  }
  return out;
}

bool IsPinned(const DocumentHead& head, const act::Card& card) {
  const auto party = head.parties.find(card.country);
  return party != head.parties.end() && party->second == act::FingerprintOf(card);
}

// The two parties must be exactly the two cards.
Status CheckPins(const DocumentHead& head, const act::Card& one, const act::Card& other) {
  for (const act::Card* card : {&one, &other}) {
    if (!IsPinned(head, *card)) {
      return Error{ErrorCode::kInvalidInput,
                   "the document does not pin the card of " + card->country +
                       ": draft it again with the cards both sides have now"};
    }
  }
  return {};
}

Status CheckRoom(const std::vector<DocumentHead>& heads) {
  return heads.size() < kDocumentsMax
             ? Status()
             : Error{ErrorCode::kLimitExceeded,
                     "too many documents with this peer: " + std::to_string(kDocumentsMax)};
}

// May `country` propose one more? Both sides ask before it is sent and when it comes.
Status CheckOpenProposals(const std::vector<DocumentHead>& heads, const std::string& country,
                          UtcTime now) {
  const auto open = std::count_if(heads.begin(), heads.end(), [&](const DocumentHead& head) {
    return head.proposal && head.proposal->country == country &&
           head.proposal->time > now - kOpenProposalsWindow && !head.IsCoSigned();
  });
  return static_cast<std::size_t>(open) < kOpenProposalsMax
             ? Status()
             : Error{ErrorCode::kLimitExceeded,
                     country + " has proposed " + std::to_string(kOpenProposalsMax) +
                         " documents in 30 days that are not co-signed: sign one of them on both "
                         "sides, or propose this one later"};
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

bool DocumentHead::IsSignedBy(const NamedSignatory& signatory) const {
  return std::any_of(signatures.begin(), signatures.end(), [&](const DocumentSignature& one) {
    return one.country == signatory.country && one.signatory == signatory.name;
  });
}

bool DocumentHead::IsCoSigned() const {
  return std::all_of(signatories.begin(), signatories.end(),
                     [this](const NamedSignatory& signatory) { return IsSignedBy(signatory); });
}

bool DocumentHead::IsPublished() const {
  return std::all_of(parties.begin(), parties.end(),
                     [this](const auto& party) { return published_by.contains(party.first); });
}

DocumentState DocumentHead::StateAt(UtcTime now) const {
  if (!IsCoSigned()) {
    return IsProposed() ? DocumentState::kProposed : DocumentState::kDraft;
  }
  if (validity && now >= validity->until) {
    return DocumentState::kExpired;
  }
  if (validity && now >= validity->from) {
    return DocumentState::kInForce;
  }
  return IsPublished() ? DocumentState::kPublished : DocumentState::kCoSigned;
}

std::vector<NamedSignatory> DocumentHead::OpenSignatories(const std::string& country) const {
  std::vector<NamedSignatory> open;
  std::copy_if(signatories.begin(), signatories.end(), std::back_inserter(open),
               [&](const NamedSignatory& signatory) {
                 return IsProposed() && signatory.country == country && !IsSignedBy(signatory);
               });
  return open;
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
  ENTENTE_ASSIGN(const Bytes bytes, agreement::CompleteTemplate(template_json, values));
  ENTENTE_ASSIGN(const agreement::Document document, agreement::DecodeDocument(bytes));
  const DocumentHead head = HeadOf(agreement::IdOf(bytes), document);
  ENTENTE_TRY(CheckPins(head, own, peer_card));
  if (document.is_exercise != own.is_exercise) {
    return Error{ErrorCode::kInvalidInput,
                 "the document's \"exercise\" differs from this home's --exercise setting"};
  }
  Status kept = exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const auto known, FindHead(transaction, peer, head.id));
    if (known) {
      return {};
    }
    ENTENTE_ASSIGN(const auto heads, ListHeads(transaction, peer));
    ENTENTE_TRY(CheckRoom(heads));
    ENTENTE_TRY(PutText(transaction, peer, head.id, bytes));
    return PutHead(transaction, peer, head);
  });
  ENTENTE_TRY(std::move(kept));
  return head.id;
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

Result<std::vector<DocumentHead>> Documents::List(const PeerId& peer) const {
  std::vector<DocumentHead> out;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(out, ListHeads(reader, peer));
    return {};
  }));
  return out;
}

Result<DocumentView> Documents::Get(const PeerId& peer, const DocumentId& id) const {
  DocumentView view;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(view, RequireView(reader, peer, id));
    return {};
  }));
  return view;
}

Result<DocumentHead> Documents::GetHead(const PeerId& peer, const DocumentId& id) const {
  DocumentHead head;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(head, RequireHead(reader, peer, id));
    return {};
  }));
  return head;
}

Result<std::optional<agreement::AgreementInForce>> Documents::BestInForce(
    const PeerId& peer) const {
  ENTENTE_ASSIGN(const std::vector<DocumentHead> heads, List(peer));
  const DocumentHead* best = nullptr;
  act::Tier best_tier = act::Tier::kIntroduction;
  for (const DocumentHead& head : heads) {
    if (head.validity && head.StateAt(exchange_.clock().Now()) == DocumentState::kInForce &&
        (best == nullptr || head.validity->tier > best_tier)) {
      best = &head;
      best_tier = head.validity->tier;
    }
  }
  if (best == nullptr) {
    return std::optional<agreement::AgreementInForce>();
  }
  ENTENTE_ASSIGN(DocumentView view, Get(peer, best->id));
  return std::optional<agreement::AgreementInForce>({view.id, std::move(view.document)});
}

Status Documents::CheckOwnCard() const {
  const act::Card& own = exchange_.identity().card;
  std::vector<store::PeerRow> peers;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(peers, reader.ListPeers());
    return {};
  }));
  for (const store::PeerRow& peer : peers) {
    ENTENTE_ASSIGN(const std::vector<DocumentHead> heads, List(peer.id));
    for (const DocumentHead& head : heads) {
      if (!head.signatures.empty() && !IsPinned(head, own)) {
        return Error{ErrorCode::kConflict,
                     "the signed document " + head.id.Hex().substr(0, 12) +
                         " pins another card of this node: name, country, exercise and keys cannot "
                         "change under it; put home.json and keys/ back as they were"};
      }
    }
  }
  return {};
}

Result<std::shared_ptr<const agreement::AgreementInForce>> Documents::FindInForce(
    const store::Reader& reader, const PeerId& peer, const DocumentId& id) const {
  ENTENTE_ASSIGN(auto head, FindHeadBytes(reader, peer, id));
  if (!head) {
    return std::shared_ptr<const agreement::AgreementInForce>();
  }
  const auto known = in_force_.find({peer, id});
  if (known != in_force_.end() && known->second.head == *head) {
    return known->second.agreement;
  }
  ENTENTE_ASSIGN(auto view, FindView(reader, peer, id));
  if (!view || !view->document.terms || !view->IsCoSigned()) {
    return std::shared_ptr<const agreement::AgreementInForce>();
  }
  const auto agreement = std::make_shared<const agreement::AgreementInForce>(
      agreement::AgreementInForce{id, std::move(view->document)});
  in_force_.insert_or_assign({peer, id}, InForce{*std::move(head), agreement});
  return agreement;
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
  const DocumentHead head = HeadOf(agreement::IdOf(bytes), document);
  ENTENTE_ASSIGN(const act::Card peer_card, SignerCard(reader, peer, store::Direction::kIn));
  ENTENTE_TRY(CheckPins(head, exchange_.identity().card, peer_card));
  if (document.is_exercise != exchange_.identity().card.is_exercise) {
    return Error{ErrorCode::kNotPermitted, "a live and an exercise document do not mix"};
  }
  if (head.validity && exchange_.clock().Now() >= head.validity->until) {
    return Error{ErrorCode::kInvalidInput, "the document would never be in force: it expired on " +
                                               FormatRfc3339(head.validity->until) +
                                               " (terms.valid_until)"};
  }
  ENTENTE_ASSIGN(const auto known, FindHead(reader, peer, head.id));
  if (direction == store::Direction::kOut && known && known->IsProposed()) {
    return Error{ErrorCode::kConflict, "the document is already proposed"};
  }
  if (known && known->IsProposed()) {
    return {};  // the peer proposes what we proposed
  }
  ENTENTE_ASSIGN(const auto heads, ListHeads(reader, peer));
  ENTENTE_TRY(known ? Status() : CheckRoom(heads));
  ENTENTE_ASSIGN(const act::Card proposer, SignerCard(reader, peer, direction));
  return CheckOpenProposals(heads, proposer.country, exchange_.clock().Now());
}

Status Documents::CheckSigning(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                               store::Direction direction) const {
  ENTENTE_ASSIGN(const Signing signing, Signing::Parse(act));
  ENTENTE_ASSIGN(const DocumentView view, RequireView(reader, peer, signing.document));
  ENTENTE_ASSIGN(const act::Card card, SignerCard(reader, peer, direction));
  if (!view.IsProposed()) {
    return Error{ErrorCode::kConflict, "the document is still a draft; propose it first"};
  }
  ENTENTE_ASSIGN(const act::Card peer_card, SignerCard(reader, peer, store::Direction::kIn));
  ENTENTE_TRY(CheckPins(view, exchange_.identity().card, peer_card));
  if (view.validity && exchange_.clock().Now() >= view.validity->until) {
    return Error{ErrorCode::kNotPermitted,
                 "the document has expired (terms.valid_until); negotiate a new one"};
  }
  const NamedSignatory signatory{card.country, signing.signatory};
  if (std::find(view.signatories.begin(), view.signatories.end(), signatory) ==
      view.signatories.end()) {
    // An answer to the peer repeats no name.
    return Error{
        ErrorCode::kInvalidInput,
        "the document names no such signatory for " + card.country +
            (direction == store::Direction::kOut ? "; it names " + NamesOf(view, card.country)
                                                 : "")};
  }
  if (view.IsSignedBy(signatory)) {
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
  ENTENTE_ASSIGN(const DocumentHead head, RequireHead(reader, peer, id));
  if (!head.IsCoSigned()) {
    return Error{ErrorCode::kConflict, "the document is not co-signed by every party yet"};
  }
  ENTENTE_ASSIGN(const act::Card card, SignerCard(reader, peer, direction));
  if (head.published_by.contains(card.country)) {
    return Error{ErrorCode::kConflict, card.country + " has agreed to its publication already"};
  }
  return {};
}

Status Documents::Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
                        const act::ActId& id, store::Direction direction) {
  if (act.kind == act::kDocumentPropose) {
    ENTENTE_ASSIGN(const Bytes bytes, BodyDocument(act));
    const DocumentId document = agreement::IdOf(bytes);
    ENTENTE_ASSIGN(std::optional<DocumentHead> head, FindHead(transaction, peer, document));
    if (!head) {
      ENTENTE_ASSIGN(const agreement::Document decoded, agreement::DecodeDocument(bytes));
      head = HeadOf(document, decoded);
      ENTENTE_TRY(PutText(transaction, peer, document, bytes));
    }
    if (!head->IsProposed()) {
      ENTENTE_ASSIGN(const act::Card card, SignerCard(transaction, peer, direction));
      head->proposal = {card.country, exchange_.clock().Now()};
    }
    return PutHead(transaction, peer, *head);
  }
  if (act.kind == act::kDocumentSign) {
    ENTENTE_ASSIGN(const Signing signing, Signing::Parse(act));
    ENTENTE_ASSIGN(DocumentHead head, RequireHead(transaction, peer, signing.document));
    ENTENTE_ASSIGN(const act::Card card, SignerCard(transaction, peer, direction));
    head.signatures.push_back(
        {card.country, signing.signatory, card.keys.message, signing.signature, id});
    return PutHead(transaction, peer, head);
  }
  ENTENTE_ASSIGN(const DocumentId document, BodyDocumentId(act));
  ENTENTE_ASSIGN(DocumentHead head, RequireHead(transaction, peer, document));
  ENTENTE_ASSIGN(const act::Card card, SignerCard(transaction, peer, direction));
  head.published_by.insert(card.country);
  return PutHead(transaction, peer, head);
}

Status Documents::ApplyAnswer(store::Transaction& transaction, const PeerId& peer,
                              const act::Act& own, const act::ActId& id,
                              const act::Answer& answer) {
  if (answer.is_receipt) {
    return {};
  }
  // The peer refused: what our act did here is undone.
  ENTENTE_ASSIGN(const DocumentId document, SubjectOf(own));
  ENTENTE_ASSIGN(DocumentHead head, RequireHead(transaction, peer, document));
  if (own.kind == act::kDocumentPropose) {
    head.proposal.reset();
  } else if (own.kind == act::kDocumentPublish) {
    head.published_by.erase(exchange_.identity().card.country);
  } else {
    std::erase_if(head.signatures,
                  [&](const DocumentSignature& signature) { return signature.act == id; });
  }
  return PutHead(transaction, peer, head);
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
