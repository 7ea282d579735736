#include "entente/matching/hits.h"

#include <filesystem>

#include "entente/base/testing.h"
#include "entente/store/sqlite/sqlite_store.h"

namespace entente::matching {
namespace {

using match::RuleId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

psi::RoundInput InputOf(std::uint8_t byte) {
  psi::RoundInput input;
  input.bytes.fill(byte);
  return input;
}

class Hits : public ::testing::Test {
 protected:
  void SetUp() override {
    row.offer.bytes.fill(1);
    row.collection = "persons";
    row.collection_time = *ParseRfc3339("2026-11-23T10:00:00Z");
    Fill(row.collection_time);
  }
  void TearDown() override {
    store.reset();
    std::filesystem::remove_all(folder);
  }
  void Fill(UtcTime time) {
    ASSERT_THAT(store->Write([&](store::Transaction& transaction) -> Status {
      ENTENTE_ASSIGN(const auto import,
                     transaction.BeginImport("persons", store::Origin::kSynthetic));
      const std::vector<store::RecordRow> rows{{2, "b", {}}, {5, "a", {}}};
      ENTENTE_TRY(transaction.AppendRecords(import, rows));
      ENTENTE_TRY(transaction.ActivateImport(import, time));
      return {};
    }),
                IsOk());
  }
  Result<std::vector<Hit>> Resolve(const std::vector<Entry>& entries,
                                   std::vector<std::uint32_t> hit_inputs) {
    psi::Outcome outcome;
    outcome.hit_inputs = std::move(hit_inputs);
    std::vector<Hit> hits;
    ENTENTE_TRY(store->Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(hits, ResolveHits(reader, row, entries, outcome));
      return {};
    }));
    return hits;
  }
  static std::string MakeFolder() {
    std::string path = std::filesystem::temp_directory_path() / "entente-hits-XXXXXX";
    return mkdtemp(path.data());
  }

  std::string folder = MakeFolder();
  std::unique_ptr<store::Store> store = *store::SqliteStore::Open(folder + "/store.db");
  RoundRow row;
};

TEST_F(Hits, NameEachRecordOnceWithTheRulesThatMatched) {
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

TEST_F(Hits, AreNotSoughtInACollectionThatWasReplaced) {
  Fill(row.collection_time + std::chrono::seconds(1));
  EXPECT_THAT(Resolve({}, {}), FailsWith(ErrorCode::kConflict));
  row.collection = "gone";
  EXPECT_THAT(Resolve({}, {}), FailsWith(ErrorCode::kConflict));
}

TEST_F(Hits, OnARecordThatIsGoneAreReported) {
  for (const std::uint64_t number : {1U, 3U, 6U}) {
    EXPECT_THAT(Resolve({{InputOf(1), number, RuleId::kYear}}, {0}),
                FailsWith(ErrorCode::kCorruptData));
  }
}

TEST_F(Hits, AreKeptByRoundAndRecord) {
  const PeerId peer("peer");
  act::ActId other = row.offer;
  other.bytes.back() = 2;
  const Hit first{"a", {RuleId::kYear}, 1};
  const Hit second{"b", {}, 2};
  ASSERT_THAT(store->Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_TRY(StoreHits(transaction, peer, other, {{"x", {}, 1}}));
    return StoreHits(transaction, peer, row.offer, {second, first});
  }),
              IsOk());
  ASSERT_THAT(store->Read([&](const store::Reader& reader) -> Status {
    EXPECT_THAT(LoadHits(reader, peer, row.offer, 2), IsOkAndHolds(ElementsAre(first, second)));
    EXPECT_THAT(LoadHits(reader, peer, row.offer, 0), IsOkAndHolds(IsEmpty()));
    return {};
  }),
              IsOk());
}

TEST(Hit, ComesBackAsItWasStored) {
  const Hit hit{std::string(128, 'r'), {RuleId::kFullDate, RuleId::kDocument}, 12};
  EXPECT_THAT(DecodeHit(EncodeHit(hit)), IsOkAndHolds(hit));
}

TEST(Hit, DamagedBytesAreReportedAsCorrupt) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"keys":-1,"record":"r","rules":[]})",
        R"({"keys":1,"record":1,"rules":[]})", R"({"keys":1,"record":"r","rules":["x"]})",
        R"({"keys":1,"record":"r","rules":[-1]})", R"({"keys":1,"record":"r","rules":[6]})",
        R"({"keys":1,"record":"r","rules":[1,1]})", R"({"keys":1,"record":"r","rules":[2,1]})",
        R"({"keys":1,"more":1,"record":"r","rules":[]})"}) {
    EXPECT_THAT(DecodeHit(AsBytes(text)), FailsWith(ErrorCode::kCorruptData)) << text;
  }
  EXPECT_THAT(DecodeHit(EncodeHit({std::string(129, 'r'), {}, 1})),
              FailsWith(ErrorCode::kCorruptData));
}

}  // namespace
}  // namespace entente::matching
