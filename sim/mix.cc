#include "sim/mix.h"

namespace entente::sim {
Mix DrawMix(Scheduler& scheduler) {
  Mix mix;
  const auto maybe = [&](std::uint64_t low, std::uint64_t high) {
    return scheduler.Chance(500'000) ? scheduler.Draw(low, high) : std::uint64_t{0};
  };
  const auto seconds = [](std::uint64_t count) {
    return Duration(std::chrono::seconds(static_cast<std::int64_t>(count)));
  };
  mix.network.delay_max = std::chrono::milliseconds(scheduler.Draw(2, 3000));
  mix.network.break_stream = maybe(1'000, 60'000);
  if (scheduler.Chance(300'000)) {
    mix.network.raw_loss = maybe(100, 20'000);
    mix.network.raw_duplicate = maybe(100, 20'000);
    mix.network.raw_reorder = maybe(100, 20'000);
    mix.network.raw_corrupt = maybe(100, 5'000);
  }
  mix.between_acts = std::chrono::milliseconds(scheduler.Draw(2'000, 15'000));
  // A round costs as much as all the rest of a story.
  if (scheduler.Chance(350'000)) {
    mix.between_rounds = seconds(scheduler.Draw(10, 60));
  }
  mix.between_crashes = seconds(maybe(15, 300));
  mix.between_partitions = seconds(maybe(20, 300));
  mix.between_jumps = seconds(maybe(60, 600));
  mix.between_disk_faults = seconds(maybe(30, 300));
  return mix;
}

}  // namespace entente::sim
