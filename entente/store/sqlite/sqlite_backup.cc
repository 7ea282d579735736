#include "entente/store/sqlite/sqlite_backup.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "entente/store/sqlite/database.h"

namespace entente::store {
namespace {

constexpr int kPagesAtOnce = 64;

Error Refused(sqlite3* copy) {
  return {ErrorCode::kUnavailable,
          std::string("the copy of the store cannot be written: ") + sqlite3_errmsg(copy)};
}

}  // namespace

Result<std::unique_ptr<SqliteBackup>> SqliteBackup::Start(SqliteStore& source,
                                                          const std::string& path) {
  const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) {
    return errno == EEXIST ? Error{ErrorCode::kConflict, "there is a file already: " + path}
                           : Error{ErrorCode::kUnavailable, "cannot create " + path};
  }
  close(file);
  sqlite3* copy = nullptr;
  if (sqlite3_open_v2(path.c_str(), &copy, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
    Error error = Refused(copy);
    sqlite3_close(copy);
    unlink(path.c_str());
    return error;
  }
  // A copy that is not complete is thrown away, and its flush would hold up the node: whoever asked
  // for it flushes the file elsewhere.
  sqlite3_exec(copy, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", nullptr, nullptr, nullptr);
  sqlite3_backup* const backup =
      sqlite3_backup_init(copy, "main", source.database_->connection(), "main");
  std::unique_ptr<SqliteBackup> made(new SqliteBackup(copy, backup, path));
  if (backup == nullptr) {
    return Refused(copy);
  }
  return made;
}

SqliteBackup::~SqliteBackup() {
  static_cast<void>(Close());
  if (!is_complete_) {
    unlink(path_.c_str());
  }
}

Status SqliteBackup::Close() {
  const int finished = sqlite3_backup_finish(std::exchange(backup_, nullptr));
  const int closed = sqlite3_close(std::exchange(copy_, nullptr));
  return finished == SQLITE_OK && closed == SQLITE_OK
             ? Status()
             : Status(Error{ErrorCode::kUnavailable, "the copy of the store was not completed"});
}

Result<bool> SqliteBackup::Step(std::chrono::milliseconds slice) {
  const auto end = std::chrono::steady_clock::now() + slice;
  int result = SQLITE_OK;
  while (result == SQLITE_OK && std::chrono::steady_clock::now() < end) {
    result = sqlite3_backup_step(backup_, kPagesAtOnce);
  }
  pages_left_ = static_cast<std::uint64_t>(sqlite3_backup_remaining(backup_));
  pages_total_ = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup_));
  if (result == SQLITE_OK) {
    return true;
  }
  if (result != SQLITE_DONE) {
    return Refused(copy_);
  }
  ENTENTE_TRY(Close());
  is_complete_ = true;
  return false;
}

std::uint64_t SqliteBackup::pages_done() const { return pages_total_ - pages_left_; }
std::uint64_t SqliteBackup::pages_total() const { return pages_total_; }

}  // namespace entente::store
