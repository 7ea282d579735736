#include "entente/records/record.h"

#include <string>
#include <utility>

#include "entente/base/testing.h"

namespace entente::records {
namespace {

using ::testing::HasSubstr;

Record Example() {
  Record record;
  record.id = "A-1";
  record.names = {{PersonalText("Iris Vega"), NameQuality::kPrimary},
                  {PersonalText("إيريس"), NameQuality::kAlias},
                  {PersonalText("Viva"), NameQuality::kWeak}};
  record.birth_dates = {{.year = 1970, .month = 3, .day = 2}, {.year = 1971, .is_circa = true}};
  record.birth_places = {PersonalText("Fes")};
  record.documents = {{DocumentType::kPassport, "MA", PersonalText("X1")},
                      {DocumentType::kOther, "", PersonalText("5")}};
  return record;
}

// The worked example of docs/formats/record.md.
constexpr std::string_view kEncoded =
    R"({"birth_dates":["1970-03-02","1971~"],"birth_places":["Fes"],)"
    R"("documents":[{"issuer":"MA","number":"X1","type":"passport"},)"
    R"({"issuer":"","number":"5","type":"other"}],"id":"A-1",)"
    R"("names":[{"quality":"primary","text":"Iris Vega"},{"quality":"alias","text":"إيريس"},)"
    R"({"quality":"weak","text":"Viva"}],"protected":false,"v":1})";

TEST(PartialDate, IsWrittenAsItIsRead) {
  for (const char* text : {"1970", "1970-03", "1970-03-02", "1970~", "1970-03~", "1970-03-02~",
                           "1000", "2999-12-31", "1972-02-29"}) {
    const auto date = ParsePartialDate(text);
    ASSERT_THAT(date, IsOk()) << text;
    EXPECT_EQ(FormatPartialDate(*date), text);
  }
}

TEST(PartialDate, RefusesWhatIsNoDate) {
  for (const char* text : {"", "~", "970", "0999", "3000", "1970-", "1970-3", "1970-00", "1970-13",
                           "1970-03-", "1970-03-00", "1970-03-32", "1970-02-30", "1971-02-29",
                           "1970-03-02 ", " 1970", "1970/03/02", "1970-03-02~~", "19700302"}) {
    EXPECT_THAT(ParsePartialDate(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
}

TEST(Record, IsEncodedAsDocumented) {
  EXPECT_EQ(AsText(Encode(Example())), kEncoded);
  EXPECT_THAT(Decode(AsBytes(kEncoded)), IsOkAndHolds(::testing::Eq(Example())));
}

TEST(Record, RefusesBytesThatEncodeDoesNotWrite) {
  const std::string good(kEncoded);
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), good + " ", replaced("\"v\":1", "\"v\":2"),
        replaced("\"A-1\"", "\"\""), replaced("1971~", "1971-13"), replaced("weak", "strong"),
        replaced("passport", "visa"), replaced("\"MA\"", "\"ma\""), replaced("\"MA\"", "\"MAR\""),
        replaced("\"X1\"", "\"\""), replaced("\"Fes\"", "7"), replaced(",\"v\"", ",\"u\":1,\"v\""),
        replaced("\"protected\":false,", ""), replaced("false", "0")}) {
    EXPECT_THAT(Decode(AsBytes(text)), FailsWith(ErrorCode::kCorruptData)) << text;
  }
}

TEST(Validate, NamesWhatIsWrong) {
  const auto fails = [](void (*change)(Record&), const char* field) {
    Record record = Example();
    change(record);
    EXPECT_THAT(Validate(record), FailsWith(ErrorCode::kInvalidInput, HasSubstr(field))) << field;
  };
  EXPECT_THAT(Validate(Example()), IsOk());
  fails([](Record& r) { r.id = ""; }, "id");
  fails([](Record& r) { r.id = "\xFF"; }, "id");
  fails([](Record& r) { r.names.clear(); }, "name");
  fails([](Record& r) { r.names[0].text = PersonalText(""); }, "name");
  fails([](Record& r) { r.names[0].text = PersonalText("\xC3"); }, "name");
  fails([](Record& r) { r.birth_dates[0].month = 13; }, "birth date");
  fails([](Record& r) { r.birth_dates[0].month = 0; }, "birth date");
  fails([](Record& r) { r.birth_places[0] = PersonalText(""); }, "birth place");
  fails([](Record& r) { r.documents[0].issuer = "M1"; }, "issuer");
  fails([](Record& r) { r.documents[0].number = PersonalText(""); }, "document number");
}

// `at` makes a record with as many of something as asked.
void ExpectLimit(Record (*at)(std::size_t), std::size_t max) {
  EXPECT_THAT(Validate(at(max - 1)), IsOk());
  EXPECT_THAT(Validate(at(max)), IsOk());
  EXPECT_THAT(Decode(Encode(at(max))), IsOk());
  EXPECT_THAT(Validate(at(max + 1)), FailsWith(ErrorCode::kInvalidInput));
}

TEST(Validate, KeepsTheLimits) {
  ExpectLimit(
      [](std::size_t count) {
        Record record = Example();
        record.names.assign(count, record.names[0]);
        return record;
      },
      kNamesMax);
  ExpectLimit(
      [](std::size_t count) {
        Record record = Example();
        record.birth_dates.assign(count, record.birth_dates[0]);
        return record;
      },
      kBirthDatesMax);
  ExpectLimit(
      [](std::size_t count) {
        Record record = Example();
        record.birth_places.assign(count, record.birth_places[0]);
        return record;
      },
      kBirthPlacesMax);
  ExpectLimit(
      [](std::size_t count) {
        Record record = Example();
        record.documents.assign(count, record.documents[0]);
        return record;
      },
      kDocumentsMax);
  ExpectLimit(
      [](std::size_t size) {
        Record record = Example();
        record.names[0].text = PersonalText(std::string(size, 'x'));
        return record;
      },
      kTextBytesMax);
  ExpectLimit(
      [](std::size_t size) {
        Record record = Example();
        record.id = std::string(size, 'x');
        return record;
      },
      128);
}

}  // namespace
}  // namespace entente::records
