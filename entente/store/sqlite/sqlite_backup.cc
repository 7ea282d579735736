#include "entente/store/sqlite/sqlite_backup.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "entente/store/sqlite/database.h"
#include "entente/store/sqlite/item_keys.h"

namespace entente::store {
namespace {

constexpr int kPagesAtOnce = 64;
constexpr int kAllPages = -1;

Error Refused(sqlite3* copy) {
  return {ErrorCode::kUnavailable,
          std::string("the copy of the store cannot be written: ") + sqlite3_errmsg(copy)};
}

}  // namespace

// The copy of one file.
class SqliteBackup::FileCopy {
 public:
  static Result<std::unique_ptr<FileCopy>> Start(Database& source, const std::string& path) {
    const int file = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) {
      return errno == EEXIST ? Error{ErrorCode::kConflict, "there is a file already: " + path}
                             : Error{ErrorCode::kUnavailable, "cannot create " + path};
    }
    close(file);
    std::unique_ptr<FileCopy> made(new FileCopy(path));
    if (sqlite3_open_v2(path.c_str(), &made->copy_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
      return Refused(made->copy_);
    }
    // A copy that is not complete is thrown away, and its flush would hold up the node: whoever
    // asked for it flushes the file elsewhere.
    sqlite3_exec(made->copy_, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", nullptr, nullptr,
                 nullptr);
    made->backup_ = sqlite3_backup_init(made->copy_, "main", source.connection(), "main");
    if (made->backup_ == nullptr) {
      return Refused(made->copy_);
    }
    ENTENTE_TRY(made->Step(0));  // counts the pages
    return made;
  }
  FileCopy(const FileCopy&) = delete;
  FileCopy& operator=(const FileCopy&) = delete;
  ~FileCopy() {
    static_cast<void>(Close());
    if (!is_kept_) {
      unlink(path_.c_str());
    }
  }

  Status Step(int pages) {
    const int result = sqlite3_backup_step(backup_, pages);
    pages_left_ = sqlite3_backup_remaining(backup_);
    pages_total_ = sqlite3_backup_pagecount(backup_);
    return result == SQLITE_OK || result == SQLITE_DONE ? Status() : Status(Refused(copy_));
  }
  // A last step may copy what is left.
  bool is_nearly_done() const { return pages_left_ <= kPagesAtOnce; }
  Status Complete() {
    ENTENTE_TRY(Step(kAllPages));
    return Close();
  }
  void Keep() { is_kept_ = true; }

  std::uint64_t pages_done() const {
    return pages_total() - static_cast<std::uint64_t>(pages_left_);
  }
  std::uint64_t pages_total() const { return static_cast<std::uint64_t>(pages_total_); }

 private:
  explicit FileCopy(std::string path) : path_(std::move(path)) {}

  Status Close() {
    const int finished = sqlite3_backup_finish(std::exchange(backup_, nullptr));
    const int closed = sqlite3_close(std::exchange(copy_, nullptr));
    return finished == SQLITE_OK && closed == SQLITE_OK
               ? Status()
               : Status(Error{ErrorCode::kUnavailable, "the copy of the store was not completed"});
  }

  std::string path_;
  sqlite3* copy_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
  bool is_kept_ = false;
  int pages_left_ = 0;
  int pages_total_ = 0;
};

SqliteBackup::SqliteBackup(std::unique_ptr<FileCopy> store, std::unique_ptr<FileCopy> keys)
    : store_(std::move(store)), keys_(std::move(keys)) {}
SqliteBackup::~SqliteBackup() = default;

Result<std::unique_ptr<SqliteBackup>> SqliteBackup::Start(SqliteStore& source,
                                                          const std::string& path) {
  ENTENTE_ASSIGN(auto store, FileCopy::Start(*source.database_, path));
  ENTENTE_ASSIGN(auto keys, FileCopy::Start(source.keys_->database(), KeysPath(path)));
  return std::unique_ptr<SqliteBackup>(new SqliteBackup(std::move(store), std::move(keys)));
}

Result<bool> SqliteBackup::Step(std::chrono::milliseconds slice) {
  const auto end = std::chrono::steady_clock::now() + slice;
  // They may have grown since.
  ENTENTE_TRY(store_->Step(0));
  ENTENTE_TRY(keys_->Step(0));
  do {
    if (!store_->is_nearly_done()) {
      ENTENTE_TRY(store_->Step(kPagesAtOnce));
    } else if (!keys_->is_nearly_done()) {
      ENTENTE_TRY(keys_->Step(kPagesAtOnce));
    } else {
      ENTENTE_TRY(keys_->Complete());
      ENTENTE_TRY(store_->Complete());
      keys_->Keep();
      store_->Keep();
      return false;
    }
  } while (std::chrono::steady_clock::now() < end);
  return true;
}

std::uint64_t SqliteBackup::pages_done() const {
  return store_->pages_done() + keys_->pages_done();
}
std::uint64_t SqliteBackup::pages_total() const {
  return store_->pages_total() + keys_->pages_total();
}

}  // namespace entente::store
