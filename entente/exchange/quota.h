// How much a peer may make this node keep.
//
// Every new act costs a row, a leaf and up to 1.4 MiB for good, a refused one too: it is evidence
// and is never dropped. So what is taken in is bounded instead: in a window that begins with the
// first act and lasts kQuotaWindow by our own clock, a peer gets so many acts, of which so many may
// be refused or otherwise break a rule. A checkpoint of its log takes the place of the one before,
// but each costs a durable write, so they are counted too. (Twice an act of its own and once one of
// ours, of an honest peer.) Above that the peer is suspended until the window is over: the link
// says bye, and every further one too. Nothing is lost, since a peer sends again what has no
// answer. Why these numbers: docs/decisions/0014.
//
// State: projection table "quota", two rows per peer. Threads: the node's owner thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"
#include "entente/store/store.h"

namespace entente::exchange {

inline constexpr std::chrono::hours kQuotaWindow{24};
inline constexpr std::uint64_t kActsPerWindowMax = 2000;
inline constexpr std::uint64_t kRefusalsPerWindowMax = 100;
inline constexpr std::uint64_t kCheckpointsPerWindowMax = 8000;

// What one peer may make us keep in a window.
struct QuotaLimits {
  std::uint64_t acts = kActsPerWindowMax;
  std::uint64_t refusals = kRefusalsPerWindowMax;
  std::uint64_t checkpoints = kCheckpointsPerWindowMax;
  bool operator==(const QuotaLimits&) const = default;
};
// The limits of this peer, the defaults if none were put. Errors: kCorruptData.
Result<QuotaLimits> GetQuotaLimits(const store::Reader& reader, const PeerId& peer);
// An administrator's decision about one peer. Errors: kInvalidInput unless each is in [1, 2^53).
Status PutQuotaLimits(store::Transaction& transaction, const PeerId& peer,
                      const QuotaLimits& limits);

// May more of this peer be kept now? A clock that was set back begins a new window.
// Errors: kLimitExceeded saying until when the peer is suspended and what its operator and ours can
// do; kCorruptData.
Status CheckQuota(const store::Reader& reader, const PeerId& peer, UtcTime now);

// What was just kept, in the transaction that keeps it.
enum class Kept {
  kAct,         // accepted
  kRefusedAct,  // counts as an act and as a refusal
  kEvidence,    // bytes that are no act in the inbox; counts as a refusal
  kCheckpoint,  // a checkpoint above the one before
};
Status CountKept(store::Transaction& transaction, const PeerId& peer, Kept what, UtcTime now);

// Lifts a suspension.
Status ClearQuota(store::Transaction& transaction, const PeerId& peer);

}  // namespace entente::exchange
