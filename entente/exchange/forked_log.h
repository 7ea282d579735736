// A peer's log that showed this node two histories: the proof is kept, and the log is never
// cosigned again. The peer goes on under the origin of another epoch, or not at all.
// State: projection table "fork", one row per origin. Threads: the node's owner thread.
#pragma once

#include <optional>
#include <string_view>

#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"
#include "entente/store/store.h"

namespace entente::exchange {

// Keeps ledger/fork.h's evidence: the note that this node cosigned last and `note`, both signed by
// the log. Errors, of all: those of the store.
Status KeepFork(store::Transaction& transaction, const PeerId& peer, std::string_view origin,
                std::string_view note, UtcTime now);
Result<bool> IsForked(const store::Reader& reader, const PeerId& peer, std::string_view origin);
// How many logs of the peer did; at most kForksCounted.
Result<std::size_t> CountForks(const store::Reader& reader, const PeerId& peer);
inline constexpr std::size_t kForksCounted = 1000;

}  // namespace entente::exchange
