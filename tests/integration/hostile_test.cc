// A peer that holds the right keys and breaks the rules: each attack is refused with a typed error
// or a signed refusal, evidence is kept where the bytes are signed, and the node goes on.
#include "entente/act/act.h"
#include "entente/crypto/random.h"
#include "entente/exchange/quota.h"
#include "entente/exchange/recovery.h"
#include "entente/wire/json.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Berlin's peer, speaking for itself: a node of MA whose message key the test holds.
class HostilePeer : public ::testing::Test {
 protected:
  void SetUp() override {
    card.name = "hostile";
    card.country = "MA";
    card.keys = {message.public_key(), {}, {}, {}, {}};
    card.keys.ledger.bytes[0] = 1;
    card.keys.witness.bytes[0] = 2;
    card.keys.tls.bytes[0] = 3;
    card.keys.encryption = encryption.public_key();
    card.time = TestStart();
    ASSERT_THAT(berlin.exchange.AddPeer(*act::SignCard(card, message)), IsOk());
  }

  act::Act MakeAct(std::string_view kind, std::uint64_t sequence,
                   wire::Json body = wire::Json::object()) {
    act::Act act;
    act.kind = std::string(kind);
    act.from = card.id();
    act.to = berlin.id();
    act.sequence = sequence;
    act.time = clock.Now();
    random.Fill(act.salt.bytes);
    act.body = std::move(body);
    return act;
  }
  Bytes Envelope(const act::Act& act) {
    return act::Encode(*act::Sign(act::kActType, act::EncodeAct(act), message));
  }
  // The answer to an act, decoded.
  Result<act::Answer> Deliver(const act::Act& act) {
    ENTENTE_ASSIGN(const auto received, berlin.exchange.ReceiveAct(card.id(), Envelope(act)));
    ENTENTE_ASSIGN(const act::Envelope envelope, act::DecodeEnvelope(received.answer));
    ENTENTE_TRY(act::VerifySignedBy(envelope, act::kAnswerType, berlin.card().keys.message));
    return act::DecodeAnswer(envelope.payload);
  }

  TemporaryFolder folder;
  ManualClock clock{TestStart()};
  SeededRandomForTests random{7};
  crypto::Ed25519Signer message{crypto::NewSeed(random)};
  crypto::BoxKey encryption{crypto::NewSeed(random)};
  act::Card card;
  Node berlin{"DE", 2, folder.File("de.db"), clock};
};

TEST_F(HostilePeer, UnknownKindIsRefusedTyped) {
  const auto answer = Deliver(MakeAct("bulk.handover", 1));
  ASSERT_THAT(answer, IsOk());
  EXPECT_FALSE(answer->is_receipt);
  EXPECT_EQ(answer->code, "not_permitted");
  EXPECT_THAT(berlin.Evidence(card.id()), SizeIs(1));
}

TEST_F(HostilePeer, MatchWithoutAgreementIsRefused) {
  const auto answer = Deliver(MakeAct(act::kMatchOffer, 1));
  ASSERT_THAT(answer, IsOk());
  EXPECT_FALSE(answer->is_receipt);
  EXPECT_THAT(answer->reason, HasSubstr("no_agreement"));
}

TEST_F(HostilePeer, RefusedActUsesUpItsSequenceAndIsAnsweredTheSameAgain) {
  const act::Act act = MakeAct(act::kMatchOffer, 1);
  const auto first = berlin.exchange.ReceiveAct(card.id(), Envelope(act));
  const auto again = berlin.exchange.ReceiveAct(card.id(), Envelope(act));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->answer, first->answer);
  EXPECT_THAT(Deliver(MakeAct(act::kMatchOffer, 2)), IsOk());
}

TEST_F(HostilePeer, SequenceGapRegressAndForeignEpochEndTheLink) {
  EXPECT_THAT(Deliver(MakeAct(act::kMatchOffer, 2)), FailsWith(ErrorCode::kPeerViolation));
  ASSERT_THAT(Deliver(MakeAct(act::kMatchOffer, 1)), IsOk());
  act::Act other_epoch = MakeAct(act::kMatchOffer, 2);
  other_epoch.epoch = 2;
  EXPECT_THAT(Deliver(other_epoch), FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(HostilePeer, RefusedActsAreBoundedAndNothingIsLost) {
  for (std::uint64_t sequence = 1; sequence <= exchange::kRefusalsPerWindowMax; ++sequence) {
    ASSERT_THAT(Deliver(MakeAct(act::kMatchOffer, sequence)), IsOk()) << sequence;
  }
  const act::Act next = MakeAct(act::kMatchOffer, exchange::kRefusalsPerWindowMax + 1);
  EXPECT_THAT(Deliver(next), FailsWith(ErrorCode::kLimitExceeded, HasSubstr("entente evidence")));
  EXPECT_THAT(berlin.Acts(card.id()), SizeIs(exchange::kRefusalsPerWindowMax));
  EXPECT_THAT(berlin.Evidence(card.id()), SizeIs(exchange::kRefusalsPerWindowMax));
  EXPECT_THAT(berlin.exchange.CheckStanding(card.id()), FailsWith(ErrorCode::kLimitExceeded));
  clock.Advance(exchange::kQuotaWindow);
  EXPECT_THAT(berlin.exchange.CheckStanding(card.id()), IsOk());
  EXPECT_THAT(Deliver(next), IsOk());
}

TEST_F(HostilePeer, EvidenceIsBoundedHoweverOftenThePeerCallsAgain) {
  act::Act act = MakeAct(act::kMatchOffer, 1);
  act.to = card.id();
  for (std::uint64_t i = 0; i < exchange::kRefusalsPerWindowMax + 3; ++i) {
    EXPECT_THAT(Deliver(act), FailsWith(ErrorCode::kPeerViolation));
  }
  EXPECT_THAT(berlin.Evidence(card.id()), SizeIs(exchange::kRefusalsPerWindowMax));
}

TEST_F(HostilePeer, ASuspendedPeerGetsAByeAndNoLink) {
  for (std::uint64_t sequence = 1; sequence <= exchange::kRefusalsPerWindowMax; ++sequence) {
    ASSERT_THAT(Deliver(MakeAct(act::kMatchOffer, sequence)), IsOk());
  }
  SeededRandomForTests link_random(5);
  const auto binding = crypto::RandomBytes<peer::ChannelBinding>(link_random);
  const auto call = [&]() -> Status {
    peer::Session caller({card, berlin.card()}, binding, message, encryption);
    exchange::Link link(berlin.exchange, berlin.matching, card, binding);
    ENTENTE_TRY(caller.Start());
    ENTENTE_TRY(link.Start());
    Status status = link.OnBytes(caller.TakeOutput());
    const auto heard = caller.OnBytes(link.TakeOutput());
    EXPECT_EQ(static_cast<bool>(heard), static_cast<bool>(status));
    if (!heard) {
      EXPECT_THAT(heard, FailsWith(ErrorCode::kUnavailable, HasSubstr("suspended this node")));
    }
    return status;
  };
  EXPECT_THAT(call(), FailsWith(ErrorCode::kLimitExceeded, HasSubstr("peer suspended until")));
  ASSERT_THAT(berlin.exchange.AddPeer(*act::SignCard(card, message)), IsOk());
  EXPECT_THAT(call(), IsOk());
}

TEST_F(HostilePeer, EquivocationIsKeptAsEvidence) {
  ASSERT_THAT(Deliver(MakeAct(act::kMatchOffer, 1)), IsOk());
  const auto before = berlin.Evidence(card.id()).size();
  EXPECT_THAT(Deliver(MakeAct(act::kMatchOffer, 1)),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("two different acts")));
  const auto evidence = berlin.Evidence(card.id());
  ASSERT_THAT(evidence, SizeIs(before + 1));
  EXPECT_THAT(evidence.back().what, HasSubstr("equivocation"));
  // The peer is not listened to until an operator says so.
  const act::Act next = MakeAct(act::kMatchOffer, 2);
  EXPECT_THAT(Deliver(next), FailsWith(ErrorCode::kNotPermitted, HasSubstr("entente resume")));
  EXPECT_THAT(berlin.exchange.CheckStanding(card.id()), FailsWith(ErrorCode::kNotPermitted));
  exchange::Recovery recovery(berlin.exchange);
  ASSERT_THAT(recovery.Resume(card.id()), IsOk());
  EXPECT_THAT(Deliver(next), IsOk());
  EXPECT_THAT(recovery.Resume(card.id()), FailsWith(ErrorCode::kConflict));
}

TEST_F(HostilePeer, ActAddressedToSomebodyElseIsEvidence) {
  act::Act act = MakeAct(act::kMatchOffer, 1);
  act.to = card.id();
  EXPECT_THAT(Deliver(act), FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(berlin.Evidence(card.id()), SizeIs(1));
}

TEST_F(HostilePeer, ActSignedByAnotherKeyIsRefused) {
  SeededRandomForTests other_random(8);
  const crypto::Ed25519Signer other(crypto::NewSeed(other_random));
  const act::Act act = MakeAct(act::kDocumentPropose, 1);
  const Bytes forged = act::Encode(*act::Sign(act::kActType, act::EncodeAct(act), other));
  EXPECT_THAT(berlin.exchange.ReceiveAct(card.id(), forged), FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(berlin.Acts(card.id()), IsEmpty());
}

TEST_F(HostilePeer, AnswerPayloadDoesNotPassAsAnAct) {
  const act::Act act = MakeAct(act::kDocumentPropose, 1);
  const Bytes wrong_type = act::Encode(*act::Sign(act::kAnswerType, act::EncodeAct(act), message));
  EXPECT_THAT(berlin.exchange.ReceiveAct(card.id(), wrong_type),
              FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(HostilePeer, AnswerToAnActNeverSentIsEvidence) {
  act::Answer answer;
  answer.from = card.id();
  answer.to = berlin.id();
  answer.sequence = 1;
  answer.time = clock.Now();
  const Bytes envelope =
      act::Encode(*act::Sign(act::kAnswerType, act::EncodeAnswer(answer), message));
  EXPECT_THAT(berlin.exchange.ReceiveAnswer(card.id(), envelope),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("no act this node sent")));
  EXPECT_THAT(berlin.Evidence(card.id()), SizeIs(1));
}

TEST_F(HostilePeer, LiveActIsRefusedByAnExerciseNode) {
  act::Act act = MakeAct(act::kDocumentPropose, 1, {{"document", ""}});
  act.is_exercise = false;
  const auto answer = Deliver(act);
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(answer->reason, HasSubstr("exercise"));
}

TEST_F(HostilePeer, ProposalThatIsNoDocumentIsRefusedTyped) {
  for (const wire::Json& body :
       {wire::Json::object(), wire::Json{{"document", 1}}, wire::Json{{"document", "AAAA"}},
        wire::Json{{"document", "!"}}, wire::Json{{"document", ""}, {"more", 1}}}) {
    const std::uint64_t sequence = berlin.Acts(card.id()).size() + 1;
    const auto answer = Deliver(MakeAct(act::kDocumentPropose, sequence, body));
    ASSERT_THAT(answer, IsOk());
    EXPECT_FALSE(answer->is_receipt);
    EXPECT_EQ(answer->code, "invalid_input");
  }
}

TEST_F(HostilePeer, IntroductionUnderAnAgreementNobodySignedIsRefused) {
  act::Act act = MakeAct(act::kDocumentPropose, 1, {{"document", ""}});
  act.agreement = act::AgreementId();
  const auto answer = Deliver(act);
  ASSERT_THAT(answer, IsOk());
  EXPECT_THAT(answer->reason, HasSubstr("no_agreement"));
}

TEST_F(HostilePeer, RoundMessagesWithoutAnAcceptedRoundEndTheLink) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{35}, std::size_t{36}, std::size_t{500}}) {
    EXPECT_THAT(berlin.matching.OnRoundMessage(card.id(), Bytes(size, 1)),
                FailsWith(ErrorCode::kPeerViolation));
  }
}

}  // namespace
}  // namespace entente::testing
