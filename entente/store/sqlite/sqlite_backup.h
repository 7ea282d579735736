// A consistent copy of a running store, made in slices on the store's own connections.
//
// Source: the online backup API of SQLite. What is written between two slices enters the copy by
// itself, for it is the same connection that writes. Both files, the store and its item keys, are
// completed in one slice, so the copy is the store at one moment. The copy is not flushed: the
// caller does that, elsewhere, when it is complete. Cost: one read and one write of every page; the
// owner thread is held for one slice at a time. Threads: the store's owner thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "entente/base/result.h"
#include "entente/store/sqlite/sqlite_store.h"

namespace entente::store {

class SqliteBackup {
 public:
  // Copies `source` to new files at `path` and KeysPath(path), mode 0600. `source` must outlive the
  // object. Errors: kConflict if one of the files exists; kUnavailable if the disk refuses.
  static Result<std::unique_ptr<SqliteBackup>> Start(SqliteStore& source, const std::string& path);
  // Removes the files unless the copy is complete.
  ~SqliteBackup();
  SqliteBackup(const SqliteBackup&) = delete;
  SqliteBackup& operator=(const SqliteBackup&) = delete;

  // Copies for about `slice`; true while there is more. Not inside a transaction. After an error or
  // false the object is done. Errors: kUnavailable; kCorruptData.
  Result<bool> Step(std::chrono::milliseconds slice);
  // Pages copied and to copy, as of the last step.
  std::uint64_t pages_done() const;
  std::uint64_t pages_total() const;

 private:
  class FileCopy;
  SqliteBackup(std::unique_ptr<FileCopy> store, std::unique_ptr<FileCopy> keys);

  std::unique_ptr<FileCopy> store_;
  std::unique_ptr<FileCopy> keys_;
};

}  // namespace entente::store
