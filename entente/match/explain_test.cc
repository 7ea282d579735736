#include "entente/match/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente::match {
namespace {

using ::testing::ElementsAre;

TEST(AlignNames, PairsTokensAcrossScripts) {
  EXPECT_THAT(AlignNames("محمد بن عبد الكريم الفاسي", "El Fassi Mohamed Abdelkrim"),
              IsOkAndHolds(ElementsAre(TokenPair{"محمد", "mohamed", "MHMD"},
                                       TokenPair{"عبدكريم", "abdkrim", "BDKRM"},
                                       TokenPair{"فاسي", "fassi", "FSI"})));
}

TEST(AlignNames, UsesEveryTokenOnceAndKeepsWhatHasNoPartner) {
  EXPECT_THAT(
      AlignNames("Karim Karim Samir", "Nabil Karim"),
      IsOkAndHolds(ElementsAre(TokenPair{"karim", "karim", "KRM"}, TokenPair{"karim", "", ""},
                               TokenPair{"samir", "", ""}, TokenPair{"", "nabil", ""})));
}

TEST(AlignNames, RefusesWhatCannotBeRead) {
  EXPECT_THAT(AlignNames("", "Karim"), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(AlignNames("Karim", "\xFF"), FailsWith(ErrorCode::kInvalidInput));
}

TEST(Spaced, PutsADotBetweenLetters) {
  EXPECT_EQ(Spaced("MHMD"), "M·H·M·D");
  EXPECT_EQ(Spaced(""), "");
}

}  // namespace
}  // namespace entente::match
