#include "entente/base/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace entente {
namespace {

TEST(Utf8, AcceptsTheEdgesOfEveryLength) {
  for (const char32_t code_point :
       {0x0U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xD7FFU, 0xE000U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
    std::string text;
    AppendCodePoint(text, code_point);
    EXPECT_TRUE(IsUtf8(text));
    std::size_t at = 0;
    EXPECT_EQ(NextCodePoint(text, at), code_point);
    EXPECT_EQ(at, text.size());
  }
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndWhatIsTooHigh) {
  // Unicode 15 §3.9, tables 3-8 to 3-11.
  for (const char* text : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                           "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\x80", "\xBF"}) {
    EXPECT_EQ(FirstInvalidUtf8(text), 0U);
  }
}

TEST(Utf8, RefusesSequencesThatAreCutOrInterrupted) {
  for (const std::string text : {"\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xE2\x28\xA1", "\xC3\xC3"}) {
    EXPECT_EQ(FirstInvalidUtf8("ok" + text), 2U);
  }
  EXPECT_EQ(FirstInvalidUtf8("ok"), std::nullopt);
  EXPECT_EQ(FirstInvalidUtf8(""), std::nullopt);
}

TEST(OneLine, ReplacesControlsAndBytesThatAreNotUtf8) {
  EXPECT_EQ(OneLine("a\nb\tc\x1b[0m\x7f"), "a?b?c?[0m?");
  EXPECT_EQ(OneLine("a\xFF\xC3 é"), "a?? é");
}

TEST(OneLine, CutsBetweenCharacters) {
  EXPECT_EQ(OneLine("abcd", 4), "abcd");
  EXPECT_EQ(OneLine("abcde", 4), "abcd…");
  EXPECT_EQ(OneLine("abcé", 4), "abc…");
  EXPECT_EQ(OneLine("abé", 4), "abé");
  EXPECT_EQ(OneLine("x", 0), "…");
}

}  // namespace
}  // namespace entente
