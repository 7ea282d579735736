#include "sim/disk/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"
#include "entente/store/sqlite/testing.h"

namespace entente::sim {
namespace {

using ::testing::Ge;

constexpr const char* kFile = "store.db";

Result<std::unique_ptr<store::SqliteStore>> OpenOn(const Disk& disk) {
  return store::SqliteStore::Open(kFile, store::KeysForTests(), disk.name().c_str());
}

Status Put(store::Store& store, std::uint64_t number) {
  return store.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_TRY(transaction.PutMeta("first", AsBytes(std::to_string(number))));
    return transaction.PutMeta("second", AsBytes(std::to_string(number)));
  });
}

// The number of the last transaction, 0 if there is none; nothing if half of one is there.
std::optional<std::uint64_t> LastOf(const store::Store& store) {
  std::optional<Bytes> first;
  std::optional<Bytes> second;
  const Status status = store.Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(first, reader.GetMeta("first"));
    ENTENTE_ASSIGN(second, reader.GetMeta("second"));
    return {};
  });
  if (!status || first != second) {
    return std::nullopt;
  }
  return first ? std::stoull(ToText(*first)) : 0;
}

struct Losses {
  std::uint64_t acknowledged = 0;
  std::uint64_t cycles_with_loss = 0;  // an acknowledged transaction missing, half, or no store
};

// Writes until the disk dies at a random operation, cuts the power, and looks.
Losses CutPowerAgainAndAgain(Disk& disk, std::uint64_t cycles) {
  Losses losses;
  SeededRandomForTests random(5);
  std::uint64_t acknowledged = 0;
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
    auto store = OpenOn(disk);
    const auto last = store ? LastOf(**store) : std::nullopt;
    // What was in flight may be there too.
    if (!last || (*last != acknowledged && *last != acknowledged + 1) ||
        !(*store)->CheckIntegrity()) {
      ++losses.cycles_with_loss;
      return losses;
    }
    acknowledged = *last;
    disk.DieAfter(random.Next() % 40, [] {});
    while (Put(**store, acknowledged + 1)) {
      ++acknowledged;
      ++losses.acknowledged;
    }
    store = Error{ErrorCode::kUnavailable, "closed"};
    disk.PowerOn();
  }
  return losses;
}

TEST(Disk, WhatWasCommittedSurvivesEveryPowerCut) {
  Disk disk("disk-test", 1);
  const Losses losses = CutPowerAgainAndAgain(disk, 300);
  EXPECT_EQ(losses.cycles_with_loss, 0U);
  EXPECT_GT(losses.acknowledged, 300U);
}

// The positive control: a test that a lying disk passes tests nothing.
TEST(Disk, ALyingDiskIsCaught) {
  Disk disk("disk-test", 1);
  disk.set_lies(true);
  EXPECT_EQ(CutPowerAgainAndAgain(disk, 300).cycles_with_loss, 1U);
}

TEST(Disk, AKilledProcessLosesNothing) {
  Disk disk("disk-test", 2);
  disk.set_lies(true);
  {
    auto store = *OpenOn(disk);
    ASSERT_THAT(Put(*store, 1), IsOk());
    disk.Die();
  }
  disk.Restart();
  EXPECT_EQ(LastOf(**OpenOn(disk)), 1U);
}

TEST(Disk, AFullDiskRefusesAndGoesOnLater) {
  Disk disk("disk-test", 3);
  {
    auto store = *OpenOn(disk);
    ASSERT_THAT(Put(*store, 1), IsOk());
    disk.set_size_bytes_max(disk.size_bytes());
    Status status;
    std::uint64_t number = 2;
    while ((status = Put(*store, number))) {
      ASSERT_LT(++number, 100'000U);
    }
    EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
    disk.set_size_bytes_max(std::nullopt);
    EXPECT_THAT(Put(*store, number), IsOk());
  }
  EXPECT_THAT(LastOf(**OpenOn(disk)).value_or(0), Ge(2U));
}

TEST(Disk, AFailingDiskAcknowledgesNothingThatIsNotThere) {
  std::uint64_t all = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Disk disk("disk-test", seed);
    std::uint64_t acknowledged = 0;
    {
      auto store = *OpenOn(disk);
      disk.set_errors_per_million(20'000);
      for (std::uint64_t number = 1; number < 200; ++number) {
        if (Put(*store, number)) {
          acknowledged = number;
        }
      }
      disk.Die();
    }
    disk.set_errors_per_million(0);
    disk.PowerOn();
    EXPECT_THAT(LastOf(**OpenOn(disk)).value_or(0), Ge(acknowledged)) << "seed " << seed;
    all += acknowledged;
  }
  EXPECT_GT(all, 50U);  // otherwise it tested nothing
}

TEST(Disk, TheSameSeedMakesTheSameBytes) {
  const auto contents = [] {
    Disk disk("disk-test", 6);
    CutPowerAgainAndAgain(disk, 20);
    return disk.Contents();
  };
  EXPECT_EQ(contents(), contents());
}

}  // namespace
}  // namespace entente::sim
