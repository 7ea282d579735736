#include "entente/ledger/witness.h"

#include <fstream>
#include <iterator>

#include "entente/base/testing.h"
#include "entente/ledger/testing.h"
#include "entente/wire/json.h"

namespace entente::ledger {
namespace {

using ::testing::HasSubstr;

TEST(AddCheckpoint, ReadsAndWritesTheSpecificationsExample) {
  std::ifstream file("tests/vectors/c2sp/notes.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const wire::Json vector = (*wire::ParseJson(text))["add_checkpoint"];
  const auto body = vector["body"].get<std::string>();
  const auto request = ParseAddCheckpoint(body);
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(request->old_size, vector["old_size"].get<std::uint64_t>());
  EXPECT_EQ(request->proof.size(), vector["hashes"].get<std::size_t>());
  EXPECT_EQ(FormatAddCheckpoint(*request), body);
}

class Witness : public ::testing::Test {
 protected:
  AddCheckpointRequest Request(std::uint64_t old_size, std::uint64_t size) const {
    AddCheckpointRequest request{old_size, {}, log_.SignedAt(size)};
    if (old_size > 0) {
      request.proof = *ConsistencyProof(old_size, size, log_.nodes());
    }
    return request;
  }
  WitnessState StateAt(std::uint64_t size) const {
    return {log_.trust().log, size, *Root(size, log_.nodes())};
  }
  static void ExpectRefused(const WitnessDecision& decision, WitnessAnswer answer) {
    EXPECT_EQ(decision.answer, answer) << decision.reason;
    EXPECT_FALSE(decision.reason.empty());
    EXPECT_TRUE(decision.text.empty());
  }

  const LogForTests log_{20};
};

TEST_F(Witness, CosignsTheFirstCheckpoint) {
  const WitnessDecision decision = Judge({log_.trust().log}, Request(0, 7));
  EXPECT_EQ(decision.answer, WitnessAnswer::kCosign);
  EXPECT_EQ(decision.checkpoint, log_.CheckpointAt(7));
  EXPECT_EQ(decision.text, FormatCheckpoint(log_.CheckpointAt(7)));
  EXPECT_FALSE(decision.is_evidence);
}

TEST_F(Witness, CosignsTheEmptyLog) {
  EXPECT_EQ(Judge({log_.trust().log}, Request(0, 0)).answer, WitnessAnswer::kCosign);
}

TEST_F(Witness, CosignsEveryGrowthAndTheSameAgain) {
  for (std::uint64_t old_size = 1; old_size <= 20; ++old_size) {
    for (std::uint64_t size = old_size; size <= 20; ++size) {
      EXPECT_EQ(Judge(StateAt(old_size), Request(old_size, size)).answer, WitnessAnswer::kCosign);
    }
  }
}

TEST_F(Witness, TellsGrowthFromTheSameAgain) {
  EXPECT_TRUE(Judge(StateAt(7), Request(7, 8)).is_growth);
  EXPECT_FALSE(Judge(StateAt(7), Request(7, 7)).is_growth);
  EXPECT_FALSE(Judge({log_.trust().log}, Request(0, 0)).is_growth);
  EXPECT_FALSE(Judge(StateAt(7), Request(6, 8)).is_growth);  // stale
}

TEST_F(Witness, KeepsTheLogsOwnSignatureOnly) {
  AddCheckpointRequest request = Request(7, 9);
  for (std::uint8_t i = 0; i < 20; ++i) {
    request.checkpoint += FormatSignatureLine({"a-person", i, Bytes(1000, i)});
  }
  const WitnessDecision decision = Judge(StateAt(7), request);
  ASSERT_EQ(decision.answer, WitnessAnswer::kCosign);
  EXPECT_EQ(decision.note, log_.SignedAt(9));
}

TEST_F(Witness, DoesNotKnowAnotherLog) {
  WitnessState state = StateAt(7);
  state.log.name = "node-c.example/ledger";
  ExpectRefused(Judge(state, Request(7, 9)), WitnessAnswer::kUnknownLog);
}

TEST_F(Witness, RefusesAnUnknownOrBadSignature) {
  WitnessState state = StateAt(7);
  state.log.key = SignerForTests(5).public_key();
  ExpectRefused(Judge(state, Request(7, 9)), WitnessAnswer::kBadSignature);
  AddCheckpointRequest request = Request(7, 9);
  request.checkpoint[request.checkpoint.find("\n9\n") + 1] = '8';
  ExpectRefused(Judge(StateAt(7), request), WitnessAnswer::kBadSignature);
}

TEST_F(Witness, RefusesAnOldSizeAboveTheCheckpoint) {
  AddCheckpointRequest request = Request(7, 9);
  request.old_size = 10;
  ExpectRefused(Judge(StateAt(7), request), WitnessAnswer::kMalformed);
}

TEST_F(Witness, RefusesWhatIsNoCheckpoint) {
  ExpectRefused(Judge(StateAt(7), {7, {}, "text\n"}), WitnessAnswer::kMalformed);
  const SignatureLine line = *SignText("text\n", LogForTests::kOrigin, log_.log_signer());
  ExpectRefused(Judge(StateAt(7), {7, {}, FormatNote({"text\n", {line}})}),
                WitnessAnswer::kMalformed);
}

TEST_F(Witness, TellsTheSizeWhenTheLogIsBehind) {
  ExpectRefused(Judge(StateAt(9), Request(7, 12)), WitnessAnswer::kStale);
  ExpectRefused(Judge(StateAt(9), Request(7, 8)), WitnessAnswer::kStale);  // a rollback
  ExpectRefused(Judge(StateAt(9), Request(0, 12)), WitnessAnswer::kStale);
  EXPECT_THAT(Judge(StateAt(9), Request(7, 12)).reason, HasSubstr("9"));
}

TEST_F(Witness, RefusesABadProof) {
  AddCheckpointRequest request = Request(7, 12);
  request.proof[0].bytes[0] ^= 1U;
  ExpectRefused(Judge(StateAt(7), request), WitnessAnswer::kInconsistent);
  EXPECT_FALSE(Judge(StateAt(7), request).is_evidence);
  request.proof.clear();
  ExpectRefused(Judge(StateAt(7), request), WitnessAnswer::kInconsistent);
  request = Request(0, 12);
  request.proof.push_back(EmptyRoot());
  ExpectRefused(Judge({log_.trust().log}, request), WitnessAnswer::kInconsistent);
}

TEST_F(Witness, KeepsAForkAsEvidence) {
  Checkpoint fork = log_.CheckpointAt(7);
  fork.root.bytes[0] ^= 1U;
  const AddCheckpointRequest request{7, {}, *SignCheckpoint(fork, log_.log_signer())};
  const WitnessDecision decision = Judge(StateAt(7), request);
  ExpectRefused(decision, WitnessAnswer::kInconsistent);
  EXPECT_TRUE(decision.is_evidence);
}

TEST_F(Witness, RefusesAnEmptyTreeWithARoot) {
  const Checkpoint odd{LogForTests::kOrigin, 0, log_.CheckpointAt(1).root};
  const AddCheckpointRequest request{0, {}, *SignCheckpoint(odd, log_.log_signer())};
  const WitnessDecision decision = Judge({log_.trust().log}, request);
  ExpectRefused(decision, WitnessAnswer::kInconsistent);
  EXPECT_FALSE(decision.is_evidence) << "nothing was cosigned that it contradicts";
}

TEST_F(Witness, RequestsSurviveFormatting) {
  for (const AddCheckpointRequest& request : {Request(0, 7), Request(7, 7), Request(7, 20)}) {
    EXPECT_THAT(ParseAddCheckpoint(FormatAddCheckpoint(request)), IsOkAndHolds(request));
  }
}

TEST_F(Witness, RefusesEveryOtherBody) {
  const std::string note = log_.SignedAt(7);
  const std::string hash = Base64Encode(EmptyRoot().view()) + "\n";
  for (const std::string& body :
       {std::string(), "old\n\n" + note, "old 01\n\n" + note, "old -1\n\n" + note,
        "Old 1\n\n" + note, "old  1\n\n" + note, "old 1\n" + note, "old 1\nAAAA\n\n" + note,
        std::string("old 1\n\n"), std::string("old 1\n\ntext\n"),
        "old 9223372036854775808\n\n" + note}) {
    EXPECT_THAT(ParseAddCheckpoint(body), FailsWith(ErrorCode::kInvalidInput)) << body;
  }
  std::string hashes;
  for (std::size_t i = 0; i < kProofHashesMax; ++i) {
    hashes += hash;
  }
  EXPECT_THAT(ParseAddCheckpoint("old 1\n" + hashes + "\n" + note), IsOk());
  EXPECT_THAT(ParseAddCheckpoint("old 1\n" + hashes + hash + "\n" + note),
              FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_THAT(ParseAddCheckpoint("old 1\n\n" + std::string(kNoteBytesMax, 'a') + note),
              FailsWith(ErrorCode::kLimitExceeded));
}

TEST(StaleBody, IsASizeOnALine) {
  EXPECT_EQ(FormatStaleBody(20852014), "20852014\n");
  EXPECT_THAT(ParseStaleBody("20852014\n"), IsOkAndHolds(20852014U));
  for (const std::string_view body : {"", "5", "5\n\n", "x\n", "05\n"}) {
    EXPECT_THAT(ParseStaleBody(body), FailsWith(ErrorCode::kInvalidInput)) << body;
  }
}

TEST(WitnessReply, IsAKnownStatusAndABody) {
  for (const std::string_view text :
       {"200\n— a b\n", "400\n", "403\nwhy", "404\n", "409\n7\n", "422\n\n\n"}) {
    const auto reply = ParseWitnessReply(text);
    ASSERT_THAT(reply, IsOk()) << text;
    EXPECT_EQ(FormatWitnessReply(reply->answer, reply->body), text);
  }
  for (const std::string_view text :
       {"", "\n", "abc", "200", "200 \n", " 200\n", "0200\n", "+200\n", "200\r\n", "-409\n7\n",
        "500\n", "2000\n", "99999999999\n"}) {
    EXPECT_THAT(ParseWitnessReply(text), FailsWith(ErrorCode::kPeerViolation)) << text;
  }
}

TEST_F(Witness, ItsCosignatureSettlesTheCheckpoint) {
  const VerifierKey key = log_.trust().witnesses.front();
  const SignatureLine line = *Cosign(FormatCheckpoint(log_.CheckpointAt(7)), LogForTests::kWitness,
                                     log_.witness_signer(), LogForTests::kCosignedAt);
  const SignatureLine other{"other", 5, {1}};
  const auto settled =
      AddCosignature(log_.SignedAt(7), FormatSignatureLine(other) + FormatSignatureLine(line), key);
  ASSERT_THAT(settled, IsOk());
  EXPECT_EQ(*settled, log_.SettledAt(7));
  EXPECT_THAT(OpenCheckpoint(*settled, log_.trust()), IsOk());
}

TEST_F(Witness, AnAnswerWithoutAValidCosignatureIsAViolation) {
  const VerifierKey key = log_.trust().witnesses.front();
  const std::string of_other_text = FormatSignatureLine(
      *Cosign("text\n", LogForTests::kWitness, log_.witness_signer(), LogForTests::kCosignedAt));
  for (const std::string& body : {std::string(), std::string("nonsense\n"), of_other_text}) {
    EXPECT_THAT(AddCosignature(log_.SignedAt(7), body, key), FailsWith(ErrorCode::kPeerViolation));
  }
  // The log's own key is no witness, whatever it signs.
  const std::string by_log = FormatSignatureLine(
      *SignText(FormatCheckpoint(log_.CheckpointAt(7)), LogForTests::kOrigin, log_.log_signer()));
  EXPECT_THAT(AddCosignature(log_.SignedAt(7), by_log, log_.trust().log),
              FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(AddCosignature("text\n", of_other_text, key), FailsWith(ErrorCode::kInvalidInput));
}

}  // namespace
}  // namespace entente::ledger
