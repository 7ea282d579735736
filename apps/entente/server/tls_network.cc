#include "apps/entente/server/tls_network.h"

#include <utility>

#include "apps/entente/config.h"
#include "entente/base/check.h"
#include "entente/net/connection.h"

namespace entente::app {
namespace {

class TlsStream final : public node::Stream, private net::ConnectionHandler {
 public:
  explicit TlsStream(std::unique_ptr<net::Connection> connection)
      : connection_(std::move(connection)) {
    ENTENTE_CHECK(connection_->tls().has_value());
    binding_ = peer::ChannelBinding{connection_->tls()->exporter.bytes};
  }

  void Start(node::StreamHandler& handler) override {
    handler_ = &handler;
    connection_->Start(*this);
  }
  void Send(ByteView frames) override { connection_->Send(frames); }
  std::size_t pending_bytes() const override { return connection_->pending_bytes(); }
  void Close() override { connection_->Close(); }
  const peer::ChannelBinding& binding() const override { return binding_; }
  const crypto::Digest& peer_spki() const override { return connection_->tls()->peer_spki_sha256; }

 private:
  void OnBytes(ByteView bytes) override { handler_->OnBytes(bytes); }
  void OnWritable() override { handler_->OnWritable(); }
  void OnClosed(const Error& why) override { handler_->OnClosed(why); }

  std::unique_ptr<net::Connection> connection_;
  peer::ChannelBinding binding_;
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
