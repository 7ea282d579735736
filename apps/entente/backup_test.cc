#include "apps/entente/backup.h"

#include <filesystem>
#include <fstream>
#include <memory>

#include "apps/entente/files.h"
#include "entente/base/temporary_folder.h"
#include "entente/base/testing.h"
#include "entente/crypto/random.h"
#include "entente/exchange/head.h"
#include "entente/node/testing.h"
#include "entente/store/sqlite/sqlite_backup.h"

namespace entente::app {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(WritePublicFile(home.identity(), AsBytes("{}")), IsOk());
    ASSERT_THAT(WritePublicFile(home.config(), AsBytes("")), IsOk());
    for (const char* const role : {"message", "ledger", "witness", "tls", "encryption"}) {
      ASSERT_THAT(WritePublicFile(home.key(role), AsBytes(role)), IsOk());
    }
    store = *store::SqliteStore::Open(home.store());
    PutMeta("key", Bytes(100'000, 7));
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
    const auto manifest = CompleteBackup({home, identity.get().signed_card, clock.Now()}, folder);
    ASSERT_THAT(manifest, IsOk());
    EXPECT_THAT(manifest->files, SizeIs(8));
    const auto sealed = SealManifest(*manifest, *identity.get().message);
    ASSERT_THAT(sealed, IsOk());
    ASSERT_THAT(WritePrivateFile(folder + "/manifest.json", *sealed), IsOk());
  }
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
  node::IdentityForTests identity{"DE", true, clock.Now(), random};
  std::unique_ptr<store::SqliteStore> store;
};

TEST_F(BackupTest, RestoresToAHomeThatKnowsItIsACopy) {
  Create();
  const HomePaths restored(scratch.File("restored"));
  ASSERT_THAT(RestoreBackup(folder, restored), IsOk());
  EXPECT_THAT(ReadFile(restored.key("tls"), 100), IsOkAndHolds(ToBytes("tls")));
  EXPECT_FALSE(std::filesystem::exists(restored.head()));
  const auto copy = store::SqliteStore::Open(restored.store());
  ASSERT_THAT(copy, IsOk());
  ASSERT_THAT((*copy)->Read([](const store::Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("key"), IsOkAndHolds(Bytes(100'000, 7)));
    EXPECT_THAT(reader.GetMeta(exchange::kIncarnationKey),
                IsOkAndHolds(ToBytes(exchange::kCopyIncarnation)));
    return {};
  }),
              IsOk());
  EXPECT_THAT(RestoreBackup(folder, restored), FailsWith(ErrorCode::kConflict));
}

TEST_F(BackupTest, WhatIsWrittenMeanwhileIsInIt) {
  int slices = 0;
  Create([&] { PutMeta("slice", Bytes(1, static_cast<std::uint8_t>(++slices))); });
  EXPECT_THAT(DrillBackup(folder), IsOk());
}

TEST_F(BackupTest, EveryFileIsChecked) {
  Create();
  ASSERT_THAT(DrillBackup(folder), IsOk());
  for (const char* const name : {"node.db", "home.json", "keys/tls.key"}) {
    Flip(name);
    EXPECT_THAT(DrillBackup(folder), FailsWith(ErrorCode::kCorruptData, HasSubstr(name)));
    Flip(name);
  }
  Flip("manifest.json");
  EXPECT_THAT(DrillBackup(folder), FailsWith(ErrorCode::kCorruptData, HasSubstr("manifest")));
  Flip("manifest.json");
  std::filesystem::remove(folder + "/entente.toml");
  EXPECT_THAT(DrillBackup(folder), FailsWith(ErrorCode::kNotFound));
}

TEST_F(BackupTest, AManifestIsSignedByItsCard) {
  SeededRandomForTests other_random(2);
  const node::IdentityForTests other("MA", true, clock.Now(), other_random);
  const BackupManifest manifest{clock.Now(), identity.get().signed_card, {}, {}};
  EXPECT_THAT(OpenManifest(*SealManifest(manifest, *identity.get().message)),
              IsOkAndHolds(manifest));
  EXPECT_THAT(OpenManifest(*SealManifest(manifest, *other.get().message)),
              FailsWith(ErrorCode::kCorruptData));
  EXPECT_THAT(OpenManifest({}), FailsWith(ErrorCode::kCorruptData));
}

TEST_F(BackupTest, NoFileNameLeadsOutOfTheFolder) {
  for (const char* const name : {"../x", "/x", "", "x/", "a/../b", "A"}) {
    const BackupManifest manifest{clock.Now(), identity.get().signed_card, {{name, 0, {}}}, {}};
    EXPECT_THAT(OpenManifest(*SealManifest(manifest, *identity.get().message)),
                FailsWith(ErrorCode::kCorruptData))
        << name;
  }
}

}  // namespace
}  // namespace entente::app
