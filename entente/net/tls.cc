#include "entente/net/tls.h"

#include <map>
#include <set>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "entente/base/units.h"
#include "entente/net/internal/acceptor.h"
#include "entente/net/internal/connection_impl.h"
#include "entente/net/internal/event_loop_impl.h"
#include "entente/net/internal/tls_session.h"

namespace entente::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct TlsListener::Impl : std::enable_shared_from_this<TlsListener::Impl> {
  Impl(EventLoop& loop_in, SslContext context_in, PinCheck is_pinned_in,
       const ListenerLimits& limits_in, TlsListenerHandlers handlers_in)
      : loop(loop_in),
        context(std::move(context_in)),
        is_pinned(std::move(is_pinned_in)),
        limits(limits_in),
        handlers(std::move(handlers_in)) {}

  Status Listen(const Endpoint& endpoint);
  void OnSocket(StreamSocket socket, const std::string& remote, std::function<void()> release);
  void OnHandshake(const std::shared_ptr<Connection::Impl>& connection, const Status& status);

  EventLoop& loop;
  const SslContext context;
  const PinCheck is_pinned;
  const ListenerLimits limits;
  const TlsListenerHandlers handlers;
  std::shared_ptr<Acceptor> acceptor;
  std::map<std::shared_ptr<Connection::Impl>, Timer> handshakes;  // with their deadlines
};

Status TlsListener::Impl::Listen(const Endpoint& endpoint) {
  acceptor = std::make_shared<Acceptor>(
      loop, limits,
      [weak = weak_from_this()](StreamSocket socket, const std::string& remote,
                                std::function<void()> release) {
        if (const auto self = weak.lock()) {
          self->OnSocket(std::move(socket), remote, std::move(release));
        }
      },
      handlers.on_refused);
  return acceptor->ListenTcp(endpoint.host, endpoint.port);
}

void TlsListener::Impl::OnSocket(StreamSocket socket, const std::string& remote,
                                 std::function<void()> release) {
  Result<std::unique_ptr<TlsSession>> session =
      TlsSession::Create(context.get(), TlsSession::Role::kListener, is_pinned);
  if (!session) {
    release();
    handlers.on_refused(remote, session.error());
    return;
  }
  const auto connection = std::make_shared<Connection::Impl>(
      loop, std::move(socket), *std::move(session), limits.connection, remote, std::move(release));
  handshakes[connection] = loop.After(limits.handshake_timeout, [this, raw = connection.get()] {
    raw->Fail({ErrorCode::kDeadlineExceeded,
               "no TLS handshake within " + FormatDuration(limits.handshake_timeout)});
  });
  connection->Handshake([weak = weak_from_this(), raw = connection.get()](const Status& status) {
    if (const auto self = weak.lock()) {
      self->OnHandshake(raw->shared_from_this(), status);
    }
  });
}

void TlsListener::Impl::OnHandshake(const std::shared_ptr<Connection::Impl>& connection,
                                    const Status& status) {
  handshakes.erase(connection);
  if (status) {
    handlers.on_connection(std::make_unique<Connection>(connection));
  } else {
    handlers.on_refused(connection->remote(), status.error());
  }
}

TlsListener::TlsListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsListener::~TlsListener() {
  impl_->acceptor->Close();
  for (const auto& [connection, deadline] : std::exchange(impl_->handshakes, {})) {
    connection->Drop();
  }
}

std::uint16_t TlsListener::port() const { return impl_->acceptor->port(); }

Result<std::unique_ptr<TlsListener>> TlsListener::Listen(EventLoop& loop, const Endpoint& endpoint,
                                                         const crypto::TlsIdentity& identity,
                                                         PinCheck is_pinned, ListenerLimits limits,
                                                         TlsListenerHandlers handlers) {
  error_code error;
  asio::ip::make_address(endpoint.host, error);
  if (error) {
    return Error{ErrorCode::kInvalidInput,
                 "a node listens on an IP address, such as 0.0.0.0, not on a name"};
  }
  ENTENTE_ASSIGN(SslContext context, MakeSslContext(identity));
  auto impl = std::make_shared<Impl>(loop, std::move(context), std::move(is_pinned), limits,
                                     std::move(handlers));
  ENTENTE_TRY(impl->Listen(endpoint));
  return std::unique_ptr<TlsListener>(new TlsListener(std::move(impl)));
}

struct TlsDialer::Impl {
  struct Attempt;

  Impl(EventLoop& loop_in, SslContext context_in, const DialLimits& limits_in)
      : loop(loop_in), context(std::move(context_in)), limits(limits_in) {}

  EventLoop& loop;
  const SslContext context;
  const DialLimits limits;
  std::set<std::shared_ptr<Attempt>> attempts;
};

// One dial: resolve, connect, handshake; whatever ends first ends it.
struct TlsDialer::Impl::Attempt : std::enable_shared_from_this<Attempt> {
  Attempt(std::shared_ptr<Impl> dialer_in, std::unique_ptr<TlsSession> session_in,
          OnResult on_result_in)
      : dialer(dialer_in),
        resolver(dialer_in->loop.impl().io),
        socket(dialer_in->loop.impl().io),
        session(std::move(session_in)),
        on_result(std::move(on_result_in)) {}

  void Start(const Endpoint& endpoint);
  void OnResolved(const tcp::resolver::results_type& addresses);
  void OnConnected(const tcp::endpoint& remote);
  void Finish(Result<std::unique_ptr<Connection>> result);
  // Ends the attempt; its result callback, if nobody had it yet.
  OnResult End();

  std::weak_ptr<Impl> dialer;
  tcp::resolver resolver;
  tcp::socket socket;
  std::unique_ptr<TlsSession> session;
  OnResult on_result;
  Timer deadline;
  std::shared_ptr<Connection::Impl> connection;
};

void TlsDialer::Impl::Attempt::Start(const Endpoint& endpoint) {
  const std::shared_ptr<Impl> owner = dialer.lock();
  deadline = owner->loop.After(owner->limits.dial_timeout, [this, owner = owner.get()] {
    Finish(Error{ErrorCode::kDeadlineExceeded,
                 "the peer did not answer within " + FormatDuration(owner->limits.dial_timeout)});
  });
  resolver.async_resolve(
      endpoint.host, std::to_string(endpoint.port), tcp::resolver::numeric_service,
      [self = shared_from_this()](const error_code& error,
                                  const tcp::resolver::results_type& addresses) {
        if (error) {
          self->Finish(Error{ErrorCode::kUnavailable,
                             "the peer's host name is not known: " + error.message()});
        } else {
          self->OnResolved(addresses);
        }
      });
}

void TlsDialer::Impl::Attempt::OnResolved(const tcp::resolver::results_type& addresses) {
  if (!on_result) {
    return;
  }
  asio::async_connect(
      socket, addresses,
      [self = shared_from_this()](const error_code& error, const tcp::endpoint& remote) {
        if (error) {
          self->Finish(
              Error{ErrorCode::kUnavailable, "the peer does not answer: " + error.message()});
        } else {
          self->OnConnected(remote);
        }
      });
}

void TlsDialer::Impl::Attempt::OnConnected(const tcp::endpoint& remote) {
  const std::shared_ptr<Impl> owner = dialer.lock();
  if (!on_result || !owner) {
    return;
  }
  error_code ignored;  // a matter of speed only
  socket.set_option(tcp::no_delay(true), ignored);
  const std::string address = remote.address().to_string();
  connection = std::make_shared<Connection::Impl>(
      owner->loop, StreamSocket(std::move(socket)), std::move(session), owner->limits.connection,
      (remote.address().is_v6() ? "[" + address + "]" : address) + ":" +
          std::to_string(remote.port()),
      nullptr);
  connection->Handshake([weak = weak_from_this()](const Status& status) {
    const auto self = weak.lock();
    if (!self) {
      return;
    }
    auto open = std::exchange(self->connection, nullptr);
    if (status) {
      self->Finish(std::make_unique<Connection>(std::move(open)));
    } else {
      self->Finish(status.error());
    }
  });
}

TlsDialer::OnResult TlsDialer::Impl::Attempt::End() {
  deadline.Cancel();
  resolver.cancel();
  error_code ignored;
  socket.close(ignored);
  if (connection) {
    std::exchange(connection, nullptr)->Drop();
  }
  return std::exchange(on_result, nullptr);
}

void TlsDialer::Impl::Attempt::Finish(Result<std::unique_ptr<Connection>> result) {
  const auto self = shared_from_this();
  if (const OnResult callback = End()) {
    if (const auto owner = dialer.lock()) {
      owner->attempts.erase(self);
    }
    callback(std::move(result));
  }
}

TlsDialer::TlsDialer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsDialer::~TlsDialer() {
  for (const auto& attempt : std::exchange(impl_->attempts, {})) {
    attempt->End();
  }
}

Result<std::unique_ptr<TlsDialer>> TlsDialer::Create(EventLoop& loop,
                                                     const crypto::TlsIdentity& identity,
                                                     DialLimits limits) {
  ENTENTE_ASSIGN(SslContext context, MakeSslContext(identity));
  return std::unique_ptr<TlsDialer>(
      new TlsDialer(std::make_shared<Impl>(loop, std::move(context), limits)));
}

void TlsDialer::Dial(const Endpoint& endpoint, PinCheck is_pinned, OnResult on_result) {
  Result<std::unique_ptr<TlsSession>> session =
      TlsSession::Create(impl_->context.get(), TlsSession::Role::kDialer, std::move(is_pinned));
  if (!session) {
    impl_->loop.Post(
        [on_result = std::move(on_result), error = session.error()] { on_result(error); });
    return;
  }
  auto attempt = std::make_shared<Impl::Attempt>(impl_, *std::move(session), std::move(on_result));
  impl_->attempts.insert(attempt);
  attempt->Start(endpoint);
}

}  // namespace entente::net
