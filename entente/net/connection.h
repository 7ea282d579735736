// One byte stream: TLS over TCP, plain loopback TCP, or a Unix socket. It knows bytes, not frames.
//
// A connection is open when its owner gets it. Nothing is read before Start().
// Threads: loop thread only. Lifetimes: destroying a Connection drops it at once, unsent bytes
// included, without a further call to its handler; a handler may destroy it from inside a call.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"

namespace entente::net {

// RFC 9266 tls-exporter: equal on both ends of one TLS session and on no other.
using TlsExporter = FixedBytes<32, struct TlsExporterTag>;

// What TLS proved about a connection. It does not change while the connection lives.
struct TlsFacts {
  TlsExporter exporter;
  crypto::Digest peer_spki_sha256;  // the pinned key the peer proved to hold
};

// Called from the loop only, never from inside a call to the Connection. A call that throws closes
// the connection with kInternal.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;

  // 1 to kChunkSizeBytesMax bytes; the view ends with the call.
  virtual void OnBytes(ByteView bytes) = 0;

  // The queue fell to ConnectionLimits::pending_bytes_low after having been above it.
  virtual void OnWritable() {}

  // The last call, exactly once. `why`:
  //   kUnavailable       either side closed it, or the network broke
  //   kLimitExceeded     more than pending_bytes_max were queued
  //   kDeadlineExceeded  idle_timeout
  //   kNotPermitted      the peer refused our key (TLS tells the dialling side only now)
  //   kPeerViolation     the peer broke TLS
  //   kInternal          a handler threw
  virtual void OnClosed(const Error& why) = 0;
};

class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins to read. Call once. `handler` must outlive the Connection.
  void Start(ConnectionHandler& handler);

  // Queues `bytes`; order is kept. Ignored once closing. Copies TLS-encrypted bytes at once, so
  // pending_bytes() counts what goes over the wire.
  void Send(ByteView bytes);
  std::size_t pending_bytes() const;

  // Back-pressure: no OnBytes until ResumeReading(), and the peer is stalled once the kernel's
  // buffers are full. While paused the peer's close is not noticed.
  void PauseReading();
  void ResumeReading();

  // Sends what is queued, tells the peer, then OnClosed. No OnBytes from here on.
  void Close();
  // Drops what is queued, then OnClosed.
  void Abort();

  // Nothing for a plain connection.
  const std::optional<TlsFacts>& tls() const;

  // "192.0.2.7:41234", "[2001:db8::7]:41234" or "unix": for logs and limits.
  const std::string& remote() const;

  class Impl;  // for net's own sources
  explicit Connection(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace entente::net
