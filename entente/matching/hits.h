// Own records that the peer holds too: what this node keeps of a round's result.
//
// A hit names nothing of the peer's. Stored in the projection table "hits", key
// "<offer id>/<record id>". Threads: pure functions; the store's by its owner thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "entente/act/act.h"
#include "entente/matching/match_set.h"
#include "entente/matching/round_row.h"
#include "entente/psi/round.h"

namespace entente::matching {

struct Hit {
  std::string record_id;
  std::vector<match::RuleId> rules;  // that matched, each once, ascending
  std::uint64_t common_keys = 0;
  bool operator==(const Hit&) const = default;
};

// The records behind `outcome`, in the order of the collection. `entries` are those the round ran
// on.
// Errors: kConflict if the collection was replaced since the round was made; kCorruptData if a
// record of it is gone.
Result<std::vector<Hit>> ResolveHits(const store::Reader& reader, const RoundRow& row,
                                     const std::vector<Entry>& entries,
                                     const psi::Outcome& outcome);

Status StoreHits(store::Transaction& transaction, const PeerId& peer, const act::ActId& offer,
                 const std::vector<Hit>& hits);
// The first `count` hits of a round, by record id. Errors: those of DecodeHit.
Result<std::vector<Hit>> LoadHits(const store::Reader& reader, const PeerId& peer,
                                  const act::ActId& offer, std::uint64_t count);

Bytes EncodeHit(const Hit& hit);
// Errors: kCorruptData for anything EncodeHit does not write: an unknown rule, rules that repeat or
// descend, a record id over 128 bytes.
Result<Hit> DecodeHit(ByteView bytes);

}  // namespace entente::matching
