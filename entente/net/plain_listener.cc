#include "entente/net/plain_listener.h"

#include <cerrno>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "entente/net/internal/acceptor.h"
#include "entente/net/internal/connection_impl.h"
#include "entente/net/internal/event_loop_impl.h"

namespace entente::net {

namespace asio = boost::asio;
using boost::system::error_code;

struct PlainListener::Impl {
  std::shared_ptr<Acceptor> acceptor;
  std::string socket_path;  // empty for TCP
};

namespace {

std::shared_ptr<Acceptor> MakeAcceptor(EventLoop& loop, const ListenerLimits& limits,
                                       PlainListener::OnConnection on_connection) {
  return std::make_shared<Acceptor>(
      loop, limits,
      [&loop, limits, on_connection = std::move(on_connection)](
          StreamSocket socket, std::string remote, std::function<void()> release) {
        on_connection(std::make_unique<Connection>(
            std::make_shared<Connection::Impl>(loop, std::move(socket), nullptr, limits.connection,
                                               std::move(remote), std::move(release))));
      },
      [](const std::string& /*remote*/, const Error& /*why*/) {});
}

// Makes way for a new socket file: removes one that nobody listens on.
Status RemoveStale(EventLoop& loop, const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) {
    return {};  // nothing there, or bind will say what is wrong
  }
  if (!S_ISSOCK(info.st_mode)) {
    return Error{ErrorCode::kInvalidInput, "not a socket, so it is left alone: " + path};
  }
  asio::local::stream_protocol::socket probe(loop.impl().io);
  error_code error;
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  if (error != asio::error::connection_refused) {
    return Error{ErrorCode::kConflict, "another process listens on " + path};
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return Error{ErrorCode::kUnavailable, "cannot remove the stale socket " + path};
  }
  return {};
}

}  // namespace

PlainListener::PlainListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PlainListener::~PlainListener() {
  impl_->acceptor->Close();
  if (!impl_->socket_path.empty()) {
    ::unlink(impl_->socket_path.c_str());
  }
}

std::uint16_t PlainListener::port() const { return impl_->acceptor->port(); }

Result<std::unique_ptr<PlainListener>> PlainListener::ListenUnix(EventLoop& loop,
                                                                 const std::string& path,
                                                                 ListenerLimits limits,
                                                                 OnConnection on_connection) {
  if (path.empty() || path.size() > kUnixPathSizeBytesMax) {
    return Error{ErrorCode::kInvalidInput,
                 "a socket path has 1 to " + std::to_string(kUnixPathSizeBytesMax) +
                     " bytes, this one " + std::to_string(path.size()) + ": use a shorter folder"};
  }
  ENTENTE_TRY(RemoveStale(loop, path));
  auto acceptor = MakeAcceptor(loop, limits, std::move(on_connection));
  ENTENTE_TRY(acceptor->ListenUnix(path));
  return std::unique_ptr<PlainListener>(
      new PlainListener(std::make_unique<Impl>(Impl{std::move(acceptor), path})));
}

Result<std::unique_ptr<PlainListener>> PlainListener::ListenLoopback(EventLoop& loop,
                                                                     const std::string& address,
                                                                     std::uint16_t port,
                                                                     ListenerLimits limits,
                                                                     OnConnection on_connection) {
  error_code error;
  const asio::ip::address parsed = asio::ip::make_address(address, error);
  if (error || !parsed.is_loopback()) {
    return Error{ErrorCode::kInvalidInput,
                 "without TLS a node listens on 127.0.0.1 or ::1 only, not on " + address};
  }
  auto acceptor = MakeAcceptor(loop, limits, std::move(on_connection));
  ENTENTE_TRY(acceptor->ListenTcp(address, port));
  return std::unique_ptr<PlainListener>(
      new PlainListener(std::make_unique<Impl>(Impl{std::move(acceptor), ""})));
}

}  // namespace entente::net
