#include "entente/exchange/standing.h"

#include <string>

#include "entente/base/testing.h"

namespace entente::exchange {
namespace {

using ::testing::HasSubstr;

Standing Full() {
  Standing standing;
  standing.is_signing = false;
  standing.held = {2, 7};
  standing.held_id.bytes.fill(0x11);
  standing.answered = {3, 9};
  standing.log_epoch = 2;
  standing.log_size = 300;
  standing.log_root.bytes.fill(0x22);
  return standing;
}

TEST(StandingFormat, ComesBackAsItWent) {
  for (const Standing& standing : {Standing{}, Full()}) {
    EXPECT_THAT(DecodeStanding(EncodeStanding(standing)), IsOkAndHolds(standing));
  }
}

// The worked example of docs/formats/peer-link.md.
TEST(StandingFormat, IsTheDocumentedOne) {
  EXPECT_EQ(ToText(EncodeStanding(Full())),
            R"({"answered":{"epoch":3,"sequence":9},"held":{"epoch":2,"id":")" +
                std::string(64, '1') + R"(","sequence":7},"log":{"epoch":2,"root":")" +
                std::string(64, '2') + R"(","size":300},"signing":false})");
}

TEST(StandingFormat, RefusesWhatNobodyWrites) {
  const std::string good = ToText(EncodeStanding(Full()));
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"\"epoch\":3", "\"epoch\":0"},
                                 {"\"sequence\":9", "\"sequence\":-1"},
                                 {"\"sequence\":9", "\"sequence\":9007199254740992"},
                                 {"\"size\":300", "\"size\":\"300\""},
                                 {"1111", "111"},
                                 {"\"signing\":false", "\"signing\":0"},
                                 {"\"signing\":false", "\"signing\":false,\"x\":1"},
                                 {"{\"answered\"", " {\"answered\""}}) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_THAT(DecodeStanding(AsBytes(bad)),
                FailsWith(ErrorCode::kPeerViolation, HasSubstr("standing is malformed")))
        << to;
  }
  EXPECT_THAT(DecodeStanding({}), FailsWith(ErrorCode::kPeerViolation));
}

}  // namespace
}  // namespace entente::exchange
