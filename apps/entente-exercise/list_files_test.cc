#include "apps/entente-exercise/list_files.h"

#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/temporary_folder.h"
#include "entente/base/testing.h"

namespace entente::exercise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ListFilesTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& text) const {
    std::ofstream(folder_.File("list.csv")) << text;
    return folder_.File("list.csv");
  }
  TemporaryFolder folder_;
};

TEST_F(ListFilesTest, GivesEveryGoodRecord) {
  std::vector<std::string> ids;
  const std::string file =
      Write("id,name,birth_date\n1,Karim,1975\n2,Youssef,not a date\n3,Aya,\n");
  ASSERT_THAT(ForEachRecord({file}, [&](const auto& record) { ids.push_back(record.id); }), IsOk());
  EXPECT_THAT(ids, ElementsAre("1", "3"));
}

TEST_F(ListFilesTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT(ForEachRecord({"no/such.csv"}, [](const auto&) {}),
              FailsWith(ErrorCode::kNotFound, HasSubstr("no/such.csv")));
}

TEST_F(ListFilesTest, PassesOnWhatTheReaderSays) {
  EXPECT_THAT(ForEachRecord({Write("name\nKarim\n")}, [](const auto&) {}),
              FailsWith(ErrorCode::kInvalidInput));
}

}  // namespace
}  // namespace entente::exercise
