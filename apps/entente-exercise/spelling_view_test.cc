#include "apps/entente-exercise/spelling_view.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente::exercise {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(CompareSpellings, PairsTokensAcrossScripts) {
  const auto view = CompareSpellings("محمد العلوي", "Alaoui Mohammed Reda");
  ASSERT_THAT(view, IsOk());
  ASSERT_THAT((*view)["pairs"], SizeIs(2));
  EXPECT_EQ((*view)["pairs"][0]["b"], "mohammed");
  EXPECT_EQ((*view)["pairs"][0]["skeleton"], "MHMD");
  EXPECT_THAT((*view)["rest_a"], IsEmpty());
  EXPECT_EQ((*view)["rest_b"], wire::Json({"reda"}));
}

TEST(CompareSpellings, LeavesDifferentNamesApart) {
  const auto view = CompareSpellings("Karim", "Youssef");
  ASSERT_THAT(view, IsOk());
  EXPECT_THAT((*view)["pairs"], IsEmpty());
  EXPECT_THAT((*view)["rest_a"], SizeIs(1));
}

TEST(CompareSpellings, RefusesWhatIsNotUtf8) {
  EXPECT_THAT(CompareSpellings("\xff", "Karim"), FailsWith(ErrorCode::kInvalidInput));
}

}  // namespace
}  // namespace entente::exercise
