// How much of a peer a node keeps in a day: entente/exchange/quota.h.
#include "entente/exchange/quota.h"

#include "entente/ledger/checkpoint.h"
#include "entente/ledger/witness.h"
#include "tests/integration/temp_store.h"

namespace entente::testing {
namespace {

using exchange::Kept;
using exchange::kRefusalsPerWindowMax;
using ::testing::Eq;
using ::testing::HasSubstr;

class Quota : public TempStore {
 protected:
  void Count(Kept what, std::uint64_t times) {
    MustWrite([&](store::Transaction& transaction) -> Status {
      for (std::uint64_t i = 0; i < times; ++i) {
        ENTENTE_TRY(exchange::CountKept(transaction, peer, what, now));
      }
      return {};
    });
  }
  Status Check(const PeerId& whose) {
    return store->Read(
        [&](const store::Reader& reader) { return exchange::CheckQuota(reader, whose, now); });
  }

  UtcTime now = TestStart();
};

TEST_F(Quota, RefusalsAreBoundedPerPeer) {
  Count(Kept::kRefusedAct, kRefusalsPerWindowMax - 1);
  EXPECT_THAT(Check(peer), IsOk());
  Count(Kept::kEvidence, 1);
  EXPECT_THAT(Check(peer), FailsWith(ErrorCode::kLimitExceeded,
                                     HasSubstr("until 2026-11-24T10:00:00.000000Z: too many "
                                               "refused acts")));
  EXPECT_THAT(Check(PeerId("south")), IsOk());
}

TEST_F(Quota, ActsAreBoundedTooAndEvidenceIsNone) {
  Count(Kept::kEvidence, 1);
  Count(Kept::kRefusedAct, 1);
  Count(Kept::kAct, exchange::kActsPerWindowMax - 2);
  EXPECT_THAT(Check(peer), IsOk());
  Count(Kept::kAct, 1);
  EXPECT_THAT(Check(peer), FailsWith(ErrorCode::kLimitExceeded, HasSubstr("too many acts")));
}

TEST_F(Quota, CheckpointsAreBoundedOfTheirOwn) {
  Count(Kept::kCheckpoint, exchange::kCheckpointsPerWindowMax - 1);
  Count(Kept::kAct, 1);
  EXPECT_THAT(Check(peer), IsOk());
  Count(Kept::kCheckpoint, 1);
  EXPECT_THAT(Check(peer), FailsWith(ErrorCode::kLimitExceeded, HasSubstr("too many checkpoints")));
}

TEST_F(Quota, ARowWithoutACountOfCheckpointsIsOfAnOlderHome) {
  MustWrite([&](store::Transaction& transaction) {
    return transaction.PutRow(
        "quota", peer, "inbound",
        AsBytes(R"({"acts":0,"refusals":100,"since":"2026-11-23T10:00:00.000000Z"})"));
  });
  EXPECT_THAT(Check(peer), FailsWith(ErrorCode::kLimitExceeded));
}

TEST_F(Quota, LimitsOfOnePeerAreAnAdministratorsDecision) {
  Count(Kept::kAct, 3);
  EXPECT_THAT(Check(peer), IsOk());
  MustWrite([&](store::Transaction& transaction) {
    return exchange::PutQuotaLimits(transaction, peer, {3, 5, 7});
  });
  EXPECT_THAT(Check(peer), FailsWith(ErrorCode::kLimitExceeded));
  MustWrite([&](store::Transaction& transaction) -> Status {
    EXPECT_THAT(exchange::GetQuotaLimits(transaction, peer),
                IsOkAndHolds(Eq(exchange::QuotaLimits{3, 5, 7})));
    EXPECT_THAT(exchange::PutQuotaLimits(transaction, peer, {0, 5, 7}),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr("acts")));
    return exchange::PutQuotaLimits(transaction, peer, {4, 5, 7});
  });
  EXPECT_THAT(Check(peer), IsOk());
  MustWrite([&](store::Transaction& transaction) {
    return transaction.PutRow("quota", peer, "limits", AsBytes("{}"));
  });
  EXPECT_THAT(Check(peer), FailsWith(ErrorCode::kCorruptData));
}

TEST_F(Quota, TheWindowBeginsWithTheFirstAndEndsADayLater) {
  Count(Kept::kAct, 1);
  now += std::chrono::hours(20);
  Count(Kept::kRefusedAct, kRefusalsPerWindowMax);
  now += std::chrono::hours(4) - std::chrono::microseconds(1);
  EXPECT_THAT(Check(peer), FailsWith(ErrorCode::kLimitExceeded));
  now += std::chrono::microseconds(1);
  EXPECT_THAT(Check(peer), IsOk());
  Count(Kept::kRefusedAct, 1);  // the first of the next window
  EXPECT_THAT(Check(peer), IsOk());
}

TEST_F(Quota, AClockThatWasSetBackSuspendsNobodyForYears) {
  now += std::chrono::hours(24 * 365);
  Count(Kept::kRefusedAct, kRefusalsPerWindowMax);
  now -= std::chrono::hours(24 * 365);
  EXPECT_THAT(Check(peer), IsOk());
}

TEST_F(Quota, IsClearedByHand) {
  Count(Kept::kRefusedAct, kRefusalsPerWindowMax);
  MustWrite(
      [&](store::Transaction& transaction) { return exchange::ClearQuota(transaction, peer); });
  EXPECT_THAT(Check(peer), IsOk());
}

TEST_F(Quota, ADamagedRowIsReported) {
  for (const std::string_view text :
       {"", "{}", R"({"acts":-1,"refusals":0,"since":"2026-11-23T10:00:00.000000Z"})",
        R"({"acts":0,"refusals":-1,"since":"2026-11-23T10:00:00.000000Z"})",
        R"({"acts":0,"refusals":0,"since":"today"})",
        R"({"acts":0,"checkpoints":-1,"refusals":0,"since":"2026-11-23T10:00:00.000000Z"})",
        R"({"acts":0,"more":0,"refusals":0,"since":"2026-11-23T10:00:00.000000Z"})"}) {
    MustWrite([&](store::Transaction& transaction) {
      return transaction.PutRow("quota", peer, "inbound", AsBytes(text));
    });
    EXPECT_THAT(Check(peer), FailsWith(ErrorCode::kCorruptData)) << text;
  }
}

// The peer shows us two logs, again and again: one proof is kept, and its quota is not used up.
TEST_F(TwoNodes, ForksOfThePeersLogAreEvidenceOnce) {
  CoSign("minutes.json");
  const auto tell_fork = [&](std::uint8_t variant) -> Status {
    return berlin.exchange.store().Write([&](store::Transaction& transaction) -> Status {
      ENTENTE_ASSIGN(const auto cosigned,
                     transaction.GetCheckpoint(rabat.id(), store::CheckpointKind::kPeerCosigned));
      ENTENTE_ASSIGN(const auto note, ledger::ParseNoteWithoutVerifying(AsText(*cosigned)));
      ENTENTE_ASSIGN(ledger::Checkpoint fork, ledger::ParseCheckpoint(note.text));
      fork.root.bytes.fill(variant);
      ENTENTE_ASSIGN(const std::string signed_fork,
                     ledger::SignCheckpoint(fork, *rabat.exchange.identity().ledger));
      const std::string request = ledger::FormatAddCheckpoint({fork.size, {}, signed_fork});
      ENTENTE_ASSIGN(const Bytes reply,
                     berlin.exchange.journal().Witness(transaction, rabat.card(), clock.Now(),
                                                       AsBytes(request)));
      EXPECT_EQ(AsText(reply).substr(0, 3), "422");
      return {};
    });
  };
  for (std::uint64_t i = 0; i <= kRefusalsPerWindowMax; ++i) {
    ASSERT_THAT(tell_fork(static_cast<std::uint8_t>(i)), IsOk());
  }
  EXPECT_THAT(berlin.Evidence(rabat.id()), ::testing::SizeIs(1));
  EXPECT_THAT(berlin.exchange.CheckStanding(rabat.id()), IsOk());
}

}  // namespace
}  // namespace entente::testing
