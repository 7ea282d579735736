// What two cards and signed files prove, offline.
//
//   fingerprints compared by voice ─▶ two cards ─┬▶ keys of both logs and witnesses ─▶ proofs
//                                                ├▶ an act and its answer: who received it when
//                                                └▶ a document, which pins both cards
//
// Pure functions over bytes of files that anybody may have altered.
// Errors, of all: kCorruptData for what was altered or belongs to others, one line that says what,
// beginning with the file's name.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "entente/act/act.h"
#include "entente/act/card.h"
#include "entente/agreement/document.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/proof.h"

namespace entente::verify {

struct NamedFile {
  std::string name;  // for messages
  Bytes bytes;
};

// Of the two nodes of a relation, in any order.
using Cards = std::array<act::Card, 2>;

Result<act::Card> OpenCard(const NamedFile& file);
// Errors: kInvalidInput if both are one node's.
Result<Cards> OpenCards(const NamedFile& one, const NamedFile& other);

// `text` is a fingerprint as it is read aloud (digits and spaces) or in hex.
Status CheckFingerprint(const act::Card& card, std::string_view text);

// Whom to trust for the log named `origin`: the card of the node that keeps it gives the log's key,
// the other one the witness's; an audit log has no witness. Errors: also if it is no log of these
// two nodes.
Result<ledger::Trust> TrustFor(const Cards& cards, std::string_view origin);
// Likewise, with the origin that the signed checkpoint in the file `name` states.
Result<ledger::Trust> TrustForCheckpoint(const Cards& cards, const std::string& name,
                                         std::string_view note);

struct SignedDocument {
  agreement::DocumentId id;
  agreement::Document document;
};
// A co-signed envelope: it pins both cards, and holds as many signatures by each party's message
// key as it names signatories of that party, all valid, and no other.
Result<SignedDocument> OpenDocument(const NamedFile& envelope, const Cards& cards);

struct ProvenEntry {
  ledger::SettledCheckpoint settled;
  std::uint64_t index = 0;
  std::optional<ledger::Leaf> leaf;  // nothing for an entry of another system
};
// Only the form.
Result<ledger::EntryProof> ReadProof(const NamedFile& proof);
// Errors: kInvalidInput if `trust` is not valid.
Result<ProvenEntry> OpenProof(const NamedFile& proof, const ledger::Trust& trust);

// An act that one node signed and the answer that the other signed.
struct ProvenAnswer {
  act::Card sender;
  act::Card receiver;
  act::Act act;
  act::Answer answer;
  crypto::Digest answer_object;  // what a leaf about the answer commits to
};
Result<ProvenAnswer> OpenAnswer(const NamedFile& answer, const NamedFile& act, const Cards& cards);
// That `proof`, of a log of the two nodes, is of the leaf that the log's node wrote about the act
// or its answer: of that direction, epoch, sequence and peer, and, in the receiver's log, at the
// index that the answer names.
struct ProvenLeaf {
  ledger::SettledCheckpoint settled;
  std::uint64_t index = 0;
  ledger::Leaf leaf;
};
Result<ProvenLeaf> OpenProofOf(const NamedFile& proof, const ProvenAnswer& proven,
                               const Cards& cards);

}  // namespace entente::verify
