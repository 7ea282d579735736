// What net's own sources see of an EventLoop.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>

#include "entente/net/event_loop.h"

namespace entente::net {

struct EventLoop::Impl {
  explicit Impl(std::size_t worker_count) : workers(worker_count) {}

  void WaitForSignal();
  // Keeps the first bug and stops the loop. Any thread.
  void ReportBug(std::string what);

  boost::asio::io_context io{1};
  boost::asio::thread_pool workers;
  boost::asio::signal_set signals{io};
  std::function<void()> on_terminate;
  std::mutex bug_mutex;
  std::optional<Error> bug;
};

}  // namespace entente::net
