#include "entente/net/internal/tls_session.h"

#include <array>
#include <exception>
#include <string>
#include <utility>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "entente/base/check.h"

namespace entente::net {
namespace {

// One TLS record. Larger writes would leave a large buffer behind that OpenSSL clears every time.
constexpr std::size_t kRecordSizeBytes = 16384;
// A peer's certificate message; a self-signed Ed25519 certificate has about 400 bytes.
constexpr long kCertificateSizeBytesMax = 16384;
constexpr std::string_view kExporterLabel = "EXPORTER-Channel-Binding";  // RFC 9266 §4.2

// RFC 7301 §3.1: each name with its length before it.
constexpr std::array<std::uint8_t, 1 + kAlpn.size()> kAlpnWire = [] {
  std::array<std::uint8_t, 1 + kAlpn.size()> wire{kAlpn.size()};
  for (std::size_t i = 0; i < kAlpn.size(); ++i) {
    wire[i + 1] = static_cast<std::uint8_t>(kAlpn[i]);
  }
  return wire;
}();

int SelectAlpn(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
               const unsigned char* offered, unsigned int offered_size, void* /*unused*/) {
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, chosen_size, kAlpnWire.data(), kAlpnWire.size(), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

// The alerts (RFC 8446 §6.2) by which a peer says that it does not take our key.
bool IsRefusalOfOurKey(int alert) {
  switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

Error ErrorFromQueue() {
  const unsigned long code = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(code);
  ERR_clear_error();
  const int alert = reason - SSL_AD_REASON_OFFSET;
  if (alert >= 0 && alert <= 255) {
    if (IsRefusalOfOurKey(alert)) {
      return {ErrorCode::kNotPermitted, "the peer does not accept our key (TLS alert " +
                                            std::to_string(alert) +
                                            "): ask its operator to import our card"};
    }
    return {ErrorCode::kPeerViolation,
            "the peer ended the TLS session with alert " + std::to_string(alert)};
  }
  switch (reason) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return {ErrorCode::kPeerViolation, "the peer showed no certificate"};
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return {ErrorCode::kPeerViolation, "the peer does not speak TLS 1.3"};
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return {ErrorCode::kPeerViolation, "the peer does not speak " + std::string(kAlpn)};
    default: {
      const char* text = ERR_reason_error_string(code);
      return {ErrorCode::kPeerViolation,
              std::string("the peer broke TLS: ") + (text != nullptr ? text : "no reason given")};
    }
  }
}

bool UseIdentity(SSL_CTX* context, const crypto::TlsIdentity& identity) {
  const ByteView key_der = identity.private_key_der.view();
  const std::uint8_t* at = key_der.data();
  EVP_PKEY* key = d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(key_der.size()));
  const bool is_used =
      key != nullptr &&
      SSL_CTX_use_certificate_ASN1(context, static_cast<int>(identity.certificate_der.size()),
                                   identity.certificate_der.data()) == 1 &&
      SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
  EVP_PKEY_free(key);
  ERR_clear_error();
  return is_used;
}

}  // namespace

Result<SslContext> MakeSslContext(const crypto::TlsIdentity& identity) {
  SslContext owner(SSL_CTX_new(TLS_method()));
  SSL_CTX* const context = owner.get();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_num_tickets(context, 0) != 1 || SSL_CTX_set_max_early_data(context, 0) != 1 ||
      SSL_CTX_set_recv_max_early_data(context, 0) != 1 ||
      SSL_CTX_set_alpn_protos(context, kAlpnWire.data(), kAlpnWire.size()) != 0) {
    return Error{ErrorCode::kInternal, "openssl refuses the TLS settings"};
  }
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, kCertificateSizeBytesMax);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, SelectAlpn, nullptr);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsSession::VerifyPeer, nullptr);
  if (!UseIdentity(context, identity)) {
    return Error{ErrorCode::kInvalidInput,
                 "the TLS identity is not a certificate with its private key"};
  }
  return owner;
}

Result<std::unique_ptr<TlsSession>> TlsSession::Create(SSL_CTX* context, Role role,
                                                       PinCheck is_pinned) {
  std::unique_ptr<TlsSession> session(new TlsSession(std::move(is_pinned)));
  session->ssl_.reset(SSL_new(context));
  session->in_ = BIO_new(BIO_s_mem());
  session->out_ = BIO_new(BIO_s_mem());
  SSL* const ssl = session->ssl_.get();
  if (ssl == nullptr || session->in_ == nullptr || session->out_ == nullptr) {
    BIO_free(session->in_);
    BIO_free(session->out_);
    return Error{ErrorCode::kInternal, "no memory for a TLS session"};
  }
  SSL_set_bio(ssl, session->in_, session->out_);
  SSL_set_app_data(ssl, session.get());
  if (role == Role::kListener) {
    SSL_set_accept_state(ssl);
  } else {
    SSL_set_connect_state(ssl);
  }
  return session;
}

// Replaces OpenSSL's chain building: a pinned key needs no chain. That the peer holds the key is
// proved by its CertificateVerify (RFC 8446 §4.4.3), which OpenSSL checks.
int TlsSession::VerifyPeer(X509_STORE_CTX* store, void* /*unused*/) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* session = static_cast<TlsSession*>(SSL_get_app_data(ssl));
  if (session->CheckPin(X509_STORE_CTX_get0_cert(store))) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);  // sends the alert bad_certificate
  return 0;
}

bool TlsSession::CheckPin(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) {
    pin_failure_ = {ErrorCode::kPeerViolation, "the peer's certificate has no readable key"};
    return false;
  }
  peer_spki_sha256_ = crypto::Sha256(ByteView(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  try {
    if (is_pinned_(*peer_spki_sha256_)) {
      return true;
    }
  } catch (const std::exception&) {
    // Counts as no. It must not pass through OpenSSL's C frames.
  }
  pin_failure_ = {ErrorCode::kNotPermitted,
                  "peer's key is not pinned: the SHA-256 of its TLS key is " +
                      peer_spki_sha256_->Hex() + "; compare with the card you imported"};
  return false;
}

void TlsSession::Feed(ByteView wire) {
  if (!wire.empty()) {
    const int size = BIO_write(in_, wire.data(), static_cast<int>(wire.size()));
    ENTENTE_CHECK(size ==
                  static_cast<int>(wire.size()));  // a memory BIO takes all or has no memory
  }
}

Result<bool> TlsSession::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    ENTENTE_TRY(Complete());
    return true;
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) {
    return false;
  }
  return Failure(result);
}

Status TlsSession::Complete() {
  const unsigned char* alpn = nullptr;
  unsigned int alpn_size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &alpn, &alpn_size);
  if (AsText({alpn, alpn_size}) != kAlpn) {
    return Error{ErrorCode::kPeerViolation, "the peer does not speak " + std::string(kAlpn)};
  }
  TlsExporter exporter;
  if (!peer_spki_sha256_ || SSL_export_keying_material(ssl_.get(), exporter.bytes.data(),
                                                       exporter.bytes.size(), kExporterLabel.data(),
                                                       kExporterLabel.size(), nullptr, 0, 1) != 1) {
    return Error{ErrorCode::kInternal, "openssl gives no exporter or no peer key"};
  }
  facts_ = TlsFacts{exporter, *peer_spki_sha256_};
  return {};
}

Result<std::size_t> TlsSession::Read(std::span<std::uint8_t> out) {
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_read_ex(ssl_.get(), out.data(), out.size(), &size);
  if (result == 1) {
    return size;
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) {
    return std::size_t{0};
  }
  return Failure(result);
}

Status TlsSession::Write(ByteView plain, Bytes& wire) {
  ERR_clear_error();
  while (!plain.empty()) {
    const ByteView record = plain.first(std::min(plain.size(), kRecordSizeBytes));
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), record.data(), record.size(), &written);
    if (result != 1) {
      return Failure(result);
    }
    plain = plain.subspan(written);
    TakeWire(wire);
  }
  return {};
}

void TlsSession::TakeWire(Bytes& wire) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out_, &data);
  if (size > 0) {
    Append(wire, AsBytes({data, static_cast<std::size_t>(size)}));
    BIO_reset(out_);
  }
}

void TlsSession::Shutdown() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

Error TlsSession::Failure(int result) {
  if (pin_failure_) {
    return *pin_failure_;
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN) {
    return {ErrorCode::kUnavailable, "the peer closed the connection"};
  }
  return ErrorFromQueue();
}

}  // namespace entente::net
