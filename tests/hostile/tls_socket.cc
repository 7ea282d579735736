#include "tests/hostile/tls_socket.h"

#include <array>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace entente::hostile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kChunkBytes = std::size_t{64} << 10U;
constexpr int kBacklog = 16;

template <auto Function>
struct Releaser {
  template <typename T>
  void operator()(T* value) const {
    Function(value);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using Certificate = std::unique_ptr<X509, Releaser<X509_free>>;

milliseconds Left(steady_clock::time_point until) {
  return std::max(milliseconds(0),
                  std::chrono::duration_cast<milliseconds>(until - steady_clock::now()));
}

sockaddr_in Address(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

const sockaddr* Generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Certificate ParseCertificate(const Bytes& der) {
  const std::uint8_t* at = der.data();
  return Certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

// A private key that claims the public key of `certificate`, whatever `seed` gives.
Key ClaimedKey(X509* certificate, const crypto::Seed& seed) {
  std::array<std::uint8_t, 32> public_key{};
  std::size_t size = public_key.size();
  Bytes secret = ToBytes(seed.view());
  EVP_PKEY* key = nullptr;
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "ED25519", nullptr));
  if (EVP_PKEY_get_raw_public_key(X509_get0_pubkey(certificate), public_key.data(), &size) != 1 ||
      EVP_PKEY_fromdata_init(context.get()) != 1) {
    return nullptr;
  }
  std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, public_key.data(), size),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.data());
  return Key(key);
}

bool UseCredentials(SSL_CTX* context, const Credentials& credentials) {
  const Certificate certificate = ParseCertificate(credentials.certificate);
  const Key key = certificate ? ClaimedKey(certificate.get(), credentials.seed) : nullptr;
  if (!key || SSL_CTX_use_certificate(context, certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return false;
  }
  for (const Bytes& der : credentials.chain) {
    const Certificate issuer = ParseCertificate(der);
    if (!issuer || SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) {
      return false;
    }
  }
  return true;
}

void NoteAlert(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (value >> 8) == SSL3_AL_FATAL) {
    *static_cast<std::optional<int>*>(SSL_get_app_data(ssl)) = value & 0xFF;
  }
}

// A listener's; a client that offers "entente/1" gets it.
int ChooseAlpn(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size,
               const unsigned char* offered, unsigned int /*offered_size*/, void* /*unused*/) {
  *size = *offered;
  *chosen = offered + 1;
  return SSL_TLSEXT_ERR_OK;
}

bool SetAlpn(SSL_CTX* context, TlsSocket::Role role, const std::string& alpn) {
  if (alpn.empty()) {
    return true;
  }
  if (role == TlsSocket::Role::kListener) {
    SSL_CTX_set_alpn_select_cb(context, ChooseAlpn, nullptr);
    return true;
  }
  Bytes wire{static_cast<std::uint8_t>(alpn.size())};
  Append(wire, AsBytes(alpn));
  return SSL_CTX_set_alpn_protos(context, wire.data(), static_cast<unsigned>(wire.size())) == 0;
}

}  // namespace

bool WaitFor(int descriptor, short events, milliseconds patience) {
  pollfd entry{descriptor, events, 0};
  return ::poll(&entry, 1, static_cast<int>(patience.count())) > 0;
}

Result<Socket> Socket::Connect(const net::Endpoint& endpoint, const std::string& source) {
  Socket out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in to = Address(endpoint.host, endpoint.port);
  const sockaddr_in from = Address(source, 0);
  if (out.descriptor_ < 0 ||
      (!source.empty() && ::bind(out.descriptor_, Generic(from), sizeof from) != 0) ||
      ::connect(out.descriptor_, Generic(to), sizeof to) != 0 ||
      ::fcntl(out.descriptor_, F_SETFL, O_NONBLOCK) != 0) {
    return Error{ErrorCode::kUnavailable, "cannot connect to the node under attack"};
  }
  return out;
}

Result<Socket> Socket::Listen() {
  Socket out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_in at = Address("127.0.0.1", 0);
  if (out.descriptor_ < 0 || ::bind(out.descriptor_, Generic(at), sizeof at) != 0 ||
      ::listen(out.descriptor_, kBacklog) != 0) {
    return Error{ErrorCode::kUnavailable, "cannot listen on 127.0.0.1"};
  }
  return out;
}

Result<Socket> Socket::Accept(milliseconds patience) const {
  if (!WaitFor(descriptor_, POLLIN, patience)) {
    return Error{ErrorCode::kDeadlineExceeded, "the node under attack did not call"};
  }
  Socket out(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (out.descriptor_ < 0) {
    return Error{ErrorCode::kUnavailable, "cannot accept"};
  }
  return out;
}

std::uint16_t Socket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Socket::~Socket() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

bool Socket::Write(ByteView bytes) const {
  const auto until = steady_clock::now() + kPatience;
  while (!bytes.empty()) {
    const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    } else if (errno != EAGAIN || !WaitFor(descriptor_, POLLOUT, Left(until))) {
      return false;
    }
  }
  return true;
}

bool Socket::AwaitEnd(milliseconds patience, Bytes* heard) const {
  const auto until = steady_clock::now() + patience;
  Bytes chunk(kChunkBytes);
  while (WaitFor(descriptor_, POLLIN, Left(until))) {
    const ssize_t size = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
    if (size == 0 || (size < 0 && errno != EAGAIN)) {
      return true;  // an end or a reset
    }
    if (size > 0 && heard != nullptr) {
      Append(*heard, ByteView(chunk).first(static_cast<std::size_t>(size)));
    }
  }
  return false;
}

Result<Bytes> IssueCertificate(const crypto::Seed& subject, const crypto::Seed& issuer) {
  const auto key_of = [](const crypto::Seed& seed) {
    return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.view().data(),
                                            seed.view().size()));
  };
  const Key subject_key = key_of(subject);
  const Key issuer_key = key_of(issuer);
  const Certificate certificate(X509_new());
  constexpr long kDaySeconds = 86'400;
  const auto name = [](X509_NAME* to, const char* text) {
    return X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char*>(text), -1, -1, 0);
  };
  std::uint8_t* der = nullptr;
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDaySeconds);
  name(X509_get_subject_name(certificate.get()), "leaf");
  name(X509_get_issuer_name(certificate.get()), "authority");
  X509_set_pubkey(certificate.get(), subject_key.get());
  if (X509_sign(certificate.get(), issuer_key.get(), nullptr) == 0) {
    return Error{ErrorCode::kInternal, "openssl signs no certificate"};
  }
  const int size = i2d_X509(certificate.get(), &der);
  Bytes out = ToBytes(ByteView(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return out;
}

TlsSocket::TlsSocket(Socket socket, std::unique_ptr<SSL_CTX, Free> context,
                     std::unique_ptr<SSL, Free> ssl)
    : socket_(std::move(socket)),
      context_(std::move(context)),
      ssl_(std::move(ssl)),
      alert_(std::make_unique<std::optional<int>>()) {
  SSL_set_app_data(ssl_.get(), alert_.get());
  SSL_set_fd(ssl_.get(), socket_.descriptor());
}

Result<TlsSocket> TlsSocket::Create(Socket socket, Role role, const TlsOptions& options) {
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_method()));
  SSL_CTX_set_min_proto_version(context.get(), options.version);
  SSL_CTX_set_max_proto_version(context.get(), options.version);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_info_callback(context.get(), NoteAlert);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE);
  if (!SetAlpn(context.get(), role, options.alpn) ||
      (options.credentials != nullptr && !UseCredentials(context.get(), *options.credentials))) {
    return Error{ErrorCode::kInternal, "openssl refuses the attacker's settings"};
  }
  std::unique_ptr<SSL, Free> ssl(SSL_new(context.get()));
  if (options.session != nullptr) {
    SSL_set_session(ssl.get(), options.session);
  }
  if (role == Role::kListener) {
    SSL_set_accept_state(ssl.get());
    SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  } else {
    SSL_set_connect_state(ssl.get());
  }
  return TlsSocket(std::move(socket), std::move(context), std::move(ssl));
}

bool TlsSocket::MayRetry(int result, steady_clock::time_point until) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return WaitFor(socket_.descriptor(), POLLIN, Left(until));
    case SSL_ERROR_WANT_WRITE:
      return WaitFor(socket_.descriptor(), POLLOUT, Left(until));
    default:
      return false;
  }
}

bool TlsSocket::Handshake() {
  const auto until = steady_clock::now() + kPatience;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1 || !MayRetry(result, until)) {
      return result == 1;
    }
  }
}

bool TlsSocket::Write(ByteView bytes) {
  const auto until = steady_clock::now() + kPatience;
  while (!bytes.empty()) {
    ERR_clear_error();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    if (result == 1) {
      bytes = bytes.subspan(written);
    } else if (!MayRetry(result, until)) {
      return false;
    }
  }
  return true;
}

bool TlsSocket::WriteEarly(ByteView bytes) {
  const auto until = steady_clock::now() + kPatience;
  for (;;) {
    ERR_clear_error();
    std::size_t written = 0;
    const int result = SSL_write_early_data(ssl_.get(), bytes.data(), bytes.size(), &written);
    if (result == 1 || !MayRetry(result, until)) {
      return result == 1;
    }
  }
}

TlsSocket::Heard TlsSocket::Read(Bytes& out, milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  Bytes chunk(kChunkBytes);
  for (;;) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(ssl_.get(), chunk.data(), chunk.size(), &size);
    if (result == 1) {
      Append(out, ByteView(chunk).first(size));
      return Heard::kBytes;
    }
    const int error = SSL_get_error(ssl_.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      return Heard::kEnd;
    }
    if (!MayRetry(result, until)) {
      return Heard::kNothing;
    }
  }
}

std::optional<peer::ChannelBinding> TlsSocket::exporter() const {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";  // RFC 9266 §4.2
  peer::ChannelBinding binding;
  if (SSL_export_keying_material(ssl_.get(), binding.bytes.data(), binding.bytes.size(),
                                 kLabel.data(), kLabel.size(), nullptr, 0, 1) != 1) {
    return std::nullopt;
  }
  return binding;
}

}  // namespace entente::hostile
