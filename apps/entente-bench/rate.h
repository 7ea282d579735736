// How many acts a second two nodes settle: two processes, TLS 1.3 over loopback, SQLite on the
// disk.
//
// One process is the sender. It submits acts with a payload of 1 KiB through Exchange::Submit, so
// each has its own decision, signature, leaf, item key and receipt; group commit joins what is
// submitted in one turn of the loop. Settled means: the signed receipt is stored, and its leaf is
// under a stored checkpoint that the peer cosigned. The kind of act exists only here.
#pragma once

#include <cstdint>
#include <string>

#include "entente/base/result.h"
#include "entente/wire/json.h"

namespace entente::bench {

struct RateSettings {
  std::uint64_t acts = 0;  // stop after so many; 0: when the seconds are over
  std::uint64_t seconds = 60;
  std::uint64_t unsettled_max = 2'048;  // the sender waits while so many are open
  std::uint64_t batch = 64;             // submitted in one turn of the loop
  std::string folder;                   // holds both stores; goes on if they exist
};

// Forks: call before any thread is started. Errors: what stopped either node; kUnavailable if
// nothing settled for a minute.
Result<wire::Json> MeasureRate(const RateSettings& settings);

}  // namespace entente::bench
