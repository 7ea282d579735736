// What keeps this node from signing anything about a relation, and from listening to it.
//
// The rollback guard: a node whose store is older than what it once signed must neither send,
// answer nor cosign, or it would use a sequence or a leaf index twice. It closes by the head file
// (head.h) when the node starts, by the peer's standing (standing.h) when a link comes up, and
// opens again when the peer confirms the state (kUnverified) or an operator has run `entente
// recover`. The stop: a peer that signed two acts under one number is not listened to until an
// operator says so. Decision 0025. State: projection table "recovery". Threads: the node's owner
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"
#include "entente/store/store.h"

namespace entente::exchange {

enum class GuardState {
  kOpen,
  kUnverified,  // the head file is missing: the peer's standing will tell
  kRolledBack,  // the store is older than what this node signed: an operator must recover
  kRecovering,  // the operator said so; the peer is asked for what is missing
};
// "open", "unverified", "rolled_back", "recovering".
std::string_view GuardName(GuardState state);

struct Guard {
  GuardState state = GuardState::kOpen;
  std::string why;  // our own words, one line
  UtcTime since;
  bool is_open() const { return state == GuardState::kOpen; }
  bool operator==(const Guard&) const = default;
};

// Errors: kCorruptData.
Result<Guard> ReadGuard(const store::Reader& reader, const PeerId& peer);
Status PutGuard(store::Transaction& transaction, const PeerId& peer, const Guard& guard);
// Errors: kUnavailable, saying what to do, unless the guard is open.
Status CheckGuard(const store::Reader& reader, const PeerId& peer);

// What is wrong on the other side of the relation, since when.
struct Remark {
  std::string why;
  UtcTime since;
  bool operator==(const Remark&) const = default;
};

// The peer signed two acts under one number. Errors: kCorruptData.
Result<std::optional<Remark>> ReadStop(const store::Reader& reader, const PeerId& peer);
Status PutStop(store::Transaction& transaction, const PeerId& peer, const Remark& why);
Status LiftStop(store::Transaction& transaction, const PeerId& peer);
// Errors: kNotPermitted, saying what to do, while the peer is stopped.
Status CheckStop(const store::Reader& reader, const PeerId& peer);

// The peer seems to have been restored from an older copy, or says so: it must recover first.
Result<std::optional<Remark>> ReadPeerTrouble(const store::Reader& reader, const PeerId& peer);
// Writes only what changes; nothing clears it.
Status PutPeerTrouble(store::Transaction& transaction, const PeerId& peer,
                      const std::optional<Remark>& why);

// How many acts the peer named as ours in this recovery without showing them.
Result<std::uint64_t> ReadClaims(const store::Reader& reader, const PeerId& peer);
Status PutClaims(store::Transaction& transaction, const PeerId& peer, std::uint64_t count);

// Where an act stands in its direction. Epochs follow each other, and so do sequences in one.
struct Position {
  std::uint64_t epoch = 1;
  std::uint64_t sequence = 0;  // 0: before the first
  auto operator<=>(const Position&) const = default;
};
// The last act of each direction, whatever its epoch; sequence 0 if there is none.
Result<Position> LastOut(const store::Reader& reader, const PeerId& peer);
Result<Position> LastIn(const store::Reader& reader, const PeerId& peer);
// Our last act that the peer answered; answers come in order.
Result<Position> LastAnswered(const store::Reader& reader, const PeerId& peer);
// Begins the next epoch of our own acts: sequence 1 again. Call only behind a closed guard.
Status BeginEpoch(store::Transaction& transaction, const PeerId& peer, std::uint64_t epoch);

}  // namespace entente::exchange
