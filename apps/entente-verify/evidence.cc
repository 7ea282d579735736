#include "apps/entente-verify/evidence.h"

#include <algorithm>
#include <utility>

#include "entente/act/envelope.h"
#include "entente/ledger/note.h"
#include "entente/ledger/relation.h"

namespace entente::verify {
namespace {

constexpr std::string_view kOfSomethingElse = "its entry is about neither the act nor its answer";

Error Altered(std::string why) { return {ErrorCode::kCorruptData, std::move(why)}; }

// Signatures in `envelope` by the card's message key. Each must cover the payload.
Result<std::size_t> CountSignatures(const act::Envelope& envelope, const act::Card& card) {
  const Bytes covered = act::PreAuthEncoding(envelope.payload_type, envelope.payload);
  const crypto::Digest key_id = act::KeyId(card.keys.message);
  std::size_t count = 0;
  for (const act::EnvelopeSignature& signature : envelope.signatures) {
    if (signature.key_id != key_id) {
      continue;
    }
    if (!crypto::Verify(card.keys.message, covered, signature.signature)) {
      return Altered("a signature by the card of " + card.country + " does not verify");
    }
    ++count;
  }
  return count;
}

// What `check` finds wrong with `file`, with its name in front.
template <typename T>
Result<T> Named(const NamedFile& file, Result<T> checked) {
  if (!checked) {
    return Altered(file.name + ": " + checked.error().message);
  }
  return checked;
}

struct SignedPayload {
  Bytes payload;
  std::size_t signer = 0;  // which of the two cards
};

// An envelope with one signature, by the message key of one of the cards.
Result<SignedPayload> OpenSigned(const NamedFile& file, std::string_view payload_type,
                                 const Cards& cards) {
  const auto envelope = act::DecodeEnvelope(file.bytes);
  if (!envelope) {
    return Altered(envelope.error().message);
  }
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const crypto::PublicKey& key = cards.at(i).keys.message;
    if (envelope->signatures.front().key_id != act::KeyId(key)) {
      continue;
    }
    const auto checked = act::VerifySignedBy(*envelope, payload_type, key);
    if (!checked) {
      return Altered(checked.error().message);
    }
    if (envelope->signatures.size() != 1) {
      return Altered("it has more than one signature");
    }
    return SignedPayload{envelope->payload, i};
  }
  return Altered("it is signed by neither of the two cards");
}

Result<act::Act> DecodeActOf(const SignedPayload& file, const Cards& cards) {
  auto act = act::DecodeAct(file.payload);
  if (!act) {
    return Altered(act.error().message);
  }
  if (act->from != cards.at(file.signer).id() || act->to != cards.at(1 - file.signer).id()) {
    return Altered("the act is not from the signing node to the other one");
  }
  return act;
}

Result<act::Answer> DecodeAnswerTo(const SignedPayload& act_file, const act::Act& act,
                                   const SignedPayload& file, const Cards& cards) {
  auto answer = act::DecodeAnswer(file.payload);
  if (!answer) {
    return Altered(answer.error().message);
  }
  if (answer->act != act::IdOf(act_file.payload) || answer->epoch != act.epoch ||
      answer->sequence != act.sequence) {
    return Altered("it answers another act");
  }
  if (file.signer == act_file.signer || answer->from != cards.at(file.signer).id() ||
      answer->to != act.from) {
    return Altered("the answer is not by the node the act went to");
  }
  return answer;
}

Status CheckParty(const act::Card& card, const agreement::Document& document,
                  std::size_t signature_count) {
  const agreement::Party* const party = document.FindParty(card.country);
  if (party == nullptr || party->card != act::FingerprintOf(card)) {
    return Altered("the document does not pin the card of " + card.country);
  }
  const auto& named = document.signatories;
  const auto expected = std::count_if(
      named.begin(), named.end(),
      [&](const agreement::Signatory& signatory) { return signatory.country == card.country; });
  if (signature_count != static_cast<std::size_t>(expected)) {
    return Altered(std::to_string(signature_count) + " of " + std::to_string(expected) +
                   " signatures of " + card.country + " are there");
  }
  return {};
}

Result<SignedDocument> OpenDocumentBytes(ByteView bytes, const Cards& cards) {
  const auto envelope = act::DecodeEnvelope(bytes);
  if (!envelope) {
    return Altered(envelope.error().message);
  }
  if (envelope->payload_type != act::kDocumentType) {
    return Altered("the envelope holds no document");
  }
  auto document = agreement::DecodeDocument(envelope->payload);
  if (!document) {
    return Altered(document.error().message);
  }
  std::size_t known = 0;
  for (const act::Card& card : cards) {
    ENTENTE_ASSIGN(const std::size_t count, CountSignatures(*envelope, card));
    ENTENTE_TRY(CheckParty(card, *document, count));
    known += count;
  }
  if (known != envelope->signatures.size()) {
    return Altered("a signature is by neither of the two cards");
  }
  return SignedDocument{agreement::IdOf(envelope->payload), *std::move(document)};
}

Status CheckEntryOf(const ProvenAnswer& proven, const ProvenLeaf& entry) {
  const act::Answer& answer = proven.answer;
  const ledger::Leaf& leaf = entry.leaf;
  const bool is_receivers = entry.settled.checkpoint.origin ==
                            ledger::LogOrigin(proven.receiver.id(), proven.sender.id());
  const bool is_answer = !is_receivers && leaf.object == proven.answer_object;
  const ledger::Direction direction = is_answer || (is_receivers && answer.is_receipt)
                                          ? ledger::Direction::kReceived
                                      : is_receivers ? ledger::Direction::kRefused
                                                     : ledger::Direction::kSent;
  const act::Card& peer = is_receivers ? proven.sender : proven.receiver;
  if ((!is_answer && leaf.object != answer.act) || leaf.direction != direction ||
      leaf.peer != peer.id() || leaf.epoch != answer.epoch || leaf.sequence != answer.sequence) {
    return Altered(std::string(kOfSomethingElse));
  }
  if (is_receivers && entry.index != answer.leaf_index) {
    return Altered("the act is entry " + std::to_string(entry.index) + ", and the answer says " +
                   std::to_string(answer.leaf_index));
  }
  return {};
}

}  // namespace

Result<act::Card> OpenCard(const NamedFile& file) {
  auto card = act::OpenCard(file.bytes);
  return card ? std::move(card)
              : Result<act::Card>(Altered(file.name + ": " + card.error().message));
}

Result<Cards> OpenCards(const NamedFile& one, const NamedFile& other) {
  Cards cards;
  ENTENTE_ASSIGN(cards[0], OpenCard(one));
  ENTENTE_ASSIGN(cards[1], OpenCard(other));
  if (cards[0].id() == cards[1].id()) {
    return Error{ErrorCode::kInvalidInput,
                 "both cards are of one node; give the card of each side"};
  }
  return cards;
}

Status CheckFingerprint(const act::Card& card, std::string_view text) {
  const auto without_spaces = [](std::string_view spaced) {
    std::string out(spaced);
    std::erase(out, ' ');
    return out;
  };
  const act::CardFingerprint fingerprint = act::FingerprintOf(card);
  const std::string given = without_spaces(text);
  if (given != without_spaces(act::Spoken(fingerprint)) && given != fingerprint.Hex()) {
    return Altered("the card's fingerprint is " + act::Spoken(fingerprint) + ", not the one given");
  }
  return {};
}

Result<ledger::Trust> TrustFor(const Cards& cards, std::string_view origin) {
  for (const std::size_t i : {0U, 1U}) {
    const act::Card& owner = cards.at(i);
    const act::Card& witness = cards.at(1U - i);
    if (ledger::AuditOrigin(owner.id()) == origin) {
      return ledger::Trust{ledger::AuditKey(owner.id(), owner.keys.ledger), {}, 0};
    }
    if (ledger::LogOrigin(owner.id(), witness.id()) == origin) {
      return ledger::Trust{ledger::LogKey(owner.id(), witness.id(), owner.keys.ledger),
                           {ledger::WitnessKey(witness.id(), witness.keys.witness)},
                           1};
    }
  }
  return Altered("this is no log that the nodes of the two cards keep about each other");
}

Result<ledger::Trust> TrustForCheckpoint(const Cards& cards, const std::string& name,
                                         std::string_view note) {
  const auto parsed = ledger::ParseNoteWithoutVerifying(note);
  const auto checkpoint = parsed ? ledger::ParseCheckpoint(parsed->text)
                                 : Result<ledger::Checkpoint>(Error(parsed.error()));
  auto trust = checkpoint ? TrustFor(cards, checkpoint->origin)
                          : Result<ledger::Trust>(Error(checkpoint.error()));
  if (!trust) {
    return Altered(name + ": " + trust.error().message);
  }
  return trust;
}

Result<SignedDocument> OpenDocument(const NamedFile& envelope, const Cards& cards) {
  return Named(envelope, OpenDocumentBytes(envelope.bytes, cards));
}

Result<ledger::EntryProof> ReadProof(const NamedFile& proof) {
  auto parsed = ledger::ParseProofWithoutVerifying(AsText(proof.bytes));
  if (!parsed) {
    return Altered(proof.name + ": " + parsed.error().message);
  }
  return parsed;
}

Result<ProvenEntry> OpenProof(const NamedFile& proof, const ledger::Trust& trust) {
  ENTENTE_TRY(ledger::ValidateTrust(trust));
  ENTENTE_ASSIGN(const ledger::EntryProof parsed, ReadProof(proof));
  auto settled = ledger::VerifyProof(parsed, trust);
  if (!settled) {
    return Altered(proof.name + ": " + settled.error().message);
  }
  ProvenEntry entry{*std::move(settled), parsed.index, {}};
  if (auto leaf = ledger::DecodeLeaf(parsed.entry)) {
    entry.leaf = *std::move(leaf);
  }
  return entry;
}

Result<ProvenAnswer> OpenAnswer(const NamedFile& answer, const NamedFile& act, const Cards& cards) {
  ENTENTE_ASSIGN(const SignedPayload signed_act, Named(act, OpenSigned(act, act::kActType, cards)));
  ENTENTE_ASSIGN(const SignedPayload signed_answer,
                 Named(answer, OpenSigned(answer, act::kAnswerType, cards)));
  ProvenAnswer proven;
  ENTENTE_ASSIGN(proven.act, Named(act, DecodeActOf(signed_act, cards)));
  ENTENTE_ASSIGN(proven.answer,
                 Named(answer, DecodeAnswerTo(signed_act, proven.act, signed_answer, cards)));
  proven.sender = cards.at(signed_act.signer);
  proven.receiver = cards.at(signed_answer.signer);
  proven.answer_object = crypto::Sha256(signed_answer.payload);
  return proven;
}

Result<ProvenLeaf> OpenProofOf(const NamedFile& proof, const ProvenAnswer& proven,
                               const Cards& cards) {
  ENTENTE_ASSIGN(const ledger::EntryProof parsed, ReadProof(proof));
  ENTENTE_ASSIGN(const ledger::Trust trust,
                 TrustForCheckpoint(cards, proof.name, parsed.checkpoint));
  ENTENTE_ASSIGN(ProvenEntry entry, OpenProof(proof, trust));
  if (!entry.leaf) {
    return Altered(proof.name + ": " + std::string(kOfSomethingElse));
  }
  ProvenLeaf logged{std::move(entry.settled), entry.index, *std::move(entry.leaf)};
  if (const Status status = CheckEntryOf(proven, logged); !status) {
    return Altered(proof.name + ": " + status.error().message);
  }
  return logged;
}

}  // namespace entente::verify
