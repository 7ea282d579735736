// How long a relation may go on without its witness.
//
// What the peer has not cosigned proves nothing to an outsider, and a peer that takes acts but
// never cosigns could later deny them all. So when the oldest leaf without cosignature is older
// than kCosignLagMax, new submissions to that peer are refused until it settles (X-Road's precedent
// refuses traffic after `acceptable-timestamp-failure-period`, 14,400 s). Incoming acts and answers
// are taken as ever, and the outbox is sent, so that the relation can heal. Only our own clock
// counts.
// People who carry parcels (courier.h) take longer: while this node packed one for the peer within
// kCarriedCosignLagMax, that is the limit. Threads: pure functions over a transaction.
#pragma once

#include <chrono>
#include <optional>

#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"
#include "entente/store/store.h"

namespace entente::exchange {

inline constexpr std::chrono::seconds kCosignLagMax{14'400};
inline constexpr std::chrono::hours kCarriedCosignLagMax{30 * 24};

// The time of the oldest leaf that is not settled; nothing if all are. Errors: kCorruptData.
Result<std::optional<UtcTime>> UnsettledSince(const store::Reader& reader, const PeerId& peer);

// Errors: kUnavailable if that leaf is older than the limit, saying what to do; kCorruptData.
Status CheckCosignLag(const store::Reader& reader, const PeerId& peer, UtcTime now);

}  // namespace entente::exchange
