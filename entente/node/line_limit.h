// How many log lines of one event are written: what strangers cause must not fill the disk.
//
// At most kLinesPerMinute of each event in a minute, which begins with its first line; the others
// are counted. A clock that is set back begins a new minute. Memory: one entry per event name, so
// names must be fixed. Threads: not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "entente/base/time.h"

namespace entente::node {

inline constexpr std::uint64_t kLinesPerMinute = 10;

class LineLimit {
 public:
  // `clock` must outlive the object.
  explicit LineLimit(const Clock& clock) : clock_(clock) {}

  // Whether one more line of `event` may be written now. If not, it counts as left out.
  bool Admit(std::string_view event);
  // How many lines of each event were left out since the last call; only events that lack some.
  std::map<std::string, std::uint64_t> TakeLeftOut();

 private:
  struct Minute {
    UtcTime begin;
    std::uint64_t lines = 0;
    std::uint64_t left_out = 0;
  };

  const Clock& clock_;
  std::map<std::string, Minute, std::less<>> minutes_;
};

}  // namespace entente::node
