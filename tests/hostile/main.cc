// hostile_peer: attacks a running node and checks that each attack is refused as it must be.
#include <algorithm>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "apps/main_guard.h"
#include "entente/base/utf8.h"
#include "tests/hostile/arena.h"
#include "tests/hostile/attack.h"

namespace entente::hostile {
namespace {

using wire::Json;

constexpr std::string_view kUsage =
    "usage: hostile_peer --target HOME --target-pid PID --honest HOME\n"
    "                    [--memory-mib N] [--json] [--attack ID]...\n"
    "       hostile_peer --table\n"
    "Attacks the exercise node that runs in the first home; the node in the second is linked with\n"
    "it. One line per attack; exit 1 if one was not refused as expected, the memory of the node\n"
    "went above the limit, or the honest node was not served after it. --table prints the rows of\n"
    "docs/audit/hostile-peer.md.\n";
// Above the 256 connections of a listener (entente/net/limits.h): files, database, loop.
constexpr std::size_t kDescriptorsMax = 320;

struct Options {
  ArenaSettings arena;
  bool is_json = false;
  bool is_table = false;
  std::vector<std::string> only;
};

Result<Options> ParseOptions(std::span<char*> words) {
  Options options;
  const auto value = [&](std::size_t& at) -> std::string {
    return ++at < words.size() ? words[at] : "";
  };
  for (std::size_t at = 1; at < words.size(); ++at) {
    const std::string_view word = words[at];
    if (word == "--target") {
      options.arena.target_home = value(at);
    } else if (word == "--target-pid") {
      options.arena.target_pid = std::stoi(value(at));
    } else if (word == "--honest") {
      options.arena.honest_home = value(at);
    } else if (word == "--memory-mib") {
      options.arena.memory_mib_max = std::stoull(value(at));
    } else if (word == "--attack") {
      options.only.push_back(value(at));
    } else if (word == "--json") {
      options.is_json = true;
    } else if (word == "--table") {
      options.is_table = true;
    } else {
      return Error{ErrorCode::kInvalidInput, std::string(kUsage)};
    }
  }
  if (!options.is_table && (options.arena.target_home.empty() || options.arena.target_pid == 0)) {
    return Error{ErrorCode::kInvalidInput, std::string(kUsage)};
  }
  return options;
}

std::string Describe(Sign sign, const std::string& code, const std::string& words,
                     const std::vector<std::string>& evidence) {
  std::string out(SignName(sign));
  out += code.empty() ? "" : " " + code;
  constexpr std::size_t kWordsMax = 120;
  out += words.empty() ? "" : ": " + OneLine(words, kWordsMax);
  for (const std::string& row : evidence) {
    out += "; evidence: " + row;
  }
  return out;
}

void PrintTable() {
  std::cout << "| attack | what | what must be seen | refused in |\n|---|---|---|---|\n";
  for (const Attack& attack : AllAttacks()) {
    const Refusal& expected = attack.expected;
    std::cout << "| " << attack.id << " | " << attack.what << " | "
              << Describe(expected.sign, expected.code, expected.words, expected.evidence) << " | "
              << attack.refused_in << " |\n";
  }
  std::cout << "\n| not run | why |\n|---|---|\n";
  for (const Pending& pending : AllPending()) {
    std::cout << "| " << pending.what << " | " << pending.why << " |\n";
  }
}

// What became of one attack; `failure` is empty if all is as expected.
struct Outcome {
  std::string seen;
  std::string failure;
  std::int64_t honest_ms = 0;
  std::uint64_t peak_mib = 0;
};

Status Judge(Arena& arena, const Attack& attack, Outcome& outcome) {
  ENTENTE_TRY(arena.ResetPeakMemory());
  ENTENTE_ASSIGN(const Seen seen, attack.run(arena));
  std::vector<std::string> evidence;
  if (seen.peer) {
    ENTENTE_ASSIGN(evidence, arena.EvidenceOf(*seen.peer));
  }
  outcome.seen = Describe(seen.sign, seen.code, seen.words, evidence);
  ENTENTE_ASSIGN(const std::chrono::milliseconds honest, arena.HonestExchange());
  outcome.honest_ms = honest.count();
  ENTENTE_ASSIGN(outcome.peak_mib, arena.PeakMemoryMib());
  ENTENTE_ASSIGN(const std::size_t descriptors, arena.OpenDescriptors());
  const Refusal& expected = attack.expected;
  if (seen.sign != expected.sign || seen.code != expected.code ||
      seen.words.find(expected.words) == std::string::npos || evidence != expected.evidence) {
    return Error{ErrorCode::kInternal, "expected " + Describe(expected.sign, expected.code,
                                                              expected.words, expected.evidence)};
  }
  if (outcome.peak_mib > arena.memory_mib_max()) {
    return Error{ErrorCode::kLimitExceeded, "the node's memory is above the limit"};
  }
  if (descriptors > kDescriptorsMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "the node has " + std::to_string(descriptors) + " descriptors open"};
  }
  return {};
}

Outcome Run(Arena& arena, const Attack& attack) {
  Outcome outcome;
  if (const Status status = Judge(arena, attack, outcome); !status) {
    outcome.failure = status.error().message;
  }
  return outcome;
}

void PrintLine(const Attack& attack, const Outcome& outcome) {
  std::cout << (outcome.failure.empty() ? "pass  " : "FAIL  ") << attack.id << ": "
            << (outcome.seen.empty() ? "nothing seen" : outcome.seen) << "  [honest peer "
            << outcome.honest_ms << " ms, memory " << outcome.peak_mib << " MiB]\n";
  if (!outcome.failure.empty()) {
    std::cout << "      " << outcome.failure << "\n";
  }
  std::cout << std::flush;
}

Json ToJson(const Attack& attack, const Outcome& outcome) {
  return {{"id", attack.id},
          {"result", outcome.failure.empty() ? "pass" : "fail"},
          {"seen", outcome.seen},
          {"failure", outcome.failure},
          {"honest_ms", outcome.honest_ms},
          {"peak_memory_mib", outcome.peak_mib}};
}

Result<bool> AttackAll(const Options& options) {
  std::vector<Attack> attacks = AllAttacks();
  if (!options.only.empty()) {
    std::erase_if(attacks, [&](const Attack& attack) {
      return std::find(options.only.begin(), options.only.end(), attack.id) == options.only.end();
    });
  }
  if (attacks.empty()) {
    return Error{ErrorCode::kNotFound, "no attack of that name; see --table"};
  }
  ENTENTE_ASSIGN(const std::unique_ptr<Arena> arena, Arena::Open(options.arena));
  std::size_t failures = 0;
  Json rows = Json::array();
  for (const Attack& attack : attacks) {
    const Outcome outcome = Run(*arena, attack);
    failures += outcome.failure.empty() ? 0 : 1;
    rows.push_back(ToJson(attack, outcome));
    if (!options.is_json) {
      PrintLine(attack, outcome);
    }
  }
  if (options.is_json) {
    std::cout << Json{{"attacks", rows},
                      {"refused", attacks.size() - failures},
                      {"memory_mib_max", arena->memory_mib_max()},
                      {"honest_ms_max", kHonestExchangeMax.count()}}
                     .dump(2)
              << "\n";
  } else {
    std::cout << attacks.size() - failures << " of " << attacks.size() << " attacks refused\n";
  }
  return failures == 0;
}

int Main(int argc, char** argv) {
  const auto options = ParseOptions({argv, static_cast<std::size_t>(argc)});
  if (!options) {
    std::cerr << options.error().message;
    return ErrorRowFor(options.error().code).exit_code;
  }
  if (options->is_table) {
    PrintTable();
    return 0;
  }
  const auto is_good = AttackAll(*options);
  if (!is_good) {
    std::cerr << "hostile_peer: " << is_good.error().message << "\n";
    return ErrorRowFor(is_good.error().code).exit_code;
  }
  return *is_good ? 0 : 1;
}

}  // namespace
}  // namespace entente::hostile

int main(int argc, char** argv) {
  return entente::GuardMain("hostile_peer", entente::hostile::Main, argc, argv);
}
