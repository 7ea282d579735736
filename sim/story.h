// One simulation from its seed to its verdict: who acts, what breaks, and what must hold in the
// end.
//
//   draw the faults → act while they happen → heal everything → run until nothing moves → check
//
// What is checked while it runs, of every pair of authorities: what one side was told is stored by
// the other, answers as well as cosignatures. What is checked in the end:
//   - every act that Submit acknowledged stands in the sender's store, with the sequence it was
//   given
//   - the peer holds it exactly once, at that place, byte for byte, and nothing the sender does not
//   hold
//   - both know the same outcome, nothing is left without an answer
//   - the documents of both sides are equal: the effect happened once; so are their rounds
//   - both logs are settled, verify as an outsider would, and name every act and every answer once
//   - no authority's store holds a byte of an act between two others
// Threads: one story at a time (the disks have fixed names).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "entente/crypto/hash.h"
#include "sim/scheduler.h"

namespace entente::sim {

struct Verdict {
  std::uint64_t seed = 0;
  crypto::Digest trace;
  std::uint64_t acknowledged = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t misordered = 0;
  std::uint64_t crashes = 0;
  std::uint64_t partitions = 0;
  std::uint64_t clock_jumps = 0;
  std::uint64_t disk_faults = 0;
  std::uint64_t refused = 0;  // acts that the peer refused
  std::uint64_t parcels = 0;  // taken in whole, where a relation has no link
  std::uint64_t rounds = 0;   // private matching rounds that both sides completed
  Duration simulated{0};
  std::vector<std::string> failures;   // one line each; empty: all held
  std::vector<std::string> log_lines;  // of all authorities, if something failed

  bool holds() const { return failures.empty(); }
};

// With `lies` no disk syncs anything: the positive control, some stories must fail.
Verdict RunStory(std::uint64_t seed, bool lies = false);

}  // namespace entente::sim
