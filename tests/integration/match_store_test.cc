// What matching keeps of a round in a store: its keys while it is open, its hits afterwards.
#include "entente/matching/hits.h"
#include "tests/integration/temp_store.h"

namespace entente::testing {
namespace {

using match::RuleId;
using matching::Entry;
using matching::Hit;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

psi::RoundInput InputOf(std::uint8_t byte) {
  psi::RoundInput input;
  input.bytes.fill(byte);
  return input;
}

class RoundHits : public TempStore {
 protected:
  void SetUp() override {
    row.offer.bytes.fill(1);
    row.collection = "persons";
    row.collection_time = TestStart();
    Fill(row.collection_time);
  }
  void Fill(UtcTime time) {
    MustWrite([&](store::Transaction& transaction) -> Status {
      ENTENTE_ASSIGN(const auto import,
                     transaction.BeginImport("persons", store::Origin::kSynthetic));
      const std::vector<store::RecordRow> rows{{2, "b", {}}, {5, "a", {}}};
      ENTENTE_TRY(transaction.AppendRecords(import, rows));
      ENTENTE_TRY(transaction.ActivateImport(import, time));
      return {};
    });
  }
  Result<std::vector<Hit>> Resolve(const std::vector<Entry>& entries,
                                   std::vector<std::uint32_t> hit_inputs) {
    psi::Outcome outcome;
    outcome.hit_inputs = std::move(hit_inputs);
    std::vector<Hit> hits;
    ENTENTE_TRY(store->Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(hits, matching::ResolveHits(reader, row, entries, outcome));
      return {};
    }));
    return hits;
  }

  matching::RoundRow row;
};

TEST_F(RoundHits, NameEachRecordOnceWithTheRulesThatMatched) {
  const std::vector<Entry> entries{{InputOf(1), 5, RuleId::kYear},
                                   {InputOf(2), 2, RuleId::kDocument},
                                   {InputOf(3), 2, RuleId::kFullDate},
                                   {InputOf(3), 5, RuleId::kFullDate},
                                   {InputOf(4), 2, RuleId::kFullDate}};
  EXPECT_THAT(Resolve(entries, {1, 2, 3}),
              IsOkAndHolds(ElementsAre(Hit{"b", {RuleId::kFullDate, RuleId::kDocument}, 3},
                                       Hit{"a", {RuleId::kFullDate}, 1})));
  EXPECT_THAT(Resolve(entries, {}), IsOkAndHolds(IsEmpty()));
}

TEST_F(RoundHits, AreNotSoughtInACollectionThatWasReplaced) {
  Fill(row.collection_time + std::chrono::seconds(1));
  EXPECT_THAT(Resolve({}, {}), FailsWith(ErrorCode::kConflict));
  row.collection = "gone";
  EXPECT_THAT(Resolve({}, {}), FailsWith(ErrorCode::kConflict));
}

TEST_F(RoundHits, OnARecordThatIsGoneAreReported) {
  for (const std::uint64_t number : {1U, 3U, 6U}) {
    EXPECT_THAT(Resolve({{InputOf(1), number, RuleId::kYear}}, {0}),
                FailsWith(ErrorCode::kCorruptData));
  }
}

TEST_F(RoundHits, AreKeptByRoundAndRecord) {
  act::ActId other = row.offer;
  other.bytes.back() = 2;
  const Hit first{"a", {RuleId::kYear}, 1};
  const Hit second{"b", {}, 2};
  MustWrite([&](store::Transaction& transaction) -> Status {
    ENTENTE_TRY(matching::StoreHits(transaction, peer, other, {{"x", {}, 1}}));
    return matching::StoreHits(transaction, peer, row.offer, {second, first});
  });
  MustRead([&](const store::Reader& reader) -> Status {
    EXPECT_THAT(matching::LoadHits(reader, peer, row.offer, 2),
                IsOkAndHolds(ElementsAre(first, second)));
    EXPECT_THAT(matching::LoadHits(reader, peer, row.offer, 0), IsOkAndHolds(IsEmpty()));
    return {};
  });
}

class RoundEntries : public TempStore {
 protected:
  Result<std::vector<Entry>> Load() {
    std::vector<Entry> entries;
    ENTENTE_TRY(store->Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(entries, matching::LoadEntries(reader, peer, "round"));
      return {};
    }));
    return entries;
  }
};

TEST_F(RoundEntries, ComeBackInSeveralChunksAndAreErasedWhole) {
  std::vector<Entry> entries;
  for (std::uint64_t number = 1; number <= 8193; ++number) {
    entries.push_back({InputOf(7), number << 20U, RuleId::kDocument});
  }
  MustWrite([&](store::Transaction& transaction) {
    return matching::StoreEntries(transaction, peer, "round", entries);
  });
  EXPECT_THAT(Load(), IsOkAndHolds(entries));
  MustWrite([&](store::Transaction& transaction) {
    return matching::EraseEntries(transaction, peer, "round");
  });
  EXPECT_THAT(Load(), IsOkAndHolds(IsEmpty()));
}

TEST_F(RoundEntries, ThatAreDamagedAreReported) {
  Bytes entry(32 + 8 + 1, 0);
  entry.back() = static_cast<std::uint8_t>(match::Rules().size());
  for (const Bytes& chunk : {entry, Bytes(32 + 8, 0), Bytes(32 + 8 + 2, 0)}) {
    MustWrite([&](store::Transaction& transaction) {
      return transaction.PutRow("round_entries", peer, "round/00000000", chunk);
    });
    EXPECT_THAT(Load(), FailsWith(ErrorCode::kCorruptData));
  }
}

class RoundTable : public TempStore {};

TEST_F(RoundTable, KnowsWhatWasPutAndSaysWhatWasNot) {
  matching::RoundRow row;
  row.offer.bytes.fill(3);
  MustWrite(
      [&](store::Transaction& transaction) { return matching::PutRound(transaction, peer, row); });
  MustRead([&](const store::Reader& reader) -> Status {
    EXPECT_THAT(matching::RequireRound(reader, peer, row.offer), IsOkAndHolds(row));
    EXPECT_THAT(matching::ListRounds(reader, peer), IsOkAndHolds(ElementsAre(row)));
    EXPECT_THAT(matching::FindRound(reader, peer, {}), IsOkAndHolds(::testing::Eq(std::nullopt)));
    EXPECT_THAT(matching::RequireRound(reader, peer, {}), FailsWith(ErrorCode::kNotFound));
    EXPECT_THAT(matching::RequireRound(reader, PeerId("south"), row.offer),
                FailsWith(ErrorCode::kNotFound));
    return {};
  });
}

}  // namespace
}  // namespace entente::testing
