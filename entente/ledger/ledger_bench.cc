// How fast a log grows and is verified, without a disk.
#include <benchmark/benchmark.h>

#include "entente/ledger/testing.h"

namespace entente::ledger {
namespace {

void BM_EncodeHashAppend(benchmark::State& state) {
  const Leaf leaf = LeafForTests(5);
  NodeStore nodes;
  for ([[maybe_unused]] const auto _ : state) {
    ENTENTE_CHECK(nodes.Append(LeafHash(*EncodeLeaf(leaf))).has_value());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_EncodeHashAppend);

// What a settled checkpoint costs both sides together: sign, prove, judge, cosign, add.
void BM_SettleCheckpoint(benchmark::State& state) {
  const LogForTests log(1000);
  WitnessState witness{log.trust().log, 900, *Root(900, log.nodes())};
  for ([[maybe_unused]] const auto _ : state) {
    const AddCheckpointRequest request{900, *ConsistencyProof(900, 1000, log.nodes()),
                                       log.SignedAt(1000)};
    const WitnessDecision decision = Judge(witness, request);
    ENTENTE_CHECK(decision.answer == WitnessAnswer::kCosign);
    benchmark::DoNotOptimize(log.SettledAt(1000));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_SettleCheckpoint);

void BM_VerifyLog(benchmark::State& state) {
  const auto size = static_cast<std::uint64_t>(state.range(0));
  const LogForTests log(size);
  const FilesForTests files(log);
  const auto check = state.range(1) == 0 ? EntryCheck::kOpaque : EntryCheck::kLeaves;
  for ([[maybe_unused]] const auto _ : state) {
    ENTENTE_CHECK(VerifyLog(files, log.trust(), check).has_value());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_VerifyLog)->Args({100'000, 0})->Args({100'000, 1});

void BM_InclusionProof(benchmark::State& state) {
  const LogForTests log(100'000);
  std::uint64_t index = 0;
  for ([[maybe_unused]] const auto _ : state) {
    index = (index + 7919) % log.size();
    benchmark::DoNotOptimize(InclusionProof(index, log.size(), log.nodes()));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_InclusionProof);

}  // namespace
}  // namespace entente::ledger
