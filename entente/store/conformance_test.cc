#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"
#include "entente/store/conformance_testing.h"

namespace entente::store {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;

void StoreConformance::SetUp() {
  harness_ = GetParam()();
  Reopen();
}

void StoreConformance::Reopen() {
  store_.reset();
  auto opened = harness_->Open();
  ASSERT_THAT(opened, IsOk());
  store_ = *std::move(opened);
}

void StoreConformance::MustWrite(const std::function<Status(Transaction&)>& body) {
  ASSERT_THAT(store_->Write(body), IsOk());
}

void StoreConformance::MustRead(const std::function<Status(const Reader&)>& body) const {
  ASSERT_THAT(store_->Read(body), IsOk());
}

namespace {

const PeerId kNorth("aaaa");
const PeerId kSouth("bbbb");
constexpr UtcTime kTime{std::chrono::microseconds{1'795'456'800'123'456}};
constexpr std::uint64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

crypto::Digest DigestOf(std::string_view text) { return crypto::Sha256(AsBytes(text)); }

ActRow MakeAct(Direction direction, std::uint64_t sequence, std::uint64_t epoch = 1) {
  ActRow row;
  row.direction = direction;
  row.epoch = epoch;
  row.sequence = sequence;
  const std::string name = std::to_string(static_cast<int>(direction)) + "/" +
                           std::to_string(epoch) + "/" + std::to_string(sequence);
  row.id = DigestOf(name);
  row.kind = "document.propose";
  row.time = kTime;
  row.state = direction == Direction::kOut ? ActState::kPending : ActState::kAccepted;
  row.leaf_index = sequence - 1;
  row.envelope = ToBytes("envelope of " + name);
  return row;
}

std::vector<RecordRow> MakeRecords(std::uint64_t first, std::uint64_t last) {
  std::vector<RecordRow> rows;
  for (std::uint64_t number = first; number <= last; ++number) {
    rows.push_back(
        {number, "id-" + std::to_string(number), ToBytes("record " + std::to_string(number))});
  }
  return rows;
}

// Stages and activates `records` as the collection's content.
Status Import(Transaction& tx, std::string_view collection, const std::vector<RecordRow>& records,
              UtcTime time = kTime) {
  ENTENTE_ASSIGN(const ImportId import, tx.BeginImport(collection, Origin::kSynthetic));
  ENTENTE_TRY(tx.AppendRecords(import, records));
  ENTENTE_TRY(tx.ActivateImport(import, time));
  return {};
}

std::vector<std::uint64_t> Sequences(const std::vector<ActRow>& rows) {
  std::vector<std::uint64_t> out;
  out.reserve(rows.size());
  for (const ActRow& row : rows) {
    out.push_back(row.sequence);
  }
  return out;
}

TEST_P(StoreConformance, ANewStoreIsEmpty) {
  MustRead([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("key"), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.GetPeer(kNorth), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.ListPeers(), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.GetChannel(kNorth), IsOkAndHolds(Eq(ChannelState{})));
    EXPECT_THAT(reader.GetAct(kNorth, Direction::kOut, 1, 1), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.FindAct(kNorth, {}), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.PendingActs(kNorth, 0, 10), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.RecentActs(kNorth, 10), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.ListEvidence(kNorth), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.CountEvidence(kNorth), IsOkAndHolds(Eq(0U)));
    EXPECT_THAT(reader.LedgerSize(kNorth), IsOkAndHolds(Eq(0U)));
    EXPECT_THAT(reader.GetCheckpoint(kNorth, CheckpointKind::kOwnSigned),
                IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.GetRow("documents", kNorth, "a"), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.ListRows("documents", kNorth, "", 10), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.GetCollection("list"), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.ListCollections(), IsOkAndHolds(IsEmpty()));
    return {};
  });
}

TEST_P(StoreConformance, KeepsEverythingAcrossReopening) {
  const ActRow act = MakeAct(Direction::kIn, 7, 3);
  const PeerRow peer{kNorth, ToBytes("card"), kTime};
  const ChannelState channel{2, 3, 4, 5};
  const crypto::Digest node = DigestOf("node");
  MustWrite([&](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.PutMeta("home", AsBytes("north")));
    ENTENTE_TRY(tx.PutPeer(peer));
    ENTENTE_TRY(tx.PutChannel(kNorth, channel));
    ENTENTE_TRY(tx.InsertAct(kNorth, act));
    ENTENTE_TRY(tx.AddEvidence(kNorth, "peer_violation sequence", kTime, AsBytes("bytes")));
    ENTENTE_TRY(tx.AppendLedgerEntry(kNorth, 0, AsBytes("leaf")));
    ENTENTE_TRY(tx.PutLedgerNode(kNorth, 0, 0, node));
    ENTENTE_TRY(tx.PutCheckpoint(kNorth, CheckpointKind::kOwnSettled, AsBytes("note")));
    ENTENTE_TRY(tx.PutRow("documents", kNorth, "key", AsBytes("value")));
    return Import(tx, "list", MakeRecords(1, 2));
  });
  Reopen();
  MustRead([&](const Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("home"), IsOkAndHolds(Optional(ToBytes("north"))));
    EXPECT_THAT(reader.GetPeer(kNorth), IsOkAndHolds(Optional(peer)));
    EXPECT_THAT(reader.GetChannel(kNorth), IsOkAndHolds(Eq(channel)));
    EXPECT_THAT(reader.GetAct(kNorth, Direction::kIn, 3, 7), IsOkAndHolds(Optional(act)));
    EXPECT_THAT(reader.FindAct(kNorth, act.id), IsOkAndHolds(Optional(act)));
    EXPECT_THAT(reader.ListEvidence(kNorth),
                IsOkAndHolds(ElementsAre(
                    EvidenceRow{1, "peer_violation sequence", kTime, ToBytes("bytes")})));
    EXPECT_THAT(reader.LedgerEntry(kNorth, 0), IsOkAndHolds(Eq(ToBytes("leaf"))));
    EXPECT_THAT(reader.LedgerNode(kNorth, 0, 0), IsOkAndHolds(Eq(node)));
    EXPECT_THAT(reader.GetCheckpoint(kNorth, CheckpointKind::kOwnSettled),
                IsOkAndHolds(Optional(ToBytes("note"))));
    EXPECT_THAT(reader.GetRow("documents", kNorth, "key"),
                IsOkAndHolds(Optional(ToBytes("value"))));
    EXPECT_THAT(reader.ListCollections(),
                IsOkAndHolds(ElementsAre(Collection{"list", Origin::kSynthetic, 2, kTime})));
    EXPECT_THAT(reader.ReadRecords("list", 0, 10), IsOkAndHolds(Eq(MakeRecords(1, 2))));
    return {};
  });
}

// Transactions ----------------------------------------------------------------------------------

TEST_P(StoreConformance, ABodyThatFailsLeavesNothing) {
  const Status failed = store_->Write([](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.PutMeta("a", AsBytes("1")));
    ENTENTE_TRY(tx.InsertAct(kNorth, MakeAct(Direction::kOut, 1)));
    ENTENTE_TRY(tx.AppendLedgerEntry(kNorth, 0, AsBytes("leaf")));
    ENTENTE_TRY(Import(tx, "list", MakeRecords(1, 3)));
    return Error{ErrorCode::kNotPermitted, "no"};
  });
  EXPECT_THAT(failed, FailsWith(ErrorCode::kNotPermitted, Eq("no")));
  MustRead([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("a"), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.RecentActs(kNorth, 10), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.LedgerSize(kNorth), IsOkAndHolds(Eq(0U)));
    EXPECT_THAT(reader.ListCollections(), IsOkAndHolds(IsEmpty()));
    return {};
  });
}

TEST_P(StoreConformance, ABodyThatThrowsLeavesNothing) {
  EXPECT_THROW(static_cast<void>(store_->Write([](Transaction& tx) -> Status {
                 EXPECT_THAT(tx.PutMeta("a", AsBytes("1")), IsOk());
                 throw std::runtime_error("bug");
               })),
               std::runtime_error);
  MustWrite([](Transaction& tx) -> Status {
    EXPECT_THAT(tx.GetMeta("a"), IsOkAndHolds(Eq(std::nullopt)));
    return {};
  });
}

TEST_P(StoreConformance, ABodyMayGoOnAfterAConflict) {
  MustWrite([](Transaction& tx) -> Status {
    EXPECT_THAT(tx.InsertAct(kNorth, MakeAct(Direction::kOut, 1)), IsOk());
    EXPECT_THAT(tx.InsertAct(kNorth, MakeAct(Direction::kOut, 1)), FailsWith(ErrorCode::kConflict));
    return tx.PutMeta("seen", AsBytes("twice"));
  });
  MustRead([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.RecentActs(kNorth, 10), IsOkAndHolds(SizeIs(1)));
    EXPECT_THAT(reader.GetMeta("seen"), IsOkAndHolds(Optional(ToBytes("twice"))));
    return {};
  });
}

TEST_P(StoreConformance, TransactionsDoNotNest) {
  const auto nothing_read = [](const Reader&) -> Status { return {}; };
  const auto nothing_written = [](Transaction&) -> Status { return {}; };
  MustWrite([&](Transaction&) -> Status {
    EXPECT_THAT(store_->Write(nothing_written), FailsWith(ErrorCode::kInternal));
    EXPECT_THAT(store_->Read(nothing_read), FailsWith(ErrorCode::kInternal));
    EXPECT_THAT(store_->Maintain(1), FailsWith(ErrorCode::kInternal));
    return {};
  });
  MustRead([&](const Reader&) -> Status {
    EXPECT_THAT(store_->Write(nothing_written), FailsWith(ErrorCode::kInternal));
    return {};
  });
  MustWrite(nothing_written);
}

TEST_P(StoreConformance, AGroupIsOneTransactionOfItsWrites) {
  const auto put = [this](std::string_view key) {
    return store_->Write([key](Transaction& tx) { return tx.PutMeta(key, AsBytes("1")); });
  };
  EXPECT_THAT(store_->Group([&]() -> Status {
    EXPECT_THAT(put("a"), IsOk());
    MustRead([](const Reader& reader) -> Status {
      EXPECT_THAT(reader.GetMeta("a"), IsOkAndHolds(Optional(ToBytes("1"))));
      return {};
    });
    return put("b");
  }),
              IsOk());
  EXPECT_THAT(store_->Group([&]() -> Status {
    EXPECT_THAT(put("c"), IsOk());
    return Error{ErrorCode::kNotPermitted, "no"};
  }),
              FailsWith(ErrorCode::kNotPermitted, Eq("no")));
  EXPECT_THROW(static_cast<void>(store_->Group([&]() -> Status {
                 EXPECT_THAT(put("d"), IsOk());
                 throw std::runtime_error("bug");
               })),
               std::runtime_error);
  Reopen();
  MustRead([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("a"), IsOkAndHolds(Optional(ToBytes("1"))));
    EXPECT_THAT(reader.GetMeta("b"), IsOkAndHolds(Optional(ToBytes("1"))));
    EXPECT_THAT(reader.GetMeta("c"), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.GetMeta("d"), IsOkAndHolds(Eq(std::nullopt)));
    return {};
  });
}

TEST_P(StoreConformance, AWriteThatFailsInAGroupIsUndoneAlone) {
  const auto put = [](Transaction& tx) { return tx.PutMeta("a", AsBytes("1")); };
  EXPECT_THAT(store_->Group([&]() -> Status {
    EXPECT_THAT(store_->Write(put), IsOk());
    EXPECT_THAT(store_->Write([](Transaction& tx) -> Status {
      ENTENTE_TRY(tx.PutMeta("a", AsBytes("2")));
      ENTENTE_TRY(tx.InsertAct(kNorth, MakeAct(Direction::kOut, 1)));
      return Error{ErrorCode::kNotPermitted, "no"};
    }),
                FailsWith(ErrorCode::kNotPermitted));
    return store_->Write(
        [](Transaction& tx) { return tx.InsertAct(kNorth, MakeAct(Direction::kOut, 2)); });
  }),
              IsOk());
  MustRead([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("a"), IsOkAndHolds(Optional(ToBytes("1"))));
    EXPECT_THAT(reader.RecentActs(kNorth, 10), IsOkAndHolds(SizeIs(1)));
    return {};
  });
}

TEST_P(StoreConformance, GroupsDoNotNest) {
  const auto nothing = []() -> Status { return {}; };
  EXPECT_THAT(store_->Group([&]() -> Status {
    EXPECT_THAT(store_->Group(nothing), FailsWith(ErrorCode::kInternal));
    EXPECT_THAT(store_->Maintain(1), FailsWith(ErrorCode::kInternal));
    return {};
  }),
              IsOk());
  MustWrite([&](Transaction&) -> Status {
    EXPECT_THAT(store_->Group(nothing), FailsWith(ErrorCode::kInternal));
    return {};
  });
}

TEST_P(StoreConformance, ReadReturnsTheErrorOfItsBody) {
  const auto refuse = [](const Reader&) -> Status { return Error{ErrorCode::kNotFound, "none"}; };
  EXPECT_THAT(store_->Read(refuse), FailsWith(ErrorCode::kNotFound, Eq("none")));
}

// Meta, peers, channels -------------------------------------------------------------------------

TEST_P(StoreConformance, PuttingAgainReplaces) {
  const PeerRow north{kNorth, ToBytes("new card"), kTime + std::chrono::seconds(1)};
  MustWrite([&](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.PutMeta("a", AsBytes("1")));
    ENTENTE_TRY(tx.PutMeta("a", {}));
    ENTENTE_TRY(tx.PutPeer({kNorth, ToBytes("card"), kTime}));
    ENTENTE_TRY(tx.PutPeer(north));
    ENTENTE_TRY(tx.PutChannel(kNorth, {1, 1, 1, 1}));
    ENTENTE_TRY(tx.PutChannel(kNorth, {1, 2, 1, 9}));
    ENTENTE_TRY(tx.PutCheckpoint(kNorth, CheckpointKind::kOwnSigned, AsBytes("old")));
    return tx.PutCheckpoint(kNorth, CheckpointKind::kOwnSigned, AsBytes("new"));
  });
  MustRead([&](const Reader& reader) -> Status {
    EXPECT_THAT(reader.GetMeta("a"), IsOkAndHolds(Optional(Bytes())));
    EXPECT_THAT(reader.ListPeers(), IsOkAndHolds(ElementsAre(north)));
    EXPECT_THAT(reader.GetChannel(kNorth), IsOkAndHolds(Eq(ChannelState{1, 2, 1, 9})));
    EXPECT_THAT(reader.GetCheckpoint(kNorth, CheckpointKind::kOwnSigned),
                IsOkAndHolds(Optional(ToBytes("new"))));
    return {};
  });
}

TEST_P(StoreConformance, TwoPeersShareNothing) {
  MustWrite([](Transaction& tx) -> Status {
    for (const PeerId& peer : {kNorth, kSouth}) {
      const Bytes own = ToBytes(peer.str());
      ENTENTE_TRY(tx.PutPeer({peer, own, kTime}));
      ActRow act = MakeAct(Direction::kOut, 1);
      act.envelope = own;
      ENTENTE_TRY(tx.InsertAct(peer, act));
      ENTENTE_TRY(tx.AddEvidence(peer, "conflict", kTime, own));
      ENTENTE_TRY(tx.AppendLedgerEntry(peer, 0, own));
      ENTENTE_TRY(tx.PutLedgerNode(peer, 0, 0, DigestOf(peer.str())));
      ENTENTE_TRY(tx.PutCheckpoint(peer, CheckpointKind::kPeerCosigned, own));
      ENTENTE_TRY(tx.PutRow("documents", peer, "key", own));
    }
    ENTENTE_TRY(tx.SetAnswer(kSouth, MakeAct(Direction::kOut, 1).id, ActState::kReceipted,
                             AsBytes("receipt")));
    ENTENTE_TRY(tx.PutChannel(kSouth, {1, 2, 1, 1}));
    return tx.DeleteRow("documents", kSouth, "key");
  });
  MustRead([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.GetChannel(kNorth), IsOkAndHolds(Eq(ChannelState{})));
    EXPECT_THAT(reader.PendingActs(kNorth, 0, 9), IsOkAndHolds(SizeIs(1)));
    EXPECT_THAT(reader.PendingActs(kSouth, 0, 9), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.GetRow("documents", kNorth, "key"), IsOkAndHolds(Optional(ToBytes("aaaa"))));
    EXPECT_THAT(reader.GetRow("documents", kSouth, "key"), IsOkAndHolds(Eq(std::nullopt)));
    for (const PeerId& peer : {kNorth, kSouth}) {
      const Bytes own = ToBytes(peer.str());
      ENTENTE_ASSIGN(const auto acts, reader.RecentActs(peer, 9));
      EXPECT_EQ(acts.size(), 1U);
      EXPECT_EQ(acts.at(0).envelope, own);
      EXPECT_THAT(reader.ListEvidence(peer),
                  IsOkAndHolds(ElementsAre(EvidenceRow{1, "conflict", kTime, own})));
      EXPECT_THAT(reader.CountEvidence(peer), IsOkAndHolds(Eq(1U)));
      EXPECT_THAT(reader.LedgerSize(peer), IsOkAndHolds(Eq(1U)));
      EXPECT_THAT(reader.LedgerEntry(peer, 0), IsOkAndHolds(Eq(own)));
      EXPECT_THAT(reader.LedgerNode(peer, 0, 0), IsOkAndHolds(Eq(DigestOf(peer.str()))));
      EXPECT_THAT(reader.GetCheckpoint(peer, CheckpointKind::kPeerCosigned),
                  IsOkAndHolds(Optional(own)));
    }
    return {};
  });
}

// Acts ------------------------------------------------------------------------------------------

TEST_P(StoreConformance, AnActIsUniqueByPlaceAndById) {
  MustWrite([](Transaction& tx) -> Status {
    const ActRow first = MakeAct(Direction::kOut, 1);
    EXPECT_THAT(tx.InsertAct(kNorth, first), IsOk());
    ActRow same_place = first;
    same_place.id = DigestOf("other bytes");
    EXPECT_THAT(tx.InsertAct(kNorth, same_place), FailsWith(ErrorCode::kConflict));
    ActRow same_id = MakeAct(Direction::kOut, 2);
    same_id.id = first.id;
    EXPECT_THAT(tx.InsertAct(kNorth, same_id), FailsWith(ErrorCode::kConflict));
    EXPECT_THAT(tx.InsertAct(kNorth, MakeAct(Direction::kIn, 1)), IsOk());
    EXPECT_THAT(tx.InsertAct(kNorth, MakeAct(Direction::kOut, 1, 2)), IsOk());
    EXPECT_THAT(tx.InsertAct(kSouth, first), IsOk());
    return {};
  });
}

TEST_P(StoreConformance, AnAnswerReplacesStateAndBytesOnly) {
  ActRow expected = MakeAct(Direction::kOut, 1);
  MustWrite([&](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.InsertAct(kNorth, expected));
    EXPECT_THAT(tx.SetAnswer(kNorth, DigestOf("unknown"), ActState::kRefused, AsBytes("no")),
                FailsWith(ErrorCode::kNotFound));
    EXPECT_THAT(tx.SetAnswer(kSouth, expected.id, ActState::kRefused, AsBytes("no")),
                FailsWith(ErrorCode::kNotFound));
    return tx.SetAnswer(kNorth, expected.id, ActState::kRefused, AsBytes("no"));
  });
  expected.state = ActState::kRefused;
  expected.answer = ToBytes("no");
  MustRead([&](const Reader& reader) -> Status {
    EXPECT_THAT(reader.FindAct(kNorth, expected.id), IsOkAndHolds(Optional(expected)));
    return {};
  });
}

TEST_P(StoreConformance, PendingActsAreOutgoingAndUnansweredInOrder) {
  MustWrite([](Transaction& tx) -> Status {
    for (const std::uint64_t sequence : {3U, 1U, 4U, 2U}) {
      ENTENTE_TRY(tx.InsertAct(kNorth, MakeAct(Direction::kOut, sequence)));
      ENTENTE_TRY(tx.InsertAct(kNorth, MakeAct(Direction::kIn, sequence)));
    }
    ENTENTE_TRY(tx.InsertAct(kNorth, MakeAct(Direction::kOut, 1, 2)));
    return tx.SetAnswer(kNorth, MakeAct(Direction::kOut, 2).id, ActState::kReceipted,
                        AsBytes("receipt"));
  });
  MustRead([](const Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto all, reader.PendingActs(kNorth, 0, 9));
    EXPECT_THAT(Sequences(all), ElementsAre(1, 3, 4, 1));
    EXPECT_EQ(all.back().epoch, 2U);
    ENTENTE_ASSIGN(const auto page, reader.PendingActs(kNorth, 2, 1));
    EXPECT_THAT(Sequences(page), ElementsAre(3));
    EXPECT_THAT(reader.PendingActs(kNorth, 5, 9), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.PendingActs(kNorth, 0, 0), IsOkAndHolds(IsEmpty()));
    return {};
  });
}

TEST_P(StoreConformance, RecentActsComeLastInsertedFirst) {
  MustWrite([](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.InsertAct(kNorth, MakeAct(Direction::kOut, 5)));
    ENTENTE_TRY(tx.InsertAct(kSouth, MakeAct(Direction::kOut, 6)));
    ENTENTE_TRY(tx.InsertAct(kNorth, MakeAct(Direction::kIn, 1)));
    return tx.InsertAct(kNorth, MakeAct(Direction::kOut, 2));
  });
  MustRead([](const Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto all, reader.RecentActs(kNorth, 9));
    EXPECT_THAT(Sequences(all), ElementsAre(2, 1, 5));
    ENTENTE_ASSIGN(const auto newest, reader.RecentActs(kNorth, 1));
    EXPECT_THAT(Sequences(newest), ElementsAre(2));
    return {};
  });
}

TEST_P(StoreConformance, AnErasedActLeavesATombstone) {
  ActRow act = MakeAct(Direction::kIn, 1);
  act.state = ActState::kAccepted;
  act.answer = ToBytes("answer");
  const ActRow pending = MakeAct(Direction::kOut, 1);
  MustWrite([&](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.InsertAct(kNorth, act));
    ENTENTE_TRY(tx.InsertAct(kNorth, pending));
    ENTENTE_TRY(tx.IndexSubject(kNorth, act.id, "subject"));
    EXPECT_THAT(tx.EraseAct(kNorth, pending.id), FailsWith(ErrorCode::kConflict));
    EXPECT_THAT(tx.EraseAct(kSouth, act.id), FailsWith(ErrorCode::kNotFound));
    ENTENTE_TRY(tx.EraseAct(kNorth, act.id));
    EXPECT_THAT(tx.IndexSubject(kNorth, act.id, "subject"), IsOk());
    return tx.EraseAct(kNorth, act.id);
  });
  act.envelope.clear();
  act.is_erased = true;
  const auto holds = [&](const Reader& reader) -> Status {
    EXPECT_THAT(reader.FindAct(kNorth, act.id), IsOkAndHolds(Optional(act)));
    EXPECT_THAT(reader.RecentActs(kNorth, 9), IsOkAndHolds(ElementsAre(pending, act)));
    EXPECT_THAT(reader.FindSubject(kNorth, "subject"), IsOkAndHolds(IsEmpty()));
    return {};
  };
  MustRead(holds);
  while (*store_->Maintain(100)) {
  }
  MustRead(holds);
  Reopen();
  MustRead(holds);
}

TEST_P(StoreConformance, ActsAreFoundBySubject) {
  const ActRow first = MakeAct(Direction::kIn, 1);
  const ActRow second = MakeAct(Direction::kOut, 1);
  MustWrite([&](Transaction& tx) -> Status {
    for (const ActRow& act : {first, second}) {
      ENTENTE_TRY(tx.InsertAct(kNorth, act));
      ENTENTE_TRY(tx.IndexSubject(kNorth, act.id, "person 1"));
    }
    ENTENTE_TRY(tx.IndexSubject(kNorth, second.id, "person 2"));
    return tx.IndexSubject(kNorth, second.id, "person 2");
  });
  Reopen();
  MustRead([&](const Reader& reader) -> Status {
    EXPECT_THAT(reader.FindSubject(kNorth, "person 1"),
                IsOkAndHolds(ElementsAre(first.id, second.id)));
    EXPECT_THAT(reader.FindSubject(kNorth, "person 2"), IsOkAndHolds(ElementsAre(second.id)));
    EXPECT_THAT(reader.FindSubject(kNorth, "person"), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(reader.FindSubject(kSouth, "person 1"), IsOkAndHolds(IsEmpty()));
    return {};
  });
}

TEST_P(StoreConformance, NumbersEndAt2To63Minus1) {
  MustWrite([](Transaction& tx) -> Status {
    EXPECT_THAT(tx.PutChannel(kNorth, {1, kNumberMax, 1, 1}), IsOk());
    EXPECT_THAT(tx.PutChannel(kNorth, {1, kNumberMax + 1, 1, 1}),
                FailsWith(ErrorCode::kInvalidInput));
    EXPECT_THAT(tx.GetChannel(kNorth), IsOkAndHolds(Eq(ChannelState{1, kNumberMax, 1, 1})));
    EXPECT_THAT(tx.InsertAct(kNorth, MakeAct(Direction::kIn, kNumberMax)), IsOk());
    EXPECT_THAT(tx.InsertAct(kNorth, MakeAct(Direction::kIn, kNumberMax + 1)),
                FailsWith(ErrorCode::kInvalidInput));
    EXPECT_THAT(tx.RecentActs(kNorth, std::numeric_limits<std::size_t>::max()),
                IsOkAndHolds(SizeIs(1)));
    return {};
  });
}

TEST_P(StoreConformance, EvidenceIsNumberedPerPeer) {
  MustWrite([](Transaction& tx) -> Status {
    EXPECT_THAT(tx.AddEvidence(kNorth, "conflict", kTime, {}), IsOkAndHolds(Eq(1U)));
    EXPECT_THAT(tx.AddEvidence(kNorth, "conflict", kTime, {}), IsOkAndHolds(Eq(2U)));
    EXPECT_THAT(tx.AddEvidence(kSouth, "conflict", kTime, {}), IsOkAndHolds(Eq(1U)));
    return {};
  });
}

// Ledger ----------------------------------------------------------------------------------------

TEST_P(StoreConformance, TheLedgerOnlyGrowsAtItsEnd) {
  MustWrite([](Transaction& tx) -> Status {
    EXPECT_THAT(tx.AppendLedgerEntry(kNorth, 1, AsBytes("b")), FailsWith(ErrorCode::kConflict));
    EXPECT_THAT(tx.AppendLedgerEntry(kNorth, 0, AsBytes("a")), IsOk());
    EXPECT_THAT(tx.AppendLedgerEntry(kNorth, 0, AsBytes("x")), FailsWith(ErrorCode::kConflict));
    EXPECT_THAT(tx.AppendLedgerEntry(kNorth, 2, AsBytes("c")), FailsWith(ErrorCode::kConflict));
    EXPECT_THAT(tx.AppendLedgerEntry(kNorth, 1, AsBytes("b")), IsOk());
    EXPECT_THAT(tx.LedgerSize(kNorth), IsOkAndHolds(Eq(2U)));
    EXPECT_THAT(tx.LedgerEntry(kNorth, 0), IsOkAndHolds(Eq(ToBytes("a"))));
    EXPECT_THAT(tx.LedgerEntry(kNorth, 2), FailsWith(ErrorCode::kNotFound));
    EXPECT_THAT(tx.LedgerEntry(kNorth, kNumberMax + 1), FailsWith(ErrorCode::kNotFound));
    return {};
  });
}

TEST_P(StoreConformance, ALedgerNodeNeverChanges) {
  MustWrite([](Transaction& tx) -> Status {
    EXPECT_THAT(tx.LedgerNode(kNorth, 1, 0), FailsWith(ErrorCode::kNotFound));
    EXPECT_THAT(tx.PutLedgerNode(kNorth, 1, 0, DigestOf("a")), IsOk());
    EXPECT_THAT(tx.PutLedgerNode(kNorth, 1, 0, DigestOf("a")), IsOk());
    EXPECT_THAT(tx.PutLedgerNode(kNorth, 1, 0, DigestOf("b")), FailsWith(ErrorCode::kConflict));
    EXPECT_THAT(tx.LedgerNode(kNorth, 1, 0), IsOkAndHolds(Eq(DigestOf("a"))));
    EXPECT_THAT(tx.LedgerNode(kNorth, 0, 0), FailsWith(ErrorCode::kNotFound));
    return {};
  });
}

// Projections -----------------------------------------------------------------------------------

TEST_P(StoreConformance, RowsAreListedInKeyOrderByPages) {
  MustWrite([](Transaction& tx) -> Status {
    for (const std::string_view key : {"b", "a", "é", "a/1", "Z"}) {
      ENTENTE_TRY(tx.PutRow("documents", kNorth, key, AsBytes(key)));
    }
    ENTENTE_TRY(tx.PutRow("rounds", kNorth, "aa", AsBytes("other table")));
    ENTENTE_TRY(tx.PutRow("documents", kNorth, "b", AsBytes("changed")));
    EXPECT_THAT(tx.PutRow("documents", kNorth, "", {}), FailsWith(ErrorCode::kInvalidInput));
    EXPECT_THAT(tx.DeleteRow("documents", kNorth, "nothing"), IsOk());
    return tx.DeleteRow("documents", kNorth, "a/1");
  });
  MustRead([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.ListRows("documents", kNorth, "", 3),
                IsOkAndHolds(ElementsAre(Row{"Z", ToBytes("Z")}, Row{"a", ToBytes("a")},
                                         Row{"b", ToBytes("changed")})));
    EXPECT_THAT(reader.ListRows("documents", kNorth, "b", 3),
                IsOkAndHolds(ElementsAre(Row{"é", ToBytes("é")})));
    return {};
  });
}

// Imports and collections -----------------------------------------------------------------------

TEST_P(StoreConformance, AnImportIsInvisibleUntilItIsActivated) {
  ImportId import = 0;
  MustWrite([&](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(import, tx.BeginImport("list", Origin::kPublicList));
    return tx.AppendRecords(import, MakeRecords(1, 3));
  });
  MustWrite([&](Transaction& tx) -> Status {
    EXPECT_THAT(tx.GetCollection("list"), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(tx.ReadRecords("list", 0, 9), FailsWith(ErrorCode::kNotFound));
    EXPECT_THAT(tx.FindRecord("list", "id-1"), FailsWith(ErrorCode::kNotFound));
    const Collection expected{"list", Origin::kPublicList, 3, kTime};
    EXPECT_THAT(tx.ActivateImport(import, kTime), IsOkAndHolds(Eq(expected)));
    EXPECT_THAT(tx.GetCollection("list"), IsOkAndHolds(Optional(expected)));
    EXPECT_THAT(tx.FindRecord("list", "id-2"), IsOkAndHolds(Optional(MakeRecords(2, 2).at(0))));
    EXPECT_THAT(tx.FindRecord("list", "id-4"), IsOkAndHolds(Eq(std::nullopt)));
    return {};
  });
}

TEST_P(StoreConformance, ActivationReplacesTheWholeCollection) {
  MustWrite([](Transaction& tx) { return Import(tx, "list", MakeRecords(1, 5)); });
  MustWrite([](Transaction& tx) { return Import(tx, "other", MakeRecords(1, 1)); });
  const UtcTime later = kTime + std::chrono::hours(1);
  MustWrite([&](Transaction& tx) { return Import(tx, "list", MakeRecords(4, 6), later); });
  MustRead([&](const Reader& reader) -> Status {
    EXPECT_THAT(reader.ReadRecords("list", 0, 9), IsOkAndHolds(Eq(MakeRecords(4, 6))));
    EXPECT_THAT(reader.FindRecord("list", "id-1"), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(reader.ListCollections(),
                IsOkAndHolds(ElementsAre(Collection{"list", Origin::kSynthetic, 3, later},
                                         Collection{"other", Origin::kSynthetic, 1, kTime})));
    return {};
  });
}

TEST_P(StoreConformance, ADroppedCollectionIsGoneAndItsNameIsFree) {
  MustWrite([](Transaction& tx) { return Import(tx, "list", MakeRecords(1, 5)); });
  MustWrite([](Transaction& tx) { return Import(tx, "other", MakeRecords(1, 1)); });
  MustWrite([](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(const ImportId staged, tx.BeginImport("list", Origin::kPublicList));
    EXPECT_THAT(tx.DropCollection("list"), IsOk());
    EXPECT_THAT(tx.DropCollection("list"), FailsWith(ErrorCode::kNotFound));
    EXPECT_THAT(tx.DropCollection("nothing"), FailsWith(ErrorCode::kNotFound));
    EXPECT_THAT(tx.GetCollection("list"), IsOkAndHolds(Eq(std::nullopt)));
    EXPECT_THAT(tx.ReadRecords("list", 0, 9), FailsWith(ErrorCode::kNotFound));
    EXPECT_THAT(tx.ListCollections(), IsOkAndHolds(SizeIs(1)));
    ENTENTE_TRY(tx.ActivateImport(staged, kTime));
    return {};
  });
  EXPECT_THAT(store_->Maintain(9), IsOkAndHolds(false)) << "the dropped records are erased";
  MustRead([](const Reader& reader) -> Status {
    const Collection expected{"list", Origin::kPublicList, 0, kTime};
    EXPECT_THAT(reader.GetCollection("list"), IsOkAndHolds(Optional(expected)));
    EXPECT_THAT(reader.ReadRecords("other", 0, 9), IsOkAndHolds(SizeIs(1)));
    return {};
  });
}

TEST_P(StoreConformance, ADuplicateIdAppendsNothing) {
  MustWrite([](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(const ImportId import, tx.BeginImport("list", Origin::kSynthetic));
    ENTENTE_TRY(tx.AppendRecords(import, MakeRecords(1, 2)));
    std::vector<RecordRow> more = MakeRecords(3, 6);
    more[2].id = "id-1";
    more[3].id = "id-2";
    EXPECT_THAT(tx.AppendRecords(import, more), FailsWith(ErrorCode::kConflict, HasSubstr("id-1")));
    EXPECT_THAT(tx.AppendRecords(import, MakeRecords(3, 4)), IsOk());
    ENTENTE_TRY(tx.ActivateImport(import, kTime));
    EXPECT_THAT(tx.ReadRecords("list", 0, 9), IsOkAndHolds(Eq(MakeRecords(1, 4))));
    return {};
  });
}

TEST_P(StoreConformance, TheSameIdMayBeInTwoImports) {
  MustWrite([](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(const ImportId one, tx.BeginImport("list", Origin::kSynthetic));
    ENTENTE_ASSIGN(const ImportId two, tx.BeginImport("list", Origin::kSynthetic));
    EXPECT_NE(one, two);
    EXPECT_THAT(tx.AppendRecords(one, MakeRecords(1, 2)), IsOk());
    EXPECT_THAT(tx.AppendRecords(two, MakeRecords(1, 2)), IsOk());
    return {};
  });
}

TEST_P(StoreConformance, RecordNumbersAscend) {
  MustWrite([](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(const ImportId import, tx.BeginImport("list", Origin::kSynthetic));
    EXPECT_THAT(tx.AppendRecords(import, MakeRecords(0, 0)), FailsWith(ErrorCode::kInvalidInput));
    EXPECT_THAT(tx.AppendRecords(import, MakeRecords(1, 2)), IsOk());
    EXPECT_THAT(tx.AppendRecords(import, MakeRecords(2, 2)), FailsWith(ErrorCode::kInvalidInput));
    EXPECT_THAT(tx.AppendRecords(import, {}), IsOk());
    EXPECT_THAT(tx.AppendRecords(import, MakeRecords(9, 9)), IsOk());
    EXPECT_THAT(tx.AppendRecords(import, MakeRecords(kNumberMax + 1, kNumberMax + 1)),
                FailsWith(ErrorCode::kInvalidInput));
    ENTENTE_ASSIGN(const Collection collection, tx.ActivateImport(import, kTime));
    EXPECT_EQ(collection.record_count, 3U);
    return {};
  });
}

TEST_P(StoreConformance, AnImportThatIsOverIsNotFound) {
  MustWrite([](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(const ImportId activated, tx.BeginImport("list", Origin::kSynthetic));
    ENTENTE_TRY(tx.ActivateImport(activated, kTime));
    ENTENTE_ASSIGN(const ImportId dropped, tx.BeginImport("list", Origin::kSynthetic));
    ENTENTE_TRY(tx.DropImport(dropped));
    for (const ImportId import : {activated, dropped, kNumberMax, kNumberMax + 1}) {
      EXPECT_THAT(tx.AppendRecords(import, MakeRecords(1, 1)), FailsWith(ErrorCode::kNotFound));
      EXPECT_THAT(tx.ActivateImport(import, kTime), FailsWith(ErrorCode::kNotFound));
      EXPECT_THAT(tx.DropImport(import), FailsWith(ErrorCode::kNotFound));
    }
    EXPECT_THAT(tx.ReadRecords("list", 0, 9), IsOkAndHolds(IsEmpty()));
    return {};
  });
}

TEST_P(StoreConformance, CollectionNamesAreChecked) {
  MustWrite([](Transaction& tx) -> Status {
    for (const std::string& name : {std::string("a"), std::string(64, 'z')}) {
      EXPECT_THAT(tx.BeginImport(name, Origin::kSynthetic), IsOk());
    }
    for (const std::string& name : {std::string(), std::string(65, 'z'), std::string("A")}) {
      EXPECT_THAT(tx.BeginImport(name, Origin::kSynthetic), FailsWith(ErrorCode::kInvalidInput));
    }
    return {};
  });
}

TEST_P(StoreConformance, ReopeningDropsUnfinishedImports) {
  ImportId import = 0;
  MustWrite([&](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(import, tx.BeginImport("list", Origin::kSynthetic));
    return tx.AppendRecords(import, MakeRecords(1, 3));
  });
  Reopen();
  MustWrite([&](Transaction& tx) -> Status {
    EXPECT_THAT(tx.ActivateImport(import, kTime), FailsWith(ErrorCode::kNotFound));
    ENTENTE_ASSIGN(const ImportId next, tx.BeginImport("list", Origin::kSynthetic));
    EXPECT_GT(next, import) << "an import's number is never given twice";
    return {};
  });
}

TEST_P(StoreConformance, MaintenanceErasesInBoundedSteps) {
  MustWrite([](Transaction& tx) { return Import(tx, "list", MakeRecords(1, 10)); });
  MustWrite([](Transaction& tx) { return Import(tx, "list", MakeRecords(1, 3)); });
  MustWrite([](Transaction& tx) { return Import(tx, "list", MakeRecords(5, 8)); });
  EXPECT_THAT(store_->Maintain(0), IsOkAndHolds(true));
  EXPECT_THAT(store_->Maintain(9), IsOkAndHolds(true));
  EXPECT_THAT(store_->Maintain(9), IsOkAndHolds(false));
  EXPECT_THAT(store_->Maintain(9), IsOkAndHolds(false));
  MustRead([](const Reader& reader) -> Status {
    EXPECT_THAT(reader.ReadRecords("list", 0, 9), IsOkAndHolds(Eq(MakeRecords(5, 8))));
    return {};
  });
}

TEST_P(StoreConformance, TwentyThousandRecordsComeBackByPages) {
  constexpr std::uint64_t kCount = 20'000;
  constexpr std::uint64_t kBatch = 1'000;
  ImportId import = 0;
  MustWrite([&](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(import, tx.BeginImport("list", Origin::kSynthetic));
    return {};
  });
  for (std::uint64_t first = 1; first <= kCount; first += kBatch) {
    MustWrite([&](Transaction& tx) {
      return tx.AppendRecords(import, MakeRecords(first, first + kBatch - 1));
    });
  }
  MustWrite([&](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(const Collection collection, tx.ActivateImport(import, kTime));
    EXPECT_EQ(collection.record_count, kCount);
    return {};
  });
  MustRead([&](const Reader& reader) -> Status {
    std::vector<RecordRow> all;
    std::vector<RecordRow> page;
    do {
      ENTENTE_ASSIGN(page, reader.ReadRecords("list", all.empty() ? 0 : all.back().number, 777));
      all.insert(all.end(), page.begin(), page.end());
    } while (!page.empty());
    EXPECT_EQ(all, MakeRecords(1, kCount));
    return {};
  });
}

}  // namespace

TEST(Origin, NamesReadBack) {
  for (const Origin origin : {Origin::kSynthetic, Origin::kPublicList, Origin::kOperational}) {
    EXPECT_THAT(ParseOrigin(OriginName(origin)), IsOkAndHolds(Eq(origin)));
  }
  EXPECT_THAT(
      ParseOrigin("Public-List"),
      FailsWith(ErrorCode::kInvalidInput, HasSubstr("synthetic, public-list or operational")));
}

}  // namespace entente::store
