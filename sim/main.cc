// entente-sim: whole nodes under crashes, partitions and wrong clocks, from one seed.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/main_guard.h"
#include "sim/range.h"
#include "sim/story.h"

namespace entente::sim {
namespace {

struct Total {
  std::uint64_t seeds = 0;
  std::uint64_t failed = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t misordered = 0;
  std::uint64_t crashes = 0;
  std::uint64_t partitions = 0;
  std::uint64_t disk_faults = 0;
  std::uint64_t refused = 0;
  std::uint64_t rounds = 0;
  std::uint64_t parcels = 0;
  double simulated_hours = 0;

  void Add(const Verdict& verdict) {
    ++seeds;
    failed += verdict.holds() ? 0 : 1;
    acknowledged += verdict.acknowledged;
    lost += verdict.lost;
    duplicated += verdict.duplicated;
    misordered += verdict.misordered;
    crashes += verdict.crashes;
    partitions += verdict.partitions;
    disk_faults += verdict.disk_faults;
    refused += verdict.refused;
    rounds += verdict.rounds;
    parcels += verdict.parcels;
    simulated_hours += std::chrono::duration<double, std::ratio<3600>>(verdict.simulated).count();
  }
};

void Print(const Verdict& verdict) {
  std::cout << "seed " << verdict.seed << (verdict.holds() ? " ok" : " FAILED") << "  trace "
            << verdict.trace.Hex().substr(0, 16) << "  acknowledged " << verdict.acknowledged
            << "  crashes " << verdict.crashes << "  partitions " << verdict.partitions
            << "  clock jumps " << verdict.clock_jumps << "  disk faults " << verdict.disk_faults
            << "  refused " << verdict.refused << "  rounds " << verdict.rounds << "  parcels "
            << verdict.parcels << "\n";
  for (const std::string& why : verdict.failures) {
    std::cout << "  " << why << "\n";
  }
  std::cout << std::flush;  // a long run is read while it runs
}

void PrintJson(const Total& total, double seconds) {
  std::cout << R"({"seeds":)" << total.seeds << R"(,"failed":)" << total.failed
            << R"(,"acknowledged":)" << total.acknowledged << R"(,"lost":)" << total.lost
            << R"(,"duplicated":)" << total.duplicated << R"(,"misordered":)" << total.misordered
            << R"(,"crashes":)" << total.crashes << R"(,"partitions":)" << total.partitions
            << R"(,"disk_faults":)" << total.disk_faults << R"(,"refused":)" << total.refused
            << R"(,"rounds":)" << total.rounds << R"(,"parcels":)" << total.parcels
            << R"(,"simulated_hours":)" << total.simulated_hours << R"(,"seconds":)" << seconds
            << "}\n";
}

int Main(int argc, char** argv) {
  CLI::App cli{
      "Runs whole nodes through crashes, partitions and wrong clocks; one seed, one story.\n"
      "Exit code 1 if an acknowledged act was lost, doubled or misordered, or a node stuck.",
      "entente-sim"};
  std::string seeds;
  bool is_json = false;
  bool is_verbose = false;
  bool is_first_failure = false;
  bool lies = false;
  cli.add_option("--seed,--seeds", seeds, "one seed, to replay it, or a range: 1..200")->required();
  cli.add_flag("--json", is_json, "totals as JSON, nothing else");
  cli.add_flag("--first-failure", is_first_failure, "end with the first seed that fails");
  cli.add_flag("--lying", lies, "disks whose sync does nothing: some seeds must fail");
  cli.add_flag("--verbose", is_verbose, "the nodes' own log lines of a seed that failed");
  CLI11_PARSE(cli, argc, argv);
  const std::optional<Range> range = ParseRange(seeds);
  if (!range) {
    std::cerr << "entente-sim: --seeds takes one number or a range such as 1..200\n";
    return 2;
  }
  Total total;
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t seed = range->first; seed <= range->last; ++seed) {
    const Verdict verdict = RunStory(seed, lies);
    total.Add(verdict);
    if (!is_json) {
      Print(verdict);
    }
    if (is_verbose) {
      for (const std::string& line : verdict.log_lines) {
        std::cerr << line << "\n";
      }
    }
    if (is_first_failure && !verdict.holds()) {
      break;
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (is_json || total.seeds > 1) {
    PrintJson(total, took.count());
  }
  return total.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace entente::sim

int main(int argc, char** argv) {
  return entente::GuardMain("entente-sim", entente::sim::Main, argc, argv);
}
