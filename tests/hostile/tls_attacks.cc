// Attacks on TLS, by who calls the node and by who is called.
#include <array>
#include <chrono>
#include <memory>

#include "tests/hostile/caller.h"

namespace entente::hostile {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kPinCheck = "entente/net/internal/tls_session.cc: CheckPin";

// A call with these options; what the node answers is its alert.
Result<Seen> CallWith(Arena& arena, const TlsOptions& options) {
  ENTENTE_ASSIGN(Socket socket, Socket::Connect(arena.endpoint()));
  ENTENTE_ASSIGN(TlsSocket tls,
                 TlsSocket::Create(std::move(socket), TlsSocket::Role::kDialer, options));
  Bytes heard;
  tls.Handshake();
  const bool has_ended = tls.Read(heard, kPatience) == TlsSocket::Heard::kEnd;
  if (!tls.alert() || !heard.empty() || !has_ended) {
    return Seen{Sign::kClosed, "", "no alert, application bytes, or still open", {}};
  }
  return Seen{Sign::kAlert, std::to_string(*tls.alert()), "", {}};
}

Result<Seen> CallAs(Arena& arena, const Credentials& credentials) {
  TlsOptions options;
  options.credentials = &credentials;
  return CallWith(arena, options);
}

Result<Seen> WrongPin(Arena& arena) {
  return CallAs(arena, SelfSigned(crypto::NewSeed(arena.random()), arena.clock().Now()));
}

Result<Seen> Expired(Arena& arena) {
  constexpr std::chrono::hours kLongAgo{25 * 365 * 24};
  return CallAs(arena, SelfSigned(crypto::NewSeed(arena.random()), arena.clock().Now() - kLongAgo));
}

Result<Seen> ChainToPinned(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const pinned, arena.NewPeer());
  Credentials credentials;
  credentials.seed = crypto::NewSeed(arena.random());
  ENTENTE_ASSIGN(credentials.certificate,
                 IssueCertificate(credentials.seed, pinned->credentials().seed));
  credentials.chain = {pinned->credentials().certificate};
  return CallAs(arena, credentials);
}

Result<Seen> StolenCertificate(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const pinned, arena.NewPeer());
  Credentials credentials;
  credentials.certificate = pinned->credentials().certificate;
  credentials.seed = crypto::NewSeed(arena.random());
  return CallAs(arena, credentials);
}

Result<Seen> HugeCertificate(Arena& arena) {
  Credentials credentials = SelfSigned(crypto::NewSeed(arena.random()), arena.clock().Now());
  constexpr std::size_t kCopies = 100;  // of 250 bytes: above 16 KiB
  credentials.chain.assign(kCopies, credentials.certificate);
  return CallAs(arena, credentials);
}

Result<Seen> NoCertificate(Arena& arena) { return CallWith(arena, {}); }

Result<Seen> OldVersion(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const pinned, arena.NewPeer());
  TlsOptions options;
  options.credentials = &pinned->credentials();
  options.version = TLS1_2_VERSION;
  return CallWith(arena, options);
}

Result<Seen> OtherProtocol(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const pinned, arena.NewPeer());
  TlsOptions options;
  options.credentials = &pinned->credentials();
  options.alpn = "h2";
  return CallWith(arena, options);
}

// Bytes that are no TLS, or break it after the handshake; the alert is read from the wire.
Result<Seen> AlertOnTheWire(const Socket& socket) {
  Bytes heard;
  constexpr std::array<std::uint8_t, 5> kAlertHead{0x15, 0x03, 0x03, 0x00, 0x02};
  if (!socket.AwaitEnd(kPatience, &heard) || heard.size() < kAlertHead.size() + 2 ||
      !std::equal(kAlertHead.begin(), kAlertHead.end(), heard.end() - 7)) {
    return Seen{Sign::kClosed, "", "no alert in the clear", {}};
  }
  return Seen{Sign::kAlert, std::to_string(heard.back()), "", {}};
}

Result<Seen> NotTls(Arena& arena) {
  ENTENTE_ASSIGN(const Socket socket, Socket::Connect(arena.endpoint()));
  socket.Write(AsBytes("GET /api/v1/status HTTP/1.1\r\nhost: node\r\n\r\n"));
  constexpr milliseconds kAtOnce{kPatience / 4};  // it does not wait for the end of a handshake
  Bytes heard;
  const bool has_ended = socket.AwaitEnd(kAtOnce, &heard);
  return Seen{
      Sign::kClosed, "", has_ended && heard.empty() ? "at once, without a byte" : "not so", {}};
}

Result<Seen> RecordBomb(Arena& arena) {
  ENTENTE_ASSIGN(const Socket socket, Socket::Connect(arena.endpoint()));
  Bytes record{0x16, 0x03, 0x01, 0xFF, 0xFF};
  record.resize(std::size_t{64} << 10U, 0x01);
  socket.Write(record);
  return AlertOnTheWire(socket);
}

// TLS 1.3 has no renegotiation: a second ClientHello is a handshake record in the clear.
Result<Seen> Renegotiation(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const pinned, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *pinned));
  constexpr std::array<std::uint8_t, 9> kClientHelloHead{0x16, 0x03, 0x03, 0x00, 0x04,
                                                         0x01, 0x00, 0x00, 0x00};
  caller.tls().socket().Write(kClientHelloHead);
  Bytes heard;
  while (caller.tls().Read(heard, kPatience) == TlsSocket::Heard::kBytes) {
  }
  const auto alert = caller.tls().alert();
  return Seen{alert ? Sign::kAlert : Sign::kClosed, alert ? std::to_string(*alert) : "", "",
              pinned->id()};
}

struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

// A session with early data, from a server of the attacker's own: the node gives no tickets.
Result<Session> ForeignSession(const Credentials& credentials) {
  ENTENTE_ASSIGN(const Socket listening, Socket::Listen());
  ENTENTE_ASSIGN(Socket near, Socket::Connect({"127.0.0.1", listening.port()}));
  ENTENTE_ASSIGN(Socket far, listening.Accept(kPatience));
  TlsOptions options;
  options.credentials = &credentials;
  ENTENTE_ASSIGN(TlsSocket dialer,
                 TlsSocket::Create(std::move(near), TlsSocket::Role::kDialer, options));
  ENTENTE_ASSIGN(TlsSocket server,
                 TlsSocket::Create(std::move(far), TlsSocket::Role::kListener, options));
  constexpr std::uint32_t kEarlyBytes = 16384;
  SSL_set_max_early_data(server.ssl(), kEarlyBytes);
  SSL_set_verify(server.ssl(), SSL_VERIFY_NONE, nullptr);
  for (int turn = 0; turn < 4; ++turn) {  // both ends are ours: neither can wait for the other
    SSL_do_handshake(dialer.ssl());
    SSL_do_handshake(server.ssl());
  }
  Bytes heard;
  server.Write(AsBytes("x"));  // comes after the tickets
  if (dialer.Read(heard, kPatience) != TlsSocket::Heard::kBytes) {
    return Error{ErrorCode::kInternal, "no session to resume"};
  }
  // A connection that just ends makes its session useless.
  SSL_set_shutdown(dialer.ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  return Session(SSL_get1_session(dialer.ssl()));
}

Result<Seen> EarlyData(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const pinned, arena.NewPeer());
  ENTENTE_ASSIGN(const Session session, ForeignSession(pinned->credentials()));
  ENTENTE_ASSIGN(Socket socket, Socket::Connect(arena.endpoint()));
  TlsOptions options;
  options.credentials = &pinned->credentials();
  options.session = session.get();
  ENTENTE_ASSIGN(TlsSocket tls,
                 TlsSocket::Create(std::move(socket), TlsSocket::Role::kDialer, options));
  Bytes hello;
  wire::AppendFrame(hello, static_cast<std::uint8_t>(peer::FrameType::kHello), AsBytes("{}"));
  if (!tls.WriteEarly(hello)) {
    return Error{ErrorCode::kInternal, "openssl sends no early data"};
  }
  Bytes heard;
  tls.Handshake();
  while (tls.Read(heard, kPatience) == TlsSocket::Heard::kBytes) {
  }
  const bool is_refused = tls.alert() && heard.empty() && SSL_session_reused(tls.ssl()) == 0;
  return is_refused ? Seen{Sign::kAlert, std::to_string(*tls.alert()), "", pinned->id()}
                    : Seen{Sign::kClosed, "", "early data was taken", pinned->id()};
}

// The node calls an attacker who answers with `options`. What the node says is its alert; why is in
// its status.
Result<Seen> BeCalled(Arena& arena, TlsOptions options, const Credentials* shown,
                      std::string_view words) {
  ENTENTE_ASSIGN(const Socket listening, Socket::Listen());
  ENTENTE_ASSIGN(const Authority* const peer,
                 arena.NewPeer({"127.0.0.1:" + std::to_string(listening.port())}));
  options.credentials = shown != nullptr ? shown : &peer->credentials();
  ENTENTE_ASSIGN(Socket socket, listening.Accept(kPatience));
  ENTENTE_ASSIGN(TlsSocket tls,
                 TlsSocket::Create(std::move(socket), TlsSocket::Role::kListener, options));
  Bytes heard;
  tls.Handshake();
  if (tls.Read(heard, kPatience) != TlsSocket::Heard::kEnd || !heard.empty()) {
    return Seen{Sign::kClosed, "", "the node speaks to whom it called", peer->id()};
  }
  ENTENTE_ASSIGN(std::string error, arena.AwaitLinkError(peer->id(), words));
  return Seen{Sign::kStatus, tls.alert() ? std::to_string(*tls.alert()) : "", std::move(error),
              peer->id()};
}

Result<Seen> CalledWrongPin(Arena& arena) {
  const Credentials other = SelfSigned(crypto::NewSeed(arena.random()), arena.clock().Now());
  return BeCalled(arena, {}, &other, "peer's key is not pinned");
}

// Answers every ClientHello with the ServerHello of TLS 1.2.
Result<Seen> CalledOldVersion(Arena& arena) {
  ENTENTE_ASSIGN(const Socket listening, Socket::Listen());
  ENTENTE_ASSIGN(const Authority* const peer,
                 arena.NewPeer({"127.0.0.1:" + std::to_string(listening.port())}));
  ENTENTE_ASSIGN(const Socket socket, listening.Accept(kPatience));
  Bytes hello{0x16, 0x03, 0x03, 0x00, 0x2A, 0x02, 0x00, 0x00, 0x26, 0x03, 0x03};
  hello.resize(hello.size() + 32, 0x5A);         // random
  Append(hello, Bytes{0x00, 0xC0, 0x2B, 0x00});  // no session, ECDHE-ECDSA-AES128-GCM-SHA256
  socket.Write(hello);
  Bytes heard;
  const bool has_ended = socket.AwaitEnd(kPatience, &heard);
  ENTENTE_ASSIGN(std::string error, arena.AwaitLinkError(peer->id(), "does not speak TLS 1.3"));
  return Seen{Sign::kStatus, has_ended && !heard.empty() ? std::to_string(heard.back()) : "",
              std::move(error), peer->id()};
}

Result<Seen> CalledOtherProtocol(Arena& arena) {
  TlsOptions options;
  options.alpn = "";
  return BeCalled(arena, options, nullptr, "does not speak entente/1");
}

}  // namespace

std::vector<Attack> TlsAttacks() {
  const auto alert = [](const char* number) { return Refusal{Sign::kAlert, number, "", {}}; };
  const std::string_view context = "entente/net/internal/tls_session.cc: MakeSslContext";
  return {
      {"tls-wrong-pin", "calls with a key that no card has", alert("42"), kPinCheck, WrongPin},
      {"tls-expired", "calls with an expired certificate of such a key", alert("42"), kPinCheck,
       Expired},
      {"tls-chain-to-pinned",
       "calls with a key that no card has and a valid chain to the certificate of a pinned peer",
       alert("42"), kPinCheck, ChainToPinned},
      {"tls-stolen-certificate", "shows the certificate of a pinned peer without its private key",
       alert("51"), context, StolenCertificate},
      {"tls-huge-certificate", "shows a chain of 24 KB", alert("47"), context, HugeCertificate},
      {"tls-no-certificate", "shows no certificate", alert("116"), context, NoCertificate},
      {"tls-1.2", "a pinned peer offers TLS 1.2 only", alert("70"), context, OldVersion},
      {"tls-other-protocol", "a pinned peer offers the application protocol h2 only", alert("120"),
       "entente/net/internal/tls_session.cc: SelectAlpn", OtherProtocol},
      {"tls-not-tls",
       "speaks HTTP to the link's port",
       {Sign::kClosed, "", "at once, without a byte", {}},
       "entente/net/internal/tls_session.cc: Handshake",
       NotTls},
      {"tls-record-bomb", "announces a record of 65,535 bytes", alert("22"), context, RecordBomb},
      {"tls-renegotiation", "sends another ClientHello on an established link", alert("10"),
       context, Renegotiation},
      {"tls-early-data", "sends a hello as early data of a session that another server began",
       alert("10"), context, EarlyData},
      {"tls-called-wrong-pin",
       "is called at its card's address and shows another key",
       {Sign::kStatus, "42", "peer's key is not pinned", {}},
       kPinCheck,
       CalledWrongPin},
      {"tls-called-1.2",
       "is called and speaks TLS 1.2 only",
       {Sign::kStatus, "70", "does not speak TLS 1.3", {}},
       context,
       CalledOldVersion},
      {"tls-called-no-protocol",
       "is called and picks no application protocol",
       {Sign::kStatus, "", "does not speak entente/1", {}},
       "entente/net/internal/tls_session.cc: Complete",
       CalledOtherProtocol},
  };
}

}  // namespace entente::hostile
