// Personal data that crosses, is kept sealed, found by its blind index and erased, with an act kind
// that production does not have: payload and key are gone at the node that erased it, the ledgers
// still verify, receipts stand, and neither a resend, a recovery nor an old copy brings it back.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "entente/act/envelope.h"
#include "entente/exchange/recall.h"
#include "entente/exchange/recovery.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/relation.h"
#include "entente/store/sqlite/database.h"
#include "entente/wire/json.h"
#include "tests/integration/person_notes.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using exchange::GuardState;
using exchange::Recovery;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PersonalData : public TwoNodes {
 protected:
  static void SetUpTestSuite() { AddPersonNotes(); }
  void SetUp() override {
    TwoNodes::SetUp();
    under_ = CoSignText(AgreementWithPersonNotes());
    rabat.exchange.Register(kPersonNote, notes_);
    berlin.exchange.Register(kPersonNote, notes_);
  }

  act::ActId Submit(Node& node, const std::string& person) {
    const auto submission = node.exchange.Submit(
        PeerOf(node), {std::string(kPersonNote), under_, {{"person", person}}, "officer"});
    EXPECT_THAT(submission, IsOk());
    return submission->id;
  }
  void Talk() {
    Wire wire(rabat, berlin);
    ASSERT_THAT(wire.Run(), IsOk());
  }
  act::ActId Send(Node& node, const std::string& person) {
    const act::ActId id = Submit(node, person);
    Talk();
    return id;
  }
  void Erase(Node& node, const act::ActId& id) {
    ASSERT_THAT(node.exchange.store().Write([&](store::Transaction& transaction) {
      return transaction.EraseAct(PeerOf(node), id);
    }),
                IsOk());
    while (*node.exchange.store().Maintain(1000)) {
    }
  }
  store::ActRow Find(Node& node, const act::ActId& id) {
    std::optional<store::ActRow> row;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(row, reader.FindAct(PeerOf(node), id));
      return {};
    }),
                IsOk());
    EXPECT_TRUE(row);
    return row.value_or(store::ActRow());
  }
  std::vector<act::ActId> FindPerson(Node& node, const std::string& person) {
    std::vector<act::ActId> found;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(found, reader.FindSubject(PeerOf(node), person));
      return {};
    }),
                IsOk());
    return found;
  }

  // The root over all entries is the one the peer cosigned.
  void ExpectLedgerVerifies(Node& node) {
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      const PeerId peer = PeerOf(node);
      ENTENTE_ASSIGN(const exchange::LogHead settled,
                     exchange::ReadLogHead(reader, peer, store::CheckpointKind::kOwnSettled));
      ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(peer));
      EXPECT_EQ(settled.checkpoint.size, size);
      ledger::NodeStore tree;
      for (std::uint64_t index = 0; index < size; ++index) {
        ENTENTE_ASSIGN(const Bytes entry, reader.LedgerEntry(peer, index));
        ENTENTE_TRY(tree.Append(ledger::LeafHash(entry)));
      }
      EXPECT_THAT(ledger::Root(size, tree), IsOkAndHolds(settled.checkpoint.root));
      return {};
    }),
                IsOk());
  }

  // Ends Rabat while `body` looks at its files.
  void WithoutRabat(const std::function<void()>& body) {
    std::destroy_at(&rabat);
    body();
    std::construct_at(&rabat, "MA", 1, folder.File("ma.db"), clock, true, ++rabat_lives_);
    rabat.exchange.Register(kPersonNote, notes_);
  }
  std::string Stored(const std::string& file, const char* sql) {
    const auto database = store::Database::Open(folder.File(file));
    EXPECT_THAT(database, IsOk());
    auto query = (*database)->Prepare(sql);
    EXPECT_THAT(query, IsOk());
    EXPECT_THAT(query->Next(), IsOkAndHolds(true));
    return query->Text(0);
  }
  std::string AllBytes() {
    std::string all;
    for (const std::string end : {"", "-wal", ".keys", ".keys-wal"}) {
      std::ifstream in(folder.File("ma.db" + end), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }
  void CopyFiles(const std::string& from, const std::string& to) {
    for (const std::string end : {"", "-wal", ".keys", ".keys-wal"}) {
      std::filesystem::remove(folder.File(to + end));
      if (std::filesystem::exists(folder.File(from + end))) {
        std::filesystem::copy_file(folder.File(from + end), folder.File(to + end));
      }
    }
  }
  void Recover() {
    Talk();
    EXPECT_EQ(Recovery(rabat.exchange).GuardOf(berlin.id())->state, GuardState::kRolledBack);
    ASSERT_THAT(Recovery(rabat.exchange).Begin(berlin.id()), IsOk());
    Talk();
    EXPECT_TRUE(Recovery(rabat.exchange).GuardOf(berlin.id())->is_open());
  }

  // Rabat's log as Berlin cosigned it last.
  Bytes LogAtBerlin() {
    std::optional<Bytes> note;
    EXPECT_THAT(berlin.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(note, reader.GetCheckpoint(rabat.id(), store::CheckpointKind::kPeerCosigned));
      return {};
    }),
                IsOk());
    return note.value_or(Bytes());
  }
  // Gives Rabat an answer without its act, signed by `signer`.
  Status TakeBare(const Node& signer, const act::Answer& answer, const Bytes& log) {
    const auto envelope =
        act::Sign(act::kAnswerType, act::EncodeAnswer(answer), *signer.exchange.identity().message);
    return Recovery(rabat.exchange)
        .Take(berlin.id(), exchange::EncodeRecalled({{}, act::Encode(*envelope), log}));
  }
  act::Answer BareAnswer(const act::ActId& id, std::uint64_t epoch, std::uint64_t sequence) {
    act::Answer answer;
    answer.act = id;
    answer.from = berlin.id();
    answer.to = rabat.id();
    answer.epoch = epoch;
    answer.sequence = sequence;
    answer.time = clock.Now();
    return answer;
  }

  PersonNotes notes_;
  act::AgreementId under_;

 private:
  std::uint64_t rabat_lives_ = 100;
};

TEST_F(PersonalData, IsKeptSealedAndFoundByItsBlindIndex) {
  const std::string person = "A. Person 1975-03-02";
  const act::ActId first = Send(rabat, person);
  const act::ActId other = Send(rabat, "B. Person");
  const act::ActId second = Send(berlin, person);
  for (Node* const node : {&rabat, &berlin}) {
    EXPECT_THAT(FindPerson(*node, person), ElementsAre(first, second));
    EXPECT_THAT(FindPerson(*node, "B. Person"), ElementsAre(other));
    EXPECT_THAT(FindPerson(*node, "C. Person"), IsEmpty());
  }
  const std::string envelope = ToText(Find(rabat, first).envelope);
  WithoutRabat([&] {
    EXPECT_EQ(AllBytes().find(envelope.substr(100, 60)), std::string::npos);
    EXPECT_EQ(AllBytes().find(person), std::string::npos);
  });
  EXPECT_EQ(ToText(Find(rabat, first).envelope), envelope);
}

TEST_F(PersonalData, ErasureLeavesATombstoneALedgerAndReceipts) {
  const std::string person = "A. Person 1975-03-02";
  const act::ActId id = Send(berlin, person);
  const store::ActRow before = Find(rabat, id);
  std::string key;
  std::string sealed;
  WithoutRabat([&] {
    key = Stored("ma.db.keys",
                 "SELECT sealed FROM item_keys WHERE direction = 1 ORDER BY sequence DESC");
    sealed = Stored("ma.db", "SELECT envelope FROM acts WHERE kind = 'person.note'");
    ASSERT_NE(AllBytes().find(key), std::string::npos);
    ASSERT_NE(AllBytes().find(sealed), std::string::npos);
  });
  Erase(rabat, id);
  WithoutRabat([&] {
    EXPECT_EQ(AllBytes().find(key), std::string::npos);
    EXPECT_EQ(AllBytes().find(sealed), std::string::npos);
  });
  store::ActRow tombstone = before;
  tombstone.envelope.clear();
  tombstone.is_erased = true;
  EXPECT_EQ(Find(rabat, id), tombstone);  // with its place, id and receipt
  EXPECT_THAT(FindPerson(rabat, person), IsEmpty());
  // The other one keeps it until it erases it itself, and what is sent again is not kept.
  const store::ActRow sent = Find(berlin, id);
  EXPECT_FALSE(sent.is_erased);
  const auto again = rabat.exchange.ReceiveAct(berlin.id(), sent.envelope);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->is_repeat);
  EXPECT_EQ(again->answer, before.answer);
  EXPECT_EQ(Find(rabat, id), tombstone);
  EXPECT_THAT(berlin.exchange.ReceiveAnswer(rabat.id(), before.answer), IsOk());
  Send(rabat, "B. Person");
  for (Node* const node : {&rabat, &berlin}) {
    ExpectLedgerVerifies(*node);
    EXPECT_THAT(node->Evidence(PeerOf(*node)), IsEmpty());
  }
}

TEST_F(PersonalData, WhatThePeerErasedComesBackAsATombstone) {
  const act::ActId pending = Submit(rabat, "waits in the copy");
  CopyFiles("ma.db", "copy.db");
  Talk();
  const act::ActId received = Send(berlin, "received");
  const act::ActId sent = Send(rabat, "sent");
  const act::ActId kept = Send(rabat, "kept");
  for (const act::ActId& id : {pending, received, sent}) {
    Erase(berlin, id);
  }
  WithoutRabat([&] { CopyFiles("copy.db", "ma.db"); });
  Recover();
  for (const act::ActId& id : {received, sent}) {
    const store::ActRow row = Find(rabat, id);
    EXPECT_TRUE(row.is_erased);
    EXPECT_EQ(row.kind, "unknown");
    EXPECT_EQ(row.answer, Find(berlin, id).answer);
  }
  EXPECT_FALSE(Find(rabat, kept).is_erased);
  EXPECT_THAT(FindPerson(rabat, "kept"), ElementsAre(kept));
  // The copy had this one itself.
  EXPECT_FALSE(Find(rabat, pending).is_erased);
  EXPECT_EQ(Find(rabat, pending).state, store::ActState::kReceipted);
  // Both go on, and each has the evidence of the old log only.
  const act::ActId next = Send(rabat, "next");
  EXPECT_EQ(Find(berlin, next).epoch, 2U);
  for (Node* const node : {&rabat, &berlin}) {
    ExpectLedgerVerifies(*node);
    EXPECT_THAT(node->Evidence(PeerOf(*node)), SizeIs(1));
  }
}

TEST_F(PersonalData, ATombstoneIsBelievedByItsSignatureOnly) {
  CopyFiles("ma.db", "copy.db");
  const act::ActId lost = Send(rabat, "lost");
  const store::ActRow row = Find(rabat, lost);
  WithoutRabat([&] { CopyFiles("copy.db", "ma.db"); });
  Talk();
  const auto take = [&](const Node& signer, const act::Answer& answer) {
    return TakeBare(signer, answer, LogAtBerlin());
  };
  const act::Answer answer = BareAnswer(lost, row.epoch, row.sequence);
  EXPECT_THAT(take(berlin, answer), FailsWith(ErrorCode::kPeerViolation));  // nobody asked
  ASSERT_THAT(Recovery(rabat.exchange).Begin(berlin.id()), IsOk());
  EXPECT_THAT(take(rabat, answer), FailsWith(ErrorCode::kPeerViolation));
  act::Answer other = answer;
  other.sequence += 1;
  EXPECT_THAT(take(berlin, other), FailsWith(ErrorCode::kPeerViolation));
  other = answer;
  other.to = PeerId(std::string(64, 'f'));
  EXPECT_THAT(take(berlin, other), FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(take(berlin, answer), IsOk());
  EXPECT_TRUE(Find(rabat, lost).is_erased);
  EXPECT_EQ(Find(rabat, lost).state, store::ActState::kReceipted);
}

TEST_F(PersonalData, APeerClaimsNoMoreThanOurSignedLogHas) {
  CopyFiles("ma.db", "copy.db");
  const store::ActRow row = Find(rabat, Send(rabat, "lost"));
  WithoutRabat([&] { CopyFiles("copy.db", "ma.db"); });
  Talk();
  ASSERT_THAT(Recovery(rabat.exchange).Begin(berlin.id()), IsOk());
  const auto note = [&](const PeerId& about, const Node& signer, std::uint64_t epoch) {
    const ledger::Checkpoint checkpoint{ledger::LogOrigin(rabat.id(), about, epoch), 1000,
                                        crypto::Sha256({})};
    return ToBytes(*ledger::SignCheckpoint(checkpoint, *signer.exchange.identity().ledger));
  };
  const auto claim = [&](std::uint64_t epoch, std::uint64_t sequence, const Bytes& log) {
    const auto id = crypto::Sha256(AsBytes("no act of ours " + std::to_string(sequence)));
    return TakeBare(berlin, BareAnswer(id, epoch, sequence), log);
  };
  const PeerId other(std::string(64, 'f'));
  constexpr std::uint64_t kLastEpoch = (std::uint64_t{1} << 53U) - 1;
  for (const Bytes& log : {Bytes(), ToBytes("no note"), note(other, rabat, 1),
                           note(berlin.id(), berlin, 1), note(berlin.id(), berlin, kLastEpoch)}) {
    EXPECT_THAT(claim(row.epoch, row.sequence, log), FailsWith(ErrorCode::kPeerViolation));
  }
  const Bytes log = LogAtBerlin();
  for (const std::uint64_t epoch : {row.epoch + 1, kLastEpoch}) {
    EXPECT_THAT(claim(epoch, 1, log), FailsWith(ErrorCode::kPeerViolation, HasSubstr("epoch")));
  }
  const auto checkpoint =
      ledger::ParseCheckpoint(ledger::ParseNoteWithoutVerifying(AsText(log))->text);
  ASSERT_THAT(checkpoint, IsOk());
  std::uint64_t claims = 0;
  for (; claims < checkpoint->size; ++claims) {
    ASSERT_THAT(claim(row.epoch, row.sequence + claims, log), IsOk());
  }
  EXPECT_THAT(claim(row.epoch, row.sequence + claims, log),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("leaves")));
  // None of them stands in the ledger as one that this node sent, and its epoch is what it was.
  EXPECT_THAT(rabat.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto act,
                   reader.GetAct(berlin.id(), store::Direction::kOut, row.epoch, row.sequence));
    ENTENTE_ASSIGN(const Bytes entry, reader.LedgerEntry(berlin.id(), act->leaf_index));
    ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(entry));
    EXPECT_EQ(leaf.kind, "claimed");
    EXPECT_EQ(leaf.direction, ledger::Direction::kInternal);
    ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(berlin.id()));
    EXPECT_EQ(channel.epoch_out, row.epoch);
    return {};
  }),
              IsOk());
}

TEST_F(PersonalData, AnActErasedOnBothSidesWhileTheCopyWaitsForItsAnswer) {
  const act::ActId pending = Submit(rabat, "waits in the copy");
  CopyFiles("ma.db", "copy.db");
  Talk();
  const act::ActId later = Send(rabat, "later");
  for (Node* const node : {&rabat, &berlin}) {
    Erase(*node, pending);
    Erase(*node, later);
  }
  WithoutRabat([&] {
    CopyFiles("ma.db", "old.db");
    CopyFiles("copy.db", "ma.db");
    ASSERT_THAT(store::SqliteStore::EraseAgain(folder.File("ma.db"),
                                               store::KeysPath(folder.File("old.db"))),
                IsOk());
  });
  Recover();
  for (const act::ActId& id : {pending, later}) {
    EXPECT_TRUE(Find(rabat, id).is_erased);
    EXPECT_EQ(Find(rabat, id).state, store::ActState::kReceipted);
    EXPECT_EQ(Find(rabat, id).answer, Find(berlin, id).answer);
  }
  EXPECT_EQ(Find(berlin, Send(rabat, "next")).epoch, 2U);
}

TEST_F(PersonalData, WhatWasErasedHereDoesNotComeBackFromACopyOrThePeer) {
  const act::ActId in_the_copy = Send(berlin, "in the copy");
  CopyFiles("ma.db", "copy.db");
  const act::ActId later = Send(berlin, "later");
  Erase(rabat, in_the_copy);
  Erase(rabat, later);
  WithoutRabat([&] {
    CopyFiles("ma.db", "old.db");
    CopyFiles("copy.db", "ma.db");
    ASSERT_THAT(store::SqliteStore::EraseAgain(folder.File("ma.db"),
                                               store::KeysPath(folder.File("old.db"))),
                IsOk());
  });
  Recover();
  for (const act::ActId& id : {in_the_copy, later}) {
    EXPECT_TRUE(Find(rabat, id).is_erased);
    EXPECT_EQ(Find(rabat, id).answer, Find(berlin, id).answer);
  }
  EXPECT_THAT(FindPerson(rabat, "in the copy"), IsEmpty());
  EXPECT_THAT(FindPerson(rabat, "later"), IsEmpty());
  ExpectLedgerVerifies(rabat);
}

}  // namespace
}  // namespace entente::testing
