// Keeps one link to every peer whose card is known: takes callers, dials with back-off, and moves
// bytes between streams and exchange::Link. Works when only one side can listen.
//
// A newer connection replaces an older one, which may be dead without a sign; only within
// LinkSettings::dials_at_once_max, when both sides may have dialled at once, the one dialled by the
// lower node id stays. Every dial goes by the card as it is then. Back-off: full jitter, doubled
// with every failure, and short again only after a link that lasted kLastingLink, so that a peer
// which says bye at once is not called twice a second. Back-pressure: a link is pumped only while
// less than kPendingBytesMax wait in its stream. Log lines that callers cause are limited
// (line_limit.h). Sans-I/O. Threads: the node's owner thread.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "entente/base/log.h"
#include "entente/base/random.h"
#include "entente/exchange/exchange.h"
#include "entente/exchange/link.h"
#include "entente/node/line_limit.h"
#include "entente/node/network.h"

namespace entente::node {

inline constexpr std::size_t kPendingBytesMax = std::size_t{1} << 20U;
inline constexpr std::chrono::seconds kLastingLink{10};

struct LinkSettings {
  std::chrono::milliseconds redial_min{500};
  std::chrono::milliseconds redial_max{std::chrono::minutes(5)};
  // How long a dial may take: one that crossed with the link there is has ended by then.
  std::chrono::milliseconds dials_at_once_max{std::chrono::seconds(15)};
  // Sees the frames of every link before they are sealed.
  peer::Session::Tap tap;
};

struct LinkStatus {
  bool is_linked = false;
  std::string error;  // why not, as far as known: one line
};

class LinkService {
 public:
  virtual ~LinkService() = default;
  virtual LinkStatus StatusOf(const PeerId& peer) const = 0;
};

class PeerLinks final : public LinkService {
 public:
  // All references must outlive the object.
  PeerLinks(Network& network, exchange::Exchange& exchange, exchange::RoundPort& rounds,
            Random& random, Log& log, const LinkSettings& settings);
  ~PeerLinks() override;

  // Starts to dial known peers. Errors: those of the store.
  Status Start();
  // There may be something to send to this peer, or its card is new. Any number of times; the work
  // is done later, once.
  void Wake(const PeerId& peer);

  // Whether a caller with this key may connect.
  bool IsPinned(const crypto::Digest& spki) const;
  // Takes the stream of a caller.
  void OnCaller(std::unique_ptr<Stream> stream);
  // Writes that a caller was turned away.
  void OnCallerRefused(const std::string& remote, const Error& why);

  LinkStatus StatusOf(const PeerId& peer) const override;

 private:
  class Peer;
  Peer* FindBySpki(const crypto::Digest& spki);
  Peer& Known(const act::Card& card);
  void Serve(const PeerId& peer);
  void Write(Log::Level level, std::string_view event, std::initializer_list<LogField> fields);
  void ReportLeftOut();

  Network& network_;
  exchange::Exchange& exchange_;
  exchange::RoundPort& rounds_;
  Random& random_;
  Log& log_;
  LinkSettings settings_;
  LineLimit lines_;
  std::unique_ptr<PendingCall> report_;
  std::map<PeerId, std::unique_ptr<Peer>> peers_;
  std::set<PeerId> awake_;
};

}  // namespace entente::node
