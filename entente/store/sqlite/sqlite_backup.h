// A consistent copy of a running store, made in slices on the store's own connection.
//
// Source: the online backup API of SQLite. What is written between two slices enters the copy by
// itself, for it is the same connection that writes. The copy is not flushed: the caller does that,
// elsewhere, when it is complete. Cost: one read and one write of every page; the
// owner thread is held for one slice at a time. Threads: the store's owner thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "entente/base/result.h"
#include "entente/store/sqlite/sqlite_store.h"

struct sqlite3;
struct sqlite3_backup;

namespace entente::store {

class SqliteBackup {
 public:
  // Copies `source` to a new file at `path`, mode 0600. `source` must outlive the object.
  // Errors: kConflict if the file exists; kUnavailable if the disk refuses.
  static Result<std::unique_ptr<SqliteBackup>> Start(SqliteStore& source, const std::string& path);
  // Removes the file unless the copy is complete.
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
  SqliteBackup(sqlite3* copy, sqlite3_backup* backup, std::string path)
      : copy_(copy), backup_(backup), path_(std::move(path)) {}
  Status Close();

  sqlite3* copy_;
  sqlite3_backup* backup_;
  std::string path_;
  bool is_complete_ = false;
  std::uint64_t pages_left_ = 0;
  std::uint64_t pages_total_ = 0;
};

}  // namespace entente::store
