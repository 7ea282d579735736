// ledger_flips [ENTRIES]: flips every single bit of an export of ENTRIES (300) entries, of a proof
// and of a receipt. Prints one line of JSON; exit 1 unless all are detected, named and placed.
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <thread>
#include <vector>

#include "tests/interop/ledger/flips.h"

namespace entente::ledger {
namespace {

using FlipAll = FlipCounts (*)(std::uint64_t, FlipRange);

// On every core, each its share of the bits.
FlipCounts Run(FlipAll flip, std::uint64_t entry_count) {
  const std::uint64_t workers = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::future<FlipCounts>> parts;
  parts.reserve(workers);
  for (std::uint64_t i = 0; i < workers; ++i) {
    parts.push_back(std::async(std::launch::async, flip, entry_count, FlipRange{i, workers}));
  }
  FlipCounts counts;
  for (std::future<FlipCounts>& part : parts) {
    counts += part.get();
  }
  return counts;
}

void Print(const char* name, const FlipCounts& counts) {
  std::cout << '"' << name << "\":{\"flips\":" << counts.flips
            << ",\"detected\":" << counts.detected << ",\"named\":" << counts.named
            << ",\"placeable\":" << counts.placeable << ",\"index_right\":" << counts.placed
            << "},";
}

int Main(std::uint64_t entry_count) {
  const auto began = std::chrono::steady_clock::now();
  FlipCounts total;
  bool is_perfect = true;
  std::cout << "{\"entries\":" << entry_count << ",";
  for (const auto& [name, flip] :
       {std::pair("tree", &FlipTree), {"proof", &FlipProof}, {"receipt", &FlipReceipt}}) {
    const FlipCounts counts = Run(flip, entry_count);
    Print(name, counts);
    is_perfect = is_perfect && counts.is_perfect();
    total += counts;
  }
  Print("total", total);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  std::cout << "\"seconds\":" << seconds.count() << "}\n";
  return is_perfect ? 0 : 1;
}

}  // namespace
}  // namespace entente::ledger

int main(int argc, char** argv) {
  const std::uint64_t entry_count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300;
  if (argc > 2 || entry_count < 2) {
    std::cerr << "usage: ledger_flips [ENTRIES]\n";
    return 2;
  }
  return entente::ledger::Main(entry_count);
}
