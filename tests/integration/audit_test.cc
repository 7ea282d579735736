// What the internal audit log holds, what the exchange logs say of it, and when a relation whose
// ledger is not cosigned is closed.
#include "entente/exchange/audit.h"

#include "entente/exchange/cosign_lag.h"
#include "entente/exchange/forked_log.h"
#include "entente/exchange/quota.h"
#include "entente/ledger/fork.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/verify.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using exchange::kCosignLagMax;
using std::chrono::hours;
using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AuditLog : public TwoNodes {
 protected:
  // The log that `node` keeps about `about`; about itself, the audit log.
  static std::vector<ledger::Leaf> LeavesOf(Node& node, const PeerId& about) {
    std::vector<ledger::Leaf> leaves;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(about));
      for (std::uint64_t i = 0; i < size; ++i) {
        ENTENTE_ASSIGN(const Bytes entry, reader.LedgerEntry(about, i));
        ENTENTE_ASSIGN(ledger::Leaf leaf, ledger::DecodeLeaf(entry));
        leaves.push_back(std::move(leaf));
      }
      return {};
    }),
                IsOk());
    return leaves;
  }
  static std::vector<ledger::AuditOpening> Openings(Node& node, const PeerId& peer,
                                                    std::uint64_t from = 0) {
    std::vector<ledger::AuditOpening> openings;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(openings, exchange::AuditOpenings(reader, peer, from, 100));
      return {};
    }),
                IsOk());
    return openings;
  }
  // Empty if there is none.
  static Bytes Note(Node& node, const PeerId& about, store::CheckpointKind kind) {
    std::optional<Bytes> note;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(note, reader.GetCheckpoint(about, kind));
      return {};
    }),
                IsOk());
    return note.value_or(Bytes());
  }
  // The audit log's root when it had `size` leaves.
  static crypto::Digest RootAt(Node& node, std::uint64_t size) {
    crypto::Digest root;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(root, ledger::Root(size, exchange::StoredNodes(reader, node.id())));
      return {};
    }),
                IsOk());
    return root;
  }
  void Link() {
    Wire wire(rabat, berlin);
    EXPECT_THAT(wire.Run(), IsOk());
  }
  // Proposes a document, whatever becomes of it.
  Result<exchange::Submission> Propose(Node& node, const std::string& file) {
    const auto id =
        node.documents.Draft(PeerOf(node), ReadProjectFile("examples/documents/" + file));
    EXPECT_THAT(id, IsOk());
    return node.documents.Propose(PeerOf(node), *id, "desk");
  }
};

TEST_F(AuditLog, HoldsEachDecisionOfBothSides) {
  ASSERT_THAT(Propose(rabat, "minutes.json"), IsOk());
  Link();
  const auto sent = LeavesOf(rabat, rabat.id());
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].kind, "peer.added");
  EXPECT_EQ(sent[0].object, crypto::Sha256(berlin.signed_card()));
  EXPECT_EQ(sent[1].kind, "document.propose");
  EXPECT_EQ(sent[1].direction, ledger::Direction::kSent);
  EXPECT_EQ(sent[1].rule, "permitted");
  EXPECT_EQ(sent[1].peer, berlin.id());
  EXPECT_FALSE(sent[1].actor.empty());
  const auto received = LeavesOf(berlin, berlin.id());
  ASSERT_THAT(received, SizeIs(2));
  EXPECT_EQ(received[1].direction, ledger::Direction::kReceived);
  EXPECT_EQ(received[1].rule, "permitted");
  EXPECT_EQ(received[1].object, sent[1].object);
  EXPECT_EQ(received[1].sequence, 1U);
}

TEST_F(AuditLog, HoldsARefusalThatLeftNoOtherTrace) {
  const auto declaration = CoSign("declaration-t0.json");
  FillBoth();
  const std::size_t crossed = LeavesOf(rabat, berlin.id()).size();
  const auto refused = Offer(rabat, berlin.id(), declaration);
  ASSERT_THAT(refused, IsOk());
  const ledger::Leaf leaf = LeavesOf(rabat, rabat.id()).back();
  EXPECT_EQ(leaf.kind, "match.offer");
  EXPECT_EQ(leaf.rule, agreement::RuleName(agreement::Rule::kTier));
  EXPECT_EQ(leaf.article, refused->decision.article);
  EXPECT_EQ(leaf.agreement, declaration);
  EXPECT_EQ(leaf.object, crypto::Digest()) << "nothing was signed";
  EXPECT_THAT(LeavesOf(rabat, berlin.id()), SizeIs(crossed));
}

TEST_F(AuditLog, HoldsThatASuspensionWasLifted) {
  ASSERT_THAT(berlin.exchange.AddPeer(rabat.signed_card()), IsOk());
  EXPECT_EQ(LeavesOf(berlin, berlin.id()).back().kind, "peer.renewed");
  ASSERT_THAT(berlin.exchange.store().Write([&](store::Transaction& transaction) -> Status {
    for (std::uint64_t i = 0; i < exchange::kRefusalsPerWindowMax; ++i) {
      ENTENTE_TRY(
          exchange::CountKept(transaction, rabat.id(), exchange::Kept::kEvidence, clock.Now()));
    }
    return {};
  }),
              IsOk());
  ASSERT_THAT(berlin.exchange.AddPeer(rabat.signed_card()), IsOk());
  EXPECT_EQ(LeavesOf(berlin, berlin.id()).back().kind, "suspension.lifted");
}

TEST_F(AuditLog, IsCommittedToEveryFullHourWhateverHappened) {
  ASSERT_THAT(Propose(rabat, "minutes.json"), IsOk());
  Link();
  const std::size_t before = LeavesOf(rabat, berlin.id()).size();
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());  // once an hour is enough
  ASSERT_THAT(LeavesOf(rabat, berlin.id()), SizeIs(before + 1));
  clock.Advance(hours(1) - microseconds(1));  // the test began at a full hour
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  ASSERT_THAT(LeavesOf(rabat, berlin.id()), SizeIs(before + 1));
  clock.Advance(microseconds(1));
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  ASSERT_THAT(LeavesOf(rabat, berlin.id()), SizeIs(before + 2));
  clock.Advance(hours(30));  // the node was off
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  ASSERT_THAT(LeavesOf(rabat, berlin.id()), SizeIs(before + 3));
  clock.Advance(hours(-20));  // the clock was set back
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  ASSERT_THAT(LeavesOf(rabat, berlin.id()), SizeIs(before + 4));
}

TEST_F(AuditLog, TheCommitmentTellsNothingAndOpens) {
  ASSERT_THAT(Propose(rabat, "minutes.json"), IsOk());
  Link();
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  ASSERT_THAT(Propose(rabat, "declaration-t0.json"), IsOk());
  clock.Advance(hours(1));
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  Link();
  const auto leaves = LeavesOf(rabat, berlin.id());
  const auto openings = Openings(rabat, berlin.id());
  ASSERT_THAT(openings, SizeIs(2));
  for (const ledger::AuditOpening& opening : openings) {
    const ledger::Leaf& leaf = leaves.at(opening.index);
    EXPECT_EQ(leaf.kind, ledger::kAuditKind);
    EXPECT_EQ(leaf.direction, ledger::Direction::kInternal);
    EXPECT_EQ(leaf.object, ledger::CommitmentOf(opening));
    EXPECT_EQ(RootAt(rabat, opening.size), opening.root);
    EXPECT_EQ(leaf.sequence, 0U);
    EXPECT_TRUE(leaf.actor.empty());
  }
  EXPECT_LT(openings[0].size, openings[1].size);
  EXPECT_NE(openings[0].salt, openings[1].salt);
  EXPECT_EQ(Openings(rabat, berlin.id(), openings[0].index + 1), std::vector{openings[1]});
  EXPECT_THAT(Openings(berlin, rabat.id()), IsEmpty());

  // The peer cosigned the leaves, and the audit checkpoint is of the last of them.
  const auto note = Note(rabat, rabat.id(), store::CheckpointKind::kOwnSigned);
  const auto key = ledger::AuditKey(rabat.id(), rabat.card().keys.ledger);
  EXPECT_EQ(exchange::AuditVkey(rabat.card()), ledger::FormatVerifierKey(key));
  const auto checkpoint = ledger::OpenCheckpoint(AsText(note), {key, {}, 0});
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->checkpoint, (ledger::Checkpoint{ledger::AuditOrigin(rabat.id()),
                                                        openings[1].size, openings[1].root}));
  EXPECT_FALSE(Note(rabat, berlin.id(), store::CheckpointKind::kOwnSettled).empty());
}

TEST_F(AuditLog, APeerThatNeverWitnessedHearsNothing) {
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  EXPECT_THAT(LeavesOf(rabat, berlin.id()), IsEmpty());
  EXPECT_FALSE(Note(rabat, rabat.id(), store::CheckpointKind::kOwnSigned).empty());
}

TEST_F(AuditLog, ADamagedOpeningIsReported) {
  ASSERT_THAT(rabat.exchange.store().Write([&](store::Transaction& transaction) {
    return transaction.PutRow("audit", berlin.id(), "0", AsBytes("{}"));
  }),
              IsOk());
  EXPECT_THAT(rabat.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_TRY(exchange::AuditOpenings(reader, berlin.id(), 0, 1));
    return {};
  }),
              FailsWith(ErrorCode::kCorruptData));
}

class CosignLag : public AuditLog {
 protected:
  Status Check(Node& node) {
    return node.exchange.store().Read([&](const store::Reader& reader) {
      return exchange::CheckCosignLag(reader, PeerOf(node), clock.Now());
    });
  }
};

TEST_F(CosignLag, ClosesTheRelationForNewActsOnlyAndHeals) {
  ASSERT_THAT(Propose(rabat, "minutes.json"), IsOk());
  clock.Advance(kCosignLagMax - microseconds(1));
  EXPECT_THAT(Check(rabat), IsOk());
  clock.Advance(microseconds(1));
  ASSERT_THAT(Propose(rabat, "declaration-t0.json"), IsOk());
  clock.Advance(microseconds(1));
  EXPECT_THAT(Propose(rabat, "communique.json"),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("has not cosigned our ledger since")));
  EXPECT_THAT(rabat.Acts(berlin.id()), SizeIs(2));

  // What the peer sends is taken all the same.
  ASSERT_THAT(Propose(berlin, "agreement-t1.json"), IsOk());
  ASSERT_THAT(rabat.exchange.ReceiveAct(berlin.id(), berlin.Acts(rabat.id()).front().envelope),
              IsOk());

  Link();  // the outbox is sent, the ledger cosigned
  EXPECT_THAT(berlin.Acts(rabat.id()), SizeIs(3));
  ASSERT_THAT(Propose(rabat, "communique.json"), IsOk());
}

TEST_F(CosignLag, IsThatOfTheOldestLeafOnly) {
  ASSERT_THAT(Propose(rabat, "minutes.json"), IsOk());
  Link();
  clock.Advance(2 * kCosignLagMax);  // all is settled: a quiet relation is no lag
  ASSERT_THAT(Propose(rabat, "declaration-t0.json"), IsOk());
  clock.Advance(-kCosignLagMax);  // nor is a clock that was set back
  ASSERT_THAT(Propose(rabat, "communique.json"), IsOk());
}

class ForkedLog : public AuditLog {
 protected:
  // Rabat's log with another root, or grown, as Berlin's witness is shown it.
  std::string Show(std::uint8_t variant, std::uint64_t growth = 0) {
    const auto cosigned = Note(berlin, rabat.id(), store::CheckpointKind::kPeerCosigned);
    const auto note = ledger::ParseNoteWithoutVerifying(AsText(cosigned));
    ledger::Checkpoint shown = *ledger::ParseCheckpoint(note->text);
    const std::uint64_t old_size = shown.size;
    shown.size += growth;
    shown.root.bytes[0] ^= variant;
    const auto signed_note = ledger::SignCheckpoint(shown, *rabat.exchange.identity().ledger);
    const auto reply = berlin.exchange.AnswerWitness(
        rabat.card(), AsBytes(ledger::FormatAddCheckpoint({old_size, {}, *signed_note})));
    EXPECT_THAT(reply, IsOk());
    return ToText(*reply).substr(0, 3);
  }
  bool IsForked() {
    bool is_forked = false;
    EXPECT_THAT(berlin.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const std::size_t forks, exchange::CountForks(reader, rabat.id()));
      is_forked = forks > 0;
      return {};
    }),
                IsOk());
    return is_forked;
  }
};

TEST_F(ForkedLog, IsProvenToAnybodyAndNeverWitnessedAgain) {
  ASSERT_THAT(Propose(rabat, "minutes.json"), IsOk());
  Link();
  EXPECT_EQ(Show(0), "200");
  EXPECT_FALSE(IsForked());
  std::vector<std::string> alarms;
  berlin.exchange.SetOnAlarm([&](const PeerId& /*peer*/, std::string_view event,
                                 std::string_view /*why*/) { alarms.emplace_back(event); });
  EXPECT_EQ(Show(1), "422");
  EXPECT_TRUE(IsForked());
  const auto evidence = berlin.Evidence(rabat.id());
  ASSERT_THAT(evidence, SizeIs(1));
  const auto fork = ledger::ParseForkWithoutVerifying(AsText(evidence[0].bytes));
  ASSERT_THAT(fork, IsOk());
  EXPECT_THAT(
      ledger::VerifyFork(*fork, ledger::LogKey(rabat.id(), berlin.id(), rabat.card().keys.ledger)),
      IsOk());

  EXPECT_EQ(Show(0), "422") << "the log as it was is not cosigned either";
  EXPECT_EQ(Show(2), "422");
  EXPECT_THAT(berlin.Evidence(rabat.id()), SizeIs(1)) << "one proof is enough";
  EXPECT_THAT(alarms, ElementsAre("log.forked"));
}

TEST_F(ForkedLog, ABadProofIsNoFork) {
  ASSERT_THAT(Propose(rabat, "minutes.json"), IsOk());
  Link();
  EXPECT_EQ(Show(1, 3), "422");
  EXPECT_FALSE(IsForked());
  EXPECT_THAT(berlin.Evidence(rabat.id()), IsEmpty());
}

}  // namespace
}  // namespace entente::testing
