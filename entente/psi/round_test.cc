#include "entente/psi/round.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>
#include <optional>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"
#include "entente/psi/tag_chain.h"

namespace entente::psi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kViolation = ErrorCode::kPeerViolation;

RoundInput Key(std::uint64_t number) {
  return RoundInput{crypto::HashFields("test key", {AsBytes(std::to_string(number))}).bytes};
}

std::vector<RoundInput> Keys(std::uint64_t first, std::uint64_t count) {
  std::vector<RoundInput> out;
  for (std::uint64_t i = 0; i < count; ++i) {
    out.push_back(Key(first + i));
  }
  return out;
}

struct Scenario {
  std::vector<RoundInput> proposer_keys;
  std::vector<RoundInput> acceptor_keys;
  std::uint64_t proposer_class = 2;
  std::uint64_t acceptor_class = 2;
  std::uint32_t batch_points = 2;
  std::uint32_t batches_in_flight = 2;
  std::uint64_t seed = 1;
};

RoundParameters Parameters(const Scenario& scenario, Role role) {
  RoundParameters out;
  out.role = role;
  out.offer_id.bytes.fill(0xAA);
  out.accept_id.bytes.fill(0xBB);
  out.own_size_class = role == Role::kProposer ? scenario.proposer_class : scenario.acceptor_class;
  out.peer_size_class = role == Role::kProposer ? scenario.acceptor_class : scenario.proposer_class;
  out.batch_points = scenario.batch_points;
  out.batches_in_flight = scenario.batches_in_flight;
  return out;
}

// Changes a message on its way, or sees it.
using Wire = std::function<void(Role from, std::size_t index, Bytes& message)>;

// Two rounds joined in memory. What happens next, messages or computations, and which computation
// ends first, is drawn from the seed.
class Pair {
 public:
  explicit Pair(const Scenario& scenario, Wire wire = {})
      : wire_(std::move(wire)), order_(scenario.seed ^ 0x5EED), random_(scenario.seed) {
    rounds_.push_back(
        *Round::Start(Parameters(scenario, Role::kProposer), scenario.proposer_keys, random_));
    rounds_.push_back(
        *Round::Start(Parameters(scenario, Role::kAcceptor), scenario.acceptor_keys, random_));
  }

  void RunToEnd() {
    while (Step()) {
    }
  }

  // One step that is possible, starting the search at random; false if none is.
  bool Step() {
    const std::uint64_t first = order_.Next();
    for (std::uint64_t i = 0; i < 6; ++i) {
      const std::uint64_t choice = (first + i) % 6;
      if (Do(choice % 2, choice / 2)) {
        return true;
      }
    }
    return false;
  }

  Round& proposer() { return rounds_[0]; }
  Round& acceptor() { return rounds_[1]; }
  const Status& proposer_status() const { return statuses_[0]; }
  const Status& acceptor_status() const { return statuses_[1]; }

 private:
  bool Do(std::size_t party, std::size_t what) {
    Round& round = rounds_[party];
    if (what == 0) {
      std::optional<Bytes> message = round.NextMessage();
      if (!message) {
        return false;
      }
      EXPECT_LE(message->size(), kRoundMessageBytesMax);
      if (wire_) {
        wire_(static_cast<Role>(party), sent_[party], *message);
      }
      ++sent_[party];
      Note(1 - party, rounds_[1 - party].OnMessage(*message));
      return true;
    }
    if (what == 1) {
      std::optional<Work> work = round.TakeWork();
      if (!work) {
        return false;
      }
      work->Run();
      work_[party].push_back(*std::move(work));
      return true;
    }
    if (work_[party].empty()) {
      return false;
    }
    const auto at = static_cast<std::ptrdiff_t>(order_.Next() % work_[party].size());
    Work work = std::move(work_[party][static_cast<std::size_t>(at)]);
    work_[party].erase(work_[party].begin() + at);
    Note(party, round.FinishWork(std::move(work)));
    return true;
  }

  void Note(std::size_t party, Status status) {
    if (!status && statuses_[party]) {
      statuses_[party] = std::move(status);
    }
  }

  Wire wire_;
  SeededRandomForTests order_;
  SeededRandomForTests random_;
  std::vector<Round> rounds_;
  std::array<Status, 2> statuses_;
  std::array<std::size_t, 2> sent_{};
  std::array<std::vector<Work>, 2> work_;
};

std::vector<std::uint32_t> ExpectedHits(const std::vector<RoundInput>& own,
                                        const std::vector<RoundInput>& peer) {
  const std::set<RoundInput> held(peer.begin(), peer.end());
  std::vector<std::uint32_t> hits;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (held.contains(own[i])) {
      hits.push_back(static_cast<std::uint32_t>(i));
    }
  }
  return hits;
}

// Runs to the end, compares both outcomes with the plain intersection and each other.
void ExpectRightResult(const Scenario& scenario) {
  Pair pair(scenario);
  pair.RunToEnd();
  ASSERT_THAT(pair.proposer_status(), IsOk());
  ASSERT_THAT(pair.acceptor_status(), IsOk());
  ASSERT_TRUE(pair.proposer().is_done());
  ASSERT_TRUE(pair.acceptor().is_done());
  const Outcome proposer = pair.proposer().outcome();
  const Outcome acceptor = pair.acceptor().outcome();
  EXPECT_EQ(proposer.hit_inputs, ExpectedHits(scenario.proposer_keys, scenario.acceptor_keys));
  EXPECT_EQ(acceptor.hit_inputs, ExpectedHits(scenario.acceptor_keys, scenario.proposer_keys));
  EXPECT_EQ(proposer.intersection, acceptor.intersection);
  EXPECT_EQ(proposer.transcript, acceptor.transcript);
  EXPECT_EQ(proposer.own_keys, scenario.proposer_keys.size());
  EXPECT_EQ(proposer.peer_size_class, scenario.acceptor_class);
  const Progress progress = pair.proposer().progress();
  EXPECT_EQ(progress.phase, "done");
  EXPECT_EQ(progress.done, progress.total);
  EXPECT_EQ(progress.bytes_sent, pair.acceptor().progress().bytes_received);
}

TEST(Round, FindsTheCommonKeysWhateverTheOrderOfEvents) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    Scenario scenario{Keys(0, 9), Keys(5, 12), 10, 13, 3, 2, seed};
    std::ranges::reverse(scenario.acceptor_keys);
    ExpectRightResult(scenario);
  }
}

TEST(Round, WorksWithNoKeysOneKeyAndFullClasses) {
  ExpectRightResult({{}, {}, 1, 1});
  ExpectRightResult({{}, Keys(0, 3), 2, 3});
  ExpectRightResult({Keys(0, 1), Keys(0, 1), 1, 1});
  ExpectRightResult({Keys(0, 1), Keys(1, 1), 4, 4});
  ExpectRightResult({Keys(0, 16), Keys(0, 16), 16, 16});
  ExpectRightResult({Keys(0, 17), Keys(16, 1), 17, 1, 4, 1});
}

TEST(Round, FindsTheCommonKeysOfThreeThousand) {
  ExpectRightResult({Keys(0, 2900), Keys(2500, 300), 3000, 305, 1024, 8});
}

TEST(Round, AnotherAttemptOfTheSameInputsHasNothingInCommonOnTheWire) {
  std::array<std::set<Bytes>, 2> seen;
  std::array<crypto::Digest, 2> intersections;
  for (std::uint64_t attempt = 0; attempt < 2; ++attempt) {
    Scenario scenario{Keys(0, 2), Keys(0, 2)};
    scenario.seed = attempt + 1;
    Pair pair(scenario, [&](Role, std::size_t, Bytes& message) { seen[attempt].insert(message); });
    pair.RunToEnd();
    intersections[attempt] = pair.proposer().outcome().intersection;
  }
  std::vector<Bytes> common;
  std::ranges::set_intersection(seen[0], seen[1], std::back_inserter(common));
  EXPECT_THAT(common, IsEmpty());
  EXPECT_NE(intersections[0], intersections[1]);
}

// Every message, at every field (first and last byte of each 16), in both directions.
TEST(Round, AnyChangedByteEndsInAnErrorAndNeverInAWrongResult) {
  const Scenario scenario{Keys(0, 2), Keys(1, 2), 3, 2};
  std::array<std::vector<std::size_t>, 2> sizes;
  Pair honest(scenario, [&](Role from, std::size_t, Bytes& message) {
    sizes[static_cast<std::size_t>(from)].push_back(message.size());
  });
  honest.RunToEnd();
  int cases = 0;
  for (const Role from : {Role::kProposer, Role::kAcceptor}) {
    const auto& of_sender = sizes[static_cast<std::size_t>(from)];
    for (std::size_t index = 0; index < of_sender.size(); ++index) {
      for (std::size_t byte = 0; byte < of_sender[index]; byte += byte == 0 ? 1 : 16) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(from) << " " << index << " " << byte);
        Pair pair(scenario, [&](Role sender, std::size_t at, Bytes& message) {
          if (sender == from && at == index && byte < message.size()) {
            message[byte] ^= 1U;
          }
        });
        pair.RunToEnd();
        ++cases;
        const bool is_refused = !pair.proposer_status() || !pair.acceptor_status();
        EXPECT_TRUE(is_refused);
        EXPECT_FALSE(pair.proposer().is_done() && pair.acceptor().is_done());
        if (pair.proposer().is_done()) {
          EXPECT_THAT(pair.proposer().outcome().hit_inputs, ElementsAre(1));
        }
        if (pair.acceptor().is_done()) {
          EXPECT_THAT(pair.acceptor().outcome().hit_inputs, ElementsAre(0));
        }
      }
    }
  }
  EXPECT_GT(cases, 100);
}

TEST(Round, RefusesTruncatedAndExtendedMessages) {
  for (const int change : {-1, 1, 16, 32}) {
    for (std::size_t index = 0; index < 20; ++index) {
      Pair pair({Keys(0, 2), Keys(1, 2)}, [&](Role sender, std::size_t at, Bytes& message) {
        if (sender == Role::kProposer && at == index) {
          message.resize(message.size() + static_cast<std::size_t>(change));
        }
      });
      pair.RunToEnd();
      EXPECT_THAT(pair.acceptor_status(), FailsWith(kViolation)) << index;
    }
  }
}

TEST(Round, RefusesAnotherOfferAttemptOrSize) {
  SeededRandomForTests random(1);
  const Scenario scenario{Keys(0, 2), Keys(0, 2)};
  std::vector<std::function<void(RoundParameters&)>> changes{
      [](RoundParameters& p) { p.offer_id.bytes[0] ^= 1U; },
      [](RoundParameters& p) { p.accept_id.bytes[0] ^= 1U; },
      [](RoundParameters& p) { ++p.attempt; },
      [](RoundParameters& p) { ++p.own_size_class; },
      [](RoundParameters& p) { ++p.peer_size_class; },
      [](RoundParameters& p) { ++p.batch_points; },
      [](RoundParameters& p) { ++p.batches_in_flight; }};
  for (const auto& change : changes) {
    RoundParameters other = Parameters(scenario, Role::kAcceptor);
    change(other);
    Round proposer = *Round::Start(Parameters(scenario, Role::kProposer), {}, random);
    Round acceptor = *Round::Start(other, {}, random);
    EXPECT_THAT(proposer.OnMessage(*acceptor.NextMessage()),
                FailsWith(kViolation, HasSubstr("another round")));
  }
}

TEST(Round, RefusesItsOwnEcho) {
  SeededRandomForTests random(1);
  Round round = *Round::Start(Parameters({}, Role::kProposer), {}, random);
  Bytes hello = *round.NextMessage();
  Round other = *Round::Start(Parameters({}, Role::kProposer), {}, random);
  EXPECT_THAT(other.OnMessage(hello), FailsWith(kViolation, HasSubstr("same role")));
  hello[1] = static_cast<std::uint8_t>(Role::kAcceptor);
  EXPECT_THAT(round.OnMessage(hello), FailsWith(kViolation, HasSubstr("key")));
}

TEST(Round, RefusesMessagesThatComeTooEarlyOrTwice) {
  const Bytes commit = EncodeRoundMessage(CommitMessage{});
  const Bytes tags = EncodeRoundMessage(TagsMessage{});
  const Bytes finish = EncodeRoundMessage(FinishMessage{});
  const Bytes evaluated = EncodeRoundMessage(EvaluatedMessage{{}, {EncodedPoint{}}});
  for (const Bytes& message : {commit, tags, finish, evaluated}) {
    Pair pair({Keys(0, 2), Keys(0, 2)});
    EXPECT_THAT(pair.acceptor().OnMessage(message), FailsWith(kViolation, HasSubstr("hello")));

    Pair greeted({Keys(0, 2), Keys(0, 2)});
    ASSERT_THAT(greeted.acceptor().OnMessage(*greeted.proposer().NextMessage()), IsOk());
    EXPECT_THAT(greeted.acceptor().OnMessage(message), FailsWith(kViolation));
  }
  Pair pair({Keys(0, 2), Keys(0, 2)});
  const Bytes hello = *pair.proposer().NextMessage();
  EXPECT_THAT(pair.acceptor().OnMessage(hello), IsOk());
  EXPECT_THAT(pair.acceptor().OnMessage(hello), FailsWith(kViolation, HasSubstr("twice")));
}

TEST(Round, StaysFailedWithItsFirstError) {
  Pair pair({Keys(0, 2), Keys(0, 2)});
  Work work = *pair.acceptor().TakeWork();
  work.Run();
  const Bytes hello = *pair.proposer().NextMessage();
  EXPECT_THAT(pair.acceptor().OnMessage({}), FailsWith(kViolation, HasSubstr("1 to 65536")));
  EXPECT_THAT(pair.acceptor().OnMessage(hello), FailsWith(kViolation, HasSubstr("1 to 65536")));
  EXPECT_THAT(pair.acceptor().FinishWork(std::move(work)), FailsWith(kViolation));
  EXPECT_FALSE(pair.acceptor().NextMessage().has_value());
  EXPECT_FALSE(pair.acceptor().TakeWork().has_value());
  EXPECT_FALSE(pair.acceptor().is_done());
  EXPECT_EQ(pair.acceptor().progress().phase, "failed");
}

TEST(Round, ADoneRoundRefusesMessagesAndStaysDone) {
  Pair pair({Keys(0, 2), Keys(0, 2)});
  pair.RunToEnd();
  ASSERT_TRUE(pair.acceptor().is_done());
  EXPECT_THAT(pair.acceptor().OnMessage(EncodeRoundMessage(FinishMessage{})),
              FailsWith(kViolation, HasSubstr("end of the round")));
  EXPECT_TRUE(pair.acceptor().is_done());
}

// An acceptor that has heard the proposer's hello, and blinded batches to feed it.
class RoundWindow : public ::testing::Test {
 protected:
  BlindedMessage Batch(std::size_t points) {
    BlindedMessage out;
    for (std::size_t i = 0; i < points; ++i) {
      out.points.push_back(crypto::HashToGroup(AsBytes(std::to_string(next_++)), "test"));
    }
    return out;
  }
  Status Send(const RoundMessage& message) { return round_.OnMessage(EncodeRoundMessage(message)); }
  void SetUp() override {
    Round proposer = *Round::Start(Parameters(kScenario, Role::kProposer), {}, random_);
    ASSERT_THAT(round_.OnMessage(*proposer.NextMessage()), IsOk());
    ASSERT_TRUE(round_.NextMessage().has_value());  // its hello
  }
  void EvaluateOne() {
    Work work = *round_.TakeWork();
    work.Run();
    ASSERT_THAT(round_.FinishWork(std::move(work)), IsOk());
  }

  inline static const Scenario kScenario{{}, {}, 8, 1, 2, 2};  // four batches, two in flight
  SeededRandomForTests random_{9};
  Round round_ = *Round::Start(Parameters(kScenario, Role::kAcceptor), {}, random_);
  int next_ = 0;
};

TEST_F(RoundWindow, HoldsAtTheLimitAndBreaksAboveIt) {
  EXPECT_THAT(Send(Batch(2)), IsOk());
  EXPECT_THAT(Send(Batch(2)), IsOk());
  EXPECT_THAT(Send(Batch(2)), FailsWith(kViolation, HasSubstr("in flight")));
}

TEST_F(RoundWindow, OpensWhenAnAnswerLeavesAndNotBefore) {
  EXPECT_THAT(Send(Batch(2)), IsOk());
  EXPECT_THAT(Send(Batch(2)), IsOk());
  EvaluateOne();
  ASSERT_TRUE(round_.NextMessage().has_value());
  EXPECT_THAT(Send(Batch(2)), IsOk());
  EvaluateOne();  // computed, not pulled
  EXPECT_THAT(Send(Batch(2)), FailsWith(kViolation, HasSubstr("in flight")));
}

TEST_F(RoundWindow, RefusesMoreBatchesThanTheClassHas) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(Send(Batch(2)), IsOk());
    EvaluateOne();
    ASSERT_TRUE(round_.NextMessage().has_value());
  }
  EXPECT_THAT(Send(Batch(2)), FailsWith(kViolation, HasSubstr("size class")));
}

TEST_F(RoundWindow, RefusesAnotherNumberOfPoints) {
  EXPECT_THAT(Send(Batch(1)), FailsWith(kViolation, HasSubstr("number of points")));
}

TEST_F(RoundWindow, RefusesRepeatedAndInvalidPoints) {
  BlindedMessage batch = Batch(2);
  batch.points[1] = batch.points[0];
  ASSERT_THAT(Send(batch), IsOk());
  Work work = *round_.TakeWork();
  work.Run();
  EXPECT_THAT(round_.FinishWork(std::move(work)), FailsWith(kViolation, HasSubstr("twice")));
}

TEST_F(RoundWindow, RefusesTheIdentityAmongTheBlindedPoints) {
  BlindedMessage batch = Batch(2);
  batch.points[1] = {};
  ASSERT_THAT(Send(batch), IsOk());
  Work work = *round_.TakeWork();
  work.Run();
  EXPECT_THAT(round_.FinishWork(std::move(work)), FailsWith(kViolation, HasSubstr("identity")));
}

TEST_F(RoundWindow, OwnBatchesInFlightAreBoundedToo) {
  const Scenario scenario{{}, {}, 8, 8, 2, 2};
  Round round = *Round::Start(Parameters(scenario, Role::kProposer), {}, random_);
  EXPECT_TRUE(round.TakeWork().has_value());
  EXPECT_TRUE(round.TakeWork().has_value());
  EXPECT_FALSE(round.TakeWork().has_value());
}

TEST(RoundStart, RefusesRepeatedInputsAndParametersOutOfRange) {
  SeededRandomForTests random(1);
  const auto start = [&](const RoundParameters& parameters, std::vector<RoundInput> inputs) {
    return Round::Start(parameters, std::move(inputs), random);
  };
  EXPECT_THAT(start({}, {Key(1), Key(2), Key(1)}), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(start({}, Keys(0, kSizeClassMin)), IsOk());
  EXPECT_THAT(start({}, Keys(0, kSizeClassMin + 1)), FailsWith(ErrorCode::kLimitExceeded));

  const auto with = [&](auto RoundParameters::* member, auto value) {
    RoundParameters parameters;
    parameters.*member = value;
    return start(parameters, {});
  };
  using P = RoundParameters;
  EXPECT_THAT(with(&P::own_size_class, 0U), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(with(&P::peer_size_class, 0U), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(with(&P::peer_size_class, kSizeClassMax), IsOk());
  EXPECT_THAT(with(&P::peer_size_class, kSizeClassMax + 1), FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_THAT(with(&P::own_size_class, kSizeClassMax + 1), FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_THAT(with(&P::batch_points, 0U), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(with(&P::batch_points, std::uint32_t{kMessagePointsMax}), IsOk());
  EXPECT_THAT(with(&P::batch_points, std::uint32_t{kMessagePointsMax} + 1),
              FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(with(&P::batches_in_flight, 0U), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(with(&P::batches_in_flight, kBatchesInFlightMax), IsOk());
  EXPECT_THAT(with(&P::batches_in_flight, kBatchesInFlightMax + 1),
              FailsWith(ErrorCode::kInvalidInput));
}

// A peer that follows the format but lies in its tags: it commits to a list it should not have.
TEST(Round, RefusesTagsOutOfOrderEvenIfCommitted) {
  // The acceptor's class is 32 so that each of the 16 chunks has two tags; the wire replaces the
  // chain by one over swapped tags.
  const Scenario scenario{{}, Keys(0, 32), 1, 32, 32};
  std::vector<Tag> tags;
  Pair honest(scenario, [&](Role from, std::size_t, Bytes& message) {
    const RoundMessage decoded = *DecodeRoundMessage(message);
    const auto* const chunk = std::get_if<TagsMessage>(&decoded);
    if (from == Role::kAcceptor && chunk != nullptr) {
      tags.insert(tags.end(), chunk->tags.begin(), chunk->tags.end());
    }
  });
  honest.RunToEnd();
  ASSERT_EQ(tags.size(), 32U);

  for (const bool is_repeated : {false, true}) {
    std::vector<Tag> changed = tags;
    is_repeated ? void(changed[1] = changed[0]) : std::swap(changed[1], changed[2]);
    HelloMessage hellos[2];
    std::vector<crypto::Digest> links;
    std::size_t turn = 0;
    Pair pair(scenario, [&](Role from, std::size_t, Bytes& message) {
      RoundMessage decoded = *DecodeRoundMessage(message);
      if (const auto* const hello = std::get_if<HelloMessage>(&decoded)) {
        hellos[static_cast<std::size_t>(from)] = *hello;
      }
      if (from != Role::kAcceptor) {
        return;
      }
      if (auto* const commit = std::get_if<CommitMessage>(&decoded)) {
        const crypto::Digest session = crypto::HashFields(
            "entente-round/1 session",
            {hellos[0].parameters.view(), hellos[0].nonce.view(), hellos[1].nonce.view(),
             hellos[0].key.view(), hellos[1].key.view()});
        links = MakeTagChain(session, Role::kAcceptor, changed, kRevealTurnsMin, {});
        commit->commitment = links[0];
      } else if (auto* const chunk = std::get_if<TagsMessage>(&decoded)) {
        const auto part = Chunk(changed, kRevealTurnsMin, turn++);
        *chunk = {links[turn], {part.begin(), part.end()}};
      }
      message = EncodeRoundMessage(decoded);
    });
    pair.RunToEnd();
    EXPECT_THAT(pair.proposer_status(), FailsWith(kViolation, HasSubstr("not in order")));
  }
}

TEST(TagChain, ChunksCoverTheListAndFitAMessage) {
  for (const std::uint64_t size_class : {std::uint64_t{1}, kSizeClassMin, kSizeClassMax}) {
    for (const std::uint64_t other : {std::uint64_t{1}, kSizeClassMax}) {
      const std::size_t turns = RevealTurns(size_class, other);
      EXPECT_EQ(turns, RevealTurns(other, size_class));
      EXPECT_EQ(ChunkBegin(size_class, turns, 0), 0U);
      EXPECT_EQ(ChunkBegin(size_class, turns, turns), size_class);
      for (std::size_t turn = 0; turn < turns; ++turn) {
        EXPECT_LE(ChunkBegin(size_class, turns, turn + 1) - ChunkBegin(size_class, turns, turn),
                  kMessageTagsMax);
      }
    }
  }
}

TEST(SizeClass, GrowsInQuarterOctaves) {
  EXPECT_THAT(SizeClass(0), IsOkAndHolds(256));
  EXPECT_THAT(SizeClass(256), IsOkAndHolds(256));
  EXPECT_THAT(SizeClass(257), IsOkAndHolds(305));
  EXPECT_THAT(SizeClass(305), IsOkAndHolds(305));
  EXPECT_THAT(SizeClass(306), IsOkAndHolds(363));
  EXPECT_THAT(SizeClass(364), IsOkAndHolds(431));
  EXPECT_THAT(SizeClass(432), IsOkAndHolds(512));
  EXPECT_THAT(SizeClass(20'000), IsOkAndHolds(23'171));
  EXPECT_THAT(SizeClass(kSizeClassMax), IsOkAndHolds(kSizeClassMax));
  EXPECT_THAT(SizeClass(kSizeClassMax + 1), FailsWith(ErrorCode::kLimitExceeded));
}

}  // namespace
}  // namespace entente::psi
