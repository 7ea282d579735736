// GoogleTest matchers for Result. Tests only.
#pragma once

#include <ostream>

#include <gmock/gmock.h>

#include "entente/base/result.h"

namespace entente {

inline void PrintTo(ErrorCode code, std::ostream* out) {
  *out << "code " << static_cast<int>(code);
}

// EXPECT_THAT(result, IsOk());
MATCHER(IsOk, "is ok") {
  if (!arg) {
    *result_listener << "error: " << arg.error().message;
  }
  return static_cast<bool>(arg);
}

// EXPECT_THAT(result, FailsWith(ErrorCode::kInvalidInput)).
MATCHER_P(FailsWith, code, "fails with the given code") {
  if (arg) {
    *result_listener << "is ok";
    return false;
  }
  *result_listener << "error: " << arg.error().message;
  return arg.error().code == code;
}

// EXPECT_THAT(result, FailsWith(ErrorCode::kInvalidInput, HasSubstr("line 3"))).
MATCHER_P2(FailsWith, code, message_matcher, "fails with the given code and message") {
  if (arg) {
    *result_listener << "is ok";
    return false;
  }
  *result_listener << "error: " << arg.error().message;
  return arg.error().code == code && ::testing::Matches(message_matcher)(arg.error().message);
}

// EXPECT_THAT(result, IsOkAndHolds(Eq(3))).
MATCHER_P(IsOkAndHolds, value_matcher, "is ok and its value matches") {
  if (!arg) {
    *result_listener << "error: " << arg.error().message;
    return false;
  }
  return ::testing::ExplainMatchResult(value_matcher, *arg, result_listener);
}

}  // namespace entente
