// The two logs of one relation: how they and their keys are named. Each node keeps a log per peer
// and witnesses the peer's; all of it follows from the two cards (docs/formats/ledger.md §4).
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "entente/base/strong_id.h"
#include "entente/crypto/signature.h"
#include "entente/ledger/note.h"

namespace entente::ledger {

// The origin of the log that `owner` keeps about its relation to `peer`; also its key's name. A
// node that was restored from a copy goes on under the origin of its next epoch (decision 0025).
std::string LogOrigin(const PeerId& owner, const PeerId& peer, std::uint64_t epoch = 1);
// The epoch in an origin of this form; nothing if it has another.
std::optional<std::uint64_t> EpochOfOrigin(std::string_view origin);
// The name under which `node` cosigns.
std::string WitnessName(const PeerId& node);
// The origin of the audit log of `node`, and its key's name: a log that no peer reads.
std::string AuditOrigin(const PeerId& node);

// `key` is the card's ledger key.
VerifierKey LogKey(const PeerId& owner, const PeerId& peer, const crypto::PublicKey& key,
                   std::uint64_t epoch = 1);
// `key` is the card's witness key.
VerifierKey WitnessKey(const PeerId& node, const crypto::PublicKey& key);
// `key` is the card's ledger key.
VerifierKey AuditKey(const PeerId& node, const crypto::PublicKey& key);

}  // namespace entente::ledger
