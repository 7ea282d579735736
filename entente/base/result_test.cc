#include "entente/base/result.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "entente/base/check.h"
#include "entente/base/testing.h"

namespace entente {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) {
    return Error{ErrorCode::kInvalidInput, "odd"};
  }
  return number / 2;
}

Result<int> Quarter(int number) {
  ENTENTE_ASSIGN(const int half, Half(number));
  ENTENTE_ASSIGN(const int quarter, Half(half));
  return quarter;
}

Status CheckEven(int number) {
  ENTENTE_TRY(Half(number));
  return {};
}

Result<std::unique_ptr<int>> OwnedHalf(int number) {
  ENTENTE_ASSIGN(const int half, Half(number));
  return std::make_unique<int>(half);
}

Result<std::unique_ptr<int>> Moves(int number) {
  ENTENTE_ASSIGN(std::unique_ptr<int> owned, OwnedHalf(number));
  return owned;
}

TEST(Result, PassesValuesAndErrorsOn) {
  EXPECT_THAT(Quarter(8), IsOkAndHolds(2));
  EXPECT_THAT(Quarter(6), FailsWith(ErrorCode::kInvalidInput, ::testing::StrEq("odd")));
  EXPECT_THAT(CheckEven(2), IsOk());
  EXPECT_THAT(CheckEven(3), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(Moves(14), IsOkAndHolds(::testing::Pointee(7)));
}

TEST(Result, TakeErrorMovesTheErrorOut) { EXPECT_EQ(TakeError(Half(1)).message, "odd"); }

TEST(CheckDeathTest, AbortsWithFileAndCondition) {
  ENTENTE_CHECK(1 + 1 == 2);
  EXPECT_DEATH(ENTENTE_CHECK(1 + 1 == 3), "result_test.cc:.*broken invariant: 1 \\+ 1 == 3");
}

}  // namespace
}  // namespace entente
