// Names and records a second on one core.
#include <array>

#include <benchmark/benchmark.h>

#include "entente/match/keys.h"
#include "entente/names/tokenize.h"

namespace entente::match {
namespace {

constexpr std::array<std::string_view, 8> kNames = {
    "Mohamed Ben Abderrahmane", "محمد بن عبد الرحمن", "Khadija El Guerrouj",
    "فاطمة الزهراء العلوي",     "Jürgen Müller",      "Şahin Çelik",
    "Youssef Amrani Idrissi",   "كريم الفاسي"};

void BM_Tokenize(benchmark::State& state) {
  std::size_t i = 0;
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(names::Tokenize(kNames[i++ % kNames.size()]));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Tokenize);

void BM_BuildKeys(benchmark::State& state) {
  std::array<records::Record, kNames.size()> records;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    records[i].names.push_back({PersonalText(std::string(kNames[i])), {}});
    records[i].birth_dates.push_back({1975, 3, static_cast<std::uint8_t>(i + 2)});
  }
  BuildKeys(records[0]);  // reads the frequency table
  std::size_t i = 0;
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(BuildKeys(records[i++ % records.size()]));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_BuildKeys);

void BM_ReadFrequencyTable(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(Frequencies(FrequencyTableText()).BitsOf("MHMD"));
  }
}
BENCHMARK(BM_ReadFrequencyTable);

}  // namespace
}  // namespace entente::match
