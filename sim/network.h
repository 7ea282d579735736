// A network that exists in memory: streams between the nodes of one simulation, as slow, lossy and
// partitioned as the seed wants it.
//
// A stream carries what a node flushes (whole frames) as one chunk. Where TLS holds, whatever
// happens to a chunk on its way ends the stream: TLS would see it. Where the faults are `raw` a
// chunk is lost, doubled, overtaken or changed *inside* the session, which no real network can do
// under TLS: the guarantees above must not hang on it. A partition cuts one direction; a stream
// that loses a chunk to it stands half open for a while and then ends. Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "entente/base/random.h"
#include "entente/node/node.h"
#include "sim/scheduler.h"

namespace entente::sim {

struct NetworkFaults {
  Duration delay_min = std::chrono::milliseconds(1);
  Duration delay_max = std::chrono::milliseconds(20);
  // Per million chunks.
  std::uint64_t break_stream = 0;  // reset by the network
  std::uint64_t raw_loss = 0;
  std::uint64_t raw_duplicate = 0;
  std::uint64_t raw_reorder = 0;
  std::uint64_t raw_corrupt = 0;
};

// What one life of a node hears of the network.
class Port;

class Network {
 public:
  explicit Network(Scheduler& scheduler) : scheduler_(scheduler) {}

  void set_faults(const NetworkFaults& faults) { faults_ = faults; }
  const NetworkFaults& faults() const { return faults_; }
  // From now on nothing that `from` sends reaches `to`, until Heal.
  void Cut(const std::string& from, const std::string& to) { cut_.insert({from, to}); }
  void Heal(const std::string& from, const std::string& to) { cut_.erase({from, to}); }
  void HealAll() { cut_.clear(); }
  bool IsCut(const std::string& from, const std::string& to) const {
    return cut_.contains({from, to});
  }

  Scheduler& scheduler() { return scheduler_; }
  Port* Find(const std::string& endpoint) const;

 private:
  friend class Port;
  Scheduler& scheduler_;
  NetworkFaults faults_;
  std::set<std::pair<std::string, std::string>> cut_;
  std::map<std::string, Port*> ports_;
};

// One node's side, for one life: destroying it ends every stream and forgets every timer.
class Port final : public node::Network, public Background {
 public:
  // `endpoint` is the node's address and name. All references must outlive the port.
  Port(sim::Network& network, std::string endpoint, const crypto::Digest& spki);
  ~Port() override;
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  // Takes callers from now on.
  void Listen(node::PeerLinks& links) { links_ = &links; }
  // The process is dying: not a byte leaves any more.
  void Silence() { is_silent_ = true; }
  bool is_silent() const { return is_silent_; }
  const std::string& endpoint() const { return endpoint_; }

  // node::Network
  void Dial(const std::string& endpoint, const crypto::Digest& spki, OnResult on_result) override;
  std::unique_ptr<node::PendingCall> After(std::chrono::milliseconds delay,
                                           std::function<void()> task) override;
  void Post(std::function<void()> task) override;
  // Background: work takes simulated time.
  void Run(std::function<void()> work, std::function<void()> done) override;
  std::size_t worker_count() const override { return 2; }

 private:
  class End;
  struct Wire;
  // Calls `task` after `delay` unless this life is over.
  void Later(Duration delay, std::function<void()> task);

  sim::Network& network_;
  std::string endpoint_;
  crypto::Digest spki_;
  node::PeerLinks* links_ = nullptr;
  bool is_silent_ = false;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace entente::sim
