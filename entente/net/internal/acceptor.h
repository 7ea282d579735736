// Accepts sockets under the limits that TLS and plain listeners share.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "entente/net/event_loop.h"
#include "entente/net/internal/connection_impl.h"
#include "entente/net/limits.h"

namespace entente::net {

class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  // `release` must be called once when the socket is closed.
  using OnSocket =
      std::function<void(StreamSocket, std::string remote, std::function<void()> release)>;
  using OnRefused = std::function<void(const std::string& remote, const Error& why)>;

  Acceptor(EventLoop& loop, const ListenerLimits& limits, OnSocket on_socket, OnRefused on_refused);

  // Errors: kUnavailable if the system refuses. `path` fits kUnixPathSizeBytesMax.
  Status ListenTcp(const std::string& address, std::uint16_t port);
  Status ListenUnix(const std::string& path);
  // No call to `on_socket` or `on_refused` from here on.
  void Close();
  std::uint16_t port() const { return port_; }

 private:
  using Endpoint = boost::asio::generic::stream_protocol::endpoint;

  Status Bind(const Endpoint& endpoint);
  void Accept();
  void OnAccept(const boost::system::error_code& error, StreamSocket socket);
  // Counts a connection of `group`, or says which limit keeps it out.
  Status Admit(const std::string& group);
  void Release(const std::string& group);

  EventLoop& loop_;
  const ListenerLimits limits_;
  OnSocket on_socket_;
  OnRefused on_refused_;
  boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol> acceptor_;
  std::uint16_t port_ = 0;
  Timer retry_timer_;
  std::size_t connection_count_ = 0;
  std::map<std::string, std::size_t> count_by_group_;
};

}  // namespace entente::net
