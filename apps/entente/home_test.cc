#include "apps/entente/home.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/entente/files.h"
#include "entente/api/tlog_routes.h"
#include "entente/base/temporary_folder.h"
#include "entente/base/testing.h"
#include "entente/net/plain_listener.h"

namespace entente::app {
namespace {

using ::testing::HasSubstr;

class Home : public ::testing::Test {
 protected:
  Status Init(const std::string& passphrase = "twelve bytes") {
    return InitHome(paths, request, SecretText(ToBytes(passphrase)), random, clock);
  }
  // Writes `text` over a file of the home.
  static void Overwrite(const std::string& path, std::string_view text) {
    EXPECT_THAT(WritePrivateFile(path, AsBytes(text)), IsOk());
  }

  TemporaryFolder folder;
  HomePaths paths{folder.File("node")};
  InitRequest request{.name = "Ministry of the Interior",
                      .country = "MA",
                      .is_exercise = false,
                      .languages = {"fr"},
                      .contact = "",
                      .endpoints = {},
                      .listen = "",
                      .console_listen = "127.0.0.1:0"};
  SeededRandomForTests random{3};
  ManualClock clock{UtcTime{}};
};

TEST_F(Home, IsGoodOnceMade) {
  ASSERT_THAT(Init(), IsOk());
  EXPECT_THAT(CheckHome(paths), IsOk());
  EXPECT_THAT(Init(), FailsWith(ErrorCode::kConflict));
}

TEST_F(Home, KeepsTheLedgersTokenPrivate) {
  ASSERT_THAT(Init(), IsOk());
  Config config;
  const auto token = [&] { return ReadLedgerToken(paths, config); };
  ASSERT_THAT(token(), IsOk());
  EXPECT_TRUE(token()->view().empty());
  config.ledger_token_file = "ledger.token";
  EXPECT_THAT(token(), FailsWith(ErrorCode::kNotFound));
  const std::string path = paths.root + "/ledger.token";
  for (const auto& [size, is_good] : {std::pair(api::kBearerTokenBytesMin - 1, false),
                                      {api::kBearerTokenBytesMin, true},
                                      {api::kBearerTokenBytesMax, true},
                                      {api::kBearerTokenBytesMax + 1, false}}) {
    const std::string text(size, 't');
    ASSERT_THAT(WritePrivateFile(path, AsBytes(text + "\n")), IsOk());
    if (is_good) {
      ASSERT_THAT(token(), IsOk());
      EXPECT_EQ(AsText(token()->view()), text);
    } else {
      EXPECT_THAT(token(), FailsWith(ErrorCode::kInvalidInput, HasSubstr("16 to 512")));
    }
  }
  std::filesystem::permissions(path, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  config.ledger_token_file = path;
  EXPECT_THAT(token(), FailsWith(ErrorCode::kNotPermitted, HasSubstr("chmod 600")));
}

TEST_F(Home, NeedsIdentityKeysAndSettings) {
  EXPECT_THAT(CheckHome(paths), FailsWith(ErrorCode::kNotFound));
  ASSERT_THAT(Init(), IsOk());
  std::filesystem::permissions(paths.key("tls"), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(CheckHome(paths), FailsWith(ErrorCode::kNotPermitted, HasSubstr("tls.key")));
  std::filesystem::remove(paths.key("tls"));
  EXPECT_THAT(CheckHome(paths), FailsWith(ErrorCode::kNotFound, HasSubstr("tls.key is missing")));
  Overwrite(paths.key("tls"), "{}");
  Overwrite(paths.config(), "[console]\nlisten = \"0.0.0.0:80\"\n");
  EXPECT_THAT(CheckHome(paths), FailsWith(ErrorCode::kInvalidInput, HasSubstr("console.listen")));
  std::filesystem::remove(paths.config());
  EXPECT_THAT(CheckHome(paths), FailsWith(ErrorCode::kNotFound));
  std::filesystem::remove(paths.identity());
  EXPECT_THAT(CheckHome(paths), FailsWith(ErrorCode::kNotFound, HasSubstr("entente init")));
}

TEST_F(Home, CountryIsOneOfIso3166) {
  for (const char* country : {"ZZ", "XX", "ma", "", "MAR", "AA"}) {
    request.country = country;
    EXPECT_THAT(Init(), FailsWith(ErrorCode::kInvalidInput)) << country;
  }
  request.is_exercise = true;
  request.country = "ZZ";
  EXPECT_THAT(Init(), FailsWith(ErrorCode::kInvalidInput, HasSubstr("ISO 3166-1")));
  request.country = "X\n";
  EXPECT_THAT(Init(), FailsWith(ErrorCode::kInvalidInput));
  request.country = "XX";
  EXPECT_THAT(Init(), IsOk());
}

TEST_F(Home, CountryIsCheckedAgainWhenTheNodeStarts) {
  ASSERT_THAT(Init(), IsOk());
  std::string text = ToText(ReadFile(paths.identity(), 4096).value_or(Bytes{}));
  text.replace(text.find("\"MA\""), 4, "\"ZZ\"");
  Overwrite(paths.identity(), text);
  EXPECT_THAT(CheckHome(paths), FailsWith(ErrorCode::kInvalidInput, HasSubstr("ISO 3166-1")));
}

TEST_F(Home, PassphraseOfALiveNodeHasEightBytes) {
  EXPECT_THAT(Init("1234567"), FailsWith(ErrorCode::kInvalidInput, HasSubstr("at least 8")));
  EXPECT_THAT(Init("12345678"), IsOk());
  paths = HomePaths(folder.File("exercise"));
  request.is_exercise = true;
  EXPECT_THAT(Init("1"), IsOk());
}

TEST_F(Home, PathFitsASocket) {
  const std::size_t rest = net::kUnixPathSizeBytesMax - HomePaths(folder.File("")).socket().size();
  paths = HomePaths(folder.File(std::string(rest + 1, 'x')));
  EXPECT_THAT(Init(), FailsWith(ErrorCode::kInvalidInput, HasSubstr("shorter --home")));
  paths = HomePaths(folder.File(std::string(rest, 'x')));
  EXPECT_THAT(Init(), IsOk());
  EXPECT_THAT(CheckHome(paths), IsOk());
}

}  // namespace
}  // namespace entente::app
