#include "sim/scheduler.h"

#include <algorithm>
#include <string>

namespace entente::sim {

bool Scheduler::Step(Duration until) {
  if (events_.empty() || events_.top().time >= until) {
    return false;
  }
  const Event event = events_.top();
  events_.pop();
  now_ = event.time;
  event.task();
  return true;
}

void Scheduler::RunUntil(Duration until) {
  while (Step(until)) {
  }
  now_ = std::max(now_, until);
}

void Scheduler::Trace(std::string_view what, ByteView bytes) {
  const std::string time = std::to_string(now_.count());
  trace_ = crypto::HashFields("entente-sim-trace/1",
                              {trace_.view(), AsBytes(time), AsBytes(what), bytes});
}

}  // namespace entente::sim
