#include "apps/entente-verify/evidence.h"

#include <algorithm>
#include <utility>

#include "entente/act/envelope.h"
#include "entente/ledger/note.h"
#include "entente/ledger/relation.h"

namespace entente::verify {
namespace {

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

}  // namespace

Result<act::Card> OpenCard(ByteView file) {
  auto card = act::OpenCard(file);
  return card ? std::move(card) : Result<act::Card>(Altered(card.error().message));
}

Result<Cards> OpenCards(ByteView one, ByteView other) {
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
    if (ledger::LogOrigin(owner.id(), witness.id()) == origin) {
      return ledger::Trust{ledger::LogKey(owner.id(), witness.id(), owner.keys.ledger),
                           {ledger::WitnessKey(witness.id(), witness.keys.witness)},
                           1};
    }
  }
  return Altered("this is no log that the nodes of the two cards keep about each other");
}

Result<ledger::Trust> TrustForCheckpoint(const Cards& cards, std::string_view note) {
  const auto parsed = ledger::ParseNoteWithoutVerifying(note);
  const auto checkpoint = parsed ? ledger::ParseCheckpoint(parsed->text)
                                 : Result<ledger::Checkpoint>(Error(parsed.error()));
  if (!checkpoint) {
    return Altered("checkpoint: " + checkpoint.error().message);
  }
  return TrustFor(cards, checkpoint->origin);
}

Result<SignedDocument> OpenDocument(ByteView bytes, const Cards& cards) {
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

}  // namespace entente::verify
