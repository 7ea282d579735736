#include "sim/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::sim {
namespace {

using ::testing::IsEmpty;

TEST(Story, TheSameSeedIsTheSameStory) {
  const Verdict first = RunStory(13);
  const Verdict again = RunStory(13);
  EXPECT_EQ(first.trace, again.trace);
  EXPECT_EQ(first.acknowledged, again.acknowledged);
  EXPECT_GT(first.acknowledged, 0U);
  EXPECT_GT(first.crashes, 0U);
}

TEST(Story, AnotherSeedIsAnotherStory) { EXPECT_NE(RunStory(1).trace, RunStory(2).trace); }

TEST(Story, EverythingHolds) {
  Verdict all;
  for (const std::uint64_t seed : {22U, 26U, 33U}) {
    const Verdict verdict = RunStory(seed);
    EXPECT_THAT(verdict.failures, IsEmpty()) << "seed " << seed;
    EXPECT_EQ(verdict.lost + verdict.duplicated + verdict.misordered, 0U);
    all.crashes += verdict.crashes;
    all.partitions += verdict.partitions;
    all.clock_jumps += verdict.clock_jumps;
  }
  EXPECT_GT(all.crashes, 0U);
  EXPECT_GT(all.partitions, 0U);
  EXPECT_GT(all.clock_jumps, 0U);
}

TEST(Story, ARelationWithoutALinkIsCarriedByHand) {
  const Verdict verdict = RunStory(4);
  EXPECT_THAT(verdict.failures, IsEmpty());
  EXPECT_GT(verdict.parcels, 0U);
  EXPECT_EQ(RunStory(5).parcels, 0U);
}

// The positive control: stories that hold on disks that forget everything tell nothing.
TEST(Story, DisksThatLieAreCaught) {
  const Verdict verdict = RunStory(3, /*lies=*/true);
  EXPECT_GT(verdict.crashes, 0U);
  EXPECT_FALSE(verdict.holds());
}

}  // namespace
}  // namespace entente::sim
