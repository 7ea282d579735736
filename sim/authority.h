// One authority of a simulation: its keys, its clock, its disk, and a node that lives, dies and is
// started again. It runs node::Node over store::SqliteStore, the very code of `entente serve`.
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "entente/base/log.h"
#include "entente/base/time.h"
#include "entente/node/node.h"
#include "entente/node/testing.h"
#include "entente/store/sqlite/sqlite_store.h"
#include "sim/disk/disk.h"
#include "sim/network.h"
#include "sim/scheduler.h"

namespace entente::sim {

inline UtcTime SimulationStart() { return *ParseRfc3339("2026-11-23T10:00:00Z"); }

// A clock that goes too fast or too slow and may be set; order must never hang on it.
class SkewedClock final : public Clock {
 public:
  SkewedClock(const Scheduler& scheduler, std::int64_t parts_per_million)
      : scheduler_(scheduler), parts_per_million_(parts_per_million) {}
  UtcTime Now() const override {
    const std::int64_t ticks = scheduler_.now().count();
    return SimulationStart() + offset_ + Duration(ticks + ticks / 1'000'000 * parts_per_million_);
  }
  void Jump(Duration by) { offset_ += by; }
  // Right again, as far as the offset goes.
  void Reset() { offset_ = Duration(0); }

 private:
  const Scheduler& scheduler_;
  std::int64_t parts_per_million_;
  Duration offset_{0};
};

class Authority {
 public:
  // `number` seeds the keys, `disk_seed` what its disk makes of a power cut. `network` must outlive
  // the object.
  Authority(Network& network, const std::string& country, std::uint64_t number,
            std::uint64_t disk_seed, std::int64_t clock_drift);

  const act::Card& card() const { return identity_.card(); }
  PeerId id() const { return card().id(); }
  const Bytes& signed_card() const { return identity_.get().signed_card; }
  const std::string& endpoint() const { return endpoint_; }
  SkewedClock& clock() { return clock_; }
  Disk& disk() { return disk_; }

  bool is_running() const { return life_ != nullptr; }
  // Requires is_running().
  node::Node& node() { return life_->node; }
  store::Store& store() { return *life_->store; }
  // Errors: those of SqliteStore::Open, and of the links.
  Status Start();
  // The process ends without a word. With the power, the disk forgets what was not synced.
  enum class Death { kProcess, kPower };
  void Kill(Death death);
  // As Kill, but in the middle of the `operations`-th change of its disk from now on: nothing
  // leaves the node after that, and `on_death` is called, later.
  void KillDuring(std::uint64_t operations, Death death, std::function<void()> on_death);
  std::uint64_t deaths() const { return deaths_; }
  // The last log lines, oldest first.
  const std::vector<std::string>& log_lines() const { return log_lines_; }

 private:
  struct Life {
    Life(Authority& owner, std::unique_ptr<store::SqliteStore> open_store);
    std::unique_ptr<store::SqliteStore> store;
    SeededRandomForTests random;
    Log log;
    Port port;
    node::Node node;
  };

  // Outlives the lives and what is put back on the disk; a dead machine writes nothing.
  class HeadFile final : public exchange::HeadFile {
   public:
    explicit HeadFile(const Disk& disk) : disk_(disk) {}
    Result<std::optional<Bytes>> Read() const override { return bytes_; }
    Status Write(ByteView bytes) override {
      if (disk_.is_dead()) {
        return Error{ErrorCode::kUnavailable, "the machine is off"};
      }
      bytes_ = ToBytes(bytes);
      return {};
    }

   private:
    const Disk& disk_;
    std::optional<Bytes> bytes_;
  };

  Network& network_;
  std::string endpoint_;
  std::uint64_t number_;
  SeededRandomForTests key_random_;
  node::IdentityForTests identity_;
  SkewedClock clock_;
  Disk disk_;
  HeadFile head_{disk_};
  std::uint64_t lives_ = 0;
  std::uint64_t deaths_ = 0;
  std::vector<std::string> log_lines_;
  std::unique_ptr<Life> life_;
};

}  // namespace entente::sim
