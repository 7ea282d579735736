#include "entente/store/sqlite/sqlite_store.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entente/base/temporary_folder.h"
#include "entente/base/testing.h"
#include "entente/store/conformance_testing.h"
#include "entente/store/sqlite/database.h"
#include "entente/store/sqlite/schema.h"
#include "entente/store/sqlite/testing.h"

namespace entente::store {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

const PeerId kPeer("aaaa");
constexpr UtcTime kTime{std::chrono::microseconds{1'795'456'800'000'000}};

class SqliteHarness final : public StoreHarness {
 public:
  Result<std::unique_ptr<Store>> Open() override {
    ENTENTE_ASSIGN(std::unique_ptr<Store> store,
                   SqliteStore::Open(folder_.File("store.db"), KeysForTests()));
    return store;
  }

 private:
  TemporaryFolder folder_;
};

std::unique_ptr<StoreHarness> MakeSqliteHarness() { return std::make_unique<SqliteHarness>(); }

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, ::testing::Values(&MakeSqliteHarness));

// SQLite's default file system, with a write or flush that fails on demand.
class FaultyDisk {
 public:
  FaultyDisk() {
    real = sqlite3_vfs_find(nullptr);
    vfs_ = *real;
    vfs_.zName = "faulty";
    vfs_.xOpen = &Open;
    sqlite3_vfs_register(&vfs_, /*makeDflt=*/1);
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real, /*makeDflt=*/1);
    writes_left = flushes_left = kNever;
  }

  // After `count` more writes the disk is full; after `count` more flushes each one fails.
  static void FullAfter(int count) { writes_left = count; }
  static void FlushFailsAfter(int count) { flushes_left = count; }
  static void Heal() { writes_left = flushes_left = kNever; }

 private:
  static constexpr int kNever = std::numeric_limits<int>::max();

  static int Open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
    const int result = real->xOpen(real, name, file, flags, out);
    if (result == SQLITE_OK) {
      // The database and its -wal have tables of their own; they write and flush alike.
      const auto [at, is_new] = methods.try_emplace(file->pMethods, *file->pMethods);
      if (is_new) {
        write = std::exchange(at->second.xWrite, &Write);
        sync = std::exchange(at->second.xSync, &Sync);
      }
      file->pMethods = &at->second;
    }
    return result;
  }
  static int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    return writes_left-- > 0 ? write(file, data, size, offset) : (writes_left = 0, SQLITE_FULL);
  }
  static int Sync(sqlite3_file* file, int flags) {
    return flushes_left-- > 0 ? sync(file, flags) : (flushes_left = 0, SQLITE_IOERR_FSYNC);
  }

  inline static sqlite3_vfs* real = nullptr;
  inline static std::map<const sqlite3_io_methods*, sqlite3_io_methods> methods;
  inline static int (*write)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;
  inline static int (*sync)(sqlite3_file*, int) = nullptr;
  inline static int writes_left = kNever;
  inline static int flushes_left = kNever;
  sqlite3_vfs vfs_{};
};

class SqliteStoreTest : public ::testing::Test {
 protected:
  const std::string& path() const { return path_; }
  Result<std::unique_ptr<SqliteStore>> Open() const { return OpenAt(path_); }
  Result<std::unique_ptr<SqliteStore>> OpenAt(const std::string& path) const {
    return SqliteStore::Open(path, KeysForTests());
  }
  std::unique_ptr<SqliteStore> MustOpen() const {
    auto store = Open();
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }
  void WriteAndClose(const std::function<Status(Transaction&)>& body) const {
    ASSERT_THAT(MustOpen()->Write(body), IsOk());
  }
  // Runs SQL on the closed file, as another program would.
  void Tamper(const std::string& sql) const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }
  std::string Content(const std::string& file) const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  TemporaryFolder folder_;
  std::string path_ = folder_.File("store.db");
};

Status PutGreeting(Transaction& tx) { return tx.PutMeta("greeting", AsBytes("hello")); }

std::string PragmaOf(Database& database, const char* sql) {
  auto query = database.Prepare(sql);
  EXPECT_THAT(query, IsOk());
  EXPECT_THAT(query->Next(), IsOkAndHolds(true));
  return query->Text(0);
}

TEST_F(SqliteStoreTest, ThePragmasAreReallySet) {
  auto database = Database::Open(path());
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT(Prepare(**database, kStoreSchema), IsOk());
  EXPECT_EQ(PragmaOf(**database, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(PragmaOf(**database, "PRAGMA synchronous"), "2");
  EXPECT_EQ(PragmaOf(**database, "PRAGMA locking_mode"), "exclusive");
  EXPECT_EQ(PragmaOf(**database, "PRAGMA secure_delete"), "1");
  EXPECT_EQ(PragmaOf(**database, "PRAGMA trusted_schema"), "0");
  EXPECT_EQ(PragmaOf(**database, "PRAGMA application_id"),
            std::to_string(kStoreSchema.application_id));
  EXPECT_EQ(PragmaOf(**database, "PRAGMA user_version"), "2");
}

TEST_F(SqliteStoreTest, OnlyTheOwnerMayReadItsFiles) {
  std::ofstream(path()).close();
  ASSERT_EQ(::chmod(path().c_str(), 0644), 0);
  const auto store = MustOpen();
  ASSERT_THAT(store->Write(PutGreeting), IsOk());
  for (const std::string& file :
       {path(), path() + "-wal", path() + ".keys", path() + ".keys-wal"}) {
    struct stat info{};
    ASSERT_EQ(::stat(file.c_str(), &info), 0) << file;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << file;
  }
}

TEST_F(SqliteStoreTest, ASecondOpenerIsRefused) {
  const auto store = MustOpen();
  EXPECT_THAT(Open(), FailsWith(ErrorCode::kUnavailable, HasSubstr("another process")));
  // Another process is refused too, also after the refusal above: the locks are still held.
  const pid_t child = ::fork();
  if (child == 0) {
    const auto second = Open();
    ::_exit(!second && second.error().code == ErrorCode::kUnavailable ? 0 : 1);
  }
  int outcome = -1;
  ASSERT_EQ(::waitpid(child, &outcome, 0), child);
  EXPECT_EQ(outcome, 0);
  EXPECT_THAT(store->Write(PutGreeting), IsOk());
}

TEST_F(SqliteStoreTest, AMissingFolderIsUnavailable) {
  EXPECT_THAT(OpenAt(path() + "/none/store.db"),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("folder")));
}

TEST_F(SqliteStoreTest, ANewerSchemaIsRefused) {
  MustOpen().reset();
  Tamper("PRAGMA user_version = 3");
  EXPECT_THAT(Open(),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("schema 3, this Entente knows 2")));
}

TEST_F(SqliteStoreTest, AForeignDatabaseIsRefusedAndNotChanged) {
  Tamper("CREATE TABLE theirs (a); PRAGMA user_version = 1");
  const std::string before = Content(path());
  EXPECT_THAT(Open(), FailsWith(ErrorCode::kInvalidInput, HasSubstr("not a store")));
  EXPECT_EQ(Content(path()), before);
}

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsCorrupt) {
  std::ofstream(path()) << std::string(8192, 'x');
  EXPECT_THAT(Open(), FailsWith(ErrorCode::kCorruptData, HasSubstr("restore a backup")));
}

TEST_F(SqliteStoreTest, ADamagedPageIsCorruptData) {
  WriteAndClose([](Transaction& tx) -> Status {
    for (int i = 0; i < 200; ++i) {
      ENTENTE_TRY(tx.PutRow("documents", kPeer, std::to_string(i), Bytes(1000, 7)));
    }
    return {};
  });
  {
    // Everything behind the first page: the schema is read, the tables are not.
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path()));
    constexpr std::streamoff kSchemaBytes = 20'480;  // five pages
    file.seekp(kSchemaBytes);
    file << std::string(static_cast<std::size_t>(size - kSchemaBytes), '\xA5');
  }
  auto opened = Open();
  Status outcome = opened ? (*opened)->CheckIntegrity() : Status(opened.error());
  EXPECT_THAT(outcome, FailsWith(ErrorCode::kCorruptData, HasSubstr("restore a backup")));
}

TEST_F(SqliteStoreTest, RowsThatDoNotDecodeAreCorruptData) {
  ActRow act;
  act.sequence = 1;
  WriteAndClose([&](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.InsertAct(kPeer, act));
    ENTENTE_TRY(tx.PutLedgerNode(kPeer, 0, 0, {}));
    ENTENTE_ASSIGN(const ImportId import, tx.BeginImport("list", Origin::kSynthetic));
    ENTENTE_TRY(tx.ActivateImport(import, kTime));
    return {};
  });
  const auto check = [&](const std::string& sql, auto read) {
    Tamper(sql);
    const auto store = MustOpen();
    EXPECT_THAT(store->Read([&](const Reader& reader) -> Status {
      EXPECT_THAT(read(reader), FailsWith(ErrorCode::kCorruptData)) << sql;
      return {};
    }),
                IsOk());
  };
  const auto recent = [](const Reader& reader) { return reader.RecentActs(kPeer, 9); };
  check("UPDATE imports SET origin = -1",
        [](const Reader& reader) { return reader.ListCollections(); });
  check("UPDATE ledger_nodes SET hash = x'00'",
        [](const Reader& reader) { return reader.LedgerNode(kPeer, 0, 0); });
  check("UPDATE acts SET state = 4", recent);
  check("UPDATE acts SET state = 0, direction = 2", recent);
  check("UPDATE acts SET direction = 0, id = x'00'", recent);
}

TEST_F(SqliteStoreTest, AFullDiskAtAnyWriteLeavesNothing) {
  const FaultyDisk disk;
  const auto store = MustOpen();
  const auto fill = [](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.PutRow("documents", kPeer, "a", Bytes(20'000, 1)));
    return tx.PutRow("documents", kPeer, "b", Bytes(20'000, 2));
  };
  int writes = 0;
  Status outcome = Error{ErrorCode::kInternal, ""};
  for (; !outcome; ++writes) {
    ASSERT_LT(writes, 1000);
    FaultyDisk::FullAfter(writes);
    outcome = store->Write(fill);
    FaultyDisk::Heal();
    if (!outcome) {
      ASSERT_THAT(outcome, FailsWith(ErrorCode::kUnavailable, HasSubstr("disk is full")));
      ASSERT_THAT(store->Read([](const Reader& reader) -> Status {
        EXPECT_THAT(reader.ListRows("documents", kPeer, "", 9), IsOkAndHolds(IsEmpty()));
        return {};
      }),
                  IsOk());
    }
  }
  EXPECT_GT(writes, 10);
  EXPECT_THAT(store->CheckIntegrity(), IsOk());
}

TEST_F(SqliteStoreTest, AFullDiskThatTheBodyHidesStillFails) {
  const FaultyDisk disk;
  const auto store = MustOpen();
  const Status outcome = store->Write([](Transaction& tx) -> Status {
    FaultyDisk::FullAfter(0);
    // More than the page cache holds: SQLite must write before the commit.
    bool has_failed = false;
    for (int i = 0; i < 40 && !has_failed; ++i) {
      has_failed = !tx.PutRow("documents", kPeer, std::to_string(i), Bytes(1'000'000, 3));
    }
    EXPECT_TRUE(has_failed);
    FaultyDisk::Heal();
    EXPECT_THAT(tx.PutMeta("after", {}), FailsWith(ErrorCode::kUnavailable));
    EXPECT_THAT(tx.GetMeta("after"), FailsWith(ErrorCode::kUnavailable));
    return {};
  });
  EXPECT_THAT(outcome, FailsWith(ErrorCode::kUnavailable, HasSubstr("disk is full")));
  EXPECT_THAT(store->Write([](Transaction& tx) -> Status {
    EXPECT_THAT(tx.ListRows("documents", kPeer, "", 99), IsOkAndHolds(IsEmpty()));
    return PutGreeting(tx);
  }),
              IsOk());
}

TEST_F(SqliteStoreTest, AFlushThatFailsClosesTheStoreUntilItIsReopened) {
  const FaultyDisk disk;
  auto store = MustOpen();
  FaultyDisk::FlushFailsAfter(0);
  EXPECT_THAT(store->Write(PutGreeting), FailsWith(ErrorCode::kUnavailable));
  FaultyDisk::Heal();
  EXPECT_THAT(store->Write(PutGreeting), FailsWith(ErrorCode::kUnavailable, HasSubstr("restart")));
  EXPECT_THAT(store->Read([](const Reader&) -> Status { return {}; }),
              FailsWith(ErrorCode::kUnavailable));
  EXPECT_THAT(store->Maintain(1), FailsWith(ErrorCode::kUnavailable));
  store.reset();
  store = MustOpen();
  EXPECT_THAT(store->Write(PutGreeting), IsOk());
}

TEST_F(SqliteStoreTest, EveryWriteIsFlushed) {
  const FaultyDisk disk;
  const auto store = MustOpen();
  ASSERT_THAT(store->Write(PutGreeting), IsOk());
  for (int i = 0; i < 3; ++i) {
    FaultyDisk::FlushFailsAfter(1);
    ASSERT_THAT(store->Write([&](Transaction& tx) {
      return tx.PutMeta("count", AsBytes(std::to_string(i)));
    }),
                IsOk());
  }
}

TEST_F(SqliteStoreTest, WhatWasCommittedSurvivesAKill) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = Open();
    const bool is_ok = store && (*store)->Write(PutGreeting);
    static_cast<void>((*store)->Write([&](Transaction& tx) -> Status {
      ENTENTE_TRY(tx.PutMeta("unfinished", {}));
      ::_exit(is_ok ? 0 : 1);
    }));
  }
  int outcome = -1;
  ASSERT_EQ(::waitpid(child, &outcome, 0), child);
  ASSERT_EQ(outcome, 0);
  EXPECT_THAT(MustOpen()->Read([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("greeting"), IsOkAndHolds(Optional(ToBytes("hello"))));
    EXPECT_THAT(reader.GetMeta("unfinished"), IsOkAndHolds(Eq(std::nullopt)));
    return {};
  }),
              IsOk());
}

TEST_F(SqliteStoreTest, ErasedContentIsGoneFromTheFiles) {
  const std::string secret = "a name that must be erased";
  const auto store = MustOpen();
  const auto is_on_disk = [&] {
    return (Content(path()) + Content(path() + "-wal")).find(secret) != std::string::npos;
  };
  ASSERT_THAT(store->Write([&](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.PutRow("documents", kPeer, "a", AsBytes(secret)));
    ENTENTE_ASSIGN(const ImportId import, tx.BeginImport("list", Origin::kSynthetic));
    const RecordRow record{1, "id", ToBytes(secret)};
    ENTENTE_TRY(tx.AppendRecords(import, std::span(&record, 1)));
    return tx.DropImport(import);
  }),
              IsOk());
  EXPECT_TRUE(is_on_disk());
  ASSERT_THAT(store->Write([](Transaction& tx) { return tx.DeleteRow("documents", kPeer, "a"); }),
              IsOk());
  EXPECT_THAT(store->Maintain(10), IsOkAndHolds(false));
  EXPECT_FALSE(is_on_disk());
}

TEST_F(SqliteStoreTest, AnUnfinishedImportIsErasedWhenTheStoreIsOpened) {
  const std::string secret = "a record of an interrupted import";
  WriteAndClose([&](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(const ImportId import, tx.BeginImport("list", Origin::kSynthetic));
    const RecordRow record{1, "id", ToBytes(secret)};
    return tx.AppendRecords(import, std::span(&record, 1));
  });
  EXPECT_NE(Content(path()).find(secret), std::string::npos);
  const auto store = MustOpen();
  EXPECT_EQ(Content(path()).find(secret), std::string::npos);
  EXPECT_THAT(store->CheckIntegrity(), IsOk());
}

// Item keys ------------------------------------------------------------------------------------

ActRow Accepted(std::uint64_t sequence, std::string_view envelope) {
  ActRow act;
  act.direction = Direction::kIn;
  act.sequence = sequence;
  act.id = crypto::Sha256(AsBytes(std::to_string(sequence)));
  act.kind = "test";
  act.time = kTime;
  act.state = ActState::kAccepted;
  act.envelope = ToBytes(envelope);
  return act;
}

class ItemKeysTest : public SqliteStoreTest {
 protected:
  void Insert(SqliteStore& store, const ActRow& act) const {
    ASSERT_THAT(store.Write([&](Transaction& tx) { return tx.InsertAct(kPeer, act); }), IsOk());
  }
  ActRow Find(const SqliteStore& store, const act::ActId& id) const {
    std::optional<ActRow> found;
    EXPECT_THAT(store.Read([&](const Reader& reader) -> Status {
      ENTENTE_ASSIGN(found, reader.FindAct(kPeer, id));
      return {};
    }),
                IsOk());
    EXPECT_TRUE(found.has_value());
    return found.value_or(ActRow{});
  }
  void MaintainAll(SqliteStore& store) const {
    for (;;) {
      const auto has_more = store.Maintain(1000);
      ASSERT_THAT(has_more, IsOk());
      if (!*has_more) {
        return;
      }
    }
  }
  // All bytes of the store's files.
  std::string Everything() const {
    return Content(path()) + Content(path() + "-wal") + Content(path() + ".keys") +
           Content(path() + ".keys-wal");
  }
};

TEST_F(ItemKeysTest, NoEnvelopeIsInTheFiles) {
  const ActRow act = Accepted(1, "a name nobody may read");
  {
    const auto store = MustOpen();
    Insert(*store, act);
    EXPECT_THAT(Everything(), ::testing::Not(HasSubstr("nobody may read")));
    EXPECT_EQ(Find(*store, act.id), act);
  }
  EXPECT_EQ(Find(*MustOpen(), act.id), act);
}

TEST_F(ItemKeysTest, AnErasedActHasNoKeyAndNoBytes) {
  const auto store = MustOpen();
  const ActRow act = Accepted(1, "gone");
  const ActRow other = Accepted(2, "stays");
  Insert(*store, act);
  Insert(*store, other);
  MaintainAll(*store);
  const std::string keys_before = Content(path() + ".keys");
  ASSERT_THAT(store->Write([&](Transaction& tx) { return tx.EraseAct(kPeer, act.id); }), IsOk());
  EXPECT_TRUE(Find(*store, act.id).is_erased);  // at once
  MaintainAll(*store);
  ActRow tombstone = act;
  tombstone.envelope.clear();
  tombstone.is_erased = true;
  EXPECT_EQ(Find(*store, act.id), tombstone);
  EXPECT_EQ(Find(*store, other.id), other);
  // The sealed key and the sealed envelope are nowhere any more; the other act's still are.
  EXPECT_NE(Content(path() + ".keys"), keys_before);
  EXPECT_EQ(Content(path() + ".keys-wal"), "");
  EXPECT_EQ(Content(path() + "-wal"), "");
}

TEST_F(ItemKeysTest, TheBytesOfADestroyedKeyAreGone) {
  const ActRow act = Accepted(1, "gone");
  {
    const auto store = MustOpen();
    Insert(*store, act);
    MaintainAll(*store);
  }
  const auto stored = [&](const std::string& file, const char* sql) {
    auto database = Database::Open(file);
    EXPECT_THAT(database, IsOk());
    return PragmaOf(**database, sql);
  };
  const std::string key = stored(path() + ".keys", "SELECT sealed FROM item_keys");
  const std::string envelope = stored(path(), "SELECT envelope FROM acts");
  ASSERT_THAT(Everything(), AllOf(HasSubstr(key), HasSubstr(envelope)));
  const auto store = MustOpen();
  ASSERT_THAT(store->Write([&](Transaction& tx) { return tx.EraseAct(kPeer, act.id); }), IsOk());
  MaintainAll(*store);
  EXPECT_EQ(Everything().find(key), std::string::npos);
  EXPECT_EQ(Everything().find(envelope), std::string::npos);
}

// A copy of the store from before the erasure, with the key database of after it or its marks.
TEST_F(ItemKeysTest, WhatWasErasedStaysErasedInAnOlderCopy) {
  const ActRow act = Accepted(1, "gone");
  const ActRow later = Accepted(2, "came after the copy");
  const std::string copy = path() + ".copy";
  {
    const auto store = MustOpen();
    Insert(*store, act);
    ASSERT_THAT(
        store->Write([&](Transaction& tx) { return tx.IndexSubject(kPeer, act.id, "a person"); }),
        IsOk());
  }
  for (const std::string file : {"", ".keys"}) {
    std::filesystem::copy_file(path() + file, copy + file);
  }
  {
    const auto store = MustOpen();
    Insert(*store, later);
    ASSERT_THAT(store->Write([&](Transaction& tx) -> Status {
      ENTENTE_TRY(tx.EraseAct(kPeer, act.id));
      return tx.EraseAct(kPeer, later.id);
    }),
                IsOk());
    MaintainAll(*store);
  }
  ASSERT_THAT(SqliteStore::EraseAgain(copy, KeysPath(path())), IsOk());
  const auto store = *OpenAt(copy);
  EXPECT_TRUE(Find(*store, act.id).is_erased);
  EXPECT_THAT(store->Read([&](const Reader& reader) -> Status {
    EXPECT_THAT(reader.FindSubject(kPeer, "a person"), IsOkAndHolds(IsEmpty()));
    return {};
  }),
              IsOk());
  Insert(*store, later);  // as a peer gives it back
  EXPECT_TRUE(Find(*store, later.id).is_erased);
  MaintainAll(*store);
  EXPECT_TRUE(Find(*store, later.id).is_erased);
  EXPECT_THAT(store->CheckIntegrity(), IsOk());
}

TEST_F(ItemKeysTest, OnlyAKeyDatabaseTellsWhatWasErased) {
  MustOpen().reset();
  EXPECT_THAT(SqliteStore::EraseAgain(path(), path() + ".none"), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(SqliteStore::EraseAgain(path(), path()), FailsWith(ErrorCode::kInvalidInput));
  std::ofstream(path() + ".empty").close();
  EXPECT_THAT(SqliteStore::EraseAgain(path(), path() + ".empty"),
              FailsWith(ErrorCode::kInvalidInput));
}

TEST_F(ItemKeysTest, FilesAreCheckedWithoutTheRootKey) {
  {
    const auto store = MustOpen();
    Insert(*store, Accepted(1, "first"));
    EXPECT_THAT(SqliteStore::CheckFiles(path()), FailsWith(ErrorCode::kUnavailable));
  }
  EXPECT_THAT(SqliteStore::CheckFiles(path()), IsOk());
  std::filesystem::resize_file(path() + ".keys", 4096);
  EXPECT_THAT(SqliteStore::CheckFiles(path()), FailsWith(ErrorCode::kCorruptData));
  std::filesystem::remove(path() + ".keys");
  EXPECT_THAT(SqliteStore::CheckFiles(path()), FailsWith(ErrorCode::kNotFound));
  std::filesystem::remove(path());
  EXPECT_THAT(SqliteStore::CheckFiles(path()), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(SqliteStore::TryMigrations(path()), FailsWith(ErrorCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(ItemKeysTest, ErasureThatWasInterruptedIsFinished) {
  const ActRow act = Accepted(1, "gone");
  {
    const auto store = MustOpen();
    Insert(*store, act);
    ASSERT_THAT(store->Write([&](Transaction& tx) { return tx.EraseAct(kPeer, act.id); }), IsOk());
  }
  // As if the process had died between the key and the tombstone.
  ASSERT_THAT((*Database::Open(path() + ".keys"))->Execute("DELETE FROM item_keys"), IsOk());
  const auto store = MustOpen();
  EXPECT_TRUE(Find(*store, act.id).is_erased);
  MaintainAll(*store);
  EXPECT_EQ(Find(*store, act.id).envelope, Bytes());
}

TEST_F(ItemKeysTest, ARefusedDuplicateLeavesTheKeyAlone) {
  const auto store = MustOpen();
  const ActRow act = Accepted(1, "first");
  Insert(*store, act);
  ActRow again = act;
  again.envelope = ToBytes("second");
  EXPECT_THAT(store->Write([&](Transaction& tx) -> Status {
    EXPECT_THAT(tx.InsertAct(kPeer, again), FailsWith(ErrorCode::kConflict));
    return {};
  }),
              IsOk());
  EXPECT_EQ(Find(*store, act.id), act);
}

TEST_F(ItemKeysTest, ANewWrappingKeyTakesOver) {
  const ActRow first = Accepted(1, "first");
  const ActRow second = Accepted(2, "second");
  {
    const auto store = MustOpen();
    Insert(*store, first);
    ASSERT_THAT(store->RotateWrappingKey(), IsOk());
    Insert(*store, second);
    EXPECT_EQ(Find(*store, first.id), first);
  }
  {
    const auto store = MustOpen();  // with both wrapping keys
    EXPECT_EQ(Find(*store, first.id), first);
    MaintainAll(*store);
    EXPECT_EQ(Find(*store, first.id), first);
  }
  auto keys = Database::Open(path() + ".keys");
  ASSERT_THAT(keys, IsOk());
  EXPECT_EQ(PragmaOf(**keys, "SELECT min(generation) || count(*) FROM wrapping_keys"), "21");
  EXPECT_EQ(PragmaOf(**keys, "SELECT min(generation) || count(*) FROM item_keys"), "22");
}

TEST_F(ItemKeysTest, AWrappingKeyServesForALimitedTime) {
  const auto generation_after = [&](UtcTime::duration age) {
    EXPECT_THAT(MustOpen()->RotateWrappingKeyIfDue(kTime + age), IsOk());
    auto keys = Database::Open(path() + ".keys");
    EXPECT_THAT(keys, IsOk());
    return PragmaOf(**keys, "SELECT max(generation) FROM wrapping_keys");
  };
  constexpr UtcTime::duration kTick{1};
  EXPECT_EQ(generation_after(UtcTime::duration(0)), "1");
  EXPECT_EQ(generation_after(kWrappingKeyLife - kTick), "1");
  EXPECT_EQ(generation_after(kWrappingKeyLife), "2");
  EXPECT_EQ(generation_after(2 * kWrappingKeyLife - kTick), "2");
  EXPECT_EQ(generation_after(2 * kWrappingKeyLife + kTick), "3");
}

TEST_F(ItemKeysTest, AnotherRootKeyOpensNothing) {
  MustOpen().reset();
  StoreKeys other = KeysForTests();
  other.root = {};
  EXPECT_THAT(SqliteStore::Open(path(), std::move(other)),
              FailsWith(ErrorCode::kNotPermitted, HasSubstr("another home or passphrase")));
}

TEST_F(ItemKeysTest, ALostKeyDatabaseIsNotReplaced) {
  const ActRow act = Accepted(1, "first");
  MustOpen().reset();
  std::filesystem::remove(path() + ".keys");  // no act needs it yet
  {
    const auto store = MustOpen();
    Insert(*store, act);
  }
  std::filesystem::rename(path() + ".keys", path() + ".aside");
  for (int time = 0; time < 2; ++time) {
    EXPECT_THAT(SqliteStore::Open(path(), KeysForTests()),
                FailsWith(ErrorCode::kCorruptData, HasSubstr("node.db.keys of this home back")));
  }
  std::filesystem::rename(path() + ".aside", path() + ".keys");
  EXPECT_EQ(Find(*MustOpen(), act.id), act);
}

TEST_F(ItemKeysTest, AMissingKeyIsSaidSo) {
  const ActRow act = Accepted(1, "first");
  {
    const auto store = MustOpen();
    Insert(*store, act);
  }
  ASSERT_THAT((*Database::Open(path() + ".keys"))->Execute("DELETE FROM item_keys"), IsOk());
  EXPECT_THAT(MustOpen()->Read([&](const Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto row, reader.FindAct(kPeer, act.id));
    return {};
  }),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("both files")));
}

TEST_F(ItemKeysTest, AnAlteredEnvelopeIsSaidSo) {
  const ActRow act = Accepted(1, "first");
  {
    const auto store = MustOpen();
    Insert(*store, act);
  }
  Tamper("UPDATE acts SET envelope = zeroblob(length(envelope))");
  EXPECT_THAT(MustOpen()->Read([&](const Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto row, reader.FindAct(kPeer, act.id));
    return {};
  }),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("altered")));
}

// The version before this one: a file as schema 1 made it, with an act in clear.
TEST_F(ItemKeysTest, AStoreOfSchema1IsMigratedAndSealed) {
  {
    auto database = Database::Open(path());
    ASSERT_THAT(database, IsOk());
    const Schema first{kStoreSchema.application_id, kStoreSchema.name,
                       kStoreSchema.migrations.first(1)};
    ASSERT_THAT(Prepare(**database, first), IsOk());
    ASSERT_THAT((*database)->Execute(
                    "INSERT INTO acts VALUES (1, 'aaaa', 1, 1, 1, zeroblob(32), 'test', 7, 3, 0, "
                    "CAST('in clear' AS BLOB), x'')"),
                IsOk());
  }
  const auto run = SqliteStore::TryMigrations(path());
  ASSERT_THAT(run, IsOk());
  EXPECT_EQ(run->version, 1);
  EXPECT_EQ(run->next, 2);
  EXPECT_EQ(SqliteStore::TryMigrations(path())->version, 1);  // it changed nothing
  EXPECT_THAT(SqliteStore::CheckFiles(path()), IsOk());       // nor does it have keys yet
  EXPECT_FALSE(std::filesystem::exists(KeysPath(path())));
  EXPECT_THAT(Content(path()), HasSubstr("in clear"));
  const auto store = MustOpen();
  EXPECT_EQ(Find(*store, act::ActId()).envelope, ToBytes("in clear"));
  MaintainAll(*store);
  EXPECT_EQ(Find(*store, act::ActId()).envelope, ToBytes("in clear"));
  EXPECT_THAT(Everything(), ::testing::Not(HasSubstr("in clear")));
  ASSERT_THAT(store->Write([&](Transaction& tx) { return tx.EraseAct(kPeer, act::ActId()); }),
              IsOk());
  MaintainAll(*store);
  EXPECT_TRUE(Find(*store, act::ActId()).is_erased);
}

}  // namespace
}  // namespace entente::store
