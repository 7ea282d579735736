#include "entente/net/tls.h"

#include <array>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "entente/net/internal/testing.h"
#include "entente/net/internal/tls_session.h"

namespace entente::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

auto FailedWith(ErrorCode code, const std::string& text) {
  return AllOf(Field(&Error::code, code), Field(&Error::message, HasSubstr(text)));
}

// One listener of node "left" that knows node "right", and what becomes of its callers.
class TlsTest : public ::testing::Test {
 protected:
  void Listen(ListenerLimits limits = {}) {
    auto listening = TlsListener::Listen(
        loop_, {"127.0.0.1", 0}, left_.identity, right_.Pin(), limits,
        {[this](std::unique_ptr<Connection> connection) {
           accepted_.push_back(std::make_unique<Recorder>(std::move(connection)));
           on_accepted_(*accepted_.back());
         },
         [this](const std::string& remote, const Error& why) {
           EXPECT_THAT(remote, HasSubstr("127.0.0.1:"));
           refused_.push_back(why);
           on_refused_();
         }});
    ASSERT_THAT(listening, IsOk());
    listener_ = *std::move(listening);
  }
  void MakeDialer(const TestIdentity& who, DialLimits limits = {}) {
    auto dialer = TlsDialer::Create(loop_, who.identity, limits);
    ASSERT_THAT(dialer, IsOk());
    dialer_ = *std::move(dialer);
  }
  void Dial(std::uint16_t port, const TestIdentity& expected, std::function<void()> then) {
    dialer_->Dial({"127.0.0.1", port}, expected.Pin(),
                  [this, then = std::move(then)](Result<std::unique_ptr<Connection>> result) {
                    if (result) {
                      dialed_ = std::make_unique<Recorder>(*std::move(result));
                    } else {
                      dial_failure_ = result.error();
                    }
                    then();
                  });
  }
  void StopAfter(int events) { left_to_happen_ = events; }
  void Happened() {
    if (--left_to_happen_ == 0) {
      loop_.Stop();
    }
  }

  const TestIdentity left_{"left"};
  const TestIdentity right_{"right"};
  const TestIdentity stranger_{"stranger"};
  EventLoop loop_{1};
  std::unique_ptr<TlsListener> listener_;
  std::unique_ptr<TlsDialer> dialer_;
  std::vector<std::unique_ptr<Recorder>> accepted_;
  std::vector<Error> refused_;
  std::unique_ptr<Recorder> dialed_;
  std::optional<Error> dial_failure_;
  std::function<void(Recorder&)> on_accepted_ = [this](Recorder&) { Happened(); };
  std::function<void()> on_refused_ = [this] { Happened(); };
  int left_to_happen_ = 2;
};

TEST_F(TlsTest, GivesBothEndsTheSameExporterAndEachTheOthersKey) {
  Listen();
  MakeDialer(right_);
  Dial(listener_->port(), left_, [this] { Happened(); });
  RunUntilStopped(loop_);
  ASSERT_NE(dialed_, nullptr);
  ASSERT_THAT(accepted_, SizeIs(1));
  const TlsFacts& at_dialer = *dialed_->connection().tls();
  const TlsFacts& at_listener = *accepted_[0]->connection().tls();
  EXPECT_EQ(at_dialer.exporter, at_listener.exporter);
  EXPECT_NE(at_dialer.exporter, TlsExporter{});
  EXPECT_EQ(at_dialer.peer_spki_sha256, left_.spki_sha256);
  EXPECT_EQ(at_listener.peer_spki_sha256, right_.spki_sha256);
  EXPECT_EQ(dialed_->connection().remote(), "127.0.0.1:" + std::to_string(listener_->port()));
}

TEST_F(TlsTest, GivesEverySessionAnExporterOfItsOwn) {
  Listen();
  MakeDialer(right_);
  StopAfter(4);
  std::optional<TlsExporter> first;
  Dial(listener_->port(), left_, [this, &first] {
    first = dialed_->connection().tls()->exporter;
    Happened();
    Dial(listener_->port(), left_, [this] { Happened(); });
  });
  RunUntilStopped(loop_);
  EXPECT_NE(*first, dialed_->connection().tls()->exporter);
}

TEST_F(TlsTest, EchoesEightMebibytes) {
  Bytes message(8U << 20U);
  SeededRandomForTests(1).Fill(message);
  on_accepted_ = [](Recorder& server) {
    server.on_bytes = [&server] { server.connection().Send(std::exchange(server.received, {})); };
  };
  Listen();
  MakeDialer(right_);
  Dial(listener_->port(), left_, [&] {
    dialed_->connection().Send(message);
    EXPECT_GT(dialed_->connection().pending_bytes(), message.size()) << "records add bytes";
    dialed_->on_bytes = [&] {
      if (dialed_->received.size() >= message.size()) {
        loop_.Stop();
      }
    };
  });
  RunUntilStopped(loop_);
  EXPECT_EQ(dialed_->received, message);
  EXPECT_EQ(dialed_->connection().pending_bytes(), 0U);
  EXPECT_LE(dialed_->largest_chunk, kChunkSizeBytesMax);
}

TEST_F(TlsTest, ClosesBothEndsAfterTheLastByte) {
  on_accepted_ = [this](Recorder& server) {
    server.connection().Send(Bytes(1U << 20U));
    server.connection().Close();
    server.on_closed = [this] { Happened(); };
  };
  Listen();
  MakeDialer(right_);
  Dial(listener_->port(), left_, [&] { dialed_->on_closed = [this] { Happened(); }; });
  RunUntilStopped(loop_);
  EXPECT_THAT(dialed_->received, SizeIs(1U << 20U));
  EXPECT_THAT(dialed_->closed, ElementsAre(FailedWith(ErrorCode::kUnavailable, "the peer closed")));
  EXPECT_THAT(accepted_[0]->closed, ElementsAre(FailedWith(ErrorCode::kUnavailable, "this node")));
}

TEST_F(TlsTest, TellsACutConnectionFromAClosedOne) {
  on_accepted_ = [this](Recorder& server) {
    server.connection().Abort();
    Happened();
  };
  Listen();
  MakeDialer(right_);
  Dial(listener_->port(), left_, [&] { dialed_->on_closed = [this] { Happened(); }; });
  RunUntilStopped(loop_);
  EXPECT_THAT(dialed_->closed, ElementsAre(FailedWith(ErrorCode::kUnavailable, "cut")));
}

TEST_F(TlsTest, HoldsBackDecryptedBytesWhilePaused) {
  const Bytes message(1U << 20U, 0x33);
  Timer resume;
  on_accepted_ = [&](Recorder& server) {
    server.on_bytes = [&] {
      if (server.received.size() == message.size()) {
        loop_.Stop();
        return;
      }
      server.connection().PauseReading();
      const std::size_t before = server.received.size();
      resume = loop_.After(milliseconds(1), [&, before] {
        EXPECT_EQ(server.received.size(), before);
        server.connection().ResumeReading();
      });
    };
  };
  Listen();
  MakeDialer(right_);
  Dial(listener_->port(), left_, [&] { dialed_->connection().Send(message); });
  RunUntilStopped(loop_);
  EXPECT_EQ(accepted_[0]->received, message);
}

TEST_F(TlsTest, ListenerRefusesAKeyThatIsNotPinnedAndTheDialerLearnsWhy) {
  Listen();
  MakeDialer(stranger_);
  Dial(listener_->port(), left_, [&] {
    dialed_->connection().Send(AsBytes("never delivered"));
    dialed_->on_closed = [this] { Happened(); };
  });
  RunUntilStopped(loop_);
  EXPECT_THAT(refused_,
              ElementsAre(FailedWith(ErrorCode::kNotPermitted, "the SHA-256 of its TLS key is " +
                                                                   stranger_.spki_sha256.Hex())));
  EXPECT_THAT(accepted_, IsEmpty());
  EXPECT_THAT(dialed_->closed,
              ElementsAre(FailedWith(ErrorCode::kNotPermitted, "import our card")));
}

TEST_F(TlsTest, DialerRefusesAKeyThatIsNotPinnedAndTheListenerLearnsWhy) {
  Listen();
  MakeDialer(right_);
  Dial(listener_->port(), stranger_, [this] { Happened(); });
  RunUntilStopped(loop_);
  EXPECT_THAT(*dial_failure_,
              FailedWith(ErrorCode::kNotPermitted, "the SHA-256 of its TLS key is " +
                                                       left_.spki_sha256.Hex() +
                                                       "; compare with the card you imported"));
  EXPECT_THAT(refused_, ElementsAre(FailedWith(ErrorCode::kNotPermitted, "import our card")));
  EXPECT_THAT(accepted_, IsEmpty());
}

TEST_F(TlsTest, TakesAnExceptionOfThePinCheckForNo) {
  Listen();
  MakeDialer(right_);
  dialer_->Dial(
      {"127.0.0.1", listener_->port()},
      [](const crypto::Digest&) -> bool { throw std::runtime_error("oops"); },
      [this](Result<std::unique_ptr<Connection>> result) {
        EXPECT_THAT(result, FailsWith(ErrorCode::kNotPermitted));
        Happened();
      });
  RunUntilStopped(loop_);
}

// A caller that connects and says nothing, as a slow attacker does.
class SilentCaller {
 public:
  explicit SilentCaller(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~SilentCaller() { ::close(descriptor_); }
  SilentCaller(const SilentCaller&) = delete;
  SilentCaller& operator=(const SilentCaller&) = delete;

 private:
  int descriptor_ = ::socket(AF_INET, SOCK_STREAM, 0);
};

TEST_F(TlsTest, EndsASlowHandshake) {
  ListenerLimits limits;
  limits.handshake_timeout = milliseconds(30);
  Listen(limits);
  const SilentCaller caller(listener_->port());
  StopAfter(1);
  RunUntilStopped(loop_);
  EXPECT_THAT(refused_, ElementsAre(FailedWith(ErrorCode::kDeadlineExceeded, "30ms")));
}

TEST_F(TlsTest, NoticesACallerThatGoesAwayDuringTheHandshake) {
  Listen();
  {
    const SilentCaller caller(listener_->port());
  }
  StopAfter(1);
  RunUntilStopped(loop_);
  EXPECT_THAT(refused_, ElementsAre(FailedWith(ErrorCode::kUnavailable, "went away")));
}

TEST_F(TlsTest, RefusesCallersOverTheLimitOfOneAddress) {
  ListenerLimits limits;
  limits.connections_per_address_max = 2;
  Listen(limits);
  const SilentCaller first(listener_->port());
  const SilentCaller second(listener_->port());
  const SilentCaller third(listener_->port());
  StopAfter(1);
  RunUntilStopped(loop_);
  EXPECT_THAT(refused_,
              ElementsAre(FailedWith(ErrorCode::kLimitExceeded, "2 connections of this")));
}

TEST_F(TlsTest, RefusesCallersOverTheLimitOfAllAddresses) {
  ListenerLimits limits;
  limits.connections_max = 1;
  Listen(limits);
  const SilentCaller first(listener_->port());
  const SilentCaller second(listener_->port());
  StopAfter(1);
  RunUntilStopped(loop_);
  EXPECT_THAT(refused_, ElementsAre(FailedWith(ErrorCode::kLimitExceeded, "1 connections are")));
}

TEST_F(TlsTest, TakesCallersAgainWhenOthersAreGone) {
  ListenerLimits limits;
  limits.connections_max = 1;
  Listen(limits);
  MakeDialer(right_);
  {
    const SilentCaller caller(listener_->port());
  }
  on_refused_ = [&] { Dial(listener_->port(), left_, [this] { Happened(); }); };
  RunUntilStopped(loop_);
  EXPECT_THAT(accepted_, SizeIs(1));
}

TEST_F(TlsTest, DialerGivesUpOnAPeerThatStaysSilent) {
  // The backlog of a listener that never runs accepts the TCP connection, nothing more.
  EventLoop other(1);
  const auto silent = TlsListener::Listen(other, {"127.0.0.1", 0}, left_.identity, right_.Pin(), {},
                                          {[](auto) {}, [](const auto&, const auto&) {}});
  ASSERT_THAT(silent, IsOk());
  DialLimits limits;
  limits.dial_timeout = milliseconds(30);
  MakeDialer(right_, limits);
  StopAfter(1);
  Dial((*silent)->port(), left_, [this] { Happened(); });
  RunUntilStopped(loop_);
  EXPECT_THAT(*dial_failure_, FailedWith(ErrorCode::kDeadlineExceeded, "30ms"));
}

TEST_F(TlsTest, DialerSaysThatNobodyAnswers) {
  Listen();
  const std::uint16_t port = listener_->port();
  listener_.reset();
  MakeDialer(right_);
  StopAfter(1);
  Dial(port, left_, [this] { Happened(); });
  RunUntilStopped(loop_);
  EXPECT_THAT(*dial_failure_, FailedWith(ErrorCode::kUnavailable, "does not answer"));
}

TEST_F(TlsTest, DestroyedDialersAndListenersCallNobodyBack) {
  Listen();
  MakeDialer(right_);
  Dial(listener_->port(), left_, [] { ADD_FAILURE() << "called after destruction"; });
  on_accepted_ = [](Recorder&) { ADD_FAILURE() << "called after destruction"; };
  on_refused_ = [] { ADD_FAILURE() << "called after destruction"; };
  const SilentCaller caller(listener_->port());
  const Timer drop = loop_.After(milliseconds(0), [this] {
    dialer_.reset();
    listener_.reset();
  });
  const Timer stop = loop_.After(milliseconds(50), [this] { loop_.Stop(); });
  RunUntilStopped(loop_);
}

TEST_F(TlsTest, RefusesBadAddressesAndIdentities) {
  const TlsListenerHandlers none{[](auto) {}, [](const auto&, const auto&) {}};
  EXPECT_THAT(TlsListener::Listen(loop_, {"localhost", 0}, left_.identity, right_.Pin(), {}, none),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("IP address")));
  EXPECT_THAT(TlsListener::Listen(loop_, {"192.0.2.1", 0}, left_.identity, right_.Pin(), {}, none),
              FailsWith(ErrorCode::kUnavailable));
  crypto::TlsIdentity mixed{left_.identity.certificate_der,
                            SecretText(ToBytes(right_.identity.private_key_der.view()))};
  EXPECT_THAT(TlsDialer::Create(loop_, mixed, {}), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(TlsListener::Listen(loop_, {"127.0.0.1", 0}, mixed, right_.Pin(), {}, none),
              FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(TlsDialer::Create(loop_, crypto::TlsIdentity{}, {}),
              FailsWith(ErrorCode::kInvalidInput));
}

// A foreign TLS program at the other end of one TlsSession, without sockets.
class ForeignPeer {
 public:
  // `configure` makes it misbehave.
  ForeignPeer(const TestIdentity& own, TlsSession::Role role, const TestIdentity& foreign,
              const std::function<void(SSL_CTX*)>& configure)
      : context_(SSL_CTX_new(TLS_method())) {
    SSL_CTX* const context = context_.get();
    const ByteView key = foreign.identity.private_key_der.view();
    SSL_CTX_use_certificate_ASN1(context, static_cast<int>(foreign.identity.certificate_der.size()),
                                 foreign.identity.certificate_der.data());
    SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_ED25519, context, key.data(),
                                static_cast<long>(key.size()));
    static constexpr std::array<std::uint8_t, 10> kOffer{9,   'e', 'n', 't', 'e',
                                                         'n', 't', 'e', '/', '1'};
    SSL_CTX_set_alpn_protos(context, kOffer.data(), kOffer.size());
    configure(context);
    ssl_.reset(SSL_new(context));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in_, out_);
    if (role == TlsSession::Role::kListener) {
      SSL_set_connect_state(ssl_.get());
    } else {
      SSL_set_accept_state(ssl_.get());
    }
    context_of_own_ = *MakeSslContext(own.identity);
    own_ = *TlsSession::Create(context_of_own_.get(), role, foreign.Pin());
  }

  // What our end makes of the handshake.
  Result<bool> Handshake() {
    for (int round = 0; round < 10; ++round) {
      SSL_do_handshake(ssl_.get());
      Bytes wire(65536);
      const int size = BIO_read(out_, wire.data(), static_cast<int>(wire.size()));
      own_->Feed(ByteView(wire).first(static_cast<std::size_t>(std::max(size, 0))));
      Result<bool> result = own_->Handshake();
      Bytes answer;
      own_->TakeWire(answer);
      BIO_write(in_, answer.data(), static_cast<int>(answer.size()));
      if (!result || *result) {
        return result;
      }
    }
    return false;
  }
  TlsSession& own() { return *own_; }
  SSL* ssl() { return ssl_.get(); }

 private:
  std::unique_ptr<SSL_CTX, SslDeleter> context_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
  SslContext context_of_own_;
  std::unique_ptr<TlsSession> own_;
};

class ForeignTest : public ::testing::Test {
 protected:
  Result<bool> Meet(TlsSession::Role role, const std::function<void(SSL_CTX*)>& configure) {
    peer_.emplace(own_, role, foreign_, configure);
    return peer_->Handshake();
  }
  const TestIdentity own_{"own"};
  const TestIdentity foreign_{"foreign"};
  std::optional<ForeignPeer> peer_;
};

constexpr auto kListener = TlsSession::Role::kListener;
constexpr auto kDialer = TlsSession::Role::kDialer;

int ChooseFirst(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                const unsigned char* in, unsigned int /*in_size*/, void* /*unused*/) {
  *out = in + 1;
  *out_size = in[0];
  return SSL_TLSEXT_ERR_OK;
}

TEST_F(ForeignTest, AWellBehavedPeerIsAccepted) {
  EXPECT_THAT(Meet(kListener, [](SSL_CTX*) {}), IsOkAndHolds(true));
  EXPECT_EQ(peer_->own().facts()->peer_spki_sha256, foreign_.spki_sha256);
  TlsExporter theirs;
  ASSERT_EQ(SSL_export_keying_material(peer_->ssl(), theirs.bytes.data(), 32,
                                       "EXPORTER-Channel-Binding", 24, nullptr, 0, 0),
            1);
  EXPECT_EQ(peer_->own().facts()->exporter, theirs);
}

TEST_F(ForeignTest, TheListenerGivesNoTickets) {
  ASSERT_THAT(Meet(kListener, [](SSL_CTX*) {}), IsOkAndHolds(true));
  SSL_do_handshake(peer_->ssl());
  std::uint8_t byte = 0;
  EXPECT_LE(SSL_read(peer_->ssl(), &byte, 1), 0);
  EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get_session(peer_->ssl())), 0);
}

TEST_F(ForeignTest, APeerWithoutTls13IsRefused) {
  const auto tls12 = [](SSL_CTX* context) {
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_alpn_select_cb(context, ChooseFirst, nullptr);
  };
  EXPECT_THAT(Meet(kListener, tls12), FailsWith(ErrorCode::kPeerViolation, HasSubstr("TLS 1.3")));
  EXPECT_THAT(Meet(kDialer, tls12), FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(ForeignTest, ADiallerWithoutACertificateIsRefused) {
  const auto bare = [](SSL_CTX* context) { SSL_CTX_clear_chain_certs(context); };
  peer_.emplace(own_, kListener, foreign_, bare);
  SSL_certs_clear(peer_->ssl());
  EXPECT_THAT(peer_->Handshake(),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("showed no certificate")));
}

TEST_F(ForeignTest, AnAcceptorThatAsksForNoCertificateIsAcceptedByItsPin) {
  EXPECT_THAT(
      Meet(kDialer,
           [](SSL_CTX* context) { SSL_CTX_set_alpn_select_cb(context, ChooseFirst, nullptr); }),
      IsOkAndHolds(true));
}

TEST_F(ForeignTest, AnotherApplicationProtocolIsRefused) {
  EXPECT_THAT(Meet(kListener,
                   [](SSL_CTX* context) {
                     static constexpr std::array<std::uint8_t, 3> kH2{2, 'h', '2'};
                     SSL_CTX_set_alpn_protos(context, kH2.data(), kH2.size());
                   }),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("does not speak entente/1")));
}

TEST_F(ForeignTest, NoApplicationProtocolIsRefused) {
  EXPECT_THAT(
      Meet(kListener, [](SSL_CTX* context) { SSL_CTX_set_alpn_protos(context, nullptr, 0); }),
      FailsWith(ErrorCode::kPeerViolation, HasSubstr("does not speak entente/1")));
  EXPECT_THAT(Meet(kDialer, [](SSL_CTX*) {}),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("does not speak entente/1")));
}

TEST_F(ForeignTest, BytesThatAreNotTlsAreRefused) {
  const SslContext context = *MakeSslContext(own_.identity);
  const auto session = *TlsSession::Create(context.get(), kListener, foreign_.Pin());
  session->Feed(AsBytes("GET / HTTP/1.1\r\nHost: node\r\n\r\n"));
  EXPECT_THAT(session->Handshake(), FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(ForeignTest, AChangedRecordIsRefused) {
  ASSERT_THAT(Meet(kListener, [](SSL_CTX*) {}), IsOkAndHolds(true));
  SSL_do_handshake(peer_->ssl());
  ASSERT_EQ(SSL_write(peer_->ssl(), "hello", 5), 5);
  Bytes wire(1000);
  const int size = BIO_read(SSL_get_wbio(peer_->ssl()), wire.data(), static_cast<int>(wire.size()));
  ASSERT_GT(size, 10);
  wire[static_cast<std::size_t>(size) - 1] ^= 1U;
  peer_->own().Feed(ByteView(wire).first(static_cast<std::size_t>(size)));
  std::array<std::uint8_t, 100> out{};
  EXPECT_THAT(peer_->own().Read(out), FailsWith(ErrorCode::kPeerViolation));
}

}  // namespace
}  // namespace entente::net
