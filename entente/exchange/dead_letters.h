// Acts the peer has not answered for too long.
//
// An act keeps its place: sequences have no gaps, so it is delivered first when the peer is back,
// and nothing behind it before. Above kActTimeToLive it is a dead letter: an alarm, and a line in
// `entente outbox`, until it is answered. It cannot be taken back by number; who no longer wants it
// sends the act that withdraws it, which arrives right behind. Decision 0025.
// Threads: the node's owner thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "entente/exchange/exchange.h"
#include "entente/exchange/guard.h"
#include "entente/store/store.h"

namespace entente::exchange {

inline constexpr std::chrono::hours kActTimeToLive{7 * 24};

// Whether a pending act of this time is a dead letter.
inline bool IsDead(UtcTime time, UtcTime now) { return now - time > kActTimeToLive; }

// Sees to it that every dead letter is told of once in a run of the node.
class DeadLetters {
 public:
  // `exchange` must outlive the object.
  explicit DeadLetters(Exchange& exchange) : exchange_(exchange) {}

  // Call it now and then. Alarm: act.dead, once for the first act of a channel that waits too
  // long. Errors: those of the store.
  Status Check();

 private:
  Exchange& exchange_;
  std::map<PeerId, Position> told_;
};

}  // namespace entente::exchange
