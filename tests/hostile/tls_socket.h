// A TLS connection that does what entente/net refuses to do: any certificate, any version, bytes
// outside the session. Blocking, with a deadline on every wait. Threads: one owner.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/signature.h"
#include "entente/net/tls.h"
#include "entente/peer/session.h"

namespace entente::hostile {

inline constexpr std::chrono::milliseconds kPatience{std::chrono::seconds(10)};

// A TCP socket. Closed by the destructor.
class Socket {
 public:
  // `source` is the loopback address to call from. Errors: kUnavailable.
  static Result<Socket> Connect(const net::Endpoint& endpoint, const std::string& source = "");
  // Listens on a free port of 127.0.0.1. Errors: kUnavailable.
  static Result<Socket> Listen();
  // The next caller. Errors: kDeadlineExceeded after `patience`; kUnavailable.
  Result<Socket> Accept(std::chrono::milliseconds patience) const;
  std::uint16_t port() const;  // of a listening one

  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();
  int descriptor() const { return descriptor_; }

  // All of `bytes`, as they are. False if the other side does not take them.
  bool Write(ByteView bytes) const;
  // Whether the other side ended the connection within `patience`; what it sent until then is in
  // `heard`, if asked for.
  bool AwaitEnd(std::chrono::milliseconds patience, Bytes* heard = nullptr) const;

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// True if `descriptor` has one of `events` (poll.h) before `patience` is over; with -1 it waits.
bool WaitFor(int descriptor, short events, std::chrono::milliseconds patience);

// A certificate and the seed it is used with, which need not belong together.
struct Credentials {
  Bytes certificate;
  crypto::Seed seed;
  std::vector<Bytes> chain;  // further certificates
};

// An Ed25519 certificate for the key of `subject`, signed by `issuer`. Errors: kInternal.
Result<Bytes> IssueCertificate(const crypto::Seed& subject, const crypto::Seed& issuer);

struct TlsOptions {
  const Credentials* credentials = nullptr;  // none: no certificate
  int version = TLS1_3_VERSION;              // the only one spoken
  std::string alpn{net::kAlpn};              // empty: none
  SSL_SESSION* session = nullptr;            // to resume
};

class TlsSocket {
 public:
  enum class Role { kDialer, kListener };
  enum class Heard { kBytes, kEnd, kNothing };

  // No handshake yet. Errors: kInternal if OpenSSL refuses the options.
  static Result<TlsSocket> Create(Socket socket, Role role, const TlsOptions& options);

  // True if this side is done. In TLS 1.3 a dialer is done before the other side judged it.
  bool Handshake();
  bool Write(ByteView bytes);
  // Appends what came to `out`.
  Heard Read(Bytes& out, std::chrono::milliseconds patience);
  // Sends `bytes` as early data, before Handshake(). False if the session does not allow it.
  bool WriteEarly(ByteView bytes);

  // The alert (RFC 8446 §6) the other side sent last.
  std::optional<int> alert() const { return *alert_; }
  // Nothing before the handshake.
  std::optional<peer::ChannelBinding> exporter() const;
  const Socket& socket() const { return socket_; }
  SSL* ssl() const { return ssl_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  TlsSocket(Socket socket, std::unique_ptr<SSL_CTX, Free> context, std::unique_ptr<SSL, Free> ssl);
  // Whether to try again after `result` of an OpenSSL call.
  bool MayRetry(int result, std::chrono::steady_clock::time_point until);

  Socket socket_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  std::unique_ptr<std::optional<int>> alert_;  // OpenSSL's callback writes there
};

}  // namespace entente::hostile
