#include "apps/entente/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente::app {
namespace {

using ::testing::HasSubstr;

TEST(Config, IsWhatInitWrites) {
  Config config;
  config.listen = "192.0.2.7:7411";
  config.ledger_listen = "127.0.0.1:7412";
  config.ledger_token_file = "ledger.token";
  config.worker_count = 3;
  const auto parsed = ParseConfig(FormatConfig(config));
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->listen, config.listen);
  EXPECT_EQ(parsed->ledger_listen, config.ledger_listen);
  EXPECT_EQ(parsed->ledger_token_file, config.ledger_token_file);
  EXPECT_EQ(parsed->worker_count, 3U);
}

TEST(Config, WritesWhateverATextHolds) {
  Config config;
  config.ledger_listen = "127.0.0.1:7412";
  config.ledger_token_file = "a \"quoted\" back\\slash,\n line \x7F and \u00e9";
  const auto parsed = ParseConfig(FormatConfig(config));
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->ledger_token_file, config.ledger_token_file);
}

TEST(Config, DoesNotServeTheLedgerUnlessItIsSaid) {
  EXPECT_EQ(ParseConfig("")->ledger_listen, "");
  EXPECT_THAT(ParseConfig("[ledger]\ntoken_file = \"t\"\n"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("ledger.token_file")));
}

TEST(Config, ConsoleAndLedgerListenOnThisMachineAlone) {
  for (const auto& [section, address] :
       {std::pair("console", &Config::console_listen), {"ledger", &Config::ledger_listen}}) {
    Config config;
    for (const char* good : {"127.0.0.1:0", "127.9.9.9:8080", "[::1]:8080", ""}) {
      config.*address = good;
      EXPECT_THAT(CheckConfig(config), IsOk()) << good;
    }
    for (const char* bad :
         {"0.0.0.0:0", "192.0.2.7:80", "128.0.0.1:80", "[::]:0", "[::2]:1", "localhost:0"}) {
      config.*address = bad;
      EXPECT_THAT(CheckConfig(config),
                  FailsWith(ErrorCode::kInvalidInput, HasSubstr(std::string(section) + ".listen")))
          << bad;
    }
  }
}

TEST(Config, TimeoutsAreNotZero) {
  for (const auto& [text, hint] : std::vector<std::pair<std::string, std::string>>{
           {"[link]\nidle_timeout = \"0s\"\n", "link.idle_timeout"},
           {"[link]\nidle_timeout = \"999ms\"\n", "link.idle_timeout"},
           {"[link]\nredial_min = \"9ms\"\n", "link.redial_min"},
           {"[link]\nredial_min = \"2s\"\nredial_max = \"1s\"\n", "link.redial_min"}}) {
    EXPECT_THAT(ParseConfig(text), FailsWith(ErrorCode::kInvalidInput, HasSubstr(hint))) << text;
  }
  EXPECT_THAT(ParseConfig("[link]\nidle_timeout = \"1s\"\nredial_min = \"10ms\"\n"), IsOk());
}

TEST(Config, UnknownKeysAndWrongTypesNameTheirPlace) {
  EXPECT_THAT(ParseConfig("[link]\nlissen = \"x\"\n"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("link.lissen")));
  EXPECT_THAT(ParseConfig("[workers]\ncount = 257\n"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("workers.count")));
  EXPECT_THAT(ParseConfig("[link\n"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("entente.toml:1:")));
}

}  // namespace
}  // namespace entente::app
