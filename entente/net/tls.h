// Mutual TLS 1.3 between nodes that pin each other's key.
//
// Sources: RFC 8446; RFC 9266 (exporter); docs/formats/peer-link.md §TLS. TLS 1.3 only, both sides
// show a certificate, ALPN "entente/1"; no tickets, resumption, early data or server name.
// Security: a certificate counts for its key alone. Inside the handshake, before any application
// byte is delivered, the SHA-256 of the peer's SubjectPublicKeyInfo is put to a PinCheck; names,
// dates and issuers carry no meaning (a pin's validity is in the agreement). Whoever watches the
// network learns addresses, sizes and times; whoever dials learns our certificate.
// Threads: loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "entente/base/result.h"
#include "entente/crypto/certificate.h"
#include "entente/crypto/hash.h"
#include "entente/net/connection.h"
#include "entente/net/event_loop.h"
#include "entente/net/limits.h"

namespace entente::net {

inline constexpr std::string_view kAlpn = "entente/1";

// True if a peer with this key may connect now. Called on the loop thread during handshakes; an
// exception counts as no.
using PinCheck = std::function<bool(const crypto::Digest& spki_sha256)>;

struct Endpoint {
  std::string host;  // a listener takes an address only; a dialer a name or an address
  std::uint16_t port = 0;
};

struct TlsListenerHandlers {
  // The handshake is complete: the peer is pinned and its facts are known.
  std::function<void(std::unique_ptr<Connection>)> on_connection;
  // A caller was turned away. `why`:
  //   kNotPermitted      its key is not pinned (the message has the fingerprint), or it refused
  //   ours kPeerViolation     no TLS 1.3, no certificate, no "entente/1", or broken TLS
  //   kLimitExceeded     connections_max or connections_per_address_max
  //   kDeadlineExceeded  handshake_timeout
  //   kUnavailable       it went away, or the system accepts no more
  // A flood of callers means a flood of calls: log with a rate limit.
  std::function<void(const std::string& remote, const Error& why)> on_refused;
};

// Accepts peers. Destroying it stops accepting and drops open handshakes; connections handed out
// live on.
class TlsListener {
 public:
  // Port 0 lets the system choose.
  // Errors: kInvalidInput for a host that is no address or an identity that is none; kUnavailable
  // if the address cannot be bound.
  static Result<std::unique_ptr<TlsListener>> Listen(EventLoop& loop, const Endpoint& endpoint,
                                                     const crypto::TlsIdentity& identity,
                                                     PinCheck is_pinned, ListenerLimits limits,
                                                     TlsListenerHandlers handlers);
  ~TlsListener();
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit TlsListener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

// Connects to peers. Destroying it drops dials under way without a result; connections handed out
// live on.
class TlsDialer {
 public:
  // Errors: kInvalidInput for an identity that is none.
  static Result<std::unique_ptr<TlsDialer>> Create(EventLoop& loop,
                                                   const crypto::TlsIdentity& identity,
                                                   DialLimits limits);
  ~TlsDialer();

  // Calls `on_result` once, from the loop. In TLS 1.3 the dialling side is done first: a listener
  // that refuses our key shows only later, as OnClosed with kNotPermitted.
  // Errors: kUnavailable if nobody answers; kDeadlineExceeded after dial_timeout; kNotPermitted if
  // the peer's key is not pinned; kPeerViolation as for TlsListenerHandlers.
  using OnResult = std::function<void(Result<std::unique_ptr<Connection>>)>;
  void Dial(const Endpoint& endpoint, PinCheck is_pinned, OnResult on_result);

 private:
  struct Impl;
  explicit TlsDialer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace entente::net
