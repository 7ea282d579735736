// Simulated time: events in the order of their times, one at a time, and a hash of all that
// happened. Threads: one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <string_view>
#include <utility>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/random.h"
#include "entente/crypto/hash.h"

namespace entente::sim {

using Duration = std::chrono::microseconds;

class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed) : random_(seed) {}

  // Since the beginning.
  Duration now() const { return now_; }
  // Calls `task` after `delay`; equal times in the order of the calls.
  void After(Duration delay, std::function<void()> task) {
    events_.push({now_ + delay, ++last_, std::move(task)});
  }
  // Runs the next event. False if there is none, or none before `until`.
  bool Step(Duration until);
  // Runs everything that happens before `until`, and moves the time there.
  void RunUntil(Duration until);

  // Enters what happened into the trace.
  void Trace(std::string_view what, ByteView bytes = {});
  const crypto::Digest& trace() const { return trace_; }

  // Draws of the seed. Requires low ≤ high.
  std::uint64_t Draw(std::uint64_t low, std::uint64_t high) {
    return low + random_.Next() % (high - low + 1);
  }
  Duration DrawTime(Duration low, Duration high) {
    return Duration(static_cast<std::int64_t>(
        Draw(static_cast<std::uint64_t>(low.count()), static_cast<std::uint64_t>(high.count()))));
  }
  bool Chance(std::uint64_t per_million) { return random_.Next() % 1'000'000 < per_million; }

 private:
  struct Event {
    Duration time;
    std::uint64_t number;
    std::function<void()> task;
    bool operator<(const Event& other) const {
      return std::pair(other.time, other.number) < std::pair(time, number);
    }
  };

  SeededRandomForTests random_;
  Duration now_{0};
  std::uint64_t last_ = 0;
  std::priority_queue<Event> events_;
  crypto::Digest trace_;
};

}  // namespace entente::sim
