// What the seal of an act costs.
#include <benchmark/benchmark.h>

#include "entente/base/check.h"
#include "entente/base/random.h"
#include "entente/crypto/box.h"

namespace entente::crypto {
namespace {

void BM_Seal(benchmark::State& state) {
  SeededRandomForTests random(1);
  const BoxKey from(NewSeed(random));
  const BoxKey to(NewSeed(random));
  const Bytes content(static_cast<std::size_t>(state.range(0)), 7);
  for ([[maybe_unused]] const auto _ : state) {
    ENTENTE_CHECK(from.Seal(to.public_key(), content).has_value());
  }
}
BENCHMARK(BM_Seal)->Arg(1024)->Arg(2048)->Arg(1 << 20);

void BM_OpenBox(benchmark::State& state) {
  SeededRandomForTests random(1);
  const BoxKey to(NewSeed(random));
  const Bytes box = *BoxKey(NewSeed(random))
                         .Seal(to.public_key(), Bytes(static_cast<std::size_t>(state.range(0)), 7));
  for ([[maybe_unused]] const auto _ : state) {
    ENTENTE_CHECK(to.Open(box).has_value());
  }
}
BENCHMARK(BM_OpenBox)->Arg(1024)->Arg(2048)->Arg(1 << 20);

}  // namespace
}  // namespace entente::crypto
