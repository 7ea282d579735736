// The two logs of one relation: how they and their keys are named. Each node keeps a log per peer
// and witnesses the peer's; all of it follows from the two cards (docs/formats/ledger.md §4).
// Threads: pure functions.
#pragma once

#include <string>

#include "entente/base/strong_id.h"
#include "entente/crypto/signature.h"
#include "entente/ledger/note.h"

namespace entente::ledger {

// The origin of the log that `owner` keeps about its relation to `peer`; also its key's name.
std::string LogOrigin(const PeerId& owner, const PeerId& peer);
// The name under which `node` cosigns.
std::string WitnessName(const PeerId& node);

// `key` is the card's ledger key.
VerifierKey LogKey(const PeerId& owner, const PeerId& peer, const crypto::PublicKey& key);
// `key` is the card's witness key.
VerifierKey WitnessKey(const PeerId& node, const crypto::PublicKey& key);

}  // namespace entente::ledger
