// PeerLinks on real sockets: which connection stays, which address is dialled, what is logged.
#include "entente/node/peer_links.h"

#include <algorithm>

#include "apps/entente/server/tls_network.h"
#include "entente/crypto/random.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::chrono::milliseconds kTick{5};
constexpr std::size_t kTicksMax = 4000;

// What integration/node.cc draws for a node, in its order.
crypto::Seed SeedOf(std::uint64_t node_seed, int role) {
  SeededRandomForTests random(node_seed);
  for (int i = 0; i < role; ++i) {
    static_cast<void>(crypto::NewSeed(random));
  }
  return crypto::NewSeed(random);
}

crypto::TlsIdentity TlsOf(std::uint64_t node_seed) {
  return *crypto::MakeTlsIdentity(SeedOf(node_seed, 3), "node", TestStart());
}

// The far end of a connection.
class FarEnd final : public net::ConnectionHandler {
 public:
  explicit FarEnd(std::unique_ptr<net::Connection> connection)
      : connection_(std::move(connection)) {
    connection_->Start(*this);
  }
  void OnBytes(ByteView bytes) override { received += bytes.size(); }
  void OnClosed(const Error& /*why*/) override { is_closed = true; }
  void Close() { connection_->Close(); }

  std::size_t received = 0;
  bool is_closed = false;

 private:
  std::unique_ptr<net::Connection> connection_;
};

using FarEnds = std::vector<std::unique_ptr<FarEnd>>;

// The links of a node, and its peer as a bare TLS endpoint.
class PeerLinksTest : public TwoNodes {
 protected:
  struct Step {
    std::function<bool()> until;
    std::function<void()> then = [] {};
  };

  bool is_rabat_lower() const { return rabat.id() < berlin.id(); }

  void Use(bool lower) {
    const bool is_rabat = lower == is_rabat_lower();
    node_ = is_rabat ? &rabat : &berlin;
    peer_ = is_rabat ? &berlin : &rabat;
    node_seed_ = is_rabat ? 1 : 2;
    peer_seed_ = is_rabat ? 2 : 1;
    dialer_ = *net::TlsDialer::Create(loop_, TlsOf(peer_seed_), {});
  }
  // Where the peer listens, and what connects there.
  std::string Listen(FarEnds& accepted) {
    auto listener = net::TlsListener::Listen(
        loop_, {"127.0.0.1", 0}, TlsOf(peer_seed_), [](const auto&) { return true; }, {},
        {[&accepted](std::unique_ptr<net::Connection> connection) {
           accepted.push_back(std::make_unique<FarEnd>(std::move(connection)));
         },
         [](const std::string&, const Error&) {}});
    listeners_.push_back(*std::move(listener));
    return "127.0.0.1:" + std::to_string(listeners_.back()->port());
  }
  // The node learns the peer's card with this address.
  void Import(const std::string& endpoint) {
    act::Card card = peer_->card();
    card.endpoints = {endpoint};
    const crypto::Ed25519Signer signer(SeedOf(peer_seed_, 0));
    ASSERT_THAT(node_->exchange.AddPeer(*act::SignCard(card, signer)), IsOk());
  }
  void Start() {
    ASSERT_THAT(network_.SetIdentity(TlsOf(node_seed_), {}), IsOk());
    node::LinkSettings settings;
    settings.redial_min = std::chrono::milliseconds(10);
    settings.dials_at_once_max = app::kDialTimeout;
    links_ = std::make_unique<node::PeerLinks>(network_, node_->exchange, node_->matching, random_,
                                               log_, settings);
    auto listener = net::TlsListener::Listen(
        loop_, {"127.0.0.1", 0}, TlsOf(node_seed_),
        [this](const crypto::Digest& spki) { return links_->IsPinned(spki); }, {},
        {[this](std::unique_ptr<net::Connection> caller) {
           links_->OnCaller(app::MakeStream(std::move(caller)));
         },
         [this](const std::string& remote, const Error& why) {
           links_->OnCallerRefused(remote, why);
         }});
    node_listener_ = *std::move(listener);
    ASSERT_THAT(links_->Start(), IsOk());
  }
  void DialNode(net::TlsDialer& dialer) {
    dialer.Dial(
        {"127.0.0.1", node_listener_->port()}, [](const auto&) { return true; },
        [this](Result<std::unique_ptr<net::Connection>> connection) {
          ASSERT_THAT(connection, IsOk());
          dialed_.push_back(std::make_unique<FarEnd>(*std::move(connection)));
        });
  }
  // Runs the loop until each step's condition came true in turn.
  void Run(std::vector<Step> steps) {
    steps_ = std::move(steps);
    Tick();
    EXPECT_THAT(loop_.Run(), IsOk());
    EXPECT_THAT(steps_, SizeIs(0)) << "steps that did not come";
  }

  net::EventLoop loop_{1};
  Node* node_ = nullptr;
  Node* peer_ = nullptr;
  std::unique_ptr<net::TlsListener> node_listener_;
  app::TlsNetwork network_{loop_};
  std::unique_ptr<node::PeerLinks> links_;
  FarEnds accepted_;
  FarEnds accepted_elsewhere_;
  FarEnds dialed_;
  std::unique_ptr<net::TlsDialer> dialer_;

 private:
  void Tick() {
    while (!steps_.empty() && steps_.front().until()) {
      steps_.front().then();
      steps_.erase(steps_.begin());
    }
    if (steps_.empty() || ++ticks_ == kTicksMax) {
      return loop_.Stop();
    }
    tick_ = loop_.After(kTick, [this] { Tick(); });
  }

  std::uint64_t node_seed_ = 0;
  std::uint64_t peer_seed_ = 0;
  Log log_{clock};
  SeededRandomForTests random_{5};
  std::vector<std::unique_ptr<net::TlsListener>> listeners_;
  std::vector<Step> steps_;
  std::size_t ticks_ = 0;
  net::Timer tick_;
};

// The peer lost power: its new connection must not wait for the old one's idle timeout.
TEST_F(PeerLinksTest, ANewConnectionReplacesAnOldOne) {
  Use(/*lower=*/true);
  Import(Listen(accepted_));
  Start();
  Run({{[&] { return accepted_.size() == 1 && accepted_[0]->received > 0; },
        [&] {
          clock.Advance(app::kDialTimeout);
          DialNode(*dialer_);
        }},
       {[&] { return dialed_.size() == 1 && dialed_[0]->received > 0; }},
       {[&] { return accepted_[0]->is_closed; }}});
  EXPECT_FALSE(dialed_[0]->is_closed);
}

TEST_F(PeerLinksTest, OfDialsAtOnceTheLowerIdsStays) {
  Use(/*lower=*/true);
  Import(Listen(accepted_));
  Start();
  Run({{[&] { return accepted_.size() == 1 && accepted_[0]->received > 0; },
        [&] {
          clock.Advance(app::kDialTimeout - std::chrono::microseconds(1));
          DialNode(*dialer_);
        }},
       {[&] { return dialed_.size() == 1 && dialed_[0]->is_closed; }}});
  EXPECT_EQ(dialed_[0]->received, 0U);
  EXPECT_FALSE(accepted_[0]->is_closed);
}

TEST_F(PeerLinksTest, OfDialsAtOnceTheHigherIdsGoes) {
  Use(/*lower=*/false);
  Import(Listen(accepted_));
  Start();
  Run({{[&] { return accepted_.size() == 1 && accepted_[0]->received > 0; },
        [&] { DialNode(*dialer_); }},
       {[&] { return dialed_.size() == 1 && dialed_[0]->received > 0; }},
       {[&] { return accepted_[0]->is_closed; }}});
  EXPECT_FALSE(dialed_[0]->is_closed);
}

TEST_F(PeerLinksTest, TheNextDialGoesToTheAddressOfTheNewCard) {
  Use(/*lower=*/true);
  Import(Listen(accepted_));
  Start();
  Run({{[&] { return accepted_.size() == 1 && accepted_[0]->received > 0; },
        [&] {
          Import(Listen(accepted_elsewhere_));
          links_->Wake(peer_->id());
        }},
       {[&] { return true; }, [&] { accepted_[0]->Close(); }},
       {[&] { return accepted_elsewhere_.size() == 1; }}});
  EXPECT_THAT(accepted_, SizeIs(1));
}

TEST_F(PeerLinksTest, StrangersDoNotFillTheLog) {
  Use(/*lower=*/true);
  Start();
  constexpr std::size_t kCallers = node::kLinesPerMinute + 4;
  auto stranger = *net::TlsDialer::Create(loop_, TlsOf(77), {});
  ::testing::internal::CaptureStderr();
  std::vector<Step> steps;
  steps.reserve(kCallers + 1);
  for (std::size_t i = 0; i < kCallers; ++i) {
    steps.push_back(
        {[this, i] { return dialed_.size() == i && (i == 0 || dialed_.back()->is_closed); },
         [&] { DialNode(*stranger); }});
  }
  steps.push_back({[&] { return dialed_.size() == kCallers && dialed_.back()->is_closed; }});
  Run(std::move(steps));
  node_listener_.reset();
  links_.reset();
  const std::string log = ::testing::internal::GetCapturedStderr();
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = log.find("caller_refused\",\"remote", at)) != std::string::npos;
       ++at) {
    ++lines;
  }
  EXPECT_EQ(lines, node::kLinesPerMinute);
  EXPECT_THAT(log,
              HasSubstr(R"("event":"link.lines_left_out","of":"link.caller_refused","count":4)"));
}

}  // namespace
}  // namespace entente::testing
