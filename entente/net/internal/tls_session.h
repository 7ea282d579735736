// One end of a TLS 1.3 session without a socket: bytes of the wire in, bytes of the wire out.
//
// OpenSSL over memory buffers. Threads: not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include <openssl/ssl.h>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/certificate.h"
#include "entente/net/tls.h"

namespace entente::net {

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslDeleter>;

// Everything tls.h promises that is the same for every session of one node.
// Errors: kInvalidInput if `identity` is not a certificate with its key.
Result<SslContext> MakeSslContext(const crypto::TlsIdentity& identity);

class TlsSession {
 public:
  enum class Role { kListener, kDialer };

  // The session keeps `context` alive. Errors: kInternal without memory.
  static Result<std::unique_ptr<TlsSession>> Create(SSL_CTX* context, Role role,
                                                    PinCheck is_pinned);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Takes bytes from the wire; Handshake() or Read() make something of them.
  void Feed(ByteView wire);

  // Goes as far as the fed bytes allow; true once complete.
  // Errors: kNotPermitted, kPeerViolation as TlsListenerHandlers says.
  Result<bool> Handshake();

  // Decrypts up to `out` bytes; 0 means more must be fed. After the handshake.
  // Errors: kUnavailable when the peer ended the session; kNotPermitted; kPeerViolation.
  Result<std::size_t> Read(std::span<std::uint8_t> out);

  // Encrypts `plain` and appends it to `wire`. Errors: kInternal.
  Status Write(ByteView plain, Bytes& wire);

  // Moves what TLS itself wants to say (handshake, alerts) to the end of `wire`.
  void TakeWire(Bytes& wire);

  // Tells the peer that no more comes: close_notify, to be had from TakeWire().
  void Shutdown();

  // Nothing before the handshake is complete.
  const std::optional<TlsFacts>& facts() const { return facts_; }

 private:
  explicit TlsSession(PinCheck is_pinned) : is_pinned_(std::move(is_pinned)) {}

  static int VerifyPeer(X509_STORE_CTX* store, void* unused);
  friend Result<SslContext> MakeSslContext(const crypto::TlsIdentity& identity);
  bool CheckPin(X509* certificate);
  Status Complete();
  Error Failure(int result);

  PinCheck is_pinned_;
  std::optional<crypto::Digest> peer_spki_sha256_;
  std::optional<Error> pin_failure_;
  std::optional<TlsFacts> facts_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  BIO* in_ = nullptr;   // owned by ssl_
  BIO* out_ = nullptr;  // owned by ssl_
};

}  // namespace entente::net
