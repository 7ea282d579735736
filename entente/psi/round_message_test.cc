#include "entente/psi/round_message.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"
#include "entente/psi/round.h"

namespace entente::psi {
namespace {

constexpr auto kViolation = ErrorCode::kPeerViolation;

std::vector<RoundMessage> OneOfEach() {
  HelloMessage hello{Role::kAcceptor, {}, {}, {}};
  hello.key.bytes.fill(3);
  return {hello,
          BlindedMessage{std::vector<EncodedPoint>(2)},
          EvaluatedMessage{{}, std::vector<EncodedPoint>(3)},
          CommitMessage{},
          TagsMessage{{}, std::vector<Tag>(5)},
          FinishMessage{}};
}

TEST(RoundMessage, SurvivesEncodingAndDecoding) {
  for (const RoundMessage& message : OneOfEach()) {
    EXPECT_THAT(DecodeRoundMessage(EncodeRoundMessage(message)),
                IsOkAndHolds(::testing::Eq(message)));
  }
}

TEST(RoundMessage, RefusesLengthsThatDoNotFit) {
  for (const RoundMessage& message : OneOfEach()) {
    Bytes bytes = EncodeRoundMessage(message);
    bytes.pop_back();
    EXPECT_THAT(DecodeRoundMessage(bytes), FailsWith(kViolation));
    bytes.resize(bytes.size() + 2);
    EXPECT_THAT(DecodeRoundMessage(bytes), FailsWith(kViolation));
  }
}

TEST(RoundMessage, RefusesUnknownTypesAndRoles) {
  EXPECT_THAT(DecodeRoundMessage({}), FailsWith(kViolation));
  EXPECT_THAT(DecodeRoundMessage(Bytes(33, 0x00)), FailsWith(kViolation));
  EXPECT_THAT(DecodeRoundMessage(Bytes(33, 0x07)), FailsWith(kViolation));
  Bytes hello = EncodeRoundMessage(OneOfEach()[0]);
  hello[1] = 2;
  EXPECT_THAT(DecodeRoundMessage(hello), FailsWith(kViolation));
}

TEST(RoundMessage, EndsAt64KiB) {
  const std::vector<EncodedPoint> points(kMessagePointsMax);
  EXPECT_LE(EncodeRoundMessage(EvaluatedMessage{{}, points}).size(), kRoundMessageBytesMax);
  Bytes bytes(kRoundMessageBytesMax - 31, 0x02);  // 1 + 32·2047
  EXPECT_THAT(DecodeRoundMessage(bytes), IsOk());
  bytes.resize(bytes.size() + EncodedPoint::kSize);
  EXPECT_THAT(DecodeRoundMessage(bytes), FailsWith(kViolation));
}

// Gives back bytes that were drawn once.
class RecordedRandom final : public Random {
 public:
  explicit RecordedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void Fill(std::span<std::uint8_t> out) override {
    ASSERT_LE(at_ + out.size(), bytes_.size());
    std::ranges::copy(std::span(bytes_).subspan(at_, out.size()), out.begin());
    at_ += out.size();
  }
  bool IsUsedUp() const { return at_ == bytes_.size(); }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

struct Example {
  std::map<std::string, std::string> values;
  std::vector<std::string> proposer;
  std::vector<std::string> acceptor;
};

Example ReadExample() {
  Example out;
  std::ifstream file("tests/vectors/round/one_key.txt");
  for (std::string line; std::getline(file, line);) {
    const std::string name = line.substr(0, line.find(' '));
    const std::string value = line.substr(line.find(' ') + 1);
    if (name == "P") {
      out.proposer.push_back(value);
    } else if (name == "A") {
      out.acceptor.push_back(value);
    } else if (name != "#") {
      out.values[name] = value;
    }
  }
  return out;
}

// Runs one party of the example against the recorded messages of the other.
void ExpectReplay(const Example& example, Role role) {
  const bool is_proposer = role == Role::kProposer;
  RoundParameters parameters;
  parameters.role = role;
  parameters.offer_id.bytes.fill(0xAA);
  parameters.accept_id.bytes.fill(0xBB);
  parameters.own_size_class = 1;
  parameters.peer_size_class = 1;
  parameters.batch_points = 1;
  parameters.batches_in_flight = 1;
  RoundInput input;
  input.bytes.fill(0x11);
  RecordedRandom random(
      *HexDecode(example.values.at(is_proposer ? "random-proposer" : "random-acceptor")));
  Round round = *Round::Start(parameters, {input}, random);
  std::vector<std::string> said;
  const auto advance = [&] {
    while (auto work = round.TakeWork()) {
      work->Run();
      ASSERT_THAT(round.FinishWork(*std::move(work)), IsOk());
    }
    while (auto message = round.NextMessage()) {
      said.push_back(HexEncode(*message));
    }
  };
  advance();
  for (const std::string& message : is_proposer ? example.acceptor : example.proposer) {
    ASSERT_THAT(round.OnMessage(*HexDecode(message)), IsOk());
    advance();
  }
  EXPECT_EQ(said, is_proposer ? example.proposer : example.acceptor);
  EXPECT_TRUE(random.IsUsedUp());
  ASSERT_TRUE(round.is_done());
  EXPECT_EQ(round.outcome().intersection.Hex(), example.values.at("intersection"));
  EXPECT_EQ(round.outcome().transcript.Hex(), example.values.at("transcript"));
  EXPECT_EQ(round.outcome().hit_inputs.size(), 1U);
}

TEST(RoundExample, IsReproducedByteForByteByBothParties) {
  const Example example = ReadExample();
  ASSERT_EQ(example.proposer.size(), 21U);
  ExpectReplay(example, Role::kProposer);
  ExpectReplay(example, Role::kAcceptor);
}

// What docs/formats/round.md quotes is what the vector says.
TEST(RoundExample, TheFormatPageQuotesIt) {
  const Example example = ReadExample();
  std::ifstream file("docs/formats/round.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const std::string& quoted :
       {example.proposer[0], example.proposer[1], example.acceptor[2], example.proposer[3],
        example.proposer.back(), example.values.at("transcript")}) {
    EXPECT_THAT(page, ::testing::HasSubstr(quoted));
  }
}

}  // namespace
}  // namespace entente::psi
