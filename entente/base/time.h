// Points in time and where they come from. Times are UTC with microseconds, written as RFC 3339
// ("2026-11-23T18:30:00.000000Z"). Time is never used for order, only for freshness and audit.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "entente/base/result.h"

namespace entente {

using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

// Always 27 characters, always six decimals, always `Z`.
std::string FormatRfc3339(UtcTime time);
// Accepts exactly what FormatRfc3339 writes, and the form without decimals.
// Errors: kInvalidInput for anything else, a day the calendar does not have included.
Result<UtcTime> ParseRfc3339(std::string_view text);

// Where the time comes from; handed in by apps/, sim/ and tests. Threads: implementations are
// safe to call from several threads.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual UtcTime Now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  UtcTime Now() const override;
};

// A clock that a test moves by hand. Not thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UtcTime start) : now_(start) {}
  UtcTime Now() const override { return now_; }
  void Advance(std::chrono::microseconds by) { now_ += by; }

 private:
  UtcTime now_;
};

}  // namespace entente
