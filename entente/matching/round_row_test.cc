#include "entente/matching/round_row.h"

#include "entente/base/testing.h"

namespace entente::matching {
namespace {

RoundRow FullRow() {
  RoundRow row;
  row.offer.bytes.fill(1);
  row.accept = act::ActId{};
  row.agreement.bytes.fill(2);
  row.role = psi::Role::kAcceptor;
  row.state = RoundState::kDisputed;
  row.purpose = "terrorism";
  row.time = *ParseRfc3339("2026-11-23T10:00:00Z");
  row.own = RoundSide{"synthetic", 305, 431, {}};
  row.peer = RoundSide{"public-list", 256, 256, {}};
  row.collection = "persons";
  row.collection_time = row.time;
  row.salt.bytes.fill(3);
  row.attempt = 2;
  row.is_revealed = true;
  row.own_result = RoundResult{2, 7, {}, {}};
  row.peer_result = RoundResult{2, 8, {}, {}};
  row.hit_count = 5;
  row.run_ms = 1234;
  row.failure = "one line";
  return row;
}

TEST(RoundRow, ComesBackAsItWasStored) {
  EXPECT_EQ(*DecodeRow(EncodeRow(FullRow())), FullRow());
  EXPECT_EQ(*DecodeRow(EncodeRow(RoundRow())), RoundRow());
}

TEST(RoundRow, IsOpenUntilItEnded) {
  for (const RoundState state :
       {RoundState::kOffered, RoundState::kAccepted, RoundState::kDone, RoundState::kDisputed,
        RoundState::kDeclined, RoundState::kRefused, RoundState::kFailed}) {
    RoundRow row;
    row.state = state;
    EXPECT_EQ(row.IsOpen(), state == RoundState::kOffered || state == RoundState::kAccepted)
        << StateName(state);
  }
}

TEST(RoundRow, DamagedBytesAreReportedAsCorrupt) {
  for (const std::string_view text : {"", "{}", "[]", "{\"offer\":\"xyz\"}"}) {
    EXPECT_THAT(DecodeRow(AsBytes(text)), FailsWith(ErrorCode::kCorruptData)) << text;
  }
  std::string text = ToText(EncodeRow(FullRow()));
  text.replace(text.find("\"disputed\""), 10, "\"forgotten\"");
  EXPECT_THAT(DecodeRow(AsBytes(text)), FailsWith(ErrorCode::kCorruptData));
}

}  // namespace
}  // namespace entente::matching
