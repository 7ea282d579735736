// What two cards and a signed document prove, offline.
//
//   fingerprints compared by voice ─▶ two cards ─▶ keys of both logs and witnesses
//                                        └──────▶ signatures under a document, which pins both
//                                        cards
//
// Pure functions over bytes of files that anybody may have altered.
// Errors, of all: kCorruptData for what was altered or belongs to others, one line that says what.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "entente/act/card.h"
#include "entente/agreement/document.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/ledger/checkpoint.h"

namespace entente::verify {

// Of the two nodes of a relation, in any order.
using Cards = std::array<act::Card, 2>;

Result<act::Card> OpenCard(ByteView file);
// Errors: kInvalidInput if both are one node's.
Result<Cards> OpenCards(ByteView one, ByteView other);

// `text` is a fingerprint as it is read aloud (digits and spaces) or in hex.
Status CheckFingerprint(const act::Card& card, std::string_view text);

// Whom to trust for the log named `origin`: the card of the node that keeps it gives the log's key,
// the other one the witness's. Errors: also if it is no log of these two nodes.
Result<ledger::Trust> TrustFor(const Cards& cards, std::string_view origin);
// Likewise, with the origin that a signed checkpoint states.
Result<ledger::Trust> TrustForCheckpoint(const Cards& cards, std::string_view note);

struct SignedDocument {
  agreement::DocumentId id;
  agreement::Document document;
};
// A co-signed envelope: it pins both cards, and holds as many signatures by each party's message
// key as it names signatories of that party, all valid, and no other.
Result<SignedDocument> OpenDocument(ByteView envelope, const Cards& cards);

}  // namespace entente::verify
