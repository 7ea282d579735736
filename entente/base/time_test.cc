#include "entente/base/time.h"

#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente {
namespace {

constexpr auto kInvalid = ErrorCode::kInvalidInput;

TEST(Rfc3339, ReadsWhatItWrites) {
  for (const char* text : {"2026-11-23T18:30:00.000000Z", "1970-01-01T00:00:00.000001Z",
                           "1969-12-31T23:59:59.999999Z", "2024-02-29T00:00:00.500000Z",
                           "0000-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"}) {
    const auto time = ParseRfc3339(text);
    ASSERT_THAT(time, IsOk()) << text;
    EXPECT_EQ(FormatRfc3339(*time), text);
  }
  EXPECT_EQ(FormatRfc3339(*ParseRfc3339("2026-11-23T18:30:00Z")), "2026-11-23T18:30:00.000000Z");
}

TEST(Rfc3339, RefusesDaysAndTimesThatDoNotExist) {
  for (const char* text : {"2025-02-29T00:00:00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z",
                           "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z", "2026-06-30T23:59:60Z"}) {
    EXPECT_THAT(ParseRfc3339(text), FailsWith(kInvalid)) << text;
  }
}

TEST(Rfc3339, RefusesEveryOtherForm) {
  for (const char* text :
       {"", "2026-11-23", "2026-11-23T18:30Z", "2026-11-23 18:30:00Z", "2026-11-23t18:30:00z",
        "2026-11-23T18:30:00+01:00", "2026-11-23T18:30:00", "2026-11-23T18:30:00.0Z",
        "2026-11-23T18:30:00.000Z", "2026-11-23T18:30:00.0000000Z", "2026-11-23T18:30:00,000000Z",
        "2026-11-23T18:30:00.00000 Z", "+026-11-23T18:30:00Z", "2026-11-23T18:-1:00Z",
        " 2026-11-23T18:30:0Z", "2026-11-23T18:30:00ZZ"}) {
    EXPECT_THAT(ParseRfc3339(text), FailsWith(kInvalid)) << text;
  }
}

TEST(Clock, ManualMovesByHandAndTheSystemsIsSet) {
  ManualClock manual(*ParseRfc3339("2026-11-23T18:30:00Z"));
  manual.Advance(std::chrono::milliseconds(1500));
  EXPECT_EQ(FormatRfc3339(manual.Now()), "2026-11-23T18:30:01.500000Z");
  EXPECT_GT(SystemClock().Now(), *ParseRfc3339("2026-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace entente
