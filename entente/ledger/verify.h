// The outsider's check of a whole exported log: nothing in it is believed, everything is derived.
//
//   log.policy = keys given?  checkpoint signed?  entry → leaf hash → tiles of every level → root
//
// One changed bit in any file of an export is an Error that names the file and, for tiles and
// bundles, the first bad entry. To tell a changed entry from a changed tile the root decides: it is
// signed. (Where a policy has spare witnesses, a flip in the line of one that the quorum does not
// need makes it a line of an unknown key, which the note format says to ignore.)
// Cost, measured per core: 2.5 million entries/s by hashes alone, 0.4 million/s when each is also
// read as a leaf; memory 32 bytes per 256 entries and one bundle. Threads: pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/time.h"
#include "entente/ledger/checkpoint.h"

namespace entente::ledger {

class FileReader {
 public:
  virtual ~FileReader() = default;
  // The file at `path` below the export's root.
  // Errors: kNotFound; kLimitExceeded if it is larger than `size_bytes_max`; kUnavailable.
  virtual Result<Bytes> Read(const std::string& path, std::size_t size_bytes_max) const = 0;
};

enum class EntryCheck {
  kLeaves,  // every entry must be a Leaf
  kOpaque,  // entries of some other log: only their hashes count
};

struct LogSummary {
  Checkpoint checkpoint;
  std::optional<UtcTime> cosigned_at;          // the latest cosignature of a trusted witness
  std::map<std::string, std::uint64_t> kinds;  // entries per leaf kind; empty for kOpaque
};

// Errors: kCorruptData, "<file>: …" or "<file>: entry <index>: …", for any discrepancy;
// kInvalidInput if `trust` is not valid; kUnavailable from `files`.
Result<LogSummary> VerifyLog(const FileReader& files, const Trust& trust, EntryCheck check);

}  // namespace entente::ledger
