#include "sim/range.h"

#include <gtest/gtest.h>

namespace entente::sim {
namespace {

TEST(Range, IsOneNumberOrTwo) {
  const auto one = ParseRange("7");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->first, 7U);
  EXPECT_EQ(one->last, 7U);
  const auto many = ParseRange("1..200");
  ASSERT_TRUE(many.has_value());
  EXPECT_EQ(many->first, 1U);
  EXPECT_EQ(many->last, 200U);
}

TEST(Range, IsNothingElse) {
  for (const char* const text : {"", "..", "1..", "..1", "2..1", "1...2", "1..2..3", "-1", "1 ",
                                 "0x1", "99999999999999999999"}) {
    EXPECT_FALSE(ParseRange(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace entente::sim
