// Local clients without TLS: the administrator's Unix socket and the console on loopback.
//
// Security: the Unix socket has mode 0600, so only the node's own user (and root) can connect. TCP
// is taken on loopback addresses only; every user of the machine can connect to those.
// Threads: loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "entente/base/result.h"
#include "entente/net/connection.h"
#include "entente/net/event_loop.h"
#include "entente/net/limits.h"

namespace entente::net {

// sun_path of unix(7) has 108 bytes, the last one zero.
inline constexpr std::size_t kUnixPathSizeBytesMax = 107;

// Destroying a listener stops accepting and removes its socket file; connections handed out live
// on. Callers over a limit are dropped at once.
class PlainListener {
 public:
  using OnConnection = std::function<void(std::unique_ptr<Connection>)>;

  // Removes a socket file that nobody listens on any more. handshake_timeout and
  // connections_per_address_max do not apply.
  // Errors: kInvalidInput for a path over kUnixPathSizeBytesMax or one that is another kind of
  // file; kConflict if a process listens there; kUnavailable if the file cannot be made.
  static Result<std::unique_ptr<PlainListener>> ListenUnix(EventLoop& loop, const std::string& path,
                                                           ListenerLimits limits,
                                                           OnConnection on_connection);

  // `address` is 127.0.0.0/8 or ::1; port 0 lets the system choose. handshake_timeout does not
  // apply. Errors: kInvalidInput for any other address; kUnavailable if it cannot be bound.
  static Result<std::unique_ptr<PlainListener>> ListenLoopback(EventLoop& loop,
                                                               const std::string& address,
                                                               std::uint16_t port,
                                                               ListenerLimits limits,
                                                               OnConnection on_connection);
  ~PlainListener();

  // 0 for a Unix socket.
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit PlainListener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace entente::net
