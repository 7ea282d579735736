#include "apps/entente/server/tls_network.h"

#include <optional>
#include <utility>

#include "apps/entente/config.h"
#include "entente/base/check.h"
#include "entente/net/connection.h"

namespace entente::app {
namespace {

// What TLS proved: our listener and dialer hand out no connection without it.
const net::TlsFacts& FactsOf(const net::Connection& connection) {
  const std::optional<net::TlsFacts>& facts = connection.tls();
  ENTENTE_CHECK(facts.has_value());
  return *facts;
}

class TlsStream final : public node::Stream, private net::ConnectionHandler {
 public:
  explicit TlsStream(std::unique_ptr<net::Connection> connection)
      : connection_(std::move(connection)),
        binding_{FactsOf(*connection_).exporter.bytes},
        peer_spki_(FactsOf(*connection_).peer_spki_sha256) {}

  void Start(node::StreamHandler& handler) override {
    handler_ = &handler;
    connection_->Start(*this);
  }
  void Send(ByteView frames) override { connection_->Send(frames); }
  std::size_t pending_bytes() const override { return connection_->pending_bytes(); }
  void Close() override { connection_->Close(); }
  const peer::ChannelBinding& binding() const override { return binding_; }
  const crypto::Digest& peer_spki() const override { return peer_spki_; }

 private:
  void OnBytes(ByteView bytes) override { handler_->OnBytes(bytes); }
  void OnWritable() override { handler_->OnWritable(); }
  void OnClosed(const Error& why) override { handler_->OnClosed(why); }

  std::unique_ptr<net::Connection> connection_;
  peer::ChannelBinding binding_;
  crypto::Digest peer_spki_;
  node::StreamHandler* handler_ = nullptr;
};

class LoopCall final : public node::PendingCall {
 public:
  explicit LoopCall(net::Timer timer) : timer_(std::move(timer)) {}

 private:
  net::Timer timer_;
};

}  // namespace

Status TlsNetwork::SetIdentity(const crypto::TlsIdentity& identity,
                               const net::ConnectionLimits& limits) {
  ENTENTE_ASSIGN(dialer_, net::TlsDialer::Create(loop_, identity, {limits}));
  return {};
}

void TlsNetwork::Dial(const std::string& endpoint, const crypto::Digest& spki, OnResult on_result) {
  const auto parsed = ParseEndpoint(endpoint);
  if (!parsed) {
    return loop_.Post([on_result = std::move(on_result), why = parsed.error()] { on_result(why); });
  }
  dialer_->Dial(
      *parsed, [spki](const crypto::Digest& seen) { return seen == spki; },
      [on_result = std::move(on_result)](Result<std::unique_ptr<net::Connection>> connection) {
        if (!connection) {
          return on_result(connection.error());
        }
        on_result(MakeStream(*std::move(connection)));
      });
}

std::unique_ptr<node::PendingCall> TlsNetwork::After(std::chrono::milliseconds delay,
                                                     std::function<void()> task) {
  return std::make_unique<LoopCall>(loop_.After(delay, std::move(task)));
}

std::unique_ptr<node::Stream> MakeStream(std::unique_ptr<net::Connection> connection) {
  return std::make_unique<TlsStream>(std::move(connection));
}

}  // namespace entente::app
