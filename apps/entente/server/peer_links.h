// Keeps one link to every peer whose card is known: accepts, dials with back-off, and moves bytes
// between TLS connections and exchange::Link. Works when only one side can listen.
//
// A newer connection replaces an older one, which may be dead without a sign; only within
// kDialsAtOnceMax, when both sides may have dialled at once, the one dialled by the lower node id
// stays. Every dial goes by the card as it is then. Back-pressure: a link is pumped only while less
// than kPendingBytesMax wait in its connection. Log lines that callers cause are limited
// (line_limit.h). Threads: the loop thread.
#pragma once

#include <chrono>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "apps/entente/config.h"
#include "apps/entente/server/line_limit.h"
#include "entente/api/services.h"
#include "entente/base/log.h"
#include "entente/base/random.h"
#include "entente/crypto/certificate.h"
#include "entente/exchange/exchange.h"
#include "entente/exchange/link.h"
#include "entente/net/connection.h"
#include "entente/net/event_loop.h"
#include "entente/net/tls.h"

namespace entente::app {

inline constexpr std::size_t kPendingBytesMax = std::size_t{1} << 20U;
// A dial that crossed with the one of the link there is has ended by then.
inline constexpr std::chrono::milliseconds kDialsAtOnceMax = net::DialLimits{}.dial_timeout;

class PeerLinks final : public api::LinkService {
 public:
  // All references must outlive the object.
  PeerLinks(net::EventLoop& loop, exchange::Exchange& exchange, exchange::RoundPort& rounds,
            Random& random, Log& log, const Config& config);
  ~PeerLinks() override;

  // Listens if the configuration says so and starts to dial known peers.
  // Errors: kUnavailable if the address cannot be bound; kInvalidInput for a bad one.
  Status Start(const crypto::TlsIdentity& identity);
  // There may be something to send to this peer, or its card is new. Any number of times; the work
  // is done later, once.
  void Wake(const PeerId& peer);
  std::uint16_t port() const { return listener_ ? listener_->port() : std::uint16_t{0}; }

  // api::LinkService
  api::LinkStatus StatusOf(const PeerId& peer) const override;

 private:
  class Peer;
  bool IsPinned(const crypto::Digest& spki) const;
  Peer* FindBySpki(const crypto::Digest& spki);
  Peer& Known(const act::Card& card);
  void OnConnection(std::unique_ptr<net::Connection> connection, bool is_dialed);
  void Serve(const PeerId& peer);
  void Write(Log::Level level, std::string_view event, std::initializer_list<LogField> fields);
  void ReportLeftOut();

  net::EventLoop& loop_;
  exchange::Exchange& exchange_;
  exchange::RoundPort& rounds_;
  Random& random_;
  Log& log_;
  Config config_;
  LineLimit lines_;
  net::Timer report_;
  std::unique_ptr<net::TlsListener> listener_;
  std::unique_ptr<net::TlsDialer> dialer_;
  std::map<PeerId, std::unique_ptr<Peer>> peers_;
  std::set<PeerId> awake_;
};

}  // namespace entente::app
