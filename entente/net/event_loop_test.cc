#include "entente/net/event_loop.h"

#include <atomic>
#include <csignal>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include "entente/net/internal/testing.h"

namespace entente::net {
namespace {

using std::chrono::milliseconds;

TEST(EventLoop, RunsPostedTasksInOrderOnTheLoopThread) {
  EventLoop loop(1);
  std::vector<int> order;
  std::thread::id ran_on;
  std::thread other([&] {
    loop.Post([&] { order.push_back(1); });
    loop.Post([&] {
      order.push_back(2);
      ran_on = std::this_thread::get_id();
      loop.Stop();
    });
  });
  RunUntilStopped(loop);
  other.join();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(EventLoop, PostNeverCallsFromInside) {
  EventLoop loop(1);
  bool was_called = false;
  loop.Post([&] {
    loop.Post([&] {
      was_called = true;
      loop.Stop();
    });
    EXPECT_FALSE(was_called);
  });
  RunUntilStopped(loop);
  EXPECT_TRUE(was_called);
}

TEST(EventLoop, StopsFromAnotherThread) {
  EventLoop loop(1);
  std::latch running(1);
  loop.Post([&] { running.count_down(); });
  std::thread other([&] {
    running.wait();
    loop.Stop();
  });
  RunUntilStopped(loop);
  other.join();
}

TEST(Timer, CallsOnceAfterItsDelay) {
  EventLoop loop(1);
  const auto start = std::chrono::steady_clock::now();
  int count = 0;
  Timer timer = loop.After(milliseconds(20), [&] {
    ++count;
    EXPECT_FALSE(timer.is_pending());
    loop.Stop();
  });
  EXPECT_TRUE(timer.is_pending());
  RunUntilStopped(loop);
  EXPECT_EQ(count, 1);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(20));
}

TEST(Timer, DoesNotCallWhenCancelledDestroyedOrReplaced) {
  EventLoop loop(1);
  int count = 0;
  const auto fn = [&] { ++count; };
  Timer cancelled = loop.After(milliseconds(0), fn);
  Timer replaced = loop.After(milliseconds(0), fn);
  {
    const Timer destroyed = loop.After(milliseconds(0), fn);
  }
  loop.Post([&] { cancelled.Cancel(); });
  replaced = Timer();
  const Timer stop = loop.After(milliseconds(20), [&] { loop.Stop(); });
  RunUntilStopped(loop);
  EXPECT_EQ(count, 0);
  EXPECT_FALSE(cancelled.is_pending());
}

TEST(Timer, MayBeReplacedByItsOwnCall) {
  EventLoop loop(1);
  int count = 0;
  Timer timer;
  std::function<void()> again = [&] {
    if (++count == 3) {
      loop.Stop();
    } else {
      timer = loop.After(milliseconds(1), again);
    }
  };
  timer = loop.After(milliseconds(1), again);
  RunUntilStopped(loop);
  EXPECT_EQ(count, 3);
}

TEST(EventLoop, WorksInTheBackgroundAndIsDoneOnTheLoop) {
  EventLoop loop(2);
  std::thread::id worked_on;
  std::thread::id done_on;
  loop.RunInBackground([&] { worked_on = std::this_thread::get_id(); },
                       [&] {
                         done_on = std::this_thread::get_id();
                         loop.Stop();
                       });
  RunUntilStopped(loop);
  EXPECT_NE(worked_on, std::this_thread::get_id());
  EXPECT_EQ(done_on, std::this_thread::get_id());
}

TEST(EventLoop, WorksOnAsManyThreadsAsItWasGiven) {
  EventLoop loop(2);
  std::latch both(2);  // one worker alone would wait for ever
  int done = 0;
  for (int i = 0; i < 2; ++i) {
    loop.RunInBackground([&] { both.arrive_and_wait(); },
                         [&] {
                           if (++done == 2) {
                             loop.Stop();
                           }
                         });
  }
  RunUntilStopped(loop);
  EXPECT_EQ(done, 2);
}

TEST(EventLoop, StopJoinsRunningWorkAndDropsQueuedWork) {
  EventLoop loop(1);
  std::latch started(1);
  std::latch may_end(1);
  bool has_ended = false;
  std::atomic<int> dropped = 0;
  loop.RunInBackground(
      [&] {
        started.count_down();
        may_end.wait();
        has_ended = true;
      },
      [&] { ++dropped; });
  loop.RunInBackground([&] { ++dropped; }, [&] { ++dropped; });
  loop.Post([&] {
    started.wait();
    loop.Stop();
  });
  std::thread release([&] {
    started.wait();
    may_end.count_down();
  });
  RunUntilStopped(loop);
  release.join();
  EXPECT_TRUE(has_ended);
  // The one worker may take the second piece between the end of the first and the stop.
  EXPECT_LE(dropped, 1);
}

TEST(EventLoop, ReportsATaskThatThrows) {
  EventLoop loop(1);
  loop.Post([] { throw std::runtime_error("oops"); });
  EXPECT_THAT(loop.Run(), FailsWith(ErrorCode::kInternal, ::testing::HasSubstr("oops")));
}

TEST(EventLoop, ReportsWorkThatThrows) {
  EventLoop loop(1);
  bool is_done = false;
  loop.RunInBackground([] { throw std::runtime_error("oops"); }, [&] { is_done = true; });
  EXPECT_THAT(loop.Run(), FailsWith(ErrorCode::kInternal, ::testing::HasSubstr("oops")));
  EXPECT_FALSE(is_done);
}

TEST(EventLoop, TellsOfEveryTerminationSignal) {
  EventLoop loop(1);
  int count = 0;
  ASSERT_THAT(loop.OnTerminate([&] {
    if (++count == 2) {
      loop.Stop();
    } else {
      std::raise(SIGINT);
    }
  }),
              IsOk());
  loop.Post([] { std::raise(SIGTERM); });
  RunUntilStopped(loop);
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace entente::net
