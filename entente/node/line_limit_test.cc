#include "entente/node/line_limit.h"

#include "entente/base/testing.h"

namespace entente::node {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class LineLimitTest : public ::testing::Test {
 protected:
  // How many of `count` lines are written.
  std::uint64_t Write(std::string_view event, std::uint64_t count) {
    std::uint64_t written = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      written += limit_.Admit(event) ? 1 : 0;
    }
    return written;
  }

  ManualClock clock_{*ParseRfc3339("2026-11-23T10:00:00Z")};
  LineLimit limit_{clock_};
};

TEST_F(LineLimitTest, AdmitsSoManyAMinuteAndCountsTheRest) {
  EXPECT_EQ(Write("a", kLinesPerMinute), kLinesPerMinute);
  EXPECT_THAT(limit_.TakeLeftOut(), IsEmpty());
  EXPECT_EQ(Write("a", 3), 0U);
  clock_.Advance(minutes(1) - microseconds(1));
  EXPECT_EQ(Write("a", 1), 0U);
  clock_.Advance(microseconds(1));
  EXPECT_EQ(Write("a", kLinesPerMinute + 2), kLinesPerMinute);
  EXPECT_THAT(limit_.TakeLeftOut(), ElementsAre(Pair("a", 6U)));
  EXPECT_THAT(limit_.TakeLeftOut(), IsEmpty());
}

TEST_F(LineLimitTest, EventsDoNotTakeEachOthersLines) {
  EXPECT_EQ(Write("a", 100), kLinesPerMinute);
  EXPECT_EQ(Write("b", 11), kLinesPerMinute);
  EXPECT_THAT(limit_.TakeLeftOut(), ElementsAre(Pair("a", 90U), Pair("b", 1U)));
}

TEST_F(LineLimitTest, AClockThatIsSetBackSilencesNothing) {
  EXPECT_EQ(Write("a", kLinesPerMinute), kLinesPerMinute);
  clock_.Advance(-minutes(60));
  EXPECT_EQ(Write("a", 1), 1U);
}

}  // namespace
}  // namespace entente::node
