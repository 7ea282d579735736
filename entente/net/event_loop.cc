#include "entente/net/event_loop.h"

#include <csignal>
#include <exception>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "entente/base/check.h"
#include "entente/net/internal/event_loop_impl.h"

namespace entente::net {

namespace asio = boost::asio;
using boost::system::error_code;

struct Timer::State {
  State(asio::io_context& io, std::function<void()> fn) : timer(io), task(std::move(fn)) {}

  asio::steady_timer timer;
  std::function<void()> task;  // empty once begun or cancelled
};

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    Cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Timer::Cancel() {
  if (const std::shared_ptr<State> state = std::exchange(state_, nullptr)) {
    state->task = nullptr;
    state->timer.cancel();
  }
}

bool Timer::is_pending() const { return state_ != nullptr && state_->task != nullptr; }

void EventLoop::Impl::WaitForSignal() {
  signals.async_wait([this](error_code error, int /*signal*/) {
    if (!error) {
      on_terminate();
      WaitForSignal();
    }
  });
}

void EventLoop::Impl::ReportBug(std::string what) {
  {
    const std::lock_guard lock(bug_mutex);
    if (!bug) {
      bug = Error{ErrorCode::kInternal, "a task of the event loop threw: " + std::move(what)};
    }
  }
  io.stop();
}

EventLoop::EventLoop(std::size_t worker_count) {
  ENTENTE_CHECK(worker_count >= 1);
  impl_ = std::make_unique<Impl>(worker_count);
}

EventLoop::~EventLoop() {
  impl_->workers.stop();
  impl_->workers.join();
}

Status EventLoop::Run() {
  const auto guard = asio::make_work_guard(impl_->io);
  try {
    impl_->io.run();
  } catch (const std::exception& exception) {
    impl_->ReportBug(exception.what());
  }
  impl_->workers.stop();
  impl_->workers.join();
  const std::lock_guard lock(impl_->bug_mutex);
  if (const std::optional<Error>& bug = impl_->bug) {
    return *bug;
  }
  return {};
}

void EventLoop::Stop() { impl_->io.stop(); }

void EventLoop::Post(std::function<void()> task) { asio::post(impl_->io, std::move(task)); }

Timer EventLoop::After(std::chrono::milliseconds delay, std::function<void()> task) {
  auto state = std::make_shared<Timer::State>(impl_->io, std::move(task));
  state->timer.expires_after(delay);
  state->timer.async_wait([state](error_code /*cancelled*/) {
    // Cancel() may come when the expiry is already queued: an empty task tells.
    if (const auto due = std::exchange(state->task, nullptr)) {
      due();
    }
  });
  return Timer(std::move(state));
}

void EventLoop::RunInBackground(std::function<void()> work, std::function<void()> done) {
  asio::post(impl_->workers,
             [impl = impl_.get(), work = std::move(work), done = std::move(done)]() mutable {
               try {
                 work();
               } catch (const std::exception& exception) {
                 impl->ReportBug(exception.what());
                 return;
               }
               asio::post(impl->io, std::move(done));
             });
}

Status EventLoop::OnTerminate(std::function<void()> task) {
  impl_->on_terminate = std::move(task);
  for (const int number : {SIGINT, SIGTERM}) {
    error_code error;
    impl_->signals.add(number, error);
    if (error) {
      return Error{ErrorCode::kInternal, "cannot handle signals: " + error.message()};
    }
  }
  impl_->WaitForSignal();
  return {};
}

}  // namespace entente::net
