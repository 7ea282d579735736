// What the store costs: one accepted act per transaction, several per transaction, an import.

#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "entente/base/random.h"
#include "entente/base/temporary_folder.h"
#include "entente/store/sqlite/sqlite_store.h"
#include "entente/store/sqlite/testing.h"

namespace entente::store {
namespace {

constexpr std::size_t kEnvelopeBytes = 1024;
constexpr std::size_t kAnswerBytes = 700;
constexpr std::size_t kLeafBytes = 160;
constexpr std::size_t kRecordBytes = 400;

// A new store in a folder of its own.
class Place {
 public:
  SqliteStore& store() { return *store_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<SqliteStore> store_ =
      *SqliteStore::Open(folder_.File("store.db"), KeysForTests());
};

// What exchange does for one act from a peer: the act, its answer, the channel, the leaf, and the
// node of every subtree that the leaf completes.
Status Accept(Transaction& tx, const PeerId& peer, std::uint64_t sequence, Random& random) {
  ActRow row;
  row.direction = Direction::kIn;
  row.sequence = sequence;
  random.Fill(row.id.bytes);
  row.kind = "document.propose";
  row.state = ActState::kPending;
  row.leaf_index = sequence - 1;
  row.envelope.resize(kEnvelopeBytes, 0x45);
  ENTENTE_TRY(tx.InsertAct(peer, row));
  ENTENTE_TRY(tx.PutChannel(peer, {1, 1, 1, sequence + 1}));
  ENTENTE_TRY(tx.AppendLedgerEntry(peer, row.leaf_index, Bytes(kLeafBytes, 0x4C)));
  std::uint64_t index = row.leaf_index;
  for (unsigned level = 0;; ++level, index /= 2) {
    ENTENTE_TRY(tx.PutLedgerNode(peer, level, index, row.id));
    if (index % 2 == 0) {
      break;
    }
  }
  return tx.SetAnswer(peer, row.id, ActState::kAccepted, Bytes(kAnswerBytes, 0x41));
}

void BM_Accept(benchmark::State& state) {
  Place place;
  const PeerId peer(std::string(64, 'a'));
  SeededRandomForTests random(1);
  std::uint64_t sequence = 0;
  const std::int64_t batch = state.range(0);
  for ([[maybe_unused]] const auto _ : state) {
    const Status written = place.store().Write([&](Transaction& tx) -> Status {
      for (std::int64_t i = 0; i < batch; ++i) {
        ENTENTE_TRY(Accept(tx, peer, ++sequence, random));
      }
      return {};
    });
    if (!written) {
      state.SkipWithError(written.error().message.c_str());
    }
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(BM_Accept)->Arg(1)->Arg(10)->Arg(100)->UseRealTime();

Result<ImportId> Stage(SqliteStore& store, std::uint64_t count) {
  constexpr std::uint64_t kBatch = 1'000;
  ImportId import = 0;
  ENTENTE_TRY(store.Write([&](Transaction& tx) -> Status {
    ENTENTE_ASSIGN(import, tx.BeginImport("list", Origin::kSynthetic));
    return {};
  }));
  std::vector<RecordRow> batch;
  for (std::uint64_t number = 1; number <= count; ++number) {
    batch.push_back({number, "NK-" + std::to_string(number), Bytes(kRecordBytes, 0x52)});
    if (batch.size() == kBatch || number == count) {
      ENTENTE_TRY(store.Write([&](Transaction& tx) { return tx.AppendRecords(import, batch); }));
      batch.clear();
    }
  }
  return import;
}

void BM_Import(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    Place place;
    state.ResumeTiming();
    if (!Stage(place.store(), count)) {
      state.SkipWithError("import failed");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Import)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond);

Status Activate(SqliteStore& store, ImportId import) {
  return store.Write([&](Transaction& tx) -> Status {
    ENTENTE_TRY(tx.ActivateImport(import, {}));
    return {};
  });
}

// Replacing a collection, then erasing what it replaced, in steps of 5,000.
void BM_ReplaceAndErase(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    Place place;
    const auto old = Stage(place.store(), count);
    const auto fresh = Stage(place.store(), count);
    bool is_ok = old && fresh && Activate(place.store(), *old);
    state.ResumeTiming();
    is_ok = is_ok && Activate(place.store(), *fresh);
    while (place.store().Maintain(5'000).value_or(false)) {
    }
    if (!is_ok) {
      state.SkipWithError("import failed");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_ReplaceAndErase)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_ReadRecords(benchmark::State& state) {
  constexpr std::uint64_t kCount = 100'000;
  Place place;
  const auto import = Stage(place.store(), kCount);
  const bool is_ok = import && Activate(place.store(), *import);
  for ([[maybe_unused]] const auto _ : state) {
    const Status read = place.store().Read([&](const Reader& reader) -> Status {
      for (std::uint64_t after = 0; after < kCount; after += 1'000) {
        ENTENTE_ASSIGN(const auto page, reader.ReadRecords("list", after, 1'000));
        benchmark::DoNotOptimize(page.data());
      }
      return {};
    });
    if (!is_ok || !read) {
      state.SkipWithError("reading failed");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
}
BENCHMARK(BM_ReadRecords)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace entente::store
