#include "entente/node/line_limit.h"

#include <chrono>
#include <utility>

namespace entente::node {

bool LineLimit::Admit(std::string_view event) {
  const UtcTime now = clock_.Now();
  auto found = minutes_.find(event);
  if (found == minutes_.end()) {
    found = minutes_.emplace(event, Minute{now}).first;
  }
  Minute& minute = found->second;
  if (now < minute.begin || now - minute.begin >= std::chrono::minutes(1)) {
    minute.begin = now;
    minute.lines = 0;
  }
  if (minute.lines == kLinesPerMinute) {
    ++minute.left_out;
    return false;
  }
  ++minute.lines;
  return true;
}

std::map<std::string, std::uint64_t> LineLimit::TakeLeftOut() {
  std::map<std::string, std::uint64_t> left_out;
  for (auto& [event, minute] : minutes_) {
    if (minute.left_out > 0) {
      left_out.emplace(event, std::exchange(minute.left_out, 0));
    }
  }
  return left_out;
}

}  // namespace entente::node
