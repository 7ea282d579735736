// The head file: how far the node is, kept outside of what a backup brings back, so that a node
// whose store was put back to an older copy sees it when it starts, before it has a link.
//
// Two things give an older store away: its incarnation (drawn at each start, written to the store
// and to the head file) is not the last one; or a relation's numbers are below the head's, where a
// copy was made and put back during one incarnation. Format: docs/formats/backup.md; reasons:
// decision 0025. Threads: the node's owner thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "entente/base/random.h"
#include "entente/base/result.h"
#include "entente/exchange/exchange.h"

namespace entente::exchange {

// Where the head stands. Writing replaces the whole file or nothing, durably.
class HeadFile {
 public:
  virtual ~HeadFile() = default;
  // Nothing if there is none. Errors: those of the disk.
  virtual Result<std::optional<Bytes>> Read() const = 0;
  virtual Status Write(ByteView bytes) = 0;
};

// How far one relation was.
struct RelationHead {
  std::uint64_t epoch_out = 1;
  std::uint64_t next_out = 1;
  std::uint64_t log_size = 0;
  crypto::Digest log_root;
  bool operator==(const RelationHead&) const = default;
};

struct HeadRecord {
  std::string incarnation;       // of the store as it was opened last
  std::string next_incarnation;  // while it changes: the one that follows; otherwise empty
  std::map<PeerId, RelationHead> relations;
  bool operator==(const HeadRecord&) const = default;
};
Bytes EncodeHead(const HeadRecord& head);
// Errors: kCorruptData for anything EncodeHead does not write.
Result<HeadRecord> DecodeHead(ByteView bytes);

// The store's meta row; a copy made by `entente backup` holds kCopyIncarnation there.
inline constexpr std::string_view kIncarnationKey = "incarnation";
inline constexpr std::string_view kCopyIncarnation = "copy";

class Head {
 public:
  // Both must outlive the object.
  Head(Exchange& exchange, HeadFile& file) : exchange_(exchange), file_(file) {}

  // Compares store and file, closes the guard of every relation that may have lost something, and
  // begins a new incarnation. Call once, before anything is signed. Errors: those of the store and
  // the disk; kCorruptData for a damaged head file.
  Status Open(Random& random);
  // Writes how far the node is now. A relation whose guard is closed keeps what was written before.
  Status Save();

 private:
  Status CloseGuards(const std::optional<HeadRecord>& last);

  Exchange& exchange_;
  HeadFile& file_;
  HeadRecord record_;
};

}  // namespace entente::exchange
