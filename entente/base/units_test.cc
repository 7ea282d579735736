#include "entente/base/units.h"

#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente {
namespace {

constexpr auto kInvalid = ErrorCode::kInvalidInput;
using std::chrono::milliseconds;

TEST(Duration, ReadsEveryUnit) {
  EXPECT_THAT(ParseDuration("250ms"), IsOkAndHolds(milliseconds(250)));
  EXPECT_THAT(ParseDuration("30s"), IsOkAndHolds(milliseconds(30'000)));
  EXPECT_THAT(ParseDuration("5min"), IsOkAndHolds(milliseconds(300'000)));
  EXPECT_THAT(ParseDuration("4h"), IsOkAndHolds(milliseconds(14'400'000)));
  EXPECT_THAT(ParseDuration("7d"), IsOkAndHolds(milliseconds(604'800'000)));
  EXPECT_THAT(ParseDuration("0s"), IsOkAndHolds(milliseconds(0)));
}

TEST(Duration, RefusesWhatHasNoUnitOrIsNoWholeNumber) {
  for (const char* text : {"", "30", "s", "30 s", " 30s", "30s ", "-1s", "+1s", "1.5s", "1e3s",
                           "30S", "30sec", "0x1s"}) {
    EXPECT_THAT(ParseDuration(text), FailsWith(kInvalid)) << text;
  }
}

TEST(Duration, EndsWhereTheNumberNoLongerFits) {
  EXPECT_THAT(ParseDuration("9223372036854775807ms"), IsOk());
  EXPECT_THAT(ParseDuration("9223372036854775808ms"), FailsWith(kInvalid));
  EXPECT_THAT(ParseDuration("106751991167d"), IsOk());
  EXPECT_THAT(ParseDuration("106751991168d"), FailsWith(kInvalid));
  EXPECT_THAT(ParseDuration("99999999999999999999s"), FailsWith(kInvalid));
}

TEST(Duration, IsWrittenInItsLargestWholeUnit) {
  for (const char* text : {"250ms", "90s", "5min", "36h", "7d"}) {
    EXPECT_EQ(FormatDuration(*ParseDuration(text)), text);
  }
  EXPECT_EQ(FormatDuration(milliseconds(120'000)), "2min");
  EXPECT_EQ(FormatDuration(milliseconds(0)), "0ms");
}

TEST(Size, ReadsEveryUnitAndWritesTheLargestWholeOne) {
  EXPECT_THAT(ParseSize("512B"), IsOkAndHolds(512U));
  EXPECT_THAT(ParseSize("64KiB"), IsOkAndHolds(65'536U));
  EXPECT_THAT(ParseSize("8MiB"), IsOkAndHolds(8'388'608U));
  EXPECT_THAT(ParseSize("2GiB"), IsOkAndHolds(2'147'483'648U));
  EXPECT_EQ(FormatSize(65'536), "64KiB");
  EXPECT_EQ(FormatSize(65'537), "65537B");
  EXPECT_EQ(FormatSize(0), "0B");
}

TEST(Size, RefusesWhatHasNoUnitOrDoesNotFit) {
  for (const char* text : {"", "1", "1KB", "1kib", "1 MiB", "-1B", "1.5GiB", "8589934592GiB"}) {
    EXPECT_THAT(ParseSize(text), FailsWith(kInvalid)) << text;
  }
  EXPECT_THAT(ParseSize("8589934591GiB"), IsOk());
}

}  // namespace
}  // namespace entente
