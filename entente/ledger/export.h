// A whole log as static files that any tlog tool can audit, offline.
//
//   checkpoint            the signed note          tile/<L>/<N>[.p/<W>]        hashes
//   log.policy            whom to trust, C2SP      tile/entries/<N>[.p/<W>]    entries
//
// Threads: pure functions; `sink` decides where the bytes go.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/merkle.h"

namespace entente::ledger {

inline constexpr std::string_view kCheckpointPath = "checkpoint";
inline constexpr std::string_view kPolicyPath = "log.policy";

class EntryReader {
 public:
  virtual ~EntryReader() = default;
  // Errors: kNotFound outside the log.
  virtual Result<Bytes> Entry(std::uint64_t index) const = 0;
};

using FileSink = std::function<Status(const std::string& path, ByteView bytes)>;

// Writes the files of the log at `checkpoint_note`'s size, the checkpoint last: a tree that has one
// is complete. Errors: those of OpenCheckpoint, the readers and `sink`.
Status ExportLog(const NodeReader& nodes, const EntryReader& entries,
                 std::string_view checkpoint_note, const Trust& trust, const FileSink& sink);

}  // namespace entente::ledger
