#include "entente/store/sqlite/sqlite_store.h"

#include <utility>

#include "entente/store/sqlite/database.h"
#include "entente/store/sqlite/schema.h"
#include "entente/store/sqlite/sqlite_transaction.h"

namespace entente::store {
namespace {

constexpr std::size_t kErasedAtOpenMax = 20'000;

// Rolls back unless committed, also when the body throws.
class Scope {
 public:
  explicit Scope(Database& database) : database_(database) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() {
    if (!is_committed_) {
      database_.Rollback();
    }
  }
  Status Commit() {
    ENTENTE_TRY(database_.Commit());
    is_committed_ = true;
    return {};
  }

 private:
  Database& database_;
  bool is_committed_ = false;
};

Status DropUnfinishedImports(Database& database) {
  ENTENTE_TRY(database.Run("UPDATE imports SET state = ?1 WHERE state = ?2", ImportState::kDropped,
                           ImportState::kStaged));
  return {};
}

// The oldest import that still has something to erase.
Result<std::optional<ImportId>> FindDropped(Database& database) {
  ENTENTE_ASSIGN(Query query,
                 database.Prepare("SELECT import FROM imports WHERE state = ?1 LIMIT 1",
                                  ImportState::kDropped));
  ENTENTE_ASSIGN(const bool has_row, query.Next());
  return has_row ? std::optional(query.Number(0)) : std::nullopt;
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path, const char* vfs) {
  ENTENTE_ASSIGN(auto database, Database::Open(path, vfs));
  ENTENTE_TRY(Prepare(*database));
  ENTENTE_TRY(DropUnfinishedImports(*database));
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(database)));
  ENTENTE_TRY(store->Maintain(kErasedAtOpenMax));
  return store;
}

Status SqliteStore::Write(const std::function<Status(Transaction&)>& body) {
  ENTENTE_TRY(database_->Begin());
  Scope scope(*database_);
  SqliteTransaction transaction(*database_);
  ENTENTE_TRY(body(transaction));
  return scope.Commit();
}

Status SqliteStore::Group(const std::function<Status()>& body) {
  ENTENTE_TRY(database_->BeginGroup());
  Scope scope(*database_);
  ENTENTE_TRY(body());
  return scope.Commit();
}

Status SqliteStore::Read(const std::function<Status(const Reader&)>& body) const {
  ENTENTE_TRY(database_->Begin());
  const Scope scope(*database_);
  const SqliteTransaction transaction(*database_);
  return body(transaction);
}

Result<bool> SqliteStore::Maintain(std::size_t record_count_max) {
  if (database_->is_in_group()) {
    return Error{ErrorCode::kInternal, "store: maintenance inside a group"};
  }
  ENTENTE_TRY(database_->Begin());
  Scope scope(*database_);
  ENTENTE_ASSIGN(std::optional<ImportId> dropped, FindDropped(*database_));
  std::uint64_t left = record_count_max;
  while (dropped && left > 0) {
    ENTENTE_ASSIGN(const std::uint64_t erased,
                   database_->Run("DELETE FROM records WHERE import = ?1 AND number IN "
                                  "(SELECT number FROM records WHERE import = ?1 LIMIT ?2)",
                                  *dropped, Clamped(left)));
    if (erased < left) {
      ENTENTE_TRY(database_->Run("DELETE FROM imports WHERE import = ?1", *dropped));
    }
    left -= erased;
    ENTENTE_ASSIGN(dropped, FindDropped(*database_));
  }
  ENTENTE_TRY(scope.Commit());
  if (!dropped) {
    // What was deleted, here or by a caller, stands in the WAL until it is copied and cut.
    ENTENTE_TRY(database_->Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  }
  return dropped.has_value();
}

Status SqliteStore::CheckIntegrity() const {
  ENTENTE_ASSIGN(Query query, database_->Prepare("PRAGMA integrity_check(1)"));
  ENTENTE_ASSIGN(const bool has_row, query.Next());
  if (!has_row || query.Text(0) != "ok") {
    return Error{ErrorCode::kCorruptData,
                 "the store's file is damaged: stop the node, keep the file, restore a backup"};
  }
  return {};
}

}  // namespace entente::store
