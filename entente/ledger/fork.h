// Evidence that a log showed two histories: two signed checkpoints of one size with two roots.
//
// Whoever holds the log's key can check it, for ever and offline: no honest log signs both. Format:
// docs/formats/ledger.md §10, canonical JSON. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/ledger/note.h"

namespace entente::ledger {

// Two notes, and the rest of the file.
inline constexpr std::size_t kForkBytesMax = std::size_t{1} << 20U;

struct Fork {
  std::string first;  // the signed notes
  std::string second;
  bool operator==(const Fork&) const = default;
};

std::string FormatFork(const Fork& fork);
// Only the form; nothing is verified. Errors: kInvalidInput for anything FormatFork does not write;
// kLimitExceeded above kForkBytesMax.
Result<Fork> ParseForkWithoutVerifying(std::string_view bytes);

struct ProvenFork {
  std::uint64_t size = 0;
  crypto::Digest first_root;
  crypto::Digest second_root;
};
// That `log` signed both. Errors: kCorruptData naming what is missing from the proof.
Result<ProvenFork> VerifyFork(const Fork& fork, const VerifierKey& log);

}  // namespace entente::ledger
