// A node whose store was put back to an older copy: it notices, signs nothing, gets back what it
// lacks when its operator says so, and goes on in a new epoch. No act that the peer received is
// lost, doubled or contradicted.
#include "entente/exchange/recovery.h"

#include <map>
#include <string>
#include <utility>

#include "entente/ledger/relation.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using exchange::Guard;
using exchange::GuardState;
using exchange::Recovery;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Restored : public TwoNodes {
 protected:
  static std::string Text(const std::string& title) {
    std::string text = ReadProjectFile("examples/documents/minutes.json");
    text.insert(text.find("Minutes of the Meeting"), title + ": ");
    return text;
  }
  // A proposal of `node`, not sent yet.
  void Propose(Node& node, const std::string& title) {
    const auto id = node.documents.Draft(PeerOf(node), Text(title));
    ASSERT_THAT(id, IsOk());
    ASSERT_THAT(node.documents.Propose(PeerOf(node), *id, "desk"), IsOk());
  }
  void Talk() {
    Wire wire(rabat, berlin);
    ASSERT_THAT(wire.Run(), IsOk());
  }
  Guard GuardOf(Node& node) { return *Recovery(node.exchange).GuardOf(PeerOf(node)); }
  void Recover(Node& node) { ASSERT_THAT(Recovery(node.exchange).Begin(PeerOf(node)), IsOk()); }
  std::map<exchange::Position, store::ActRow> Acts(Node& node, store::Direction direction) {
    std::map<exchange::Position, store::ActRow> acts;
    for (store::ActRow& row : node.Acts(PeerOf(node))) {
      if (row.direction == direction) {
        acts.emplace(exchange::Position{row.epoch, row.sequence}, std::move(row));
      }
    }
    return acts;
  }
  // What one side sent is what the other one received, with the same outcome.
  void ExpectAgreement() {
    for (Node* const node : {&rabat, &berlin}) {
      const auto sent = Acts(*node, store::Direction::kOut);
      const auto received = Acts(OtherThan(*node), store::Direction::kIn);
      ASSERT_EQ(sent.size(), received.size());
      for (const auto& [position, row] : sent) {
        ASSERT_TRUE(received.contains(position));
        EXPECT_EQ(row.id, received.at(position).id);
        EXPECT_EQ(row.answer, received.at(position).answer);
        EXPECT_NE(row.state, store::ActState::kPending);
      }
    }
    const auto ours = rabat.documents.List(berlin.id());
    const auto theirs = berlin.documents.List(rabat.id());
    ASSERT_EQ(ours->size(), theirs->size());
    for (std::size_t i = 0; i < ours->size(); ++i) {
      EXPECT_EQ(ours->at(i).id, theirs->at(i).id);
      EXPECT_EQ(ours->at(i).IsProposed(), theirs->at(i).IsProposed());
      EXPECT_EQ(ours->at(i).signatures.size(), theirs->at(i).signatures.size());
    }
  }
  exchange::LogHead Head(Node& node, store::CheckpointKind kind) {
    exchange::LogHead head;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(head, exchange::ReadLogHead(reader, PeerOf(node), kind));
      return {};
    }),
                IsOk());
    return head;
  }
};

TEST_F(Restored, AnOlderCopyIsNoticedBeforeAnythingIsSigned) {
  Propose(rabat, "one");
  Talk();
  Copy();
  Propose(rabat, "two");
  Talk();
  PutBack();
  const auto before = Acts(rabat, store::Direction::kOut);
  Propose(berlin, "three");
  Talk();
  EXPECT_EQ(GuardOf(rabat).state, GuardState::kRolledBack);
  EXPECT_THAT(GuardOf(rabat).why, HasSubstr("acts of this node that this home does not have"));
  EXPECT_EQ(Acts(rabat, store::Direction::kOut).size(), before.size());
  EXPECT_THAT(Acts(rabat, store::Direction::kIn), IsEmpty());  // nor was anything answered
  EXPECT_THAT(rabat.exchange.Submit(berlin.id(), {std::string(act::kDocumentPropose), {}, {}, "x"}),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("run `entente recover`")));
  EXPECT_THAT(berlin.Evidence(rabat.id()), IsEmpty());
  // And still so after a restart and on the next link.
  Restart(rabat);
  Talk();
  EXPECT_EQ(GuardOf(rabat).state, GuardState::kRolledBack);
}

TEST_F(Restored, RecoveryBringsBackBothDirectionsAndBeginsANewEpoch) {
  CoSign("declaration-t0.json");
  Copy();
  Propose(rabat, "two");
  Talk();
  Propose(berlin, "three");
  Talk();
  CoSignText(Text("four"));  // signatures of both sides, each after the other's proposal
  const auto sent = Acts(rabat, store::Direction::kOut);
  const auto received = Acts(rabat, store::Direction::kIn);
  const exchange::LogHead lost = Head(rabat, store::CheckpointKind::kOwnSettled);

  PutBack();
  Talk();
  Recover(rabat);
  Talk();
  EXPECT_EQ(GuardOf(rabat).state, GuardState::kOpen);
  for (const auto& [position, row] : sent) {
    EXPECT_EQ(Acts(rabat, store::Direction::kOut).at(position).answer, row.answer);
  }
  for (const auto& [position, row] : received) {
    EXPECT_EQ(Acts(rabat, store::Direction::kIn).at(position).answer, row.answer);
  }
  ExpectAgreement();

  Propose(rabat, "five");
  Propose(berlin, "six");
  Talk();
  EXPECT_TRUE(Acts(rabat, store::Direction::kOut).contains({2, 1}));
  EXPECT_EQ(Acts(berlin, store::Direction::kOut).rbegin()->first.epoch, 1U);
  ExpectAgreement();
  // The old log ended where Berlin cosigned it last, the new one is settled.
  const exchange::LogHead head = Head(rabat, store::CheckpointKind::kOwnSettled);
  EXPECT_EQ(head.checkpoint.origin, ledger::LogOrigin(rabat.id(), berlin.id(), 2));
  EXPECT_EQ(head.checkpoint, Head(berlin, store::CheckpointKind::kPeerCosigned).checkpoint);
  for (Node* const node : {&rabat, &berlin}) {
    const auto evidence = node->Evidence(PeerOf(*node));
    ASSERT_THAT(evidence, SizeIs(1));
    EXPECT_THAT(ToText(evidence[0].bytes), HasSubstr(ledger::FormatCheckpoint(lost.checkpoint)));
  }
}

TEST_F(Restored, ANodeIsRestoredAgainAndAgain) {
  Propose(rabat, "zero");
  Talk();
  Copy();
  for (const std::uint64_t epoch : {2U, 3U, 4U}) {
    Propose(rabat, "in epoch " + std::to_string(epoch));
    Propose(berlin, "meanwhile " + std::to_string(epoch));
    Talk();
    PutBack();
    Talk();
    Recover(rabat);
    Talk();
    ExpectAgreement();
    Propose(rabat, "after restore " + std::to_string(epoch));
    Talk();
    EXPECT_TRUE(Acts(berlin, store::Direction::kIn).contains({epoch, 1}));
    ExpectAgreement();
  }
}

TEST_F(Restored, ACopyThatLacksNothingGoesOn) {
  Propose(rabat, "one");
  Talk();
  Copy();
  PutBack();
  Propose(rabat, "two");
  Talk();
  EXPECT_TRUE(GuardOf(rabat).is_open());
  ExpectAgreement();
  EXPECT_THAT(Recovery(rabat.exchange).Begin(berlin.id()), FailsWith(ErrorCode::kConflict));
}

TEST_F(Restored, WhatThePeerDidNotReceiveIsSentInItsOldEpoch) {
  Propose(rabat, "one");
  Talk();
  Propose(berlin, "two");
  Propose(rabat, "three");  // waits in the outbox, in the copy too
  Copy();
  Talk();
  Propose(rabat, "four");
  Talk();
  PutBack();
  Talk();
  Recover(rabat);
  Talk();
  ExpectAgreement();
}

TEST_F(Restored, AnActUnsentInTheCopyGoesBeforeTheNewEpoch) {
  Copy();
  PutBack();  // nothing is lost, but the operator says that it was restored
  Propose(rabat, "one");
  Propose(rabat, "two");
  ASSERT_THAT(
      Recovery(rabat.exchange).Close(berlin.id(), GuardState::kRolledBack, "a copy was put back"),
      IsOk());
  Recover(rabat);
  Talk();
  Propose(rabat, "three");
  Talk();
  EXPECT_THAT(Acts(berlin, store::Direction::kIn), SizeIs(3));
  EXPECT_TRUE(Acts(berlin, store::Direction::kIn).contains({2, 1}));
  ExpectAgreement();
}

TEST_F(Restored, BothSidesAreRestored) {
  Propose(rabat, "one");
  Talk();
  Copy();
  Propose(rabat, "two");
  Talk();
  PutBack();
  ASSERT_THAT(
      Recovery(berlin.exchange).Close(rabat.id(), GuardState::kRolledBack, "a copy was put back"),
      IsOk());
  Talk();
  Recover(rabat);
  Recover(berlin);
  Talk();
  EXPECT_TRUE(GuardOf(rabat).is_open());
  EXPECT_TRUE(GuardOf(berlin).is_open());
  Propose(rabat, "three");
  Propose(berlin, "four");
  Talk();
  ExpectAgreement();
}

TEST_F(Restored, AHomeThatWasUsedAfterTheRestoreMustBeRestoredAgain) {
  Propose(rabat, "one");
  Talk();
  Copy();
  Propose(rabat, "two");
  Talk();
  PutBack();
  Propose(rabat, "another two");  // nobody had told it yet
  Talk();
  EXPECT_EQ(GuardOf(rabat).state, GuardState::kRolledBack);
  EXPECT_THAT(berlin.Evidence(rabat.id()), IsEmpty());
  Recover(rabat);
  Wire wire(rabat, berlin);
  EXPECT_THAT(wire.Run(), FailsWith(ErrorCode::kConflict, HasSubstr("restore the copy again")));
  EXPECT_FALSE(GuardOf(rabat).is_open());
  PutBack();
  Talk();
  Recover(rabat);
  Talk();
  ExpectAgreement();
}

TEST_F(Restored, AnUnverifiedHomeWaitsForThePeersWord) {
  Propose(rabat, "one");
  ASSERT_THAT(
      Recovery(rabat.exchange).Close(berlin.id(), GuardState::kUnverified, "the head is missing"),
      IsOk());
  EXPECT_THAT(rabat.exchange.Submit(berlin.id(), {std::string(act::kDocumentPropose), {}, {}, "x"}),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("wait until the peer is linked")));
  Talk();
  EXPECT_TRUE(GuardOf(rabat).is_open());
  ExpectAgreement();
}

TEST_F(Restored, ARoundThatMayHaveRunIsNotRunAgain) {
  const auto agreement = CoSign("agreement-t1.json");
  FillBoth();
  const auto offer = Offer(rabat, berlin.id(), agreement);
  ASSERT_THAT(offer, IsOk());
  Talk();
  ASSERT_THAT(Accept(berlin, rabat.id(), offer->id), IsOk());
  {
    Wire wire(rabat, berlin);
    ASSERT_THAT(wire.Run([&] {
      return rabat.matching.Get(berlin.id(), offer->id)->row.state ==
             matching::RoundState::kAccepted;
    }),
                IsOk());
    Copy();
  }
  Talk();
  EXPECT_EQ(rabat.matching.Get(berlin.id(), offer->id)->row.state, matching::RoundState::kDone);
  PutBack();
  Talk();
  Recover(rabat);
  Talk();
  // Both results came back; the hits, which only this node knew, did not.
  EXPECT_EQ(rabat.matching.Get(berlin.id(), offer->id)->row.state, matching::RoundState::kDone);
  EXPECT_EQ(rabat.matching.Get(berlin.id(), offer->id)->row.hit_count, 0U);
  EXPECT_EQ(berlin.matching.Get(rabat.id(), offer->id)->row.state, matching::RoundState::kDone);
  ExpectAgreement();
}

TEST_F(Restored, AnAcceptedRoundEndsOnBothSides) {
  const auto agreement = CoSign("agreement-t1.json");
  FillBoth();
  const auto offer = Offer(rabat, berlin.id(), agreement);
  ASSERT_THAT(offer, IsOk());
  Talk();
  ASSERT_THAT(Accept(berlin, rabat.id(), offer->id), IsOk());
  {
    Wire wire(rabat, berlin);
    ASSERT_THAT(wire.Run([&] {
      return rabat.matching.Get(berlin.id(), offer->id)->row.state ==
             matching::RoundState::kAccepted;
    }),
                IsOk());
  }
  ASSERT_THAT(
      Recovery(rabat.exchange).Close(berlin.id(), GuardState::kRolledBack, "a copy was put back"),
      IsOk());
  Recover(rabat);
  Talk();
  EXPECT_EQ(rabat.matching.Get(berlin.id(), offer->id)->row.state, matching::RoundState::kFailed);
  EXPECT_EQ(berlin.matching.Get(rabat.id(), offer->id)->row.state, matching::RoundState::kDeclined);
  ExpectAgreement();
}

TEST_F(Restored, AnActDatedAheadIsRefusedAndTheNextOneIsNot) {
  Node& ahead = rabat;
  clock.Advance(std::chrono::seconds(301));
  Propose(ahead, "from the future");
  clock.Advance(-std::chrono::seconds(301));
  Propose(ahead, "from now");
  Talk();
  const auto sent = Acts(ahead, store::Direction::kOut);
  EXPECT_EQ(sent.at({1, 1}).state, store::ActState::kRefused);
  EXPECT_EQ(sent.at({1, 2}).state, store::ActState::kReceipted);
}

TEST_F(Restored, AnActDatedAheadByWhatIsAllowedIsTaken) {
  clock.Advance(std::chrono::seconds(300));
  Propose(rabat, "a little ahead");
  clock.Advance(-std::chrono::seconds(300));
  Talk();
  EXPECT_EQ(Acts(rabat, store::Direction::kOut).at({1, 1}).state, store::ActState::kReceipted);
}

TEST_F(Restored, TheLinkGoesOnWithoutANewConnection) {
  Propose(rabat, "one");
  Talk();
  Copy();
  Propose(rabat, "two");
  Talk();
  PutBack();
  Propose(berlin, "three");
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  Recover(rabat);
  ASSERT_THAT(wire.Run(), IsOk());
  ExpectAgreement();
}

}  // namespace
}  // namespace entente::testing
