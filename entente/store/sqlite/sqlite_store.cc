#include "entente/store/sqlite/sqlite_store.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "entente/store/sqlite/database.h"
#include "entente/store/sqlite/item_keys.h"
#include "entente/store/sqlite/schema.h"
#include "entente/store/sqlite/sqlite_transaction.h"

namespace entente::store {
namespace {

constexpr std::size_t kErasedAtOpenMax = 20'000;
constexpr std::size_t kErasedActsPerStep = 16;
constexpr std::size_t kSealedActsPerStep = 200;
constexpr std::size_t kRewrappedPerStep = 1'000;
constexpr std::string_view kWrappingSince = "wrapping_key_since";

// Rolls back unless committed, also when the body throws. Item keys are durable before their items;
// those of a part that was undone stay behind until their places are used.
class Scope {
 public:
  Scope(Database& database, ItemKeys& keys) : database_(database), keys_(keys) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() {
    if (!is_committed_) {
      database_.Rollback();
      if (!database_.is_in_group()) {
        keys_.Rollback();
      }
    }
  }
  Status Commit() {
    if (!database_.is_in_part()) {
      ENTENTE_TRY(keys_.Commit());
    }
    ENTENTE_TRY(database_.Commit());
    is_committed_ = true;
    return {};
  }

 private:
  Database& database_;
  ItemKeys& keys_;
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

// Whether an act was ever sealed: then there is a key database.
Result<bool> HasSealedActs(Database& database) {
  ENTENTE_ASSIGN(Query query, database.Prepare("SELECT 1 FROM acts WHERE keyed > 0 LIMIT 1"));
  return query.Next();
}

// A file that is there, as it is, and what Prepare would do to it.
struct Existing {
  std::unique_ptr<Database> database;
  DryRun run;
};

// Errors: kNotFound; kInvalidInput if it is of another kind.
Result<Existing> OpenExisting(const std::string& path, const Schema& schema) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return Error{ErrorCode::kNotFound, "there is no file " + path};
  }
  Existing existing;
  ENTENTE_ASSIGN(existing.database, Database::Open(path));
  ENTENTE_ASSIGN(existing.run, TryMigrations(*existing.database, schema));
  if (existing.run.version == 0) {
    return Error{ErrorCode::kInvalidInput, "there is nothing in the file " + path};
  }
  return existing;
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Database> database, std::unique_ptr<ItemKeys> keys,
                         crypto::SealKey subjects)
    : database_(std::move(database)), keys_(std::move(keys)), subjects_(std::move(subjects)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path, StoreKeys keys,
                                                       const char* vfs) {
  ENTENTE_ASSIGN(auto database, Database::Open(path, vfs));
  ENTENTE_TRY(Prepare(*database, kStoreSchema));
  crypto::SealKey subjects = crypto::DeriveKey(keys.root.view(), "entente/subjects/1");
  ENTENTE_ASSIGN(const bool has_sealed, HasSealedActs(*database));
  ENTENTE_ASSIGN(auto item_keys,
                 ItemKeys::Open(KeysPath(path), std::move(keys.root), std::move(keys.random), vfs,
                                /*may_create=*/!has_sealed));
  ENTENTE_TRY(DropUnfinishedImports(*database));
  std::unique_ptr<SqliteStore> store(
      new SqliteStore(std::move(database), std::move(item_keys), std::move(subjects)));
  ENTENTE_TRY(store->Maintain(kErasedAtOpenMax));
  return store;
}

Status SqliteStore::Write(const std::function<Status(Transaction&)>& body) {
  return InTransaction(body);
}

Status SqliteStore::Group(const std::function<Status()>& body) {
  ENTENTE_TRY(keys_->CheckNotLost());
  ENTENTE_TRY(database_->BeginGroup());
  Scope scope(*database_, *keys_);
  ENTENTE_TRY(body());
  return scope.Commit();
}

Status SqliteStore::Read(const std::function<Status(const Reader&)>& body) const {
  ENTENTE_TRY(keys_->CheckNotLost());
  ENTENTE_TRY(database_->Begin());
  const Scope scope(*database_, *keys_);
  const SqliteTransaction transaction(*database_, *keys_, subjects_);
  return body(transaction);
}

Result<bool> SqliteStore::Maintain(std::size_t record_count_max) {
  if (database_->is_in_group()) {
    return Error{ErrorCode::kInternal, "store: maintenance inside a group"};
  }
  ENTENTE_ASSIGN(const bool has_acts, MaintainActs());
  ENTENTE_ASSIGN(const bool has_records, EraseRecords(record_count_max));
  ENTENTE_ASSIGN(const bool has_keys, keys_->Rewrap(kRewrappedPerStep));
  if (has_acts || has_records || has_keys) {
    return true;
  }
  // What was deleted, here or by a caller, stands in the WAL until it is copied and cut.
  ENTENTE_TRY(database_->Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  return false;
}

Status SqliteStore::InTransaction(const std::function<Status(SqliteTransaction&)>& body) {
  ENTENTE_TRY(keys_->CheckNotLost());
  ENTENTE_TRY(database_->Begin());
  Scope scope(*database_, *keys_);
  SqliteTransaction transaction(*database_, *keys_, subjects_);
  ENTENTE_TRY(body(transaction));
  return scope.Commit();
}

// The key goes first: a tombstone says that nobody can read the act any more.
Result<bool> SqliteStore::MaintainActs() {
  std::vector<ActPlace> erasing;
  bool has_clear = false;
  ENTENTE_TRY(InTransaction([&](SqliteTransaction& transaction) -> Status {
    ENTENTE_ASSIGN(erasing, transaction.ActsToErase(kErasedActsPerStep));
    ENTENTE_ASSIGN(has_clear, transaction.SealClearActs(kSealedActsPerStep));
    return {};
  }));
  for (const ActPlace& act : erasing) {
    ENTENTE_TRY(keys_->Destroy({act.peer, act.direction, act.epoch, act.sequence}));
  }
  if (!erasing.empty()) {
    ENTENTE_TRY(InTransaction(
        [&](SqliteTransaction& transaction) { return transaction.PutTombstones(erasing); }));
  }
  return has_clear || erasing.size() == kErasedActsPerStep;
}

Result<bool> SqliteStore::EraseRecords(std::size_t record_count_max) {
  ENTENTE_TRY(keys_->CheckNotLost());
  ENTENTE_TRY(database_->Begin());
  Scope scope(*database_, *keys_);
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
  return dropped.has_value();
}

Status SqliteStore::CheckIntegrity() const {
  ENTENTE_TRY(database_->CheckIntegrity());
  return keys_->CheckIntegrity();
}

Status SqliteStore::RotateWrappingKey() { return keys_->Rotate(); }

Status SqliteStore::RotateWrappingKeyIfDue(UtcTime now) {
  std::optional<Bytes> since;
  ENTENTE_TRY(Read([&](const Reader& reader) -> Status {
    ENTENTE_ASSIGN(since, reader.GetMeta(kWrappingSince));
    return {};
  }));
  if (since) {
    ENTENTE_ASSIGN(const UtcTime begin, ParseRfc3339(AsText(*since)));
    if (now - begin < kWrappingKeyLife) {
      return {};
    }
    ENTENTE_TRY(RotateWrappingKey());
  }
  return Write([&](Transaction& transaction) {
    return transaction.PutMeta(kWrappingSince, AsBytes(FormatRfc3339(now)));
  });
}

Result<DryRun> SqliteStore::TryMigrations(const std::string& path) {
  ENTENTE_ASSIGN(const Existing store, OpenExisting(path, kStoreSchema));
  return store.run;
}

Status SqliteStore::CheckFiles(const std::string& path) {
  ENTENTE_ASSIGN(const Existing store, OpenExisting(path, kStoreSchema));
  ENTENTE_TRY(store.database->CheckIntegrity());
  return store.run.version < kKeyedSince ? Status() : CheckKeys(KeysPath(path));
}

Status SqliteStore::CheckKeys(const std::string& path) {
  ENTENTE_ASSIGN(const Existing keys, OpenExisting(path, kKeysSchema));
  return keys.database->CheckIntegrity();
}

Status SqliteStore::EraseAgain(const std::string& path, const std::string& survivor) {
  ENTENTE_ASSIGN(const Existing erased, OpenExisting(survivor, kKeysSchema));
  ENTENTE_ASSIGN(const Existing store, OpenExisting(path, kStoreSchema));
  ENTENTE_ASSIGN(const Existing keys, OpenExisting(KeysPath(path), kKeysSchema));
  for (const auto& [database, schema] : {std::pair(store.database.get(), &kStoreSchema),
                                         std::pair(keys.database.get(), &kKeysSchema)}) {
    ENTENTE_TRY(Prepare(*database, *schema));
    ENTENTE_TRY(database->Begin());
  }
  const auto erase = [&](const ItemPlace& place) -> Status {
    ENTENTE_TRY(MarkErased(*store.database, place));
    return PutDestroyed(*keys.database, place);
  };
  ENTENTE_TRY(ForEachDestroyed(*erased.database, erase));
  ENTENTE_TRY(store.database->Commit());
  return keys.database->Commit();
}

}  // namespace entente::store
