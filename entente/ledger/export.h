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
#include <utility>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/merkle.h"
#include "entente/ledger/proof.h"
#include "entente/ledger/tile.h"

namespace entente::ledger {

inline constexpr std::string_view kCheckpointPath = "checkpoint";
inline constexpr std::string_view kPolicyPath = "log.policy";

class EntryReader {
 public:
  virtual ~EntryReader() = default;
  // Errors: kNotFound outside the log.
  virtual Result<Bytes> Entry(std::uint64_t index) const = 0;
};

// The files of a log at a settled checkpoint, each made when it is asked for: what one costs does
// not grow with the log. The readers must outlive the object.
class LogFiles {
 public:
  // Errors: those of OpenCheckpoint.
  static Result<LogFiles> Open(const NodeReader& nodes, const EntryReader& entries,
                               std::string_view checkpoint_note, const Trust& trust);

  // All of them, the checkpoint last: a tree that has one is complete.
  std::vector<std::string> Paths() const;
  // Also tiles and bundles that were partial when the log was smaller: what was listed once stays.
  // Errors: kNotFound for a path that is none of this log; those of the readers.
  Result<Bytes> File(std::string_view path) const;
  const std::string& checkpoint_note() const { return note_; }
  std::uint64_t size() const { return size_; }
  // Errors, of both: kNotFound at size() and above; those of the readers.
  Result<Bytes> Entry(std::uint64_t index) const;
  Result<EntryProof> Proof(std::uint64_t index) const;

 private:
  LogFiles(const NodeReader& nodes, const EntryReader& entries, std::string note, Trust trust,
           std::uint64_t size)
      : nodes_(nodes),
        entries_(entries),
        note_(std::move(note)),
        trust_(std::move(trust)),
        size_(size) {}
  Result<Bytes> Bundle(const BundleId& id) const;

  const NodeReader& nodes_;
  const EntryReader& entries_;
  std::string note_;
  Trust trust_;
  std::uint64_t size_;
};

using FileSink = std::function<Status(const std::string& path, ByteView bytes)>;

// Gives `sink` every file of LogFiles, in its order. Errors: those of LogFiles and `sink`.
Status ExportLog(const NodeReader& nodes, const EntryReader& entries,
                 std::string_view checkpoint_note, const Trust& trust, const FileSink& sink);

}  // namespace entente::ledger
