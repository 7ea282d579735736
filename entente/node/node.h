// A whole node without sockets, clocks and disks: the modules joined, in the order of their
// lifetimes. `entente serve` runs it on TCP and SQLite, sim/ on a network, a clock and a disk of
// its own making; neither joins the modules a second time.
// Threads: the owner thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "entente/base/background.h"
#include "entente/base/log.h"
#include "entente/base/random.h"
#include "entente/base/time.h"
#include "entente/documents/documents.h"
#include "entente/exchange/exchange.h"
#include "entente/exchange/head.h"
#include "entente/matching/matching.h"
#include "entente/node/network.h"
#include "entente/node/peer_links.h"
#include "entente/store/store.h"

namespace entente::node {

// What a node stands on. All references must outlive it.
struct World {
  store::Store& store;
  const Clock& clock;
  Random& random;
  Background& background;
  Network& network;
  Log& log;
  exchange::HeadFile* head = nullptr;  // without one only the peers notice an older store
};

// How long after a change the head file is written: it costs two flushes.
inline constexpr std::chrono::milliseconds kHeadPause{1000};

class Node {
 public:
  Node(exchange::Identity identity, const World& world, const LinkSettings& links);

  // Compares the store with the head file, then lets the links begin. Call once.
  // Errors: those of exchange::Head::Open and PeerLinks::Start.
  Status Start();
  // Writes the head file for the last time. Errors: those of exchange::Head::Save.
  Status Stop();

  exchange::Exchange& exchange() { return exchange_; }
  documents::Documents& documents() { return documents_; }
  matching::Matching& matching() { return matching_; }
  PeerLinks& links() { return links_; }

 private:
  void WatchTheHour();
  void Changed(const PeerId& peer);
  Status SaveHead();

  World world_;
  exchange::Exchange exchange_;
  documents::Documents documents_;
  matching::Matching matching_;
  PeerLinks links_;
  std::optional<exchange::Head> head_;
  std::unique_ptr<PendingCall> head_save_;
  std::unique_ptr<PendingCall> audit_;
};

}  // namespace entente::node
