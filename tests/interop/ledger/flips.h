// Every bit of what an outsider is handed, flipped: is it noticed, and is the right place named?
//
// The evidence is that of a relation with a log of `entry_count` entries: its exported tree, the
// act and the answer that two of the entries are about, the proofs of both, and both cards.
// entente-verify's own functions judge; a flip counts as detected if they fail with kCorruptData,
// as named if the message begins with the flipped file's name, and, in tiles and bundles, as placed
// if it names the first entry that the flipped bit belongs to.
#pragma once

#include <cstdint>

namespace entente::ledger {

struct FlipCounts {
  std::uint64_t flips = 0;
  std::uint64_t detected = 0;
  std::uint64_t named = 0;
  std::uint64_t placeable = 0;  // flips in tiles and bundles
  std::uint64_t placed = 0;

  bool is_perfect() const {
    return flips != 0 && detected == flips && named == flips && placed == placeable;
  }
  FlipCounts& operator+=(const FlipCounts& other);
};

// Which bits: number `first`, `first` + `step`, … of all files one after the other. Step 1: all.
struct FlipRange {
  std::uint64_t first = 0;
  std::uint64_t step = 1;
};

// The exported tree, judged as `entente-verify ledger DIR --card A --card B` does.
FlipCounts FlipTree(std::uint64_t entry_count, FlipRange range);
// A .tlog-proof, judged as `entente-verify proof FILE --card A --card B` does.
FlipCounts FlipProof(std::uint64_t entry_count, FlipRange range);
// Answer, act, two proofs and two cards, judged as `entente-verify receipt` does.
FlipCounts FlipReceipt(std::uint64_t entry_count, FlipRange range);

}  // namespace entente::ledger
