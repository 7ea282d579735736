// Where long computations run, seen from the owner thread. Domain modules take a Background&;
// apps/ hand in the event loop's workers, tests a queue they run by hand.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

namespace entente {

class Background {
 public:
  virtual ~Background() = default;
  // Runs `work` on any thread, then `done` on the owner thread. Order between tasks is free. If the
  // node stops first, neither may run.
  virtual void Run(std::function<void()> work, std::function<void()> done) = 0;
  // How many tasks make sense at once.
  virtual std::size_t worker_count() const = 0;
};

// Runs tasks on the caller's own thread, when told to.
class QueuedBackground final : public Background {
 public:
  void Run(std::function<void()> work, std::function<void()> done) override {
    tasks_.emplace_back(std::move(work), std::move(done));
  }
  std::size_t worker_count() const override { return 2; }
  // Runs one task. False if there was none.
  bool RunOne() {
    if (tasks_.empty()) {
      return false;
    }
    const auto [work, done] = std::move(tasks_.front());
    tasks_.pop_front();
    work();
    done();
    return true;
  }

 private:
  std::deque<std::pair<std::function<void()>, std::function<void()>>> tasks_;
};

}  // namespace entente
