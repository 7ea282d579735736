// What the head file tells of a store that was put back, before there is a link; and dead letters.
#include "entente/exchange/head.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "entente/exchange/dead_letters.h"
#include "entente/exchange/recovery.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using exchange::GuardState;
using exchange::Head;
using exchange::HeadRecord;
using exchange::Recovery;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MemoryHead final : public exchange::HeadFile {
 public:
  Result<std::optional<Bytes>> Read() const override { return bytes; }
  Status Write(ByteView written) override {
    if (writes_left-- == 0) {
      return Error{ErrorCode::kUnavailable, "the machine stopped"};
    }
    bytes = ToBytes(written);
    return {};
  }

  std::optional<Bytes> bytes;
  int writes_left = 1000;
};

class HeadTest : public TwoNodes {
 protected:
  void Propose(const std::string& title) {
    std::string text = ReadProjectFile("examples/documents/minutes.json");
    text.insert(text.find("Minutes of the Meeting"), title + ": ");
    const auto id = rabat.documents.Draft(berlin.id(), text);
    ASSERT_THAT(id, IsOk());
    ASSERT_THAT(rabat.documents.Propose(berlin.id(), *id, "desk"), IsOk());
  }
  Status Open() { return Head(rabat.exchange, file).Open(random); }
  GuardState State() { return Recovery(rabat.exchange).GuardOf(berlin.id())->state; }
  void Copy() { CopyFiles("ma.db", "copy.db"); }
  void PutBack() {
    rabat.~Node();
    CopyFiles("copy.db", "ma.db");
    std::construct_at(&rabat, "MA", 1, folder.File("ma.db"), clock, true, 5);
  }

  MemoryHead file;
  SeededRandomForTests random{3};

 private:
  void CopyFiles(const std::string& from, const std::string& to) {
    for (const std::string end : {"", "-wal"}) {
      std::filesystem::remove(folder.File(to + end));
      if (std::filesystem::exists(folder.File(from + end))) {
        std::filesystem::copy_file(folder.File(from + end), folder.File(to + end));
      }
    }
  }
};

TEST_F(HeadTest, RestartsLeaveTheGuardOpen) {
  ASSERT_THAT(Open(), IsOk());
  Propose("one");
  Restart(rabat);
  ASSERT_THAT(Open(), IsOk());
  Propose("two");
  ASSERT_THAT(Head(rabat.exchange, file).Save(), IsOk());
  EXPECT_EQ(State(), GuardState::kOpen);
}

TEST_F(HeadTest, ACopyOfAnEarlierIncarnationIsNoticed) {
  ASSERT_THAT(Open(), IsOk());
  Copy();
  Restart(rabat);
  ASSERT_THAT(Open(), IsOk());
  PutBack();
  ASSERT_THAT(Open(), IsOk());
  EXPECT_EQ(State(), GuardState::kRolledBack);
  Restart(rabat);
  ASSERT_THAT(Open(), IsOk());
  EXPECT_EQ(State(), GuardState::kRolledBack);
}

TEST_F(HeadTest, ACopyOfThisIncarnationIsNoticedByItsNumbers) {
  Head head(rabat.exchange, file);
  ASSERT_THAT(head.Open(random), IsOk());
  Copy();
  Propose("one");
  ASSERT_THAT(head.Save(), IsOk());
  PutBack();
  ASSERT_THAT(Open(), IsOk());
  EXPECT_EQ(State(), GuardState::kRolledBack);
}

TEST_F(HeadTest, ACrashWhileTheIncarnationChangesIsNoRestore) {
  ASSERT_THAT(Open(), IsOk());
  for (const int writes : {0, 1}) {  // before the store bears the new one, and after
    Restart(rabat);
    file.writes_left = writes;
    EXPECT_THAT(Open(), FailsWith(ErrorCode::kUnavailable));
  }
  Restart(rabat);
  file.writes_left = 1000;
  ASSERT_THAT(Open(), IsOk());
  EXPECT_EQ(State(), GuardState::kOpen);
}

TEST_F(HeadTest, WithoutItThePeersMustConfirm) {
  ASSERT_THAT(Open(), IsOk());
  file.bytes.reset();
  Restart(rabat);
  ASSERT_THAT(Open(), IsOk());
  EXPECT_EQ(State(), GuardState::kUnverified);
}

TEST_F(HeadTest, ACopyKnowsThatItIsOne) {
  ASSERT_THAT(rabat.exchange.store().Write([](store::Transaction& transaction) {
    return transaction.PutMeta(exchange::kIncarnationKey, AsBytes(exchange::kCopyIncarnation));
  }),
              IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_EQ(State(), GuardState::kRolledBack);
}

TEST_F(HeadTest, ADamagedFileIsSaid) {
  file.bytes = ToBytes("{}");
  EXPECT_THAT(Open(), FailsWith(ErrorCode::kCorruptData, HasSubstr("move it away")));
}

TEST(HeadFormat, ComesBackAsItWent) {
  HeadRecord head{"aa", "bb", {{PeerId("p"), {2, 43, 85, {}}}}};
  EXPECT_THAT(exchange::DecodeHead(exchange::EncodeHead(head)), IsOkAndHolds(head));
  EXPECT_THAT(exchange::DecodeHead(exchange::EncodeHead({})), IsOkAndHolds(HeadRecord{}));
  EXPECT_THAT(exchange::DecodeHead({}), FailsWith(ErrorCode::kCorruptData));
}

TEST_F(HeadTest, ADeadLetterIsToldOnceAndStillDelivered) {
  std::vector<std::string> alarms;
  rabat.exchange.SetOnAlarm([&](const PeerId& /*peer*/, std::string_view event,
                                std::string_view /*why*/) { alarms.emplace_back(event); });
  exchange::DeadLetters letters(rabat.exchange);
  Propose("one");
  clock.Advance(exchange::kActTimeToLive);
  ASSERT_THAT(letters.Check(), IsOk());
  EXPECT_THAT(alarms, IsEmpty());
  clock.Advance(std::chrono::microseconds(1));
  ASSERT_THAT(letters.Check(), IsOk());
  ASSERT_THAT(letters.Check(), IsOk());
  EXPECT_THAT(alarms, ElementsAre("act.dead"));
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  Propose("two");
  ASSERT_THAT(wire.Run(), IsOk());
  for (const store::ActRow& act : rabat.Acts(berlin.id())) {
    EXPECT_EQ(act.state, store::ActState::kReceipted);
  }
}

}  // namespace
}  // namespace entente::testing
