// The store as one SQLite file: the embedded default, for one node on one machine.
//
// File: docs/formats/store.md; mode 0600, `<path>-wal` beside it while open. WAL with
// synchronous = FULL: one flush per transaction, so callers put what belongs together into one
// Write, and Writes that come together into one Group. One connection writes and checkpoints and
// holds the exclusive lock: no other process can read the file meanwhile. Erasure: deleted content
// is overwritten with zeros (secure_delete) when the WAL is checkpointed; Maintain's last call does
// that and empties the WAL. Cost: one flush and 0.24 ms of processor time to accept one act
// (docs/formats/store.md).
#pragma once

#include <memory>
#include <string>

#include "entente/store/store.h"

namespace entente::store {

class Database;

class SqliteStore final : public Store {
 public:
  // Opens the file at `path` or creates it; its folder must exist. Drops imports left unfinished
  // and erases the first of their records.
  // Errors: kUnavailable if another process holds it, the folder is missing or the disk refuses;
  // kInvalidInput if the file is not a store or a newer Entente wrote it; kCorruptData if damaged.
  // `vfs` names a registered SQLite VFS that holds the file instead of the machine's disk (sim/).
  static Result<std::unique_ptr<SqliteStore>> Open(const std::string& path,
                                                   const char* vfs = nullptr);
  ~SqliteStore() override;

  Status Write(const std::function<Status(Transaction&)>& body) override;
  Status Group(const std::function<Status()>& body) override;
  Status Read(const std::function<Status(const Reader&)>& body) const override;
  Result<bool> Maintain(std::size_t record_count_max) override;

  // Reads the whole file and its indexes; seconds per GiB. Errors: kCorruptData if anything is
  // wrong; kUnavailable.
  Status CheckIntegrity() const;

 private:
  friend class SqliteBackup;
  explicit SqliteStore(std::unique_ptr<Database> database);

  std::unique_ptr<Database> database_;
};

}  // namespace entente::store
