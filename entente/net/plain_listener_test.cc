#include "entente/net/plain_listener.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "entente/base/temporary_folder.h"
#include "entente/net/blocking_stream.h"
#include "entente/net/internal/testing.h"

namespace entente::net {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A Unix socket whose connections are recorded, and a client thread that uses it.
class PlainTest : public ::testing::Test {
 protected:
  void Listen(ListenerLimits limits = {}) {
    auto listening = PlainListener::ListenUnix(loop_, path_, limits, [this](auto connection) {
      served_.push_back(std::make_unique<Recorder>(std::move(connection)));
      on_served_(*served_.back());
    });
    ASSERT_THAT(listening, IsOk());
    listener_ = *std::move(listening);
  }
  // Runs `client` on its own thread and the loop until both are done with each other.
  void RunWith(const std::function<void()>& client) {
    std::thread thread([&] {
      client();
      loop_.Stop();
    });
    RunUntilStopped(loop_);
    thread.join();
  }
  BlockingUnixStream Connect() { return *BlockingUnixStream::Connect(path_, seconds(30)); }
  // Everything up to the end of the stream.
  static Bytes ReadAll(BlockingUnixStream& stream) {
    Bytes all;
    for (;;) {
      const Result<Bytes> chunk = stream.Read(65536);
      if (!chunk || chunk->empty()) {
        return all;
      }
      Append(all, *chunk);
    }
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("s");
  EventLoop loop_{1};
  std::unique_ptr<PlainListener> listener_;
  std::vector<std::unique_ptr<Recorder>> served_;
  std::function<void(Recorder&)> on_served_ = [](Recorder&) {};
};

TEST_F(PlainTest, EchoesOverAUnixSocket) {
  on_served_ = [](Recorder& server) {
    EXPECT_EQ(server.connection().remote(), "unix");
    EXPECT_FALSE(server.connection().tls().has_value());
    server.on_bytes = [&server] { server.connection().Send(std::exchange(server.received, {})); };
  };
  Listen();
  RunWith([&] {
    BlockingUnixStream client = Connect();
    ASSERT_THAT(client.Write(AsBytes("hello")), IsOk());
    EXPECT_THAT(client.Read(100), IsOkAndHolds(ToBytes("hello")));
  });
}

TEST_F(PlainTest, ClosesAfterSendingWhatIsQueued) {
  const Bytes big(3U << 20U, 0x5a);
  on_served_ = [&](Recorder& server) {
    server.connection().Send(big);
    server.connection().Close();
    server.connection().Send(AsBytes("ignored"));
  };
  Listen();
  RunWith([&] {
    BlockingUnixStream client = Connect();
    EXPECT_EQ(ReadAll(client), big);
  });
}

TEST_F(PlainTest, TellsTheHandlerOnceThatThePeerClosed) {
  on_served_ = [&](Recorder& server) { server.on_closed = [this] { loop_.Stop(); }; };
  Listen();
  std::thread client([&] { Connect(); });
  RunUntilStopped(loop_);
  client.join();
  EXPECT_THAT(served_[0]->closed,
              ElementsAre(Field(&Error::message, HasSubstr("the peer closed"))));
}

TEST_F(PlainTest, ClosesOnAbort) {
  on_served_ = [&](Recorder& server) {
    server.on_closed = [this] { loop_.Stop(); };
    server.connection().Abort();
    EXPECT_THAT(server.closed, SizeIs(0)) << "never from inside a call";
  };
  Listen();
  BlockingUnixStream client = Connect();
  RunUntilStopped(loop_);
  EXPECT_THAT(served_[0]->closed, SizeIs(1));
}

TEST_F(PlainTest, DropsAConnectionThatIsDestroyedInsideItsOwnCall) {
  on_served_ = [&](Recorder& server) { server.on_bytes = [&server] { server.Drop(); }; };
  Listen();
  RunWith([&] {
    BlockingUnixStream client = Connect();
    ASSERT_THAT(client.Write(AsBytes("x")), IsOk());
    EXPECT_THAT(client.Read(1), IsOkAndHolds(Bytes()));
  });
  EXPECT_THAT(served_[0]->closed, SizeIs(0));
}

TEST_F(PlainTest, ClosesAConnectionWhoseHandlerThrows) {
  on_served_ = [&](Recorder& server) {
    server.on_bytes = [] { throw std::runtime_error("oops"); };
    server.on_closed = [this] { loop_.Stop(); };
  };
  Listen();
  BlockingUnixStream client = Connect();
  ASSERT_THAT(client.Write(AsBytes("x")), IsOk());
  RunUntilStopped(loop_);
  EXPECT_THAT(client.Read(1), IsOkAndHolds(Bytes()));
  EXPECT_THAT(served_[0]->closed, ElementsAre(Field(&Error::code, ErrorCode::kInternal)));
}

TEST_F(PlainTest, StallsAClientWhileReadingIsPaused) {
  const Bytes big(8U << 20U, 0x11);
  Timer resume;
  on_served_ = [&](Recorder& server) {
    server.connection().PauseReading();
    // Long enough for the kernel's buffers to fill; only then does the client get stuck.
    resume = loop_.After(std::chrono::milliseconds(100), [&server] {
      EXPECT_LE(server.received.size(), kChunkSizeBytesMax);
      server.connection().ResumeReading();
    });
    server.on_bytes = [this, &server, &big] {
      if (server.received.size() == big.size()) {
        loop_.Stop();
      }
    };
  };
  Listen();
  std::thread client([&] {
    BlockingUnixStream stream = Connect();
    EXPECT_THAT(stream.Write(big), IsOk());
  });
  RunUntilStopped(loop_);
  client.join();
  EXPECT_EQ(served_[0]->received, big);
  EXPECT_LE(served_[0]->largest_chunk, kChunkSizeBytesMax);
}

// The client reads nothing, so what the kernel does not take stays pending.
TEST_F(PlainTest, ClosesOnlyWhenMoreThanThePendingLimitIsQueued) {
  ListenerLimits limits;
  limits.connection.pending_bytes_max = 4U << 20U;
  bool was_open_at_the_limit = false;
  on_served_ = [&](Recorder& server) {
    const auto fill = [&server, &limits](std::size_t extra) {
      const std::size_t room =
          limits.connection.pending_bytes_max - server.connection().pending_bytes();
      server.connection().Send(Bytes(room + extra));
    };
    fill(0);
    was_open_at_the_limit =
        server.connection().pending_bytes() == limits.connection.pending_bytes_max;
    fill(1);
    server.on_closed = [this] { loop_.Stop(); };
  };
  Listen(limits);
  BlockingUnixStream client = Connect();
  RunUntilStopped(loop_);
  EXPECT_TRUE(was_open_at_the_limit);
  EXPECT_THAT(served_[0]->closed, ElementsAre(Field(&Error::code, ErrorCode::kLimitExceeded)));
}

TEST_F(PlainTest, RefusesToQueueOneSendOverTheLimit) {
  ListenerLimits limits;
  limits.connection.pending_bytes_max = 1000;
  on_served_ = [&](Recorder& server) {
    server.connection().Send(Bytes(1001));
    server.on_closed = [this] { loop_.Stop(); };
  };
  Listen(limits);
  BlockingUnixStream client = Connect();
  RunUntilStopped(loop_);
  EXPECT_THAT(served_[0]->closed, ElementsAre(Field(&Error::code, ErrorCode::kLimitExceeded)));
}

TEST_F(PlainTest, SaysWhenTheQueueHasRoomAgain) {
  const std::size_t burst = 2U << 20U;
  std::size_t pending_when_writable = 0;
  on_served_ = [&](Recorder& server) {
    server.connection().Send(Bytes(burst));
    server.on_writable = [&] {
      pending_when_writable = server.connection().pending_bytes();
      server.connection().Close();
    };
  };
  Listen();
  RunWith([&] {
    BlockingUnixStream client = Connect();
    EXPECT_THAT(ReadAll(client), SizeIs(burst));
  });
  EXPECT_EQ(served_[0]->writable_count, 1);
  EXPECT_LE(pending_when_writable, ConnectionLimits{}.pending_bytes_low);
}

TEST_F(PlainTest, ClosesAnIdleConnection) {
  ListenerLimits limits;
  limits.connection.idle_timeout = std::chrono::milliseconds(30);
  on_served_ = [&](Recorder& server) { server.on_closed = [this] { loop_.Stop(); }; };
  Listen(limits);
  BlockingUnixStream client = Connect();
  RunUntilStopped(loop_);
  EXPECT_THAT(served_[0]->closed, ElementsAre(Field(&Error::code, ErrorCode::kDeadlineExceeded)));
}

TEST_F(PlainTest, DoesNotWaitForEverForAPeerThatTakesNothing) {
  ListenerLimits limits;
  limits.connection.close_timeout = std::chrono::milliseconds(30);
  on_served_ = [&](Recorder& server) {
    server.connection().Send(Bytes(8U << 20U));
    server.connection().Close();
    server.on_closed = [this] { loop_.Stop(); };
  };
  Listen(limits);
  BlockingUnixStream client = Connect();
  RunUntilStopped(loop_);
  EXPECT_THAT(served_[0]->closed, ElementsAre(Field(&Error::code, ErrorCode::kUnavailable)));
}

TEST_F(PlainTest, ServesUpToTheConnectionLimitAndAgainAfterOneCloses) {
  ListenerLimits limits;
  limits.connections_max = 2;
  on_served_ = [](Recorder& server) {
    server.on_bytes = [&server] { server.connection().Send(server.received); };
  };
  Listen(limits);
  const auto is_served = [](BlockingUnixStream& client) {
    return client.Write(AsBytes("x")) && client.Read(1) == ToBytes("x");
  };
  RunWith([&] {
    BlockingUnixStream first = Connect();
    EXPECT_TRUE(is_served(first));
    {
      BlockingUnixStream second = Connect();
      EXPECT_TRUE(is_served(second));
      BlockingUnixStream third = Connect();
      EXPECT_FALSE(is_served(third));
    }
    // The node learns of the two hang-ups before the next caller: Unix sockets queue in order, the
    // loop does not promise to; so try until it does.
    for (bool is_free = false; !is_free;) {
      BlockingUnixStream fourth = Connect();
      is_free = is_served(fourth);
    }
    EXPECT_TRUE(is_served(first));
  });
}

TEST_F(PlainTest, GivesTheSocketToItsOwnerOnlyAndRemovesItAtTheEnd) {
  Listen();
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  listener_.reset();
  EXPECT_NE(::stat(path_.c_str(), &info), 0);
}

TEST_F(PlainTest, RefusesAPathSomebodyListensOn) {
  Listen();
  EXPECT_THAT(PlainListener::ListenUnix(loop_, path_, {}, [](auto) {}),
              FailsWith(ErrorCode::kConflict, HasSubstr("another process")));
}

TEST_F(PlainTest, RemovesAStaleSocket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path_.begin(), path_.end(), address.sun_path);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_GE(descriptor, 0);
  ASSERT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(descriptor);
  Listen();
  EXPECT_NE(listener_, nullptr);
}

TEST_F(PlainTest, LeavesAnotherKindOfFileAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_THAT(PlainListener::ListenUnix(loop_, path_, {}, [](auto) {}),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("not a socket")));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(PlainTest, RefusesPathsOverTheLimitOfUnixSockets) {
  const std::string at_limit = path_ + std::string(kUnixPathSizeBytesMax - path_.size(), 'x');
  EXPECT_THAT(PlainListener::ListenUnix(loop_, at_limit, {}, [](auto) {}), IsOk());
  for (const std::string& path : {at_limit + "x", std::string()}) {
    EXPECT_THAT(PlainListener::ListenUnix(loop_, path, {}, [](auto) {}),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr("107")));
  }
  EXPECT_THAT(PlainListener::ListenUnix(loop_, folder_.File("none/s"), {}, [](auto) {}),
              FailsWith(ErrorCode::kUnavailable));
}

TEST_F(PlainTest, ListensOnLoopbackOnlyAndNamesThePort) {
  const auto listening = PlainListener::ListenLoopback(loop_, "127.0.0.1", 0, {}, [](auto) {});
  ASSERT_THAT(listening, IsOk());
  EXPECT_NE((*listening)->port(), 0);
  EXPECT_THAT(
      PlainListener::ListenLoopback(loop_, "127.0.0.1", (*listening)->port(), {}, [](auto) {}),
      FailsWith(ErrorCode::kUnavailable));
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "localhost", ""}) {
    EXPECT_THAT(PlainListener::ListenLoopback(loop_, address, 0, {}, [](auto) {}),
                FailsWith(ErrorCode::kInvalidInput))
        << address;
  }
}

TEST_F(PlainTest, ClientSaysWhyItCannotConnect) {
  EXPECT_THAT(BlockingUnixStream::Connect(path_, seconds(1)),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("no node listens")));
  EXPECT_THAT(BlockingUnixStream::Connect(std::string(108, 'x'), seconds(1)),
              FailsWith(ErrorCode::kInvalidInput));
}

TEST_F(PlainTest, ClientMayNotOpenASocketOfAnotherUser) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "root may open every file";
  }
  Listen();
  ASSERT_EQ(::chmod(path_.c_str(), 0), 0);
  EXPECT_THAT(BlockingUnixStream::Connect(path_, seconds(1)), FailsWith(ErrorCode::kNotPermitted));
}

TEST_F(PlainTest, ClientGivesUpOnANodeThatStaysSilent) {
  Listen();  // nobody runs the loop
  auto client = BlockingUnixStream::Connect(path_, std::chrono::milliseconds(20));
  ASSERT_THAT(client, IsOk());
  EXPECT_THAT(client->Read(1), FailsWith(ErrorCode::kDeadlineExceeded));
  EXPECT_THAT(client->Write(Bytes(16U << 20U)), FailsWith(ErrorCode::kDeadlineExceeded));
}

TEST_F(PlainTest, ClientSeesThatTheNodeWentAway) {
  on_served_ = [](Recorder& server) { server.Drop(); };
  Listen();
  RunWith([&] {
    BlockingUnixStream client = Connect();
    EXPECT_THAT(client.Read(1), IsOkAndHolds(Bytes()));
    EXPECT_THAT(client.Write(Bytes(16U << 20U)), FailsWith(ErrorCode::kUnavailable));
  });
}

}  // namespace
}  // namespace entente::net
