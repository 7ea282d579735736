// How fast lists are read: rows per second and bytes per second, all in memory.
#include <optional>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include "entente/base/check.h"
#include "entente/records/reader.h"

namespace entente::records {
namespace {

std::string Table(int row_count) {
  std::string text =
      "id,name,alias,birth_date,birth_place,document_type,document_issuer,document_number\n";
  for (int i = 0; i < row_count; ++i) {
    text += "A-" + std::to_string(i) +
            (i % 2 == 0 ? ",سمير نوري العلمي,,1970-03-02,فاس,,,\n"
                        : ",Iris Vega Mora,,1981-11-30,Casablanca,passport,MA,AB1234567\n");
  }
  return text;
}

void Read(benchmark::State& state, bool with_encode) {
  const std::string text = Table(static_cast<int>(state.range(0)));
  for ([[maybe_unused]] const auto _ : state) {
    auto reader = OpenReader(Format::kCsv, {.main = {"table", MakeMemorySource(text)}});
    ENTENTE_CHECK(reader);
    while (true) {
      auto next = (*reader)->Next();
      ENTENTE_CHECK(next);
      const std::optional<ReadEvent> event = *std::move(next);
      if (!event) {
        break;
      }
      const auto& record = std::get<Record>(*event);
      if (with_encode) {
        benchmark::DoNotOptimize(Encode(record));
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void BM_ReadCsv(benchmark::State& state) { Read(state, false); }
void BM_ReadCsvAndEncode(benchmark::State& state) { Read(state, true); }

BENCHMARK(BM_ReadCsv)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ReadCsvAndEncode)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace entente::records
