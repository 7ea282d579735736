#include "apps/entente-exercise/generator.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "apps/entente-exercise/spelling_table.h"
#include "entente/base/testing.h"
#include "entente/records/reader.h"

namespace entente::exercise {
namespace {

using records::Record;

std::map<std::string, Record> ReadAll(const std::string& csv) {
  auto reader = records::OpenReader(records::Format::kCsv,
                                    {.main = {"list.csv", records::MakeMemorySource(csv)}});
  EXPECT_THAT(reader, IsOk());
  std::map<std::string, Record> all;
  while (reader) {
    auto event = (*reader)->Next();
    EXPECT_THAT(event, IsOk());
    if (!event || !event->has_value()) {
      break;
    }
    auto* record = std::get_if<Record>(&**event);
    EXPECT_NE(record, nullptr);
    if (record != nullptr) {
      all.emplace(record->id, std::move(*record));
    }
  }
  return all;
}

struct Truth {
  std::string id_a;
  std::string id_b;
  std::string kind;
};

std::vector<Truth> ReadTruth(const std::string& csv) {
  std::vector<Truth> rows;
  for (std::size_t at = csv.find('\n') + 1; at < csv.size(); at = csv.find('\n', at) + 1) {
    const std::string line = csv.substr(at, csv.find('\n', at) - at);
    const std::size_t first = line.find(',');
    const std::size_t second = line.find(',', first + 1);
    rows.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1),
                    line.substr(second + 1)});
  }
  return rows;
}

constexpr Plan kSmall{.seed = 7, .record_count = 3000, .common_count = 400, .decoy_count = 800};

const Lists& SmallLists() {
  static const Lists lists = *MakeLists(kSmall);
  return lists;
}

bool IsArabic(const Record& record) {
  return static_cast<unsigned char>(record.names.front().text.Reveal().front()) >= 0xD8;
}

TEST(MakeLists, GivesTheSameBytesForTheSamePlanOnly) {
  const Lists again = *MakeLists(kSmall);
  EXPECT_EQ(again.a, SmallLists().a);
  EXPECT_EQ(again.b, SmallLists().b);
  EXPECT_EQ(again.truth, SmallLists().truth);
  EXPECT_NE(MakeLists({.seed = 8, .record_count = 3000})->a, SmallLists().a);
}

TEST(MakeLists, WritesListsThatTheReaderTakesWithoutAMapping) {
  EXPECT_EQ(ReadAll(SmallLists().a).size(), 3000U);
  EXPECT_EQ(ReadAll(SmallLists().b).size(), 3000U);
}

TEST(MakeLists, HasTheStatedSharesOfKinds) {
  std::map<std::string, int> counts;
  std::set<std::string> ids;
  for (const Truth& row : ReadTruth(SmallLists().truth)) {
    ++counts[row.kind];
    EXPECT_TRUE(ids.insert(row.id_a).second);
    EXPECT_TRUE(ids.insert(row.id_b).second);
  }
  const std::map<std::string, int> expected = {
      {"other_script", 160},   {"other_spelling", 120}, {"date_day", 24},
      {"date_swapped", 12},    {"date_year", 12},       {"date_other", 12},
      {"year_only", 60},       {"decoy_sibling", 200},  {"decoy_father_son", 200},
      {"decoy_namesake", 200}, {"decoy_same_date", 200}};
  EXPECT_EQ(counts, expected);
}

TEST(MakeLists, DiffersInACommonPersonOnlyInWhatTheKindSays) {
  const auto a = ReadAll(SmallLists().a);
  const auto b = ReadAll(SmallLists().b);
  for (const Truth& row : ReadTruth(SmallLists().truth)) {
    const Record& one = a.at(row.id_a);
    const Record& other = b.at(row.id_b);
    const auto name = [](const Record& record) { return record.names.front().text.Reveal(); };
    SCOPED_TRACE(row.kind + " " + row.id_a + " " + row.id_b);
    if (row.kind == "other_script") {
      EXPECT_NE(IsArabic(one), IsArabic(other));
      EXPECT_EQ(one.birth_dates, other.birth_dates);
    } else if (row.kind == "other_spelling") {
      EXPECT_NE(name(one), name(other));
      EXPECT_FALSE(IsArabic(one) || IsArabic(other));
      EXPECT_EQ(one.birth_dates, other.birth_dates);
    } else if (row.kind == "year_only") {
      EXPECT_EQ(name(one), name(other));
      EXPECT_EQ(one.birth_dates[0].year, other.birth_dates[0].year);
      EXPECT_NE(one.birth_dates[0].month == 0, other.birth_dates[0].month == 0);
    } else if (row.kind.starts_with("date_")) {
      EXPECT_EQ(name(one), name(other));
      EXPECT_NE(one.birth_dates, other.birth_dates);
    } else {
      EXPECT_EQ(row.kind == "decoy_same_date", one.birth_dates == other.birth_dates);
      EXPECT_EQ(row.kind == "decoy_namesake" && IsArabic(one) == IsArabic(other),
                name(one) == name(other));
    }
  }
}

TEST(MakeLists, LooksLikeRegisters) {
  int new_year = 0;
  int year_only = 0;
  int undated = 0;
  int documents = 0;
  std::set<std::string> names;
  const auto a = ReadAll(SmallLists().a);
  for (const auto& [id, record] : a) {
    undated += record.birth_dates.empty() ? 1 : 0;
    documents += record.documents.empty() ? 0 : 1;
    names.insert(record.names.front().text.Reveal());
    if (!record.birth_dates.empty()) {
      const records::PartialDate date = record.birth_dates.front();
      year_only += date.month == 0 ? 1 : 0;
      new_year += date.month == 1 && date.day == 1 ? 1 : 0;
    }
  }
  EXPECT_NEAR(new_year, 3000 * 8 / 100, 60);
  EXPECT_NEAR(year_only, 1800 * 10 / 100 + 30, 50);
  EXPECT_NEAR(undated, 1800 * 5 / 100, 40);
  EXPECT_NEAR(documents, 3000 * 20 / 100, 90);
  EXPECT_GT(names.size(), 2900U);
}

TEST(MakeLists, RefusesAPlanThatDoesNotFit) {
  EXPECT_THAT(MakeLists({.record_count = 9, .common_count = 5, .decoy_count = 5}),
              FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(MakeLists({.record_count = 10, .common_count = 5, .decoy_count = 5}), IsOk());
  EXPECT_THAT(MakeLists({.record_count = kRecordsMax + 1}), FailsWith(ErrorCode::kInvalidInput));
}

TEST(WriteRows, WritesAsManyRowsAsAsked) {
  std::string csv;
  WriteRows(1, 500, [&](std::string_view text) { csv += text; });
  EXPECT_EQ(ReadAll(csv).size(), 500U);
}

TEST(SpellingTable, HasSpellingsForEveryArabicGivenName) {
  const SpellingTable& table = SpellingTable::Embedded();
  EXPECT_GT(table.arab_given.size(), 200U);
  EXPECT_GT(table.arab_family.size(), 1500U);
  EXPECT_GT(table.europe_family.size(), 400U);
  for (const Token& token : table.arab_given) {
    EXPECT_GE(token.latin.size(), 2U) << token.arabic;
  }
}

TEST(ZipfDraw, PrefersTheFirstAndReachesTheLast) {
  SeededRandomForTests random(3);
  const ZipfDraw draw(5, 1);
  std::vector<int> counts(5);
  for (int i = 0; i < 10'000; ++i) {
    ++counts[draw.Pick(random)];
  }
  EXPECT_GT(counts[0], 2 * counts[2]);
  EXPECT_GT(counts[4], 500);
}

}  // namespace
}  // namespace entente::exercise
