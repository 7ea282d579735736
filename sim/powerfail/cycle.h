// One life of a store on a disk that fails, from its seed to its verdict.
//
//   work on a sound disk → trouble in the middle of work → (trouble in the recovery too) → open →
//   compare → work on → power cut → open → compare
//
// Trouble is a power cut or a killed process at a random operation of the disk, a full disk, or
// I/O errors. Every comparison demands: each transaction whose Write returned ok is there whole and
// in order, the one in flight is there whole or not at all, there is nothing else, and SQLite finds
// the file sound. What a reopened store showed counts as acknowledged from then on.
// Source: reference tests of this kind, reliability.md §2.3. Threads: one cycle at a time (SQLite's
// own randomness is of the process).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "entente/crypto/hash.h"

namespace entente::sim {

struct CycleResult {
  std::uint64_t power_cuts = 0;
  std::uint64_t acknowledged = 0;  // transactions
  std::uint64_t lost = 0;          // of these
  std::uint64_t partial = 0;       // stores that hold what no sequence of whole transactions gives
  std::uint64_t corrupt = 0;       // stores that do not open, read, write or are damaged
  crypto::Digest content;          // of the disk in the end: the same for the same seed
  std::string failure;             // one line; empty: all held

  bool holds() const { return failure.empty(); }
};

// With `lies` the disk's sync does nothing: the positive control.
CycleResult RunCycle(std::uint64_t seed, bool lies);

}  // namespace entente::sim
