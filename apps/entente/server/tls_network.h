// node::Network on real sockets: TLS 1.3 over TCP with pinned keys, timers of the event loop.
// Threads: the loop thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "entente/crypto/certificate.h"
#include "entente/net/event_loop.h"
#include "entente/net/limits.h"
#include "entente/net/tls.h"
#include "entente/node/network.h"

namespace entente::app {

// A dial that crossed with the one of the link there is has ended by then.
inline constexpr std::chrono::milliseconds kDialTimeout = net::DialLimits{}.dial_timeout;

class TlsNetwork final : public node::Network {
 public:
  // `loop` must outlive the object.
  explicit TlsNetwork(net::EventLoop& loop) : loop_(loop) {}

  // Call before the first dial. Errors: kInvalidInput for an identity that is none.
  Status SetIdentity(const crypto::TlsIdentity& identity, const net::ConnectionLimits& limits);

  // node::Network
  void Dial(const std::string& endpoint, const crypto::Digest& spki, OnResult on_result) override;
  std::unique_ptr<node::PendingCall> After(std::chrono::milliseconds delay,
                                           std::function<void()> task) override;
  void Post(std::function<void()> task) override { loop_.Post(std::move(task)); }

 private:
  net::EventLoop& loop_;
  std::unique_ptr<net::TlsDialer> dialer_;
};

// A connection of a listener or dialer of net, which hand out none without what TLS proved.
std::unique_ptr<node::Stream> MakeStream(std::unique_ptr<net::Connection> connection);

}  // namespace entente::app
