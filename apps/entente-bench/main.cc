// entente-bench: what private matching and exchange cost on this machine. Not installed.
//
//   entente-bench floor --json
//     group operations, and what a key costs at least
//   entente-bench round --keys 20000 --threads 2 --json
//     a whole round of two parties in one process
//   entente-bench rate --seconds 600 --json
//     acts a second that two processes settle (rate.h); --folder keeps both stores and goes on
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include "apps/entente-bench/rate.h"
#include "apps/main_guard.h"
#include "entente/base/error_table.h"
#include "entente/base/temporary_folder.h"
#include "entente/crypto/random.h"
#include "entente/crypto/ristretto.h"
#include "entente/psi/round.h"
#include "entente/wire/json.h"

namespace entente {
namespace {

using psi::Role;
using psi::Round;

double Rounded(double value) { return static_cast<double>(static_cast<long>(value * 100)) / 100; }

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// CPU µs for one call: the best of seven times a thousand.
template <typename Function>
double Microseconds(Function function) {
  constexpr int kCalls = 1'000;
  double best = 1e9;
  for (int repeat = 0; repeat < 7; ++repeat) {
    const double start = CpuSeconds();
    for (int i = 0; i < kCalls; ++i) {
      function();
    }
    best = std::min(best, (CpuSeconds() - start) * 1e6 / kCalls);
  }
  return best;
}

struct Floor {
  double multiplication;
  double addition;
  double hash_to_group;
  // What a key of each party costs one party in group operations alone.
  double per_key() const {
    return psi::kMultiplicationsPerKey * multiplication + psi::kAdditionsPerKey * addition +
           psi::kHashesToGroupPerKey * hash_to_group;
  }
};

Floor MeasureFloor() {
  crypto::SystemRandom random;
  const crypto::Scalar scalar = crypto::RandomScalar(random);
  crypto::EncodedPoint point = crypto::HashToGroup(AsBytes("entente-bench"), "entente-bench");
  return {Microseconds([&] { point = *crypto::Multiply(scalar, point); }),
          Microseconds([&] { point = *crypto::Add(point, point); }),
          Microseconds([&] { point = crypto::HashToGroup(point.view(), "entente-bench"); })};
}

wire::Json ToJson(const Floor& floor) {
  return {{"multiplication_us", Rounded(floor.multiplication)},
          {"addition_us", Rounded(floor.addition)},
          {"hash_to_group_us", Rounded(floor.hash_to_group)},
          {"multiplications_per_key", psi::kMultiplicationsPerKey},
          {"floor_us_per_key", Rounded(floor.per_key())}};
}

// Threads that run computations and hand them back.
class Workers {
 public:
  struct Item {
    std::size_t party;
    psi::Work work;
  };

  explicit Workers(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { Loop(stop); });
    }
  }
  ~Workers() {
    for (std::jthread& thread : threads_) {
      thread.request_stop();
    }
    todo_changed_.notify_all();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void Give(Item item) {
    const std::lock_guard lock(mutex_);
    todo_.push_back(std::move(item));
    todo_changed_.notify_one();
  }
  Item WaitForOne() {
    std::unique_lock lock(mutex_);
    done_changed_.wait(lock, [this] { return !done_.empty(); });
    Item item = std::move(done_.front());
    done_.pop_front();
    return item;
  }

 private:
  void Loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (todo_changed_.wait(lock, stop, [this] { return !todo_.empty(); })) {
      Item item = std::move(todo_.front());
      todo_.pop_front();
      lock.unlock();
      item.work.Run();
      lock.lock();
      done_.push_back(std::move(item));
      done_changed_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any todo_changed_;
  std::condition_variable done_changed_;
  std::deque<Item> todo_;
  std::deque<Item> done_;
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

std::vector<psi::RoundInput> Inputs(std::uint64_t first, std::uint64_t count) {
  std::vector<psi::RoundInput> out;
  for (std::uint64_t i = first; i < first + count; ++i) {
    out.push_back({crypto::HashFields("entente-bench", {AsBytes(std::to_string(i))}).bytes});
  }
  return out;
}

// Runs both parties to the end. Errors: whatever the rounds report.
Status RunToEnd(std::vector<Round>& rounds, unsigned thread_count) {
  Workers workers(thread_count);
  std::size_t running = 0;
  while (!rounds[0].is_done() || !rounds[1].is_done()) {
    bool is_moving = true;
    while (is_moving) {
      is_moving = false;
      for (std::size_t party : {0U, 1U}) {
        while (auto message = rounds[party].NextMessage()) {
          ENTENTE_TRY(rounds[1 - party].OnMessage(*message));
          is_moving = true;
        }
        while (auto work = rounds[party].TakeWork()) {
          workers.Give({party, *std::move(work)});
          ++running;
        }
      }
    }
    if (running > 0) {
      Workers::Item item = workers.WaitForOne();
      --running;
      ENTENTE_TRY(rounds[item.party].FinishWork(std::move(item.work)));
    }
  }
  return {};
}

Result<wire::Json> BenchRound(std::uint64_t key_count, unsigned thread_count) {
  crypto::SystemRandom random;
  psi::RoundParameters parameters;
  ENTENTE_ASSIGN(parameters.own_size_class, psi::SizeClass(key_count));
  parameters.peer_size_class = parameters.own_size_class;
  std::vector<Round> rounds;
  for (const Role role : {Role::kProposer, Role::kAcceptor}) {
    parameters.role = role;
    const std::uint64_t first = role == Role::kProposer ? 0 : key_count / 2;
    ENTENTE_ASSIGN(Round round, Round::Start(parameters, Inputs(first, key_count), random));
    rounds.push_back(std::move(round));
  }
  const double cpu_start = CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  ENTENTE_TRY(RunToEnd(rounds, thread_count));
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  const double cpu = CpuSeconds() - cpu_start;
  const std::size_t hits = rounds[0].outcome().hit_inputs.size();
  if (hits != key_count - key_count / 2) {
    return Error{ErrorCode::kInternal, "the round found a wrong number of common keys"};
  }
  const auto keys = static_cast<double>(key_count);
  const auto padded = static_cast<double>(parameters.own_size_class);
  const psi::Progress progress = rounds[0].progress();
  return wire::Json{
      {"keys_per_party", key_count},
      {"size_class", parameters.own_size_class},
      {"threads", thread_count},
      {"common_keys", hits},
      {"seconds", Rounded(wall.count())},
      {"cpu_seconds", Rounded(cpu)},
      {"cpu_us_per_key_per_party", Rounded(cpu * 1e6 / keys / 2)},
      {"cpu_us_per_class_key_per_party", Rounded(cpu * 1e6 / padded / 2)},
      {"floor_us_per_key", Rounded(MeasureFloor().per_key())},
      {"bytes_sent_per_party", progress.bytes_sent},
      {"bytes_sent_per_class_key", Rounded(static_cast<double>(progress.bytes_sent) / padded)}};
}

void Print(const wire::Json& figures, bool is_json) {
  if (is_json) {
    std::cout << figures.dump() << "\n";
    return;
  }
  for (const auto& [name, value] : figures.items()) {
    std::cout << std::left << std::setw(32) << name << " " << value.dump() << "\n";
  }
}

int Main(int argc, char** argv) {
  CLI::App app("What private matching costs on this machine");
  app.require_subcommand(1);
  bool is_json = false;
  std::uint64_t key_count = 20'000;
  unsigned thread_count = 2;
  CLI::App* const floor = app.add_subcommand("floor", "Cost of the group operations");
  CLI::App* const round = app.add_subcommand("round", "A round of two parties in this process");
  CLI::App* const rate = app.add_subcommand("rate", "Acts that two processes settle");
  bench::RateSettings settings;
  rate->add_option("--seconds", settings.seconds, "How long")->check(CLI::Range(1, 1'000'000));
  rate->add_option("--acts", settings.acts, "How many, instead of how long");
  rate->add_option("--open", settings.unsettled_max, "Acts that may be open at once")
      ->check(CLI::Range(1, 1'000'000));
  rate->add_option("--batch", settings.batch, "Acts submitted in one turn of the loop")
      ->check(CLI::Range(1, 100'000));
  rate->add_option("--folder", settings.folder, "Keeps both stores there, and goes on with them");
  for (CLI::App* const command : {floor, round, rate}) {
    command->add_flag("--json", is_json, "Print one JSON object");
  }
  round->add_option("--keys", key_count, "Keys of each party; half are common")
      ->check(CLI::Range(std::uint64_t{1}, psi::kSizeClassMax));
  round->add_option("--threads", thread_count, "Computing threads")->check(CLI::Range(1U, 256U));
  CLI11_PARSE(app, argc, argv);
  if (floor->parsed()) {
    Print(ToJson(MeasureFloor()), is_json);
    return 0;
  }
  const TemporaryFolder folder;
  if (settings.folder.empty()) {
    settings.folder = folder.path();
  }
  const Result<wire::Json> figures =
      rate->parsed() ? bench::MeasureRate(settings) : BenchRound(key_count, thread_count);
  if (!figures) {
    std::cerr << "entente-bench: " << figures.error().message << "\n";
    return ErrorRowFor(figures.error().code).exit_code;
  }
  Print(*figures, is_json);
  return 0;
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) {
  return entente::GuardMain("entente-bench", entente::Main, argc, argv);
}
