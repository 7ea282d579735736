#include "entente/base/error_table.h"

#include <cstddef>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente {
namespace {

TEST(ErrorTable, RowsFollowTheEnum) {
  for (std::size_t i = 0; i < kErrorTable.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kErrorTable[i].code), i);
    EXPECT_EQ(ErrorRowFor(kErrorTable[i].code).name, kErrorTable[i].name);
  }
  EXPECT_EQ(static_cast<std::size_t>(ErrorCode::kInternal) + 1, kErrorTable.size());
}

TEST(ErrorTable, NamesAndExitCodesAreUnique) {
  std::set<std::string_view> names;
  std::set<int> exit_codes;
  for (const ErrorRow& row : kErrorTable) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(exit_codes.insert(row.exit_code).second) << row.name;
  }
}

TEST(ErrorTable, NamesReadBack) {
  for (const ErrorRow& row : kErrorTable) {
    EXPECT_EQ(ErrorCodeFromName(row.name), row.code);
  }
  EXPECT_EQ(ErrorCodeFromName("Internal"), std::nullopt);
  EXPECT_EQ(ErrorCodeFromName(""), std::nullopt);
}

TEST(ErrorTable, TheDocumentShowsTheSameRows) {
  std::ifstream document("docs/reference/errors.md");
  ASSERT_TRUE(document) << "docs/reference/errors.md is missing";
  std::vector<std::string> rows;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("| `")) {
      // The last column explains in prose; the columns before it are the table's.
      rows.push_back(line.substr(0, line.rfind(" | ")));
    }
  }
  std::vector<std::string> expected;
  expected.reserve(std::size(kErrorTable));
  for (const ErrorRow& row : kErrorTable) {
    expected.push_back("| `" + std::string(row.name) + "` | " + std::to_string(row.http_status) +
                       " | " + std::to_string(row.exit_code) + " | " +
                       std::string(RetryName(row.retry)));
  }
  EXPECT_THAT(rows, ::testing::ElementsAreArray(expected));
}

}  // namespace
}  // namespace entente
