#include "entente/match/keys.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"
#include "entente/match/internal/thresholds.h"

namespace entente::match {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

records::Record RecordOf(std::string_view name, std::string_view date) {
  records::Record record;
  record.names.push_back({PersonalText(std::string(name)), records::NameQuality::kPrimary});
  if (!date.empty()) {
    const auto parsed = records::ParsePartialDate(date);
    EXPECT_THAT(parsed, IsOk());
    record.birth_dates.push_back(*parsed);
  }
  return record;
}

std::vector<std::string> Texts(const std::vector<Key>& keys) {
  std::vector<std::string> texts;
  for (const Key& key : keys) {
    texts.push_back(key.text);
  }
  return texts;
}

// The codes of the rules by which two records meet, or "-".
std::string Meeting(const records::Record& a, const records::Record& b) {
  const std::vector<Key> left = BuildKeys(a);
  const std::vector<Key> right = BuildKeys(b);
  std::vector<Key> common;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                        std::back_inserter(common));
  for (const RuleInfo& rule : Rules()) {
    if (std::any_of(common.begin(), common.end(),
                    [&](const Key& key) { return key.rule == rule.id; })) {
      return std::string(1, rule.code);
    }
  }
  return "-";
}

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t start = 0;;) {
    const std::size_t bar = line.find('|', start);
    std::string cell = line.substr(start, bar - start);
    cell.erase(0, std::min(cell.find_first_not_of(' '), cell.size()));
    cell.erase(cell.find_last_not_of(' ') + 1);
    cells.push_back(cell);
    if (bar == std::string::npos) {
      return cells;
    }
    start = bar + 1;
  }
}

TEST(BuildKeys, MeetsAsTheCasesSay) {
  std::ifstream in("tests/cases/match/meet.case");
  ASSERT_TRUE(in.good());
  std::size_t row_count = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) {
      continue;
    }
    const std::vector<std::string> cells = Cells(line);
    ASSERT_THAT(cells, SizeIs(5)) << line;
    EXPECT_EQ(Meeting(RecordOf(cells[0], cells[1]), RecordOf(cells[2], cells[3])), cells[4])
        << line;
    ++row_count;
  }
  EXPECT_GE(row_count, 20U);
}

TEST(BuildKeys, WritesTheKeysOfTheWorkedExample) {
  // docs/formats/match-keys.md
  records::Record record = RecordOf("Karim Mansouri", "1981-03-02");
  record.documents.push_back(
      {records::DocumentType::kPassport, "MA", PersonalText("ab 12-345 67")});
  EXPECT_THAT(Texts(BuildKeys(record)), ElementsAre("F|19810203|KRM|MNSRI", "D|MA|P|AB1234567"));
}

TEST(BuildKeys, UsesEveryGoodNameAndDateButNoWeakOne) {
  records::Record record = RecordOf("Karim Mansouri", "1981-03-02");
  record.names.push_back({PersonalText("Samir Belhaj"), records::NameQuality::kAlias});
  record.names.push_back({PersonalText("Nabil Zeroual"), records::NameQuality::kWeak});
  const std::size_t one_date = BuildKeys(record).size();
  EXPECT_NE(Meeting(record, RecordOf("Samir Belhaj", "1981-03-02")), "-");
  EXPECT_EQ(Meeting(record, RecordOf("Nabil Zeroual", "1981-03-02")), "-");
  record.birth_dates.push_back({.year = 1979, .month = 5, .day = 20});
  EXPECT_EQ(BuildKeys(record).size(), 2 * one_date);
}

TEST(BuildKeys, NeverMakesAKeyOfADateOrOneName) {
  EXPECT_THAT(Texts(BuildKeys(RecordOf("Mansouri", "1981-03-02"))), IsEmpty());
  EXPECT_THAT(Texts(BuildKeys(RecordOf("12", "1981-03-02"))), IsEmpty());
  EXPECT_THAT(Texts(BuildKeys(RecordOf("Yassine Tarik Boumediene", ""))), IsEmpty());
}

TEST(BuildKeys, SkipsANameItCannotRead) {
  EXPECT_THAT(Texts(BuildKeys(RecordOf("Karim \xC3", "1981-03-02"))), IsEmpty());
}

TEST(BuildKeys, KeepsAtMostKeysMax) {
  records::Record record = RecordOf("Karim Mansouri", "1981-03-02");
  for (std::size_t i = 0; i < kKeysMax; ++i) {
    record.documents.push_back({records::DocumentType::kPassport, "MA",
                                PersonalText("AB12345" + std::to_string(100 + i))});
    EXPECT_THAT(Texts(BuildKeys(record)), SizeIs(std::min(i + 2, kKeysMax)));
  }
}

// A rule whose thresholds are exactly what a name and date give, then one step more.
TEST(BuildKeys, AsksForItsThresholdExactly) {
  const records::Record record = RecordOf("Karim Mansouri", "1981-03-20");
  Thresholds thresholds = kThresholds;
  const Bits16 bits =
      kFullDateBits + PublicFrequencies().BitsOf("KRM") + PublicFrequencies().BitsOf("MNSRI");
  for (const auto& [need, count] : {std::pair{bits - 1, 1U}, {bits, 1U}, {bits + 1, 0U}}) {
    thresholds.full_date.whole_bits_min = need;
    thresholds.readings_max = 1;
    EXPECT_THAT(Texts(BuildKeysWith(record, thresholds)), SizeIs(count)) << need - bits;
  }
}

TEST(BuildKeys, MeetsByPartOfANameIfItSaysEnough) {
  Thresholds thresholds = kThresholds;
  const records::Record whole = RecordOf("Samir Karim Mansouri", "1981-03-20");
  EXPECT_THAT(Texts(BuildKeysWith(whole, thresholds)),
              Not(testing::Contains("F|19810320|KRM|MNSRI")));
  thresholds.full_date.part_bits_min = 24 * kBit;
  EXPECT_THAT(Texts(BuildKeysWith(whole, thresholds)), testing::Contains("F|19810320|KRM|MNSRI"));
}

TEST(Rules, AreInCodeOrderOfTheirIds) {
  for (std::size_t i = 0; i < Rules().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(Rules()[i].id), i);
    EXPECT_EQ(&InfoOf(Rules()[i].id), &Rules()[i]);
    EXPECT_THAT(Rules()[i].label, Not(IsEmpty()));
  }
}

TEST(SchemeDigest, CoversThresholdsNamesAndFrequencies) {
  EXPECT_THAT(SchemeText(), ::testing::StartsWith("entente-keys/1\n"));
  EXPECT_THAT(SchemeText(), HasSubstr("\nfull-date 2 336 544\n"));
  EXPECT_THAT(SchemeText(), HasSubstr("entente-names/1\n"));
  EXPECT_THAT(SchemeText(), HasSubstr("\nمحمد 49066\n"));
}

// An agreement holds this value: a change here is a new scheme, "entente-keys/2".
TEST(SchemeDigest, IsTheOneOfVersionOne) {
  EXPECT_EQ(SchemeDigest().Hex(),
            "82c15b9b3c56cb1d701b44fa5e4603a7a9171545a2ca8931f144c8dcd930916a");
}

}  // namespace
}  // namespace entente::match
