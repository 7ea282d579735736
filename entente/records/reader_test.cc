#include "entente/records/reader.h"

#include <string>
#include <utility>
#include <vector>

#include "entente/base/testing.h"
#include "entente/records/entry_reader.h"
#include "entente/records/xml_entries.h"

namespace entente::records {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ReaderInputs Main(std::string text, std::string name = "main") {
  return {.main = {std::move(name), MakeMemorySource(std::move(text))}};
}

struct Events {
  std::vector<Record> records;
  std::vector<RowError> errors;
  std::optional<Error> fatal;
};

Events ReadAll(RecordReader& reader) {
  Events events;
  while (true) {
    auto event = reader.Next();
    if (!event) {
      events.fatal = event.error();
      return events;
    }
    if (!event->has_value()) {
      return events;
    }
    if (auto* record = std::get_if<Record>(&**event)) {
      events.records.push_back(std::move(*record));
    } else {
      events.errors.push_back(std::get<RowError>(**event));
    }
  }
}

Events ReadAll(Format format, std::string text) {
  auto reader = OpenReader(format, Main(std::move(text)));
  EXPECT_THAT(reader, IsOk());
  return ReadAll(**reader);
}

TEST(Format, NamesAreReadAsTheyAreWritten) {
  for (const Format format :
       {Format::kOfac, Format::kUn, Format::kFtm, Format::kEu, Format::kCsv}) {
    EXPECT_THAT(ParseFormat(FormatName(format)), IsOkAndHolds(format));
  }
  EXPECT_THAT(ParseFormat("pdf"), FailsWith(ErrorCode::kInvalidInput));
}

TEST(DetectFormat, KnowsTheFormatsByTheirBeginning) {
  EXPECT_THAT(DetectFormat("<?xml version=\"1.0\"?>\n<CONSOLIDATED_LIST x=\"\">", "x"),
              IsOkAndHolds(Format::kUn));
  EXPECT_THAT(DetectFormat("<export xmlns=\"http://eu.europa.ec/fpi/fsd/export\">", "x.xml"),
              IsOkAndHolds(Format::kEu));
  EXPECT_THAT(DetectFormat("\xEF\xBB\xBF{\"id\":", "x"), IsOkAndHolds(Format::kFtm));
  EXPECT_THAT(DetectFormat("36,\"NOBODY\",-0- ,\"CUBA\"", "sdn.csv"), IsOkAndHolds(Format::kOfac));
  EXPECT_THAT(DetectFormat("id;name\n", "LIST.CSV.gz"), IsOkAndHolds(Format::kCsv));
  EXPECT_THAT(DetectFormat("36,\"NOBODY\"\n", "x.txt"), IsOkAndHolds(Format::kCsv));
  EXPECT_THAT(DetectFormat("<html>", "x.csv"), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(DetectFormat("PK\x03\x04", "x.xlsx"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("save the list as CSV")));
  const std::string utf16("i\0d\0,\0n\0", 8);
  EXPECT_THAT(DetectFormat(utf16, "x.csv"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("UTF-16")));
  EXPECT_THAT(DetectFormat("\xFF\xFE" + utf16, "x.csv"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("UTF-16")));
  EXPECT_THAT(DetectFormat("?", "list"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("--format")));
}

TEST(OpenReader, GuessesTheFormatIfNoneIsNamed) {
  auto reader = OpenReader(std::nullopt, Main("id,name\n1,Iris\n", "list.csv"));
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT(ReadAll(**reader).records, SizeIs(1));
  EXPECT_THAT(OpenReader(std::nullopt, Main("?", "list")), FailsWith(ErrorCode::kInvalidInput));
}

TEST(OpenReader, RefusesInputsThatDoNotBelongTogether) {
  EXPECT_THAT(OpenReader(Format::kCsv, ReaderInputs{}), FailsWith(ErrorCode::kInvalidInput));
  ReaderInputs with_alt = Main("{}");
  with_alt.alt = {"alt", MakeMemorySource("")};
  EXPECT_THAT(OpenReader(Format::kFtm, std::move(with_alt)),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("ofac")));
  const auto mapping = CsvMapping::Parse("id=a,name=b");
  ASSERT_THAT(mapping, IsOk());
  EXPECT_THAT(OpenReader(Format::kFtm, Main("{}"), &*mapping),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("csv")));
}

TEST(RecordReader, KeepsTheEntryForTheRejectFile) {
  auto reader = OpenReader(Format::kCsv, Main("id,name\r\n1,\"Iris\nVega\",\r\n2,Ivo\r\n"));
  ASSERT_THAT(reader, IsOk());
  const Events events = ReadAll(**reader);
  ASSERT_THAT(events.errors, SizeIs(1));
  EXPECT_EQ(events.errors[0].raw, "1,\"Iris\nVega\",");
  EXPECT_EQ((*reader)->reject_header(), "id,name");
  EXPECT_EQ((*reader)->line(), 4U);

  const Events un =
      ReadAll(Format::kUn,
              "<CONSOLIDATED_LIST><INDIVIDUAL a='&lt;\"'><X>1 &amp; 2</X></INDIVIDUAL>"
              "</CONSOLIDATED_LIST>");
  ASSERT_THAT(un.errors, SizeIs(1));
  EXPECT_EQ(un.errors[0].raw, "<INDIVIDUAL a=\"&lt;&quot;\"><X>1 &amp; 2</X></INDIVIDUAL>");

  const std::string ampersands(kEntryBytesMax / 2, '&');  // five times as long when written again
  const Events grown =
      ReadAll(Format::kUn, "<CONSOLIDATED_LIST><INDIVIDUAL><X><![CDATA[" + ampersands +
                               "]]></X></INDIVIDUAL></CONSOLIDATED_LIST>");
  ASSERT_THAT(grown.errors, SizeIs(1));
  EXPECT_THAT(grown.errors[0].raw, IsEmpty());
}

TEST(RecordReader, EndsWithTheErrorOfItsSource) {
  auto reader = OpenReader(Format::kCsv, Main("\x1F\x8B broken"));
  EXPECT_THAT(reader, FailsWith(ErrorCode::kCorruptData, HasSubstr("main: the gzip data")));
  for (const Format format : {Format::kUn, Format::kEu, Format::kFtm, Format::kOfac}) {
    auto other = OpenReader(format, Main("\x1F\x8B broken"));
    ASSERT_THAT(other, IsOk());
    EXPECT_THAT((*other)->Next(), FailsWith(ErrorCode::kCorruptData));
  }
}

TEST(CsvMapping, SaysHowToMapAHeaderOfOtherWords) {
  for (const char* const header : {"No,Full name\n", "id,Full name\n"}) {
    EXPECT_THAT(OpenReader(Format::kCsv, Main(header)),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr("--map id=HEADER,name=HEADER")));
  }
}

TEST(OpenReader, KnowsUtf16WithoutItsMark) {
  EXPECT_THAT(OpenReader(Format::kCsv, Main(std::string("i\0d\0", 4))),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("UTF-16")));
}

TEST(CsvMapping, RefusesWhatNamesNoColumns) {
  for (const char* text :
       {"", "id", "id=a", "name=b", "id=a,id=b,name=c", "id=a,name=b,colour=c", "id=a,=b,name=c",
        "id=a,name=b,passport=c,passport=d", "id=a,\"name=b", "id=a,name=\"b\""}) {
    EXPECT_THAT(CsvMapping::Parse(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
  EXPECT_THAT(CsvMapping::Parse("id=a,family_name=b"), IsOk());
}

// A text field of `size` bytes in each format that limits it at the field.
TEST(Limits, OfATextAndAnId) {
  const auto csv = [](std::size_t id_size, std::size_t name_size) {
    return ReadAll(Format::kCsv, "id,name\n" + std::string(id_size, 'i') + "," +
                                     std::string(name_size, 'n') + "\n");
  };
  EXPECT_THAT(csv(127, kTextBytesMax - 1).records, SizeIs(1));
  EXPECT_THAT(csv(128, kTextBytesMax).records, SizeIs(1));
  const Events long_id = csv(129, 1);
  ASSERT_THAT(long_id.errors, SizeIs(1));
  EXPECT_THAT(long_id.errors[0].reason, HasSubstr("id is longer"));
  const Events long_name = csv(1, kTextBytesMax + 1);
  ASSERT_THAT(long_name.errors, SizeIs(1));
  EXPECT_EQ(long_name.errors[0].column, 3U);
}

TEST(Limits, OfTheCountsOfARecord) {
  const auto with_names = [](std::size_t count) {
    std::string row = "id,name\n1,";
    for (std::size_t i = 0; i < count; ++i) {
      row += "n" + std::to_string(i) + "|";
    }
    return ReadAll(Format::kCsv, row + "\n");
  };
  EXPECT_THAT(with_names(kNamesMax - 1).records, SizeIs(1));
  EXPECT_THAT(with_names(kNamesMax).records, SizeIs(1));
  EXPECT_THAT(with_names(kNamesMax + 1).errors, SizeIs(1));
}

TEST(Limits, OfACsvRow) {
  const auto with_row = [](std::size_t size) {
    return ReadAll(Format::kCsv,
                   "id,name,note\n1,Iris," + std::string(size - 7, 'x') + "\n2,Ivo,\n");
  };
  EXPECT_THAT(with_row(kEntryBytesMax - 1).records, SizeIs(2));
  EXPECT_THAT(with_row(kEntryBytesMax).records, SizeIs(2));
  const Events above = with_row(kEntryBytesMax + 1);
  ASSERT_TRUE(above.fatal.has_value());
  EXPECT_EQ(above.fatal->code, ErrorCode::kLimitExceeded);
  EXPECT_THAT(above.fatal->message, HasSubstr("main:2:1: "));
}

TEST(Limits, OfAJsonLine) {
  const auto with_line = [](std::size_t size) {
    const std::string line =
        R"({"id":"1","schema":"Person","properties":{"name":["Iris"],"x":[""]}})";
    return ReadAll(Format::kFtm, line + std::string(size - line.size(), ' ') + "\n");
  };
  EXPECT_THAT(with_line(kEntryBytesMax - 1).records, SizeIs(1));
  EXPECT_THAT(with_line(kEntryBytesMax).records, SizeIs(1));
  const Events above = with_line(kEntryBytesMax + 1);
  ASSERT_TRUE(above.fatal.has_value());
  EXPECT_EQ(above.fatal->code, ErrorCode::kLimitExceeded);
}

// An entry's size counts its elements, names, attributes and texts.
TEST(Limits, OfAnXmlEntry) {
  const auto with_text = [](std::size_t size) {
    return ReadAll(Format::kUn,
                   "<CONSOLIDATED_LIST><INDIVIDUAL><FIRST_NAME>A</FIRST_NAME>"
                   "<REFERENCE_NUMBER>1</REFERENCE_NUMBER><X>" +
                       std::string(size, 'x') +
                       "</X></INDIVIDUAL><INDIVIDUAL><FIRST_NAME>B</FIRST_NAME>"
                       "<REFERENCE_NUMBER>2</REFERENCE_NUMBER></INDIVIDUAL></CONSOLIDATED_LIST>");
  };
  const std::size_t overhead = 4 * sizeof(XmlElement) +
                               std::string("INDIVIDUALFIRST_NAMEA").size() +
                               std::string("REFERENCE_NUMBER1X").size();
  EXPECT_THAT(with_text(kEntryBytesMax - overhead - 1).records, SizeIs(2));
  EXPECT_THAT(with_text(kEntryBytesMax - overhead).records, SizeIs(2));
  const Events above = with_text(kEntryBytesMax - overhead + 1);
  EXPECT_THAT(above.records, SizeIs(1));
  ASSERT_THAT(above.errors, SizeIs(1));
  EXPECT_THAT(above.errors[0].reason, HasSubstr("longer than"));
}

TEST(Limits, OfTheDepthOfXml) {
  const auto with_depth = [](std::size_t depth) {
    std::string text = "<CONSOLIDATED_LIST>";
    for (std::size_t i = 1; i < depth; ++i) {
      text += "<A>";
    }
    for (std::size_t i = 1; i < depth; ++i) {
      text += "</A>";
    }
    return ReadAll(Format::kUn, text + "</CONSOLIDATED_LIST>");
  };
  EXPECT_FALSE(with_depth(kXmlDepthMax - 1).fatal.has_value());
  EXPECT_FALSE(with_depth(kXmlDepthMax).fatal.has_value());
  ASSERT_TRUE(with_depth(kXmlDepthMax + 1).fatal.has_value());
}

TEST(Limits, OfOfacsAliases) {
  const auto with_aliases = [](std::size_t count) {
    std::string alt;
    for (std::size_t i = 0; i < count; ++i) {
      alt += "1,2,aka,X,\n";
    }
    ReaderInputs inputs = Main("1,A,individual,,,,,,,,,\n");
    inputs.alt = {"alt", MakeMemorySource(std::move(alt))};
    auto reader = OpenReader(Format::kOfac, std::move(inputs));
    return ReadAll(**reader);
  };
  EXPECT_THAT(with_aliases(kOfacAliasesMax).records, SizeIs(1));
  const Events above = with_aliases(kOfacAliasesMax + 1);
  ASSERT_TRUE(above.fatal.has_value());
  EXPECT_EQ(above.fatal->code, ErrorCode::kLimitExceeded);
  EXPECT_THAT(above.records, IsEmpty());
}

TEST(SeenIds, FindsRepetitionsAndKeepsItsLimit) {
  SeenIds ids(2);
  EXPECT_THAT(ids.Add("a", 10), IsOkAndHolds(std::optional<std::uint64_t>()));
  EXPECT_THAT(ids.Add("b", 11), IsOkAndHolds(std::optional<std::uint64_t>()));
  EXPECT_THAT(ids.Add("a", 12), IsOkAndHolds(std::optional<std::uint64_t>(10)));
  EXPECT_THAT(ids.Add("c", 13), FailsWith(ErrorCode::kLimitExceeded));
}

}  // namespace
}  // namespace entente::records
