#include "apps/entente/backup.h"

#include <filesystem>
#include <fstream>
#include <memory>

#include "apps/entente/files.h"
#include "entente/base/temporary_folder.h"
#include "entente/base/testing.h"
#include "entente/crypto/random.h"
#include "entente/exchange/head.h"
#include "entente/exchange/journal.h"
#include "entente/ledger/leaf.h"
#include "entente/node/testing.h"
#include "entente/store/sqlite/database.h"
#include "entente/store/sqlite/sqlite_backup.h"

namespace entente::app {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const InitRequest request{"Rabat", "MA", true, {"fr"}, "desk@example", {"rabat:7411"}, "", ""};
    ASSERT_THAT(InitHome(home, request, passphrase, random, clock), IsOk());
    auto opened = NodeKeys::Open(home, passphrase, clock);
    ASSERT_THAT(opened, IsOk());
    keys = std::make_unique<NodeKeys>(*std::move(opened));
    store = OpenStore(home);
    PutMeta("key", Bytes(100'000, 7));
  }
  std::unique_ptr<store::SqliteStore> OpenStore(const HomePaths& paths) {
    auto opened = store::SqliteStore::Open(
        paths.store(), {keys->store_root(), std::make_unique<SeededRandomForTests>(2)});
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  // An act in the store and, as the exchange has it, in the ledger.
  act::ActId Insert(std::uint64_t sequence) {
    store::ActRow act;
    act.direction = store::Direction::kIn;
    act.sequence = sequence;
    act.id = crypto::Sha256(AsBytes(std::to_string(sequence)));
    act.kind = "test";
    act.state = store::ActState::kAccepted;
    act.envelope = Bytes(5'000, 1);
    ledger::Leaf leaf;
    leaf.kind = act.kind;
    leaf.direction = ledger::Direction::kReceived;
    leaf.time = clock.Now();
    leaf.object = act.id;
    leaf.peer = peer;
    leaf.epoch = 1;
    leaf.sequence = sequence;
    const auto own = keys->identity();
    const exchange::Journal journal(own.card, *own.ledger, *own.witness);
    EXPECT_THAT(store->Write([&](store::Transaction& transaction) -> Status {
      ENTENTE_TRY(transaction.PutPeer({peer, {}, clock.Now()}));
      ENTENTE_TRY(journal.Append(transaction, peer, leaf));
      return transaction.InsertAct(peer, act);
    }),
                IsOk());
    return act.id;
  }
  static bool IsErased(const store::Store& store, const PeerId& peer, const act::ActId& id) {
    bool is_erased = false;
    EXPECT_THAT(store.Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const auto act, reader.FindAct(peer, id));
      is_erased = act && act->is_erased;
      return {};
    }),
                IsOk());
    return is_erased;
  }
  void PutMeta(std::string_view key, const Bytes& value) {
    ASSERT_THAT(store->Write([&](store::Transaction& transaction) {
      return transaction.PutMeta(key, value);
    }),
                IsOk());
  }
  // As the node does it; `between` is called after each slice.
  void Create(const std::function<void()>& between = [] {}) {
    ASSERT_THAT(MakePrivateFolder(folder), IsOk());
    auto copy = store::SqliteBackup::Start(*store, folder + "/node.db");
    ASSERT_THAT(copy, IsOk());
    for (bool is_more = true; is_more; between()) {
      is_more = *(*copy)->Step(std::chrono::milliseconds(1));
    }
    const exchange::Identity identity = keys->identity();
    const auto manifest =
        CompleteBackup({home, identity.signed_card, clock.Now(), keys->store_root()}, folder);
    ASSERT_THAT(manifest, IsOk());
    EXPECT_THAT(manifest->files, SizeIs(9));
    const auto sealed = SealManifest(*manifest, *identity.message);
    ASSERT_THAT(sealed, IsOk());
    ASSERT_THAT(WritePrivateFile(folder + "/manifest.json", *sealed), IsOk());
  }
  Result<DrillResult> Drill() { return DrillBackup(folder, passphrase, clock); }
  // Changes one byte in the middle of a file.
  void Flip(const std::string& name) {
    std::fstream file(folder + "/" + name, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle =
        static_cast<std::streamoff>(std::filesystem::file_size(folder + "/" + name) / 2);
    file.seekg(middle);
    const int byte = file.get();
    file.seekp(middle);
    file.put(static_cast<char>(byte ^ 1));
  }

  TemporaryFolder scratch;
  HomePaths home{scratch.File("home")};
  std::string folder = scratch.File("backup");
  ManualClock clock{*ParseRfc3339("2026-11-24T10:00:00Z")};
  SeededRandomForTests random{1};
  SecretText passphrase{ToBytes("a passphrase")};
  std::unique_ptr<NodeKeys> keys;
  PeerId peer{std::string(64, 'a')};
  std::unique_ptr<store::SqliteStore> store;
};

TEST_F(BackupTest, RestoresToAHomeThatKnowsItIsACopy) {
  Create();
  const HomePaths restored(scratch.File("restored"));
  ASSERT_THAT(RestoreBackup(folder, restored, ""), IsOk());
  EXPECT_THAT(ReadFile(restored.key("tls"), 1000), IsOkAndHolds(*ReadFile(home.key("tls"), 1000)));
  EXPECT_FALSE(std::filesystem::exists(restored.head()));
  const auto copy = OpenStore(restored);
  ASSERT_THAT(copy->Read([](const store::Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("key"), IsOkAndHolds(Bytes(100'000, 7)));
    EXPECT_THAT(reader.GetMeta(exchange::kIncarnationKey),
                IsOkAndHolds(ToBytes(exchange::kCopyIncarnation)));
    return {};
  }),
              IsOk());
  EXPECT_THAT(RestoreBackup(folder, restored, ""), FailsWith(ErrorCode::kConflict));
}

// Acts that come between the slices, so many that both files grow: none is without its key.
TEST_F(BackupTest, EveryActHasItsKey) {
  std::uint64_t sequence = 0;
  for (int i = 0; i < 50; ++i) {
    Insert(++sequence);
  }
  int slices = 0;
  Create([&] {
    if (++slices < 10) {
      for (int i = 0; i < 20; ++i) {
        Insert(++sequence);
      }
    }
  });
  const auto result = Drill();
  ASSERT_THAT(result, IsOk());
  EXPECT_GE(result->acts, 50U);
  EXPECT_LE(result->acts, sequence);
  EXPECT_EQ(result->acts, result->leaves);
}

TEST_F(BackupTest, WhatWasErasedSinceIsErasedInTheRestoredHome) {
  const act::ActId gone = Insert(1);
  const act::ActId stays = Insert(2);
  Create();
  ASSERT_THAT(store->Write([&](store::Transaction& transaction) {
    return transaction.EraseAct(peer, gone);
  }),
              IsOk());
  ASSERT_THAT(store->Maintain(1000), IsOk());
  store.reset();
  const HomePaths without(scratch.File("without"));
  ASSERT_THAT(RestoreBackup(folder, without, ""), IsOk());
  // The backup has the key: only who says what was erased since gets rid of it.
  EXPECT_FALSE(IsErased(*OpenStore(without), peer, gone));
  const HomePaths with(scratch.File("with"));
  ASSERT_THAT(RestoreBackup(folder, with, home.store() + ".keys"), IsOk());
  const auto restored = OpenStore(with);
  EXPECT_TRUE(IsErased(*restored, peer, gone));
  EXPECT_FALSE(IsErased(*restored, peer, stays));
  const HomePaths other(scratch.File("other"));
  EXPECT_THAT(RestoreBackup(folder, other, home.store()), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(RestoreBackup(folder, other, folder), FailsWith(ErrorCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(other.root));
}

// More acts than one step of maintenance erases, accepted for erasure and not yet maintained.
TEST_F(BackupTest, WhatIsToBeErasedIsNotInIt) {
  constexpr int kActs = 60;
  std::vector<act::ActId> acts;
  for (std::uint64_t sequence = 1; sequence <= kActs; ++sequence) {
    acts.push_back(Insert(sequence));
  }
  ASSERT_THAT(store->Write([&](store::Transaction& transaction) -> Status {
    for (const act::ActId& id : acts) {
      ENTENTE_TRY(transaction.EraseAct(peer, id));
    }
    return {};
  }),
              IsOk());
  Create();
  const auto count = [&](const char* sql) {
    const auto keys_of_copy = store::Database::Open(folder + "/node.db.keys");
    EXPECT_THAT(keys_of_copy, IsOk());
    auto query = (*keys_of_copy)->Prepare(sql);
    EXPECT_THAT(query->Next(), IsOkAndHolds(true));
    return query->Integer(0);
  };
  EXPECT_EQ(count("SELECT count(*) FROM item_keys WHERE generation > 0"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM item_keys WHERE generation = 0"), kActs);
}

TEST_F(BackupTest, ADrillOpensTheKeys) {
  Create();
  EXPECT_THAT(DrillBackup(folder, SecretText(ToBytes("another one")), clock),
              FailsWith(ErrorCode::kNotPermitted));
}

TEST_F(BackupTest, ADrillMissesAnActAndItsKey) {
  Insert(1);
  Create();
  store.reset();
  const auto tamper = [&](const std::string& file, const char* sql) {
    const auto database = store::Database::Open(file);
    ASSERT_THAT(database, IsOk());
    ASSERT_THAT((*database)->Execute(sql), IsOk());
  };
  // Files that the manifest names with their digests, as a backup of a damaged home would have.
  tamper(home.store() + ".keys", "DELETE FROM item_keys");
  store = OpenStore(home);
  std::filesystem::remove_all(folder);
  Create();
  EXPECT_THAT(Drill(), FailsWith(ErrorCode::kCorruptData, HasSubstr("key of an act is missing")));
  store.reset();
  tamper(home.store(), "DELETE FROM acts");
  store = OpenStore(home);
  std::filesystem::remove_all(folder);
  Create();
  EXPECT_THAT(Drill(), FailsWith(ErrorCode::kCorruptData, HasSubstr("names an act")));
}

TEST_F(BackupTest, WhatIsWrittenMeanwhileIsInIt) {
  int slices = 0;
  Create([&] { PutMeta("slice", Bytes(1, static_cast<std::uint8_t>(++slices))); });
  EXPECT_THAT(Drill(), IsOk());
}

TEST_F(BackupTest, EveryFileIsChecked) {
  Create();
  ASSERT_THAT(Drill(), IsOk());
  for (const char* const name : {"node.db", "node.db.keys", "home.json", "keys/tls.key"}) {
    Flip(name);
    EXPECT_THAT(Drill(), FailsWith(ErrorCode::kCorruptData, HasSubstr(name)));
    Flip(name);
  }
  Flip("manifest.json");
  EXPECT_THAT(Drill(), FailsWith(ErrorCode::kCorruptData, HasSubstr("manifest")));
  Flip("manifest.json");
  std::filesystem::remove(folder + "/entente.toml");
  EXPECT_THAT(Drill(), FailsWith(ErrorCode::kNotFound));
}

TEST_F(BackupTest, AManifestIsSignedByItsCard) {
  const exchange::Identity identity = keys->identity();
  SeededRandomForTests other_random(2);
  const node::IdentityForTests other("MA", true, clock.Now(), other_random);
  const BackupManifest manifest{clock.Now(), identity.signed_card, {}, {}};
  EXPECT_THAT(OpenManifest(*SealManifest(manifest, *identity.message)), IsOkAndHolds(manifest));
  EXPECT_THAT(OpenManifest(*SealManifest(manifest, *other.get().message)),
              FailsWith(ErrorCode::kCorruptData));
  EXPECT_THAT(OpenManifest({}), FailsWith(ErrorCode::kCorruptData));
}

TEST_F(BackupTest, NoFileNameLeadsOutOfTheFolder) {
  const exchange::Identity identity = keys->identity();
  for (const char* const name : {"../x", "/x", "", "x/", "a/../b", "A"}) {
    const BackupManifest manifest{clock.Now(), identity.signed_card, {{name, 0, {}}}, {}};
    EXPECT_THAT(OpenManifest(*SealManifest(manifest, *identity.message)),
                FailsWith(ErrorCode::kCorruptData))
        << name;
  }
}

}  // namespace
}  // namespace entente::app
