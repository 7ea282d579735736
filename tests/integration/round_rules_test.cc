// What may begin, go on or be said of a round, and when: attempts, time, budget, agreement,
// collection, declining and results, each against a peer that does not keep to it.
#include "entente/match/keys.h"
#include "entente/wire/json.h"
#include "tests/integration/rounds.h"

namespace entente::testing {
namespace {

using matching::RoundState;
using ::testing::HasSubstr;

class RoundRules : public Rounds {
 protected:
  static matching::SideBody Side(std::uint64_t records, std::uint64_t size_class) {
    return {std::nullopt,
            "terrorism",
            match::SchemeDigest().Hex(),
            std::string(matching::kCryptoSuite),
            {"synthetic", records, size_class, {}}};
  }
  // Runs until so many round messages were sent; the wire stays up.
  void RunUntil(Wire& wire, std::size_t messages) {
    ASSERT_THAT(wire.Run([&] { return sent_messages.size() >= messages; }), IsOk());
  }
  // The acceptance crosses, no round message does.
  act::ActId AcceptedAndKnown() {
    const act::ActId offer = Accepted();
    Wire wire(rabat, berlin, [](const Node& sender, wire::Frame frame) {
      return MessageOf(sender, frame) ? std::vector<wire::Frame>()
                                      : std::vector<wire::Frame>{std::move(frame)};
    });
    EXPECT_THAT(wire.Run(), IsOk());
    EXPECT_EQ(RowAt(rabat, offer).state, RoundState::kAccepted);
    return offer;
  }
  documents::DocumentId CoSignWith(const std::function<void(wire::Json& terms)>& change) {
    wire::Json json = wire::Json::parse(ReadProjectFile("examples/documents/agreement-t1.json"));
    change(json["terms"]);
    return CoSignText(json.dump());
  }
};

TEST_F(RoundRules, NoAttemptBeginsAfterAReveal) {
  const act::ActId offer = Accepted();
  {
    Wire wire(rabat, berlin, CutAfter(30));
    ASSERT_THAT(wire.Run(), IsOk());
  }
  const Bytes hello = matching::EncodeRoundFrame({offer, 2, AsBytes("hello")});
  const Bytes wish = matching::EncodeRoundFrame({offer, 2, {}});
  EXPECT_THAT(berlin.matching.OnRoundMessage(rabat.id(), hello), IsOk());
  EXPECT_THAT(rabat.matching.OnRoundMessage(berlin.id(), wish), IsOk());
  ExpectOverOnBoth(offer);
  for (Node* const node : {&rabat, &berlin}) {
    EXPECT_THAT(RowAt(*node, offer).failure, HasSubstr("revealed"));
    EXPECT_EQ(node->matching.NextRoundMessage(PeerOf(*node)), std::nullopt);
  }
}

TEST_F(RoundRules, AttemptsAreNumberedFromOneToFiveAndOnlyUpwards) {
  const act::ActId offer = AcceptedAndKnown();  // attempt 1 has begun at Rabat
  for (const std::uint32_t attempt : {0U, matching::kAttemptsMax + 1, 0xFFFFFFFFU}) {
    EXPECT_THAT(berlin.matching.OnRoundMessage(
                    rabat.id(), matching::EncodeRoundFrame({offer, attempt, AsBytes("x")})),
                FailsWith(ErrorCode::kPeerViolation))
        << attempt;
    EXPECT_TRUE(RowAt(berlin, offer).IsOpen());
  }
  EXPECT_THAT(rabat.matching.OnRoundMessage(
                  berlin.id(), matching::EncodeRoundFrame({offer, matching::kAttemptsMax + 1, {}})),
              FailsWith(ErrorCode::kPeerViolation));
  ASSERT_THAT(rabat.matching.OnRoundMessage(
                  berlin.id(), matching::EncodeRoundFrame({offer, matching::kAttemptsMax, {}})),
              IsOk());
  EXPECT_EQ(RowAt(rabat, offer).attempt, matching::kAttemptsMax);
  EXPECT_THAT(
      rabat.matching.OnRoundMessage(berlin.id(), matching::EncodeRoundFrame({offer, 2, {}})),
      IsOk());  // a wish that was overtaken
  EXPECT_EQ(RowAt(rabat, offer).attempt, matching::kAttemptsMax);
}

TEST_F(RoundRules, OnlyTheAcceptorWishesAndOnlyTheProposerBegins) {
  const act::ActId offer = AcceptedAndKnown();
  EXPECT_THAT(
      berlin.matching.OnRoundMessage(rabat.id(), matching::EncodeRoundFrame({offer, 2, {}})),
      FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(rabat.matching.OnRoundMessage(berlin.id(),
                                            matching::EncodeRoundFrame({offer, 2, AsBytes("x")})),
              FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(RoundRules, AnOfferIsNoAcceptance) {
  const act::ActId offer = Offered();
  EXPECT_THAT(berlin.matching.OnRoundMessage(rabat.id(),
                                             matching::EncodeRoundFrame({offer, 1, AsBytes("x")})),
              FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(RoundRules, AnAcceptedRoundRunsForSevenDays) {
  const act::ActId offer = Accepted();
  clock.Advance(matching::kRoundLifetime);
  Sync();
  ExpectDoneOnBoth(offer);
}

TEST_F(RoundRules, AnAcceptedRoundEndsAfterSevenDays) {
  const act::ActId offer = AcceptedAndKnown();
  clock.Advance(matching::kRoundLifetime + std::chrono::microseconds(1));
  Sync();
  ExpectOverOnBoth(offer);
  EXPECT_EQ(RowAt(rabat, offer).state, RoundState::kFailed);
  EXPECT_THAT(RowAt(rabat, offer).failure, HasSubstr("seven days"));
}

TEST_F(RoundRules, KeysAreErasedAfterSevenDaysEvenIfThePeerNeverCallsAgain) {
  const act::ActId offered = Offered();
  const act::ActId accepted = AcceptedAndKnown();
  clock.Advance(matching::kRoundLifetime);
  rabat.matching.EndExpired();
  EXPECT_TRUE(RowAt(rabat, accepted).IsOpen() && RowAt(rabat, offered).IsOpen());
  clock.Advance(std::chrono::microseconds(1));
  rabat.matching.EndExpired();
  EXPECT_EQ(RowAt(rabat, accepted).state, RoundState::kFailed);
  EXPECT_EQ(RowAt(rabat, offered).state, RoundState::kFailed);
  EXPECT_FALSE(HoldsKeys(rabat));
  Sync();
  ExpectOverOnBoth(accepted);
  ExpectOverOnBoth(offered);
}

TEST_F(RoundRules, AResultThatThePeerNeverConfirmsIsDisputedAfterSevenDays) {
  const act::ActId offer = Accepted();
  {
    Wire wire(rabat, berlin, CutAfter(41));
    ASSERT_THAT(wire.Run(), IsOk());
  }
  Node& knowing = RowAt(rabat, offer).own_result ? rabat : berlin;
  ASSERT_TRUE(RowAt(knowing, offer).own_result.has_value());
  clock.Advance(matching::kRoundLifetime + std::chrono::microseconds(1));
  knowing.matching.EndExpired();
  EXPECT_EQ(RowAt(knowing, offer).state, RoundState::kDisputed);
  EXPECT_FALSE(HoldsKeys(knowing));
}

TEST_F(RoundRules, ABackDatedOfferCountsInTodaysBudget) {
  agreement = CoSignWith([](wire::Json& terms) { terms["matching"]["rounds_per_day_max"] = 1; });
  const auto answer = Deliver(rabat, act::kMatchOffer, matching::EncodeSide(Side(100, 256)),
                              std::chrono::hours(48));
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(answer->is_receipt) << answer->reason;
  const auto refused = Deliver(rabat, act::kMatchOffer, matching::EncodeSide(Side(100, 256)),
                               std::chrono::hours(48));
  ASSERT_THAT(refused, IsOk());
  EXPECT_FALSE(refused->is_receipt);
  EXPECT_THAT(refused->reason, HasSubstr("limit"));
  EXPECT_EQ(Offer(berlin, rabat.id(), agreement)->decision.rule, agreement::Rule::kLimit);
}

TEST_F(RoundRules, MoreKeysThanTheRecordsCanHaveAreRefusedWithTheArticle) {
  // 100 records may have 2,000 keys: the class of 1,723 is below that, the next is above.
  const auto fits = Deliver(rabat, act::kMatchOffer, matching::EncodeSide(Side(100, 1723)));
  ASSERT_THAT(fits, IsOk());
  EXPECT_TRUE(fits->is_receipt) << fits->reason;
  const auto refused = Deliver(rabat, act::kMatchOffer, matching::EncodeSide(Side(100, 2048)));
  ASSERT_THAT(refused, IsOk());
  EXPECT_FALSE(refused->is_receipt);
  EXPECT_EQ(refused->code, "not_permitted");
  EXPECT_EQ(refused->article, "7");
  EXPECT_THAT(refused->reason, HasSubstr("rule limit"));
  // An acceptance is bound likewise.
  const auto offer = Offer(berlin, rabat.id(), agreement);
  ASSERT_THAT(offer, IsOk());
  matching::SideBody body = Side(100, 2048);
  body.offer = offer->id;
  const auto acceptance = Deliver(rabat, act::kMatchAccept, matching::EncodeSide(body));
  ASSERT_THAT(acceptance, IsOk());
  EXPECT_EQ(acceptance->article, "7");
  EXPECT_EQ(RowAt(berlin, offer->id).state, RoundState::kOffered);
}

TEST_F(RoundRules, TheAgreementEndsBetweenAcceptanceAndRound) {
  agreement = CoSignWith([this](wire::Json& terms) {
    terms["valid_until"] = FormatRfc3339(clock.Now() + std::chrono::hours(24));
  });
  const act::ActId offer = AcceptedAndKnown();
  clock.Advance(std::chrono::hours(24));
  Sync();
  ExpectOverOnBoth(offer);
  for (Node* const node : {&rabat, &berlin}) {
    EXPECT_EQ(RowAt(*node, offer).state, RoundState::kFailed);
    EXPECT_THAT(RowAt(*node, offer).failure, HasSubstr("rule validity, article 15"));
  }
}

TEST_F(RoundRules, TheCollectionIsReplacedBetweenAcceptanceAndRound) {
  const act::ActId offer = AcceptedAndKnown();
  clock.Advance(std::chrono::seconds(1));
  berlin.Fill("persons", {Person("DE-9", {"Somebody Else"}, "1980-01-01")});
  Sync();
  ExpectOverOnBoth(offer);
  EXPECT_EQ(RowAt(berlin, offer).state, RoundState::kFailed);
  EXPECT_THAT(RowAt(berlin, offer).failure, HasSubstr("collection was replaced"));
}

TEST_F(RoundRules, TheCollectionIsReplacedWhileTheRoundRuns) {
  const act::ActId offer = Accepted();
  {
    Wire wire(rabat, berlin, Listener());
    RunUntil(wire, 10);
    clock.Advance(std::chrono::seconds(1));
    berlin.Fill("persons", {Person("DE-9", {"Somebody Else"}, "1980-01-01")});
    ASSERT_THAT(wire.Run(), IsOk());
  }
  ExpectOverOnBoth(offer);
  EXPECT_EQ(RowAt(berlin, offer).state, RoundState::kFailed);
  EXPECT_THAT(berlin.matching.Hits(rabat.id(), offer), FailsWith(ErrorCode::kConflict));
}

TEST_F(RoundRules, ADeclineDuringTheRunEndsItAtOnce) {
  for (Node* const node : {&rabat, &berlin}) {
    sent_messages.clear();
    const act::ActId offer = Accepted();
    Wire wire(rabat, berlin, Listener());
    RunUntil(wire, 12);
    ASSERT_TRUE(RowAt(*node, offer).IsOpen());
    ASSERT_THAT(node->matching.Decline(PeerOf(*node), offer, "officer"), IsOk());
    EXPECT_EQ(node->matching.NextRoundMessage(PeerOf(*node)), std::nullopt);
    ASSERT_THAT(wire.Run(), IsOk());
    ExpectOverOnBoth(offer);
    EXPECT_EQ(RowAt(rabat, offer).state, RoundState::kDeclined);
    EXPECT_EQ(RowAt(berlin, offer).state, RoundState::kDeclined);
    EXPECT_LT(sent_messages.size(), 42U);
  }
}

TEST_F(RoundRules, ALateDeclineChangesNothing) {
  const act::ActId offer = Accepted();
  Sync();
  ExpectDoneOnBoth(offer);
  const matching::RoundRow before = RowAt(berlin, offer);
  const auto answer = Deliver(rabat, act::kMatchDecline, matching::EncodeDecline(offer));
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(answer->is_receipt) << answer->reason;
  EXPECT_EQ(RowAt(berlin, offer), before);
  EXPECT_THAT(berlin.matching.Decline(rabat.id(), offer, "officer"),
              FailsWith(ErrorCode::kConflict, HasSubstr("already over")));
}

// The peer takes part in the round and then refuses our acceptance.
TEST_F(RoundRules, ARefusedAcceptanceEndsTheRunThatBeganOnIt) {
  const act::ActId offer = Accepted();
  Wire wire(rabat, berlin, [this](const Node& sender, wire::Frame frame) {
    if (&sender == &rabat && frame.type == static_cast<std::uint8_t>(peer::FrameType::kAnswer)) {
      return std::vector<wire::Frame>();
    }
    return Listener()(sender, std::move(frame));
  });
  RunUntil(wire, 8);
  const store::ActRow acceptance = berlin.Acts(rabat.id()).front();
  ASSERT_EQ(acceptance.kind, act::kMatchAccept);
  ASSERT_EQ(acceptance.state, store::ActState::kPending);
  act::Answer refusal;
  refusal.is_receipt = false;
  refusal.act = acceptance.id;
  refusal.from = rabat.id();
  refusal.to = berlin.id();
  refusal.sequence = acceptance.sequence;
  refusal.time = clock.Now();
  refusal.code = "not_permitted";
  refusal.reason = "we changed our mind";
  const auto signed_refusal =
      act::Sign(act::kAnswerType, act::EncodeAnswer(refusal), *rabat.exchange.identity().message);
  ASSERT_THAT(berlin.exchange.ReceiveAnswer(rabat.id(), act::Encode(*signed_refusal)), IsOk());
  EXPECT_EQ(RowAt(berlin, offer).state, RoundState::kRefused);
  EXPECT_EQ(berlin.matching.NextRoundMessage(rabat.id()), std::nullopt);
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_FALSE(RowAt(berlin, offer).is_revealed);
  EXPECT_FALSE(HoldsKeys(berlin));
}

TEST_F(RoundRules, AResultIsStatedOnceAndOnlyWhileTheRoundRuns) {
  const act::ActId offered = Offered();
  const matching::RoundResult stated{1, 0, {}, {}};
  matching::ResultBody body{offered, stated};
  auto answer = Deliver(rabat, act::kMatchResult, matching::EncodeResult(body));
  EXPECT_EQ(answer->code, "conflict");
  ASSERT_THAT(Accept(berlin, rabat.id(), offered), IsOk());
  answer = Deliver(rabat, act::kMatchResult, matching::EncodeResult(body));
  EXPECT_TRUE(answer->is_receipt) << answer->reason;
  body.result.common_keys = 1;
  answer = Deliver(rabat, act::kMatchResult, matching::EncodeResult(body));
  EXPECT_EQ(answer->code, "conflict");
  EXPECT_EQ(RowAt(berlin, offered).peer_result, stated);
}

TEST_F(RoundRules, AResultOfAnotherAttemptIsDisputed) {
  const act::ActId offer = Accepted();
  {
    Wire wire(rabat, berlin, CutAfter(41));
    ASSERT_THAT(wire.Run(), IsOk());
  }
  Node& knowing = RowAt(rabat, offer).own_result ? rabat : berlin;
  matching::ResultBody body{offer,
                            RowAt(knowing, offer).own_result.value_or(matching::RoundResult())};
  ++body.result.attempt;
  const auto answer = Deliver(OtherThan(knowing), act::kMatchResult, matching::EncodeResult(body));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(RowAt(knowing, offer).state, RoundState::kDisputed);
  EXPECT_FALSE(HoldsKeys(knowing));
}

}  // namespace
}  // namespace entente::testing
