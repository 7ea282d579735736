#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/powerfail/cycle.h"

namespace entente::sim {
namespace {

constexpr std::uint64_t kCycles = 50;

TEST(PowerFail, EveryAcknowledgedTransactionIsThereAndNothingElse) {
  CycleResult all;
  for (std::uint64_t seed = 1; seed <= kCycles; ++seed) {
    const CycleResult cycle = RunCycle(seed, /*lies=*/false);
    EXPECT_EQ(cycle.failure, "") << "cycle " << seed;
    all.power_cuts += cycle.power_cuts;
    all.acknowledged += cycle.acknowledged;
  }
  EXPECT_GT(all.power_cuts, kCycles);
  EXPECT_GT(all.acknowledged, kCycles);
}

// The positive control: a test that a lying disk passes tests nothing.
TEST(PowerFail, ALyingDiskIsCaught) {
  std::uint64_t failed = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    failed += RunCycle(seed, /*lies=*/true).holds() ? 0 : 1;
  }
  EXPECT_GT(failed, 0U);
}

TEST(PowerFail, TheSameSeedLeavesTheSameBytes) {
  EXPECT_EQ(RunCycle(7, /*lies=*/false).content, RunCycle(7, /*lies=*/false).content);
  EXPECT_NE(RunCycle(7, /*lies=*/false).content, RunCycle(8, /*lies=*/false).content);
}

}  // namespace
}  // namespace entente::sim
