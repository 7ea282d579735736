// entente-powerfail: does the store keep what it acknowledged when the disk fails?
//
//   entente-powerfail --cycles 1..20000 --json
//   entente-powerfail --cycles 17               that one again
//   entente-powerfail --cycles 1..100 --lying   a disk whose sync does nothing: must fail
// Exit codes: 0 all held, 1 something was lost, partial or corrupt, 2 wrong arguments.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/main_guard.h"
#include "entente/wire/json.h"
#include "sim/powerfail/cycle.h"
#include "sim/range.h"

namespace entente::sim {
namespace {

constexpr std::uint64_t kFailuresShownMax = 5;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

struct Total {
  CycleResult sum;
  std::uint64_t cycles = 0;
  std::uint64_t failed = 0;
  crypto::Sha256Stream trace;
  double seconds = 0;

  void Add(const CycleResult& cycle) {
    ++cycles;
    failed += cycle.holds() ? 0 : 1;
    sum.power_cuts += cycle.power_cuts;
    sum.acknowledged += cycle.acknowledged;
    sum.lost += cycle.lost;
    sum.partial += cycle.partial;
    sum.corrupt += cycle.corrupt;
    trace.Update(cycle.content.view());
  }
};

struct Options {
  bool lies = false;
  bool is_first_failure = false;
};

Total RunCycles(Range range, Options options) {
  Total total;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t cycle = range.first; cycle <= range.last; ++cycle) {
    const CycleResult result = RunCycle(cycle, options.lies);
    total.Add(result);
    if (!result.holds() && total.failed <= kFailuresShownMax) {
      std::cerr << "cycle " << cycle << ": " << result.failure << "\n";
    }
    if (options.is_first_failure && !result.holds()) {
      break;
    }
  }
  total.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return total;
}

void Print(const Total& total, bool is_json) {
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(total.cycles) / total.seconds);
  if (is_json) {
    wire::Json json = wire::Json::object();
    json["cycles"] = total.cycles;
    json["power_cuts"] = total.sum.power_cuts;
    json["acknowledged"] = total.sum.acknowledged;
    json["lost"] = total.sum.lost;
    json["partial"] = total.sum.partial;
    json["corrupt"] = total.sum.corrupt;
    json["cycles_per_second"] = rate;
    json["trace"] = total.trace.Current().Hex();
    std::cout << json.dump() << "\n";
    return;
  }
  std::cout << total.cycles << " cycles, " << total.sum.power_cuts << " power cuts, "
            << total.sum.acknowledged << " acknowledged: " << total.sum.lost << " lost, "
            << total.sum.partial << " partial, " << total.sum.corrupt << " corrupt; " << rate
            << " cycles/s\n";
}

int Run(int argc, char** argv) {
  std::string cycles;
  Options options;
  bool is_json = false;
  CLI::App app("Cuts the power of a store again and again and looks what it kept.");
  app.add_option("--cycles", cycles, "one, to replay it, or a range: 1..20000")->required();
  app.add_flag("--lying", options.lies, "the disk's sync does nothing: loss must be found");
  app.add_flag("--first-failure", options.is_first_failure, "end with the first that fails");
  app.add_flag("--json", is_json, "one object instead of a sentence");
  CLI11_PARSE(app, argc, argv);
  const std::optional<Range> range = ParseRange(cycles);
  if (!range) {
    std::cerr << "entente-powerfail: --cycles takes one number or a range such as 1..200\n";
    return kExitUsage;
  }
  const Total total = RunCycles(*range, options);
  Print(total, is_json);
  return total.failed == 0 ? 0 : kExitFailed;
}

}  // namespace
}  // namespace entente::sim

int main(int argc, char** argv) {
  return entente::GuardMain("entente-powerfail", entente::sim::Run, argc, argv);
}
