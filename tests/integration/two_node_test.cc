// The main path, end to end, without sockets: declaration, refusal under T0, agreement, round,
// communiqué, ledger; and what happens when the link drops or a peer misbehaves.
#include <map>

#include "entente/ledger/export.h"
#include "entente/ledger/verify.h"
#include "entente/wire/json.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(TwoNodes, DeclarationIsInForceOnBothSidesOnceBothSigned) {
  const auto id = CoSign("declaration-t0.json");
  for (Node* const node : {&rabat, &berlin}) {
    const auto view = node->documents.Get(node == &rabat ? berlin.id() : rabat.id(), id);
    ASSERT_THAT(view, IsOk());
    EXPECT_EQ(view->StateAt(clock.Now()), documents::DocumentState::kInForce);
  }
}

TEST_F(TwoNodes, MatchIsRefusedUnderTheDeclarationByTheSendersOwnPolicy) {
  const auto declaration = CoSign("declaration-t0.json");
  FillBoth();
  const auto submission = Offer(rabat, berlin.id(), declaration);
  ASSERT_THAT(submission, IsOk());
  EXPECT_EQ(submission->decision.rule, agreement::Rule::kTier);
  EXPECT_FALSE(submission->decision.article.empty());
  EXPECT_THAT(rabat.Acts(berlin.id()), Not(Contains(Field(&store::ActRow::kind, "match.offer"))));
}

TEST_F(TwoNodes, BothFindTheSamePersonAcrossScripts) {
  const auto agreement = CoSign("agreement-t1.json");
  FillBoth();
  const auto offer = Offer(rabat, berlin.id(), agreement);
  ASSERT_THAT(offer, IsOk());
  ASSERT_TRUE(offer->decision.is_permitted()) << agreement::Describe(offer->decision);
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  ASSERT_THAT(Accept(berlin, rabat.id(), offer->id), IsOk());
  ASSERT_THAT(wire.Run(), IsOk());

  const auto here = rabat.matching.Get(berlin.id(), offer->id);
  const auto there = berlin.matching.Get(rabat.id(), offer->id);
  ASSERT_THAT(here, IsOk());
  ASSERT_THAT(there, IsOk());
  EXPECT_EQ(here->row.state, matching::RoundState::kDone) << here->row.failure;
  EXPECT_EQ(there->row.state, matching::RoundState::kDone) << there->row.failure;
  EXPECT_EQ(here->row.own_result, there->row.own_result);
  EXPECT_THAT(*rabat.matching.Hits(berlin.id(), offer->id),
              ElementsAre(Field(&matching::Hit::record_id, "MA-1")));
  EXPECT_THAT(*berlin.matching.Hits(rabat.id(), offer->id),
              ElementsAre(Field(&matching::Hit::record_id, "DE-7")));
  for (const std::string_view secret : {"العلوي", "Alaoui", "1975-03-02", "Hartmann", "Bennani"}) {
    EXPECT_EQ(AsText(wire.captured()).find(secret), std::string_view::npos) << secret;
  }
}

TEST_F(TwoNodes, RoundSurvivesADroppedLink) {
  const auto agreement = CoSign("agreement-t1.json");
  FillBoth();
  const auto offer = Offer(rabat, berlin.id(), agreement);
  ASSERT_THAT(offer, IsOk());
  {
    Wire wire(rabat, berlin);
    ASSERT_THAT(wire.Run(), IsOk());
    ASSERT_THAT(Accept(berlin, rabat.id(), offer->id), IsOk());
    int turns = 0;
    ASSERT_THAT(wire.Run([&] { return ++turns == 5; }), IsOk());
  }
  EXPECT_EQ(rabat.matching.Get(berlin.id(), offer->id)->row.state, matching::RoundState::kAccepted);
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  const auto view = rabat.matching.Get(berlin.id(), offer->id);
  EXPECT_EQ(view->row.state, matching::RoundState::kDone) << view->row.failure;
  EXPECT_GT(view->row.attempt, 1U);
}

TEST_F(TwoNodes, AcceptorDeclinesAndTheProposerLearnsIt) {
  const auto agreement = CoSign("agreement-t1.json");
  FillBoth();
  const auto offer = Offer(rabat, berlin.id(), agreement);
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  ASSERT_THAT(berlin.matching.Decline(rabat.id(), offer->id, "officer"), IsOk());
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_EQ(rabat.matching.Get(berlin.id(), offer->id)->row.state, matching::RoundState::kDeclined);
  EXPECT_THAT(Accept(berlin, rabat.id(), offer->id), FailsWith(ErrorCode::kConflict));
}

TEST_F(TwoNodes, OperationalCollectionIsNotMatched) {
  const auto agreement = CoSign("agreement-t1.json");
  rabat.Fill("persons", {Person("MA-1", {"Youssef Tazi"}, "1990-11-30")},
             store::Origin::kOperational);
  const auto submission = Offer(rabat, berlin.id(), agreement);
  ASSERT_THAT(submission, IsOk());
  EXPECT_EQ(submission->decision.rule, agreement::Rule::kOrigin);
}

TEST_F(TwoNodes, PurposeOutsideTheAgreementIsRefused) {
  const auto agreement = CoSign("agreement-t1.json");
  FillBoth();
  const auto submission = Offer(rabat, berlin.id(), agreement, "illegal-stay");
  ASSERT_THAT(submission, IsOk());
  EXPECT_EQ(submission->decision.rule, agreement::Rule::kPurpose);
}

TEST_F(TwoNodes, RoundsBeyondTheDailyBudgetAreRefusedByBothSides) {
  wire::Json agreement = wire::Json::parse(ReadProjectFile("examples/documents/agreement-t1.json"));
  agreement["terms"]["matching"]["rounds_per_day_max"] = 1;
  const auto id = CoSignText(agreement.dump());
  FillBoth();
  ASSERT_TRUE(Offer(rabat, berlin.id(), id)->decision.is_permitted());
  EXPECT_EQ(Offer(rabat, berlin.id(), id)->decision.rule, agreement::Rule::kLimit);
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_EQ(Offer(berlin, rabat.id(), id)->decision.rule, agreement::Rule::kLimit);
  clock.Advance(std::chrono::hours(25));
  EXPECT_TRUE(Offer(berlin, rabat.id(), id)->decision.is_permitted());
}

TEST_F(TwoNodes, CollectionReplacedWhileTheRoundWaitsEndsIt) {
  const auto agreement = CoSign("agreement-t1.json");
  FillBoth();
  const auto offer = Offer(rabat, berlin.id(), agreement);
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  clock.Advance(std::chrono::seconds(1));
  FillBoth();
  ASSERT_THAT(Accept(berlin, rabat.id(), offer->id), IsOk());
  ASSERT_THAT(wire.Run(), IsOk());
  const auto view = rabat.matching.Get(berlin.id(), offer->id);
  EXPECT_EQ(view->row.state, matching::RoundState::kFailed);
  EXPECT_THAT(view->row.failure, HasSubstr("replaced"));
  EXPECT_FALSE(berlin.matching.Get(rabat.id(), offer->id)->row.IsOpen());
}

TEST_F(TwoNodes, EveryActIsReceiptedAndBothLedgersSettleAndVerify) {
  CoSign("declaration-t0.json");
  for (Node* const node : {&rabat, &berlin}) {
    const PeerId peer = node == &rabat ? berlin.id() : rabat.id();
    const act::Card& peer_card = node == &rabat ? berlin.card() : rabat.card();
    EXPECT_THAT(node->Acts(peer),
                Not(Contains(Field(&store::ActRow::state, store::ActState::kPending))));
    std::map<std::string, Bytes> files;
    ASSERT_THAT(node->exchange.store().Read([&](const store::Reader& reader) -> Status {
      struct Entries final : ledger::EntryReader {
        const store::Reader* reader = nullptr;
        PeerId peer;
        Result<Bytes> Entry(std::uint64_t index) const override {
          return reader->LedgerEntry(peer, index);
        }
      } entries;
      entries.reader = &reader;
      entries.peer = peer;
      ENTENTE_ASSIGN(const auto note,
                     reader.GetCheckpoint(peer, store::CheckpointKind::kOwnSettled));
      ENTENTE_ASSIGN(const auto log,
                     ledger::ParseVerifierKey(exchange::LogVkey(node->card(), peer)));
      ENTENTE_ASSIGN(const auto witness,
                     ledger::ParseVerifierKey(exchange::WitnessVkey(peer_card)));
      return ledger::ExportLog(exchange::StoredNodes(reader, peer), entries, AsText(*note),
                               {log, {witness}, 1},
                               [&](const std::string& path, ByteView bytes) -> Status {
                                 files[path] = ToBytes(bytes);
                                 return {};
                               });
    }),
                IsOk());
    EXPECT_TRUE(files.contains("checkpoint"));
    EXPECT_TRUE(files.contains("log.policy"));
  }
}

TEST_F(TwoNodes, ResentActGetsTheSameAnswerAndHasOneEffect) {
  const auto id =
      rabat.documents.Draft(berlin.id(), ReadProjectFile("examples/documents/declaration-t0.json"));
  ASSERT_THAT(rabat.documents.Propose(berlin.id(), *id, "desk"), IsOk());
  const Bytes envelope = rabat.Acts(berlin.id()).front().envelope;
  const auto first = berlin.exchange.ReceiveAct(rabat.id(), envelope);
  const auto second = berlin.exchange.ReceiveAct(rabat.id(), envelope);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->answer, second->answer);
  EXPECT_FALSE(first->is_repeat);
  EXPECT_TRUE(second->is_repeat);
  EXPECT_EQ(berlin.Acts(rabat.id()).size(), 1U);
}

TEST_F(TwoNodes, AlteredActIsRefusedAndTheNodeGoesOn) {
  const auto id =
      rabat.documents.Draft(berlin.id(), ReadProjectFile("examples/documents/declaration-t0.json"));
  ASSERT_THAT(rabat.documents.Propose(berlin.id(), *id, "desk"), IsOk());
  Bytes envelope = rabat.Acts(berlin.id()).front().envelope;
  envelope[envelope.size() / 2] ^= 1U;
  EXPECT_THAT(berlin.exchange.ReceiveAct(rabat.id(), envelope),
              FailsWith(ErrorCode::kPeerViolation));
  Wire wire(rabat, berlin);
  EXPECT_THAT(wire.Run(), IsOk());
  EXPECT_EQ(berlin.Acts(rabat.id()).size(), 1U);
}

TEST_F(TwoNodes, LiveAndExerciseNodesRefuseEachOther) {
  Node live("FR", 3, folder.File("fr.db"), clock, /*is_exercise=*/false);
  EXPECT_THAT(rabat.exchange.AddPeer(live.signed_card()),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("exercise")));
}

}  // namespace
}  // namespace entente::testing
