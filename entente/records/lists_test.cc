// The published lists of ../shared, when they are there: every person is read, nothing is refused.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "entente/base/testing.h"
#include "entente/records/reader.h"

namespace entente::records {
namespace {

constexpr const char* kLists = "../shared/data/lists/";

struct Counts {
  std::size_t records = 0;
  std::size_t names = 0;
  std::size_t weak_names = 0;
  std::size_t birth_dates = 0;
  std::size_t birth_places = 0;
  std::size_t documents = 0;
  std::size_t documents_with_issuer = 0;
  std::uint64_t skipped = 0;
};

ReaderInput ListFile(const std::string& name) {
  std::ifstream file(kLists + name, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return {name, MakeMemorySource(bytes.str())};
}

void Count(const Record& record, Counts& counts) {
  EXPECT_THAT(Validate(record), IsOk()) << record.id;
  ++counts.records;
  counts.names += record.names.size();
  for (const Name& name : record.names) {
    counts.weak_names += name.quality == NameQuality::kWeak ? 1 : 0;
  }
  counts.birth_dates += record.birth_dates.size();
  counts.birth_places += record.birth_places.size();
  counts.documents += record.documents.size();
  for (const Document& document : record.documents) {
    counts.documents_with_issuer += document.issuer.empty() ? 0 : 1;
  }
}

Counts CountAll(ReaderInputs inputs) {
  Counts counts;
  auto reader = OpenReader(std::nullopt, std::move(inputs));
  EXPECT_THAT(reader, IsOk());
  while (true) {
    auto event = (*reader)->Next();
    if (!event) {
      ADD_FAILURE() << event.error().message;
      break;
    }
    if (!event->has_value()) {
      break;
    }
    if (const auto* record = std::get_if<Record>(&**event)) {
      Count(*record, counts);
    } else {
      const auto& error = std::get<RowError>(**event);
      ADD_FAILURE() << error.file << ":" << error.line << ":" << error.column << " "
                    << error.reason;
    }
  }
  counts.skipped = (*reader)->skipped_count();
  return counts;
}

TEST(PublishedLists, TheUnListIsReadWhole) {
  if (!std::filesystem::exists(kLists)) {
    GTEST_SKIP() << "the published lists are not beside the project";
  }
  const Counts counts = CountAll({.main = ListFile("un-consolidated.xml.gz")});
  EXPECT_EQ(counts.records, 423U);
  EXPECT_EQ(counts.skipped, 273U);
  EXPECT_EQ(counts.names, 1843U);
  EXPECT_EQ(counts.weak_names, 343U);
  EXPECT_EQ(counts.birth_dates, 590U);
  EXPECT_EQ(counts.birth_places, 373U);
  EXPECT_EQ(counts.documents, 248U);
  EXPECT_EQ(counts.documents_with_issuer, 162U);
}

TEST(PublishedLists, OfacsListIsReadWhole) {
  if (!std::filesystem::exists(kLists)) {
    GTEST_SKIP() << "the published lists are not beside the project";
  }
  const Counts counts = CountAll({.main = ListFile("ofac-sdn.csv.gz"),
                                  .alt = ListFile("ofac-alt.csv.gz"),
                                  .add = ListFile("ofac-add.csv.gz")});
  EXPECT_EQ(counts.records, 2758U);
  EXPECT_EQ(counts.skipped, 4356U);
  EXPECT_EQ(counts.names, 7538U);
  EXPECT_EQ(counts.weak_names, 1064U);
  EXPECT_EQ(counts.birth_dates, 3152U);
  EXPECT_EQ(counts.birth_places, 1827U);
  EXPECT_EQ(counts.documents, 2243U);
  EXPECT_EQ(counts.documents_with_issuer, 2056U);
}

}  // namespace
}  // namespace entente::records
