// Rounds over a bad link, across restarts, and against a peer that sends false messages: a round
// completes with the same result on both sides or ends on both, one acceptance leads to at most one
// reveal, and whatever else the nodes say to each other goes on.
#include "tests/integration/rounds.h"

namespace entente::testing {
namespace {

using matching::RoundState;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

// Hello, one batch asked and answered, commitment, 16 turns of tags and the finish; each side.
constexpr std::size_t kMessagesEach = 1 + 1 + 1 + 1 + 16 + 1;
constexpr std::size_t kRoundMessages = 2 * kMessagesEach;

TEST_F(Rounds, AWholeRoundTakesSoManyMessages) {
  const act::ActId offer = Accepted();
  Sync();
  EXPECT_EQ(sent_messages.size(), kRoundMessages);
  ExpectDoneOnBoth(offer);
  ExpectOneRevealEach(offer);
}

// The link, the proposer, the acceptor or both go down after the given message.
enum class Falls { kLink, kProposer, kAcceptor, kBoth };
struct Fall {
  std::size_t after = 0;
  Falls what = Falls::kLink;
};

std::vector<Fall> EveryFall() {
  std::vector<Fall> falls;
  for (std::size_t after = 0; after <= kRoundMessages; ++after) {
    falls.push_back({after, Falls::kLink});
  }
  for (const std::size_t after : {1U, 4U, 6U, 7U, 8U, 9U, 10U, 24U, 40U, 41U, 42U}) {
    for (const Falls what : {Falls::kProposer, Falls::kAcceptor, Falls::kBoth}) {
      falls.push_back({after, what});
    }
  }
  return falls;
}

std::string NameOf(const ::testing::TestParamInfo<Fall>& info) {
  const std::vector<std::string> names{"Link", "Proposer", "Acceptor", "Both"};
  return names.at(static_cast<std::size_t>(info.param.what)) + std::to_string(info.param.after);
}

void PrintTo(const Fall& fall, std::ostream* out) { *out << "after message " << fall.after; }

class RoundFall : public Rounds, public ::testing::WithParamInterface<Fall> {};

TEST_P(RoundFall, LeadsToTheSameResultOrToTheEndAndNeverToTwoReveals) {
  const auto [after, what] = GetParam();
  const act::ActId offer = Accepted();
  {
    Wire wire(rabat, berlin, CutAfter(after));
    ASSERT_THAT(wire.Run(), IsOk());
  }
  if (what == Falls::kProposer || what == Falls::kBoth) {
    Restart(rabat);
  }
  if (what == Falls::kAcceptor || what == Falls::kBoth) {
    Restart(berlin);
  }
  const bool is_whole = after >= kRoundMessages;
  const bool is_revealed = RowAt(rabat, offer).is_revealed || RowAt(berlin, offer).is_revealed;
  Sync();
  ExpectOneRevealEach(offer);
  if (is_whole || !is_revealed) {
    ExpectDoneOnBoth(offer);
    EXPECT_EQ(RowAt(rabat, offer).attempt, is_whole ? 1U : 2U);
  } else {
    ExpectOverOnBoth(offer);
  }
}

INSTANTIATE_TEST_SUITE_P(AtEveryStep, RoundFall, ::testing::ValuesIn(EveryFall()), NameOf);

TEST_F(Rounds, APeerThatLeavesDuringTheRevealLeavesNoPartialResult) {
  const act::ActId offer = Accepted();
  {
    Wire wire(rabat, berlin, CutAfter(30));
    ASSERT_THAT(wire.Run(), IsOk());
  }
  ASSERT_TRUE(RowAt(rabat, offer).is_revealed);
  for (Node* const node : {&rabat, &berlin}) {
    EXPECT_THAT(node->matching.Hits(PeerOf(*node), offer),
                FailsWith(ErrorCode::kConflict, HasSubstr("no result")));
  }
  Sync();
  ExpectOverOnBoth(offer);
  EXPECT_EQ(RowAt(rabat, offer).state, RoundState::kFailed);
  EXPECT_THAT(RowAt(rabat, offer).failure, HasSubstr("offer a new round"));
  for (Node* const node : {&rabat, &berlin}) {
    EXPECT_THAT(node->matching.Hits(PeerOf(*node), offer),
                FailsWith(ErrorCode::kConflict, HasSubstr("no result")));
  }
}

// One side has the last word and with it a result; the other can not confirm it any more.
TEST_F(Rounds, AResultThatThePeerCannotConfirmIsDisputed) {
  const act::ActId offer = Accepted();
  {
    Wire wire(rabat, berlin, CutAfter(kRoundMessages - 1));
    ASSERT_THAT(wire.Run(), IsOk());
  }
  const bool has_rabat = RowAt(rabat, offer).own_result.has_value();
  Node& knowing = has_rabat ? rabat : berlin;
  ASSERT_TRUE(RowAt(knowing, offer).own_result.has_value());
  ASSERT_FALSE(RowAt(OtherThan(knowing), offer).own_result.has_value());
  Sync();
  ExpectOverOnBoth(offer);
  EXPECT_EQ(RowAt(knowing, offer).state, RoundState::kDisputed);
  EXPECT_EQ(RowAt(OtherThan(knowing), offer).state, RoundState::kFailed);
}

TEST_F(Rounds, FiveAttemptsAreEnough) {
  const act::ActId offer = Accepted();
  for (std::uint32_t attempt = 1; attempt <= matching::kAttemptsMax; ++attempt) {
    Wire wire(rabat, berlin, [](const Node& sender, wire::Frame frame) {
      return MessageOf(sender, frame) ? std::vector<wire::Frame>()
                                      : std::vector<wire::Frame>{std::move(frame)};
    });
    ASSERT_THAT(wire.Run(), IsOk());
    EXPECT_EQ(RowAt(rabat, offer).attempt, attempt);
    EXPECT_TRUE(RowAt(rabat, offer).IsOpen());
  }
  Sync();
  ExpectOverOnBoth(offer);
  EXPECT_THAT(RowAt(rabat, offer).failure, HasSubstr("5 attempts"));
}

// Each side offers a round and accepts the other's before anything crosses: both begin at once.
TEST_F(Rounds, OfBothSidesAtOnceAreRunOneAfterTheOther) {
  const auto ours = Offer(rabat, berlin.id(), agreement);
  const auto theirs = Offer(berlin, rabat.id(), agreement);
  ASSERT_THAT(ours, IsOk());
  ASSERT_THAT(theirs, IsOk());
  Sync();
  ASSERT_THAT(Accept(berlin, rabat.id(), ours->id), IsOk());
  ASSERT_THAT(Accept(rabat, berlin.id(), theirs->id), IsOk());
  Sync();
  ExpectDoneOnBoth(ours->id);
  ExpectDoneOnBoth(theirs->id);
  ExpectOneRevealEach(ours->id);
  ExpectOneRevealEach(theirs->id);
}

TEST_F(Rounds, OfBothSidesAtOnceSurviveADroppedLink) {
  const auto ours = Offer(rabat, berlin.id(), agreement);
  const auto theirs = Offer(berlin, rabat.id(), agreement);
  Sync();
  ASSERT_THAT(Accept(berlin, rabat.id(), ours->id), IsOk());
  ASSERT_THAT(Accept(rabat, berlin.id(), theirs->id), IsOk());
  {
    Wire wire(rabat, berlin, CutAfter(5));
    ASSERT_THAT(wire.Run(), IsOk());
  }
  Sync();
  ExpectDoneOnBoth(ours->id);
  ExpectDoneOnBoth(theirs->id);
}

// A message of Rabat's as Berlin gets it: what becomes of it and what Berlin then says.
struct Falsehood {
  std::string name;
  Message message = Message::kHello;
  std::function<void(Bytes& message)> alter;  // null: the message comes twice
  std::string said;                           // by Berlin's row
};

void PrintTo(const Falsehood& falsehood, std::ostream* out) { *out << falsehood.name; }

std::vector<Falsehood> EveryFalsehood() {
  constexpr std::size_t kPoint = 32;
  constexpr std::size_t kHelloKey = 1 + 1 + 32 + 32;
  constexpr std::size_t kAnswers = 1 + 32 + 32;
  const auto fill = [](std::size_t at, std::uint8_t byte) {
    return [=](Bytes& message) {
      std::fill_n(message.begin() + static_cast<std::ptrdiff_t>(at), kPoint, byte);
    };
  };
  const auto repeat = [](std::size_t at) {
    return [=](Bytes& message) {
      const auto first = message.begin() + static_cast<std::ptrdiff_t>(at);
      std::copy_n(first, kPoint, first + kPoint);
    };
  };
  const auto flip = [](std::size_t at) { return [=](Bytes& message) { message.at(at) ^= 1U; }; };
  const auto cut = [](Bytes& message) { message.pop_back(); };
  return {
      {"OtherParameters", Message::kHello, flip(2), "another round"},
      {"KeyIsNoPoint", Message::kHello, fill(kHelloKey, 0xFF), "OPRF key"},
      {"KeyIsTheIdentity", Message::kHello, fill(kHelloKey, 0), "OPRF key"},
      {"HelloTwice", Message::kHello, nullptr, "hello twice"},
      {"QueryIsNoPoint", Message::kBlinded, fill(1, 0xFF), "ristretto255 element"},
      {"QueryIsTheIdentity", Message::kBlinded, fill(1, 0), "ristretto255 element"},
      {"QueryRepeats", Message::kBlinded, repeat(1), "comes twice"},
      {"QueriesTwice", Message::kBlinded, nullptr, "more batches"},
      {"QueriesCut", Message::kBlinded, cut, ""},
      {"FalseProof", Message::kEvaluated, flip(1), "proof"},
      {"AnswerIsNoPoint", Message::kEvaluated, fill(kAnswers, 0xFF), "ristretto255 element"},
      {"AnswerIsTheIdentity", Message::kEvaluated, fill(kAnswers, 0), "ristretto255 element"},
      {"AnswerRepeats", Message::kEvaluated, repeat(kAnswers), "proof"},
      {"AnswersTwice", Message::kEvaluated, nullptr, "not sent"},
      {"CommitmentTwice", Message::kCommit, nullptr, "commits twice"},
      {"OtherCommitment", Message::kCommit, flip(1), "not those it committed to"},
      {"OtherTags", Message::kTags, flip(40), "not those it committed to"},
      {"TagsTwice", Message::kTags, nullptr, "out of turn"},
      {"OtherResult", Message::kFinish, flip(1), "another intersection"},
      {"FinishTwice", Message::kFinish, nullptr, ""},
  };
}

class RoundFalsehood : public Rounds, public ::testing::WithParamInterface<Falsehood> {};

TEST_P(RoundFalsehood, EndsTheRoundOnBothSidesAndNothingElse) {
  const Falsehood& falsehood = GetParam();
  const act::ActId offer = Accepted();
  bool is_told = false;
  Status ended;
  {
    Wire wire(rabat, berlin, [&](const Node& sender, wire::Frame frame) {
      std::vector<wire::Frame> arrives{frame};
      const auto message = MessageOf(sender, frame);
      if (message && &sender == &rabat && message->message == falsehood.message && !is_told) {
        is_told = true;
        if (falsehood.alter == nullptr) {
          return std::vector<wire::Frame>{frame, frame};
        }
        const auto round = matching::DecodeRoundFrame(frame.payload);
        Bytes altered = ToBytes(round->message);
        falsehood.alter(altered);
        arrives.front().payload =
            matching::EncodeRoundFrame({round->offer, round->attempt, altered});
      }
      return arrives;
    });
    ended = wire.Run();
    while (berlin.background.RunOne() || rabat.background.RunOne()) {
    }  // what was under way when the link went
  }
  ASSERT_TRUE(is_told);
  if (!ended) {
    EXPECT_THAT(ended, FailsWith(ErrorCode::kPeerViolation, HasSubstr(falsehood.said)));
  }
  if (falsehood.name != "FinishTwice") {  // then Berlin has its result already
    EXPECT_EQ(RowAt(berlin, offer).state, RoundState::kFailed);
    EXPECT_THAT(RowAt(berlin, offer).failure, HasSubstr(falsehood.said));
    EXPECT_FALSE(HoldsKeys(berlin));
    Sync();
    ExpectOverOnBoth(offer);
  }
  ExpectActsStillFlow();
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, RoundFalsehood, ::testing::ValuesIn(EveryFalsehood()),
                         [](const auto& falsehood) { return falsehood.param.name; });

TEST_F(Rounds, AfterAFailedOneANewOfferCompletes) {
  const act::ActId failed = Accepted();
  {
    Wire wire(rabat, berlin, CutAfter(30));
    ASSERT_THAT(wire.Run(), IsOk());
  }
  Sync();
  ExpectOverOnBoth(failed);
  const act::ActId offer = Accepted();
  Sync();
  ExpectDoneOnBoth(offer);
  EXPECT_THAT(*rabat.matching.Hits(berlin.id(), offer),
              ElementsAre(Field(&matching::Hit::record_id, "MA-1")));
}

}  // namespace
}  // namespace entente::testing
