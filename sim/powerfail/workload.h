// What a node asks of its store, drawn from a seed, beside what the store must then hold.
//
// A step is what one transaction writes: acts of both directions with their answers, the channel,
// subjects by which they are found, an act that is erased, ledger entries and the nodes of the
// subtrees they complete, rows of a projection put and deleted, a checkpoint, evidence. Holdings
// are all that is kept about the one peer, so that "nothing else" is an equality. Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "entente/base/random.h"
#include "entente/store/store.h"

namespace entente::sim {

struct Holdings {
  std::vector<store::ActRow> acts;                          // in order of arrival
  std::map<std::string, std::vector<act::ActId>> subjects;  // likewise
  store::ChannelState channel;
  std::vector<Bytes> entries;
  std::map<std::pair<unsigned, std::uint64_t>, crypto::Digest> nodes;  // by level and index
  std::map<std::string, Bytes> rows;
  std::optional<Bytes> checkpoint;
  std::vector<store::EvidenceRow> evidence;
  bool operator==(const Holdings&) const = default;
};

struct Step {
  std::vector<store::ActRow> acts;
  std::vector<Bytes> entries;         // one of each act
  std::vector<std::string> subjects;  // one of each act
  std::optional<act::ActId> erased;
  std::map<std::string, Bytes> rows;  // empty: deleted
  std::optional<Bytes> checkpoint;
  std::optional<Bytes> evidence;
};

// What may come after `held`.
Step DrawStep(const Holdings& held, SeededRandomForTests& random);
// Errors: those of the transaction.
Status Write(store::Transaction& transaction, const Step& step);
void Apply(const Step& step, Holdings& held);
// Errors: those of the reader; kCorruptData if the ledger has more nodes than entries.
Result<Holdings> ReadHoldings(const store::Reader& reader);

}  // namespace entente::sim
