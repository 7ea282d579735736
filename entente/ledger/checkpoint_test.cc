#include "entente/ledger/checkpoint.h"

#include "entente/base/testing.h"
#include "entente/ledger/testing.h"

namespace entente::ledger {
namespace {

using ::testing::HasSubstr;

const std::string kRootText = Base64Encode(EmptyRoot().view());

TEST(Checkpoint, HasThreeLines) {
  const Checkpoint checkpoint{"example.com/log", 15, EmptyRoot()};
  const std::string text = "example.com/log\n15\n" + kRootText + "\n";
  EXPECT_EQ(FormatCheckpoint(checkpoint), text);
  EXPECT_THAT(ParseCheckpoint(text), IsOkAndHolds(checkpoint));
}

TEST(Checkpoint, RefusesEveryOtherForm) {
  for (const std::string& text :
       {std::string(), std::string("log\n"), std::string("log\n1\n"), "log\n1\n" + kRootText,
        "log\n01\n" + kRootText + "\n", "log\n-1\n" + kRootText + "\n",
        "log\n9223372036854775808\n" + kRootText + "\n", "\n1\n" + kRootText + "\n",
        "a log\n1\n" + kRootText + "\n", std::string("log\n1\nAAAA\n"),
        "log\n1\n" + kRootText + "\nextension\n", "log\n1\n" + kRootText + "\n\n"}) {
    EXPECT_THAT(ParseCheckpoint(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
}

TEST(Checkpoint, SigningNeedsAnOriginThatIsAKeyName) {
  EXPECT_THAT(SignCheckpoint({"a log", 0, EmptyRoot()}, SignerForTests(1)),
              FailsWith(ErrorCode::kInvalidInput));
}

Trust TrustIn(std::size_t witness_count, std::size_t quorum) {
  Trust trust{{"log", KeyType::kEd25519, SignerForTests(100).public_key()}, {}, quorum};
  for (std::size_t i = 0; i < witness_count; ++i) {
    trust.witnesses.push_back(
        {"w" + std::to_string(i), KeyType::kCosignatureV1, SignerForTests(i).public_key()});
  }
  return trust;
}

TEST(Policy, SurvivesFormatting) {
  for (const Trust& trust : {TrustIn(0, 0), TrustIn(1, 0), TrustIn(1, 1), TrustIn(3, 0),
                             TrustIn(3, 2), TrustIn(kWitnessesMax, kWitnessesMax)}) {
    EXPECT_THAT(ParsePolicy(FormatPolicy(trust)), IsOkAndHolds(trust)) << FormatPolicy(trust);
  }
}

TEST(Policy, HasTheFormOfTlogPolicy) {
  const Trust trust = TrustIn(2, 1);
  EXPECT_EQ(FormatPolicy(trust), "log " + FormatVerifierKey(trust.log) + "\nwitness witness-1 " +
                                     FormatVerifierKey(trust.witnesses[0]) +
                                     "\nwitness witness-2 " +
                                     FormatVerifierKey(trust.witnesses[1]) +
                                     "\ngroup witnesses 1 witness-1 witness-2\nquorum witnesses\n");
}

TEST(Policy, RefusesEveryOtherForm) {
  const std::string good = FormatPolicy(TrustIn(1, 1));
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("group "), std::string("group witnesses \n"),
        std::string("quorum none\n"), std::string("log x\n"), " " + good, good + "\n",
        good + "# comment\n", good.substr(0, good.size() - 1), good + good}) {
    EXPECT_THAT(ParsePolicy(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
}

TEST(Policy, LimitsItsSize) {
  EXPECT_THAT(ParsePolicy(std::string(kPolicyBytesMax, '\n')), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParsePolicy(std::string(kPolicyBytesMax + 1, '\n')),
              FailsWith(ErrorCode::kLimitExceeded));
}

TEST(Trust, GivesEveryKeyOneRole) {
  const auto refused = [](auto change, const char* why) {
    Trust trust = TrustIn(2, 2);
    change(trust);
    EXPECT_THAT(ValidateTrust(trust), FailsWith(ErrorCode::kInvalidInput, HasSubstr(why)));
  };
  EXPECT_THAT(ValidateTrust(TrustIn(2, 2)), IsOk());
  refused([](Trust& t) { t.quorum = 3; }, "quorum");
  refused([](Trust& t) { t.log.type = KeyType::kCosignatureV1; }, "01");
  refused([](Trust& t) { t.witnesses[0].type = KeyType::kEd25519; }, "04");
  refused([](Trust& t) { t.witnesses[0].key = t.log.key; }, "two roles");
  refused([](Trust& t) { t.witnesses[0].key = t.witnesses[1].key; }, "two roles");
  EXPECT_THAT(ValidateTrust(TrustIn(kWitnessesMax + 1, 0)), FailsWith(ErrorCode::kInvalidInput));
}

TEST(OpenCheckpoint, SettlesWithTheWitnesssCosignature) {
  const LogForTests log(3);
  const auto settled = OpenCheckpoint(log.SettledAt(3), log.trust());
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->checkpoint, log.CheckpointAt(3));
  EXPECT_EQ(settled->text, FormatCheckpoint(log.CheckpointAt(3)));
  EXPECT_EQ(settled->cosigned_at, LogForTests::kCosignedAt);
}

TEST(OpenCheckpoint, NeedsTheQuorum) {
  const LogForTests log(3);
  EXPECT_THAT(OpenCheckpoint(log.SignedAt(3), log.trust()),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("0 of 1")));
  Trust trust = log.trust();
  trust.quorum = 0;
  const auto settled = OpenCheckpoint(log.SignedAt(3), trust);
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->cosigned_at, std::nullopt);
}

TEST(OpenCheckpoint, AWitnessCountsOnce) {
  const LogForTests log(3);
  Trust trust = log.trust();
  trust.witnesses.push_back({"auditor", KeyType::kCosignatureV1, SignerForTests(9).public_key()});
  trust.quorum = 2;
  Note note = *ParseNoteWithoutVerifying(log.SettledAt(3));
  note.signatures.push_back(note.signatures.back());
  EXPECT_THAT(OpenCheckpoint(FormatNote(note), trust),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("1 of 2")));
  const UtcTime later = LogForTests::kCosignedAt + std::chrono::seconds(5);
  note.signatures.push_back(*Cosign(note.text, "auditor", SignerForTests(9), later));
  const auto settled = OpenCheckpoint(FormatNote(note), trust);
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(settled->cosigned_at, later);
}

TEST(OpenCheckpoint, NeedsTheLogsOwnSignature) {
  const LogForTests log(3);
  Note note = *ParseNoteWithoutVerifying(log.SettledAt(3));
  note.signatures.erase(note.signatures.begin());
  EXPECT_THAT(OpenCheckpoint(FormatNote(note), log.trust()),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("did not sign")));
}

TEST(OpenCheckpoint, RefusesAnotherLogsCheckpoint) {
  const LogForTests log(3);
  Checkpoint checkpoint = log.CheckpointAt(3);
  checkpoint.origin = "node-c.example/ledger";
  const std::string text = FormatCheckpoint(checkpoint);
  const SignatureLine line = *SignText(text, LogForTests::kOrigin, log.log_signer());
  Trust trust = log.trust();
  trust.quorum = 0;
  EXPECT_THAT(OpenCheckpoint(FormatNote({text, {line}}), trust),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("node-c.example")));
}

TEST(OpenCheckpoint, RefusesWhatIsNoCheckpoint) {
  const LogForTests log(3);
  const SignatureLine line = *SignText("text\n", LogForTests::kOrigin, log.log_signer());
  EXPECT_THAT(OpenCheckpoint(FormatNote({"text\n", {line}}), log.trust()),
              FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(OpenCheckpoint("text\n", log.trust()), FailsWith(ErrorCode::kInvalidInput));
  Trust trust = log.trust();
  trust.quorum = 2;
  EXPECT_THAT(OpenCheckpoint(log.SettledAt(3), trust), FailsWith(ErrorCode::kInvalidInput));
}

}  // namespace
}  // namespace entente::ledger
