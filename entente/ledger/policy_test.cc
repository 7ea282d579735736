#include "entente/ledger/policy.h"

#include "entente/base/testing.h"
#include "entente/ledger/testing.h"

namespace entente::ledger {
namespace {

using ::testing::HasSubstr;

std::string Vkey(std::uint64_t seed, KeyType type) {
  const std::string name = (type == KeyType::kEd25519 ? "log-" : "w-") + std::to_string(seed);
  return FormatVerifierKey({name, type, SignerForTests(seed).public_key()});
}
VerifierKey Witness(std::uint64_t seed) {
  return *ParseVerifierKey(Vkey(seed, KeyType::kCosignatureV1));
}

// "LOG" and "W<n>" stand for vkeys.
std::string Fill(std::string text) {
  const auto replace = [&](const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size())) {
      text.replace(at, what.size(), with);
    }
  };
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    replace("<W" + std::to_string(seed) + ">", Vkey(seed, KeyType::kCosignatureV1));
  }
  replace("<LOG>", Vkey(9, KeyType::kEd25519));
  replace("<OTHER>", Vkey(8, KeyType::kEd25519));
  return text;
}

TEST(ReadPolicy, ReadsWhatLedgersExport) {
  const LogForTests log(0);
  EXPECT_THAT(ReadPolicy(FormatPolicy(log.trust())), IsOkAndHolds(log.trust()));
}

TEST(ReadPolicy, AllowsCommentsBlanksUrlsAndAnyNames) {
  const auto trust = ReadPolicy(
      Fill("# of the two ministries\n\n \t log\t<LOG>  https://a.example/\nwitness peer <W1> "
           "https://b.example\n  witness auditor <W2>\n group both all peer auditor \n\t# the "
           "quorum\nquorum\tboth\n"));
  ASSERT_THAT(trust, IsOk());
  EXPECT_EQ(trust->log.name, "log-9");
  EXPECT_EQ(trust->witnesses, (std::vector{Witness(1), Witness(2)}));
  EXPECT_EQ(trust->quorum, 2U);
}

TEST(ReadPolicy, CountsTheQuorumsWitnessesOnly) {
  const std::string head = "log <LOG>\nwitness a <W1>\nwitness b <W2>\nwitness c <W3>\n";
  const auto quorum = [&](const std::string& rest) { return ReadPolicy(Fill(head + rest)); };
  const auto one = quorum("quorum b\n");
  ASSERT_THAT(one, IsOk());
  EXPECT_EQ(one->witnesses, std::vector{Witness(2)});
  EXPECT_EQ(one->quorum, 1U);
  const auto any = quorum("group g any c a\nquorum g\n");
  ASSERT_THAT(any, IsOk());
  EXPECT_EQ(any->witnesses, (std::vector{Witness(3), Witness(1)}));
  EXPECT_EQ(any->quorum, 1U);
  const auto two = quorum("group g 2 a b c\nquorum g\n");
  ASSERT_THAT(two, IsOk());
  EXPECT_EQ(two->quorum, 2U);
  const auto none = quorum("quorum none\n");
  ASSERT_THAT(none, IsOk());
  EXPECT_EQ(none->quorum, 0U);
}

TEST(ReadPolicy, NamesTheLineItRefuses) {
  const std::string head = "log <LOG>\nwitness a <W1>\nwitness b <W2>\n";
  const std::vector<std::pair<std::string, std::string>> rows{
      {"log <OTHER>\nquorum a\n", "line 4: names a second log"},
      {"witness a <W3>\nquorum a\n", "line 4: gives a name that is taken"},
      {"witness none <W3>\nquorum a\n", "line 4: gives a name that is taken"},
      {"witness c <W1>\nquorum a\n", "line 4: repeats the key"},
      {"group g 1 a c\nquorum g\n", "line 4: has a member that no line above defines"},
      {"group g all a none\nquorum g\n", "line 4: has a member that no line above defines"},
      {"group g all a a\nquorum g\n", "line 4: has a member that is in a group already"},
      {"group g 0 a b\nquorum g\n", "line 4: asks for none"},
      {"group g 3 a b\nquorum g\n", "line 4: asks for none"},
      {"group g +1 a b\nquorum g\n", "line 4: "},
      {"quorum c\n", "line 4: names what no line above defines"},
      {"quorum a\nquorum a\n", "line 5: is a second quorum"},
      {"group g any a\ngroup h any g b\nquorum h\n", "line 6: is a group of groups"},
      {"mirror x\nquorum a\n", "line 4: is no line of a tlog-policy"},
      {"witness c\nquorum a\n", "line 4: is no line of a tlog-policy"},
      {"witness c no-key\nquorum a\n", "line 4: "},
      {"", "one quorum line"},
      {"quorum a\r\n", "control character"},
      {"quorum a", ""},
  };
  for (const auto& [rest, why] : rows) {
    EXPECT_THAT(ReadPolicy(Fill(head + rest)), FailsWith(ErrorCode::kInvalidInput, HasSubstr(why)))
        << rest;
  }
  EXPECT_THAT(ReadPolicy("quorum none\n"), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ReadPolicy(Fill("log <W1>\nquorum none\n")), FailsWith(ErrorCode::kInvalidInput));
}

TEST(ReadPolicy, LimitsItsSize) {
  const std::string policy = Fill("log <LOG>\nquorum none\n");
  const auto padded = [&](std::size_t size) {
    return policy + "#" + std::string(size - policy.size() - 2, 'x') + "\n";
  };
  EXPECT_THAT(ReadPolicy(padded(kPolicyBytesMax - 1)), IsOk());
  EXPECT_THAT(ReadPolicy(padded(kPolicyBytesMax)), IsOk());
  EXPECT_THAT(ReadPolicy(padded(kPolicyBytesMax + 1)), FailsWith(ErrorCode::kLimitExceeded));
}

}  // namespace
}  // namespace entente::ledger
