// One thread that waits for sockets, timers and posted tasks, and a few that compute.
//
//   other threads --Post--> [ loop thread: sockets, timers, tasks ] <--done-- [ workers: work ]
//                                                  \--RunInBackground-->/
//
// Everything in net happens on the loop thread unless it says otherwise, so its objects need no
// locks. Why one loop and callbacks: docs/decisions/0007-one-event-loop.md.
// Lifetimes: the loop outlives every Timer, Connection, listener and dialer made with it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "entente/base/result.h"

namespace entente::net {

// A pending call. Destroying or cancelling it means the call does not happen. Loop thread only.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept = default;
  Timer& operator=(Timer&& other) noexcept;
  ~Timer() { Cancel(); }

  void Cancel();
  // True until the call began or was cancelled.
  bool is_pending() const;

 private:
  friend class EventLoop;
  struct State;
  explicit Timer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

class EventLoop {
 public:
  // Starts `worker_count` ≥ 1 threads for RunInBackground.
  explicit EventLoop(std::size_t worker_count);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Serves until Stop(); the calling thread is the loop thread. Call once. When it returns, running
  // work has ended, and queued tasks and work will not run.
  // Errors: kInternal if a task, timer or work threw: a bug, after which the loop has stopped.
  Status Run();

  // Makes Run() return after the task it is in. Any thread; not from a raw signal handler.
  void Stop();

  // Calls `task` on the loop thread, never from inside Post. Any thread.
  void Post(std::function<void()> task);

  // Calls `task` once after `delay`, unless the timer goes first. Loop thread, or before Run().
  [[nodiscard]] Timer After(std::chrono::milliseconds delay, std::function<void()> task);

  // Calls `work` on a worker, then `done` on the loop thread. `work` must be self-contained: it
  // shares nothing with the loop thread until `done`. Any thread. The queue is not bounded: the
  // callers' own limits (connections, rounds) bound it.
  void RunInBackground(std::function<void()> work, std::function<void()> done);

  // Calls `task` on the loop thread at every SIGINT and SIGTERM, which then no longer kill the
  // process. Call once, before Run(). Errors: kInternal if the system refuses the handler.
  Status OnTerminate(std::function<void()> task);

  struct Impl;  // for net's own sources
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace entente::net
