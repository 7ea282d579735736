#include "entente/net/internal/acceptor.h"

#include <algorithm>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/stat.h>

#include "entente/net/internal/event_loop_impl.h"

namespace entente::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 128;
// After accept failed, mostly for want of descriptors: trying at once would spin.
constexpr std::chrono::milliseconds kAcceptRetryDelay{100};

// A peer as limits and logs see it: `group` shares connections_per_address_max.
struct Remote {
  std::string name = "unix";
  std::string group;
};

asio::ip::address Unmapped(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address;
}

// Who holds an IPv6 address mostly holds its whole /64.
std::string GroupOf(const asio::ip::address& address) {
  if (address.is_v4()) {
    return address.to_string();
  }
  asio::ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::make_address_v6(bytes).to_string();
}

Result<Remote> RemoteOf(const StreamSocket& socket) {
  error_code error;
  const auto generic = socket.remote_endpoint(error);
  if (error) {
    return Error{ErrorCode::kUnavailable, "the caller went away"};
  }
  if (generic.protocol().family() == AF_UNIX) {
    return Remote{};
  }
  tcp::endpoint endpoint;
  endpoint.resize(generic.size());
  const auto* from = reinterpret_cast<const std::uint8_t*>(generic.data());
  std::copy_n(from, generic.size(), reinterpret_cast<std::uint8_t*>(endpoint.data()));
  const asio::ip::address address = Unmapped(endpoint.address());
  const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return Remote{host + ":" + std::to_string(endpoint.port()), GroupOf(address)};
}

}  // namespace

Acceptor::Acceptor(EventLoop& loop, const ListenerLimits& limits, OnSocket on_socket,
                   OnRefused on_refused)
    : loop_(loop),
      limits_(limits),
      on_socket_(std::move(on_socket)),
      on_refused_(std::move(on_refused)),
      acceptor_(loop.impl().io) {}

Status Acceptor::Bind(const Endpoint& endpoint) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error && endpoint.protocol().family() != AF_UNIX) {
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  }
  if (!error) {
    acceptor_.bind(endpoint, error);
  }
  if (error) {
    return Error{ErrorCode::kUnavailable, "cannot listen: " + error.message()};
  }
  return {};
}

Status Acceptor::ListenTcp(const std::string& address, std::uint16_t port) {
  ENTENTE_TRY(Bind(tcp::endpoint(asio::ip::make_address(address), port)));
  error_code error;
  acceptor_.listen(kBacklog, error);
  if (error) {
    return Error{ErrorCode::kUnavailable, "cannot listen: " + error.message()};
  }
  const Endpoint bound = acceptor_.local_endpoint(error);
  // sin_port and sin6_port are at the same place, in network order.
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(bound.data());
  port_ = static_cast<std::uint16_t>((bytes[2] << 8U) | bytes[3]);
  Accept();
  return {};
}

Status Acceptor::ListenUnix(const std::string& path) {
  ENTENTE_TRY(Bind(asio::local::stream_protocol::endpoint(path)));
  // Nobody can connect between bind and listen, so the mode is right before the first caller.
  error_code error;
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    error = error_code(errno, boost::system::system_category());
  } else {
    acceptor_.listen(kBacklog, error);
  }
  if (error) {
    return Error{ErrorCode::kUnavailable, "cannot listen: " + error.message()};
  }
  Accept();
  return {};
}

void Acceptor::Close() {
  on_socket_ = nullptr;
  on_refused_ = nullptr;
  retry_timer_.Cancel();
  error_code ignored;
  acceptor_.close(ignored);
}

void Acceptor::Accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, StreamSocket socket) {
    if (self->on_socket_) {
      self->OnAccept(error, std::move(socket));
    }
  });
}

void Acceptor::OnAccept(const error_code& error, StreamSocket socket) {
  if (error) {
    retry_timer_ = loop_.After(kAcceptRetryDelay, [this] { Accept(); });
    on_refused_("", {ErrorCode::kUnavailable, "cannot accept a caller: " + error.message()});
    return;
  }
  Accept();
  const Result<Remote> remote = RemoteOf(socket);
  if (!remote) {
    on_refused_("", remote.error());
    return;
  }
  if (const Status admitted = Admit(remote->group); !admitted) {
    on_refused_(remote->name, admitted.error());
    return;
  }
  if (!remote->group.empty()) {
    error_code ignored;  // a matter of speed only
    socket.set_option(tcp::no_delay(true), ignored);
  }
  on_socket_(std::move(socket), remote->name, [weak = weak_from_this(), group = remote->group] {
    if (const auto self = weak.lock()) {
      self->Release(group);
    }
  });
}

Status Acceptor::Admit(const std::string& group) {
  if (connection_count_ >= limits_.connections_max) {
    return Error{ErrorCode::kLimitExceeded,
                 std::to_string(limits_.connections_max) + " connections are open"};
  }
  if (!group.empty()) {
    std::size_t& count = count_by_group_[group];
    if (count >= limits_.connections_per_address_max) {
      return Error{ErrorCode::kLimitExceeded, std::to_string(limits_.connections_per_address_max) +
                                                  " connections of this address are open"};
    }
    ++count;
  }
  ++connection_count_;
  return {};
}

void Acceptor::Release(const std::string& group) {
  --connection_count_;
  const auto found = count_by_group_.find(group);
  if (found != count_by_group_.end() && --found->second == 0) {
    count_by_group_.erase(found);
  }
}

}  // namespace entente::net
