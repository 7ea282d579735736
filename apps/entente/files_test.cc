#include "apps/entente/files.h"

#include <filesystem>

#include <sys/stat.h>

#include "entente/base/temporary_folder.h"
#include "entente/base/testing.h"

namespace entente::app {
namespace {

using ::testing::HasSubstr;

class Files : public ::testing::Test {
 protected:
  std::string Content(const std::string& path) const {
    return ToText(ReadFile(path, 1000).value_or(Bytes{}));
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("file");
};

TEST_F(Files, ANewFileAppearsWhenItIsComplete) {
  ASSERT_THAT(WritePrivateFile(path_, AsBytes("old")), IsOk());
  auto file = NewFile::Create(path_);
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(file->Append(AsBytes("new")), IsOk());
  EXPECT_THAT(file->Append(AsBytes("er")), IsOk());
  EXPECT_EQ(Content(path_), "old");
  EXPECT_THAT(file->Commit(), IsOk());
  EXPECT_EQ(Content(path_), "newer");
  struct stat info{};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(Files, ANewFileThatIsGivenUpLeavesNothing) {
  {
    auto file = NewFile::Create(path_);
    ASSERT_THAT(file, IsOk());
    EXPECT_THAT(file->Append(AsBytes("half")), IsOk());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  EXPECT_THAT(NewFile::Create(folder_.File("missing/file")), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Files, ReadsUpToTheLimit) {
  ASSERT_THAT(WritePrivateFile(path_, AsBytes("12345")), IsOk());
  EXPECT_EQ(AsText(*ReadFile(path_, 5)), "12345");
  EXPECT_THAT(ReadFile(path_, 4), FailsWith(ErrorCode::kLimitExceeded, HasSubstr("4 bytes")));
  EXPECT_THAT(ReadFile(folder_.File("none"), 4), FailsWith(ErrorCode::kNotFound));
  for (const std::size_t limit : {5U, 6U}) {
    const auto secret = ReadSecretFile(path_, limit);
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(AsText(secret->view()), "12345");
  }
  EXPECT_THAT(ReadSecretFile(path_, 4), FailsWith(ErrorCode::kLimitExceeded, HasSubstr("4 bytes")));
  EXPECT_THAT(ReadSecretFile(folder_.File("none"), 4), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(ReadSecretFile(folder_.path(), 4), FailsWith(ErrorCode::kUnavailable));
}

}  // namespace
}  // namespace entente::app
