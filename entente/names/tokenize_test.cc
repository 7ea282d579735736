#include "entente/names/tokenize.h"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente::names {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct Row {
  std::string left;
  std::string right;
};

// The rows "left | right" of a case file.
std::vector<Row> RowsOf(const std::string& file) {
  std::ifstream in("tests/cases/names/" + file);
  EXPECT_TRUE(in.good()) << file;
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    if (const std::size_t bar = line.find(" | "); line.front() != '#' && bar != std::string::npos) {
      rows.push_back({line.substr(0, bar), line.substr(bar + 3)});
    }
  }
  EXPECT_THAT(rows, Not(IsEmpty())) << file;
  return rows;
}

std::vector<Token> Tokens(std::string_view name) {
  auto tokens = Tokenize(name);
  EXPECT_THAT(tokens, IsOk()) << name;
  return tokens ? *std::move(tokens) : std::vector<Token>();
}

bool Share(const Token& a, const Token& b) {
  return std::any_of(a.skeletons.begin(), a.skeletons.end(), [&](const std::string& skeleton) {
    return std::find(b.skeletons.begin(), b.skeletons.end(), skeleton) != b.skeletons.end();
  });
}

class SameNames : public ::testing::TestWithParam<const char*> {};

TEST_P(SameNames, ShareASkeletonTokenByToken) {
  for (const auto& [left, right] : RowsOf(GetParam())) {
    const std::vector<Token> a = Tokens(left);
    const std::vector<Token> b = Tokens(right);
    ASSERT_EQ(a.size(), b.size()) << left << " | " << right;
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_TRUE(Share(a[i], b[i]))
          << left << " " << ::testing::PrintToString(a[i].skeletons) << " | " << right << " "
          << ::testing::PrintToString(b[i].skeletons);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, SameNames,
                         ::testing::Values("same_own.case", "same_google.case",
                                           "same_coling.case"));

TEST(Tokenize, KeepsDifferentNamesApart) {
  for (const auto& [left, right] : RowsOf("different.case")) {
    for (const Token& a : Tokens(left)) {
      for (const Token& b : Tokens(right)) {
        EXPECT_FALSE(Share(a, b)) << left << " | " << right;
      }
    }
  }
}

TEST(Tokenize, DropsJoinsAndFoldsAsTheCasesSay) {
  for (const auto& [name, expected] : RowsOf("folded.case")) {
    std::string folded;
    for (const Token& token : Tokens(name)) {
      folded += (folded.empty() ? "" : " ") + token.folded;
    }
    EXPECT_EQ(folded, expected) << name;
  }
}

TEST(Tokenize, PutsTheLikeliestReadingFirst) {
  EXPECT_THAT(Tokens("Chakib").front().skeletons, ElementsAre("XKB", "CKB", "KKB"));
}

TEST(Tokenize, KeepsALetterOfAnotherScriptAsItIs) {
  const std::vector<Token> tokens = Tokens("Иван 山田");
  ASSERT_THAT(tokens, SizeIs(2));
  EXPECT_THAT(tokens[0].skeletons, ElementsAre("иван"));
  EXPECT_THAT(tokens[1].skeletons, ElementsAre("山田"));
}

TEST(Tokenize, FindsNoTokenWithoutLetters) { EXPECT_THAT(Tokens("12 - ."), IsEmpty()); }

TEST(Tokenize, RefusesNamesOutsideItsLimits) {
  EXPECT_THAT(Tokenize(""), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(Tokenize(std::string(kNameBytesMax - 1, 'a')), IsOk());
  EXPECT_THAT(Tokenize(std::string(kNameBytesMax, 'a')), IsOk());
  EXPECT_THAT(Tokenize(std::string(kNameBytesMax + 1, 'a')), FailsWith(ErrorCode::kInvalidInput));
}

TEST(Tokenize, RefusesWhatIsNotUtf8) {
  EXPECT_THAT(Tokenize("Mohamed \xC3"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("not well-formed UTF-8")));
}

TEST(Tokenize, CutsAfterTheFirstTokens) {
  std::string name;
  for (std::size_t i = 0; i < kTokensMax - 1; ++i) {
    name += "karim ";
  }
  EXPECT_THAT(Tokens(name), SizeIs(kTokensMax - 1));
  EXPECT_THAT(Tokens(name + "samir"), SizeIs(kTokensMax));
  const std::vector<Token> cut = Tokens(name + "samir rachid");
  ASSERT_THAT(cut, SizeIs(kTokensMax));
  EXPECT_EQ(cut.back().folded, "samir");
}

TEST(Tokenize, CutsTheUnlikeliestSkeletons) {
  EXPECT_THAT(Tokens("thath").front().skeletons, SizeIs(9));
  EXPECT_THAT(Tokens("thadhadh").front().skeletons, SizeIs(kSkeletonsMax));
  const Token cut = Tokens("thathath").front();
  EXPECT_THAT(cut.skeletons, SizeIs(kSkeletonsMax));
  EXPECT_EQ(cut.skeletons.front(), "TTT");
  EXPECT_THAT(cut.skeletons, Not(Contains("THTHTH")));
}

TEST(TablesText, NamesItsVersionAndEveryTable) {
  EXPECT_THAT(TablesText(), ::testing::StartsWith("entente-names/1\n"));
  for (const char* table : {"\nfold\t", "\nlatin\t", "\narabic\t", "\nlatin-word\t",
                            "\nlatin-suffix\t", "\narabic-word\t", "\narabic-suffix\t",
                            "\nlatin-prefix\t", "\narabic-prefix\t", "\nlimits\t"}) {
    EXPECT_THAT(TablesText(), HasSubstr(table));
  }
}

}  // namespace
}  // namespace entente::names
