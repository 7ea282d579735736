#include "entente/matching/match_set.h"

#include "entente/base/testing.h"
#include "entente/records/record.h"

namespace entente::matching {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

store::RecordRow RowOf(std::uint64_t number, const std::string& name, bool is_protected = false) {
  records::Record record;
  record.id = "r" + std::to_string(number);
  record.names = {{PersonalText(name), records::NameQuality::kPrimary}};
  record.birth_dates = {*records::ParsePartialDate("1975-03-02")};
  record.is_protected = is_protected;
  return {number, record.id, records::Encode(record)};
}

TEST(EntriesOf, GivesTheSameInputForTheSamePersonInAnotherScript) {
  const auto latin = EntriesOf({RowOf(1, "Mohammed Benaissa El Alaoui")});
  const auto arabic = EntriesOf({RowOf(2, "محمد بنعيسى العلوي")});
  ASSERT_THAT(latin, IsOkAndHolds(Not(IsEmpty())));
  ASSERT_THAT(arabic, IsOkAndHolds(Not(IsEmpty())));
  std::size_t common = 0;
  for (const Entry& entry : *latin) {
    for (const Entry& other : *arabic) {
      common += entry.input == other.input ? 1 : 0;
    }
  }
  EXPECT_GT(common, 0U);
}

TEST(EntriesOf, LeavesProtectedRecordsOut) {
  const auto entries =
      EntriesOf({RowOf(1, "Youssef Tazi Benjelloun"), RowOf(2, "Karim Lahlou Bennis", true)});
  ASSERT_THAT(entries, IsOkAndHolds(Not(IsEmpty())));
  EXPECT_THAT(*entries, Each(Field(&Entry::record_number, 1)));
}

TEST(EntriesOf, ReportsARecordThatDoesNotDecode) {
  EXPECT_THAT(EntriesOf({{1, "x", ToBytes("{")}}), FailsWith(ErrorCode::kCorruptData));
}

TEST(RecordsClass, IsTheNextPreferredNumber) {
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> cases{
      {0, 100},         {100, 100},        {101, 125},         {126, 160},        {999, 1000},
      {50'000, 50'000}, {92'682, 100'000}, {100'000, 100'000}, {100'001, 125'000}};
  for (const auto& [count, expected] : cases) {
    EXPECT_EQ(RecordsClass(count), expected) << count;
  }
}

TEST(InputsOf, NamesEachInputOnce) {
  Entry entry;
  Entry other = entry;
  other.record_number = 2;
  Entry last = other;
  last.input.bytes[0] = 1;
  EXPECT_THAT(InputsOf({entry, other, last}), SizeIs(2));
}

TEST(CommitmentTo, DependsOnSaltAndInputsOnly) {
  Entry entry;
  Entry same_input = entry;
  same_input.record_number = 9;
  act::Salt salt;
  act::Salt other_salt;
  other_salt.bytes[0] = 1;
  Entry other_input;
  other_input.input.bytes[0] = 1;
  EXPECT_EQ(CommitmentTo({entry}, salt), CommitmentTo({same_input}, salt));
  EXPECT_NE(CommitmentTo({entry}, salt), CommitmentTo({entry}, other_salt));
  EXPECT_NE(CommitmentTo({entry}, salt), CommitmentTo({other_input}, salt));
}

}  // namespace
}  // namespace entente::matching
