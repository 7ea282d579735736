// What a peer or a local client may take of a node's memory, descriptors and time.
#pragma once

#include <chrono>
#include <cstddef>

namespace entente::net {

// The most bytes one ConnectionHandler::OnBytes call hands over.
inline constexpr std::size_t kChunkSizeBytesMax = std::size_t{64} << 10U;

struct ConnectionLimits {
  // Bytes queued and not yet taken by the kernel; more closes the connection with kLimitExceeded.
  // Twice the largest frame, so that one may leave while the next is written.
  std::size_t pending_bytes_max = std::size_t{16} << 20U;
  // OnWritable is called when the queue falls to this after having been above it.
  std::size_t pending_bytes_low = std::size_t{256} << 10U;
  // Neither a byte in nor a byte out for so long closes with kDeadlineExceeded. Zero: no limit.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes{2};
  // How long Close() waits for the peer to take what is queued.
  std::chrono::milliseconds close_timeout = std::chrono::seconds{5};
};

struct ListenerLimits {
  ConnectionLimits connection;
  std::size_t connections_max = 256;
  // Per IPv4 address or IPv6 /64; a Unix socket has no addresses.
  std::size_t connections_per_address_max = 16;
  // From accept to the end of the TLS handshake.
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds{10};
};

struct DialLimits {
  ConnectionLimits connection;
  // From the call to the end of the TLS handshake, name resolution included.
  std::chrono::milliseconds dial_timeout = std::chrono::seconds{15};
};

}  // namespace entente::net
