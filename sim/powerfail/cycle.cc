#include "sim/powerfail/cycle.h"

#include <memory>
#include <optional>
#include <utility>

#include "entente/store/sqlite/testing.h"
#include "sim/disk/disk.h"
#include "sim/powerfail/workload.h"

namespace entente::sim {
namespace {

constexpr std::uint64_t kPastStepsMax = 12;
constexpr std::uint64_t kLaterStepsMax = 3;
constexpr std::uint64_t kTroubledStepsMax = 200;
constexpr std::uint64_t kFaultyStepsMax = 12;
constexpr std::uint64_t kErasedMax = 1'000;
constexpr std::uint64_t kGroupMax = 5;
// Operations until the end: mostly within a few transactions, sometimes beyond the point where
// SQLite copies the WAL by itself (1,000 pages).
constexpr std::uint64_t kOperationsNear = 200;
constexpr std::uint64_t kOperationsFar = 2'500;
constexpr std::uint64_t kOperationsOfRecovery = 40;
constexpr std::uint64_t kFreeBytesMax = 150'000;
constexpr std::uint64_t kErrorsPerMillionMax = 40'000;

class Cycle {
 public:
  Cycle(std::uint64_t seed, bool lies) : random_(seed), disk_("entente-powerfail", random_.Next()) {
    disk_.set_lies(lies);
  }

  CycleResult Run() {
    if (Past() && Trouble() && Opens() && Holds() && Works(kLaterStepsMax)) {
      CutPower();
      if (Opens() && Holds()) {
        Works(1);
      }
    }
    store_.reset();
    result_.content = crypto::Sha256(disk_.Contents());
    return std::move(result_);
  }

 private:
  bool OneIn(std::uint64_t count) { return random_.Next() % count == 0; }

  bool Fail(std::uint64_t CycleResult::* kind, std::uint64_t count, std::string what) {
    result_.*kind += count;
    result_.failure = std::move(what);
    return false;
  }
  bool FailCorrupt(const Error& error) {
    return Fail(&CycleResult::corrupt, 1, "corrupt: " + error.message);
  }

  Status Open() {
    ENTENTE_ASSIGN(store_, store::SqliteStore::Open("store.db", store::KeysForTests(random_.Next()),
                                                    disk_.name().c_str()));
    return {};
  }
  // Opens on a disk without fault.
  bool Opens() {
    const Status opened = Open();
    return opened || FailCorrupt(opened.error());
  }

  void CutPower() {
    disk_.Die();
    store_.reset();
    disk_.PowerOn();
    ++result_.power_cuts;
  }

  // One durable transaction, sometimes of several Writes. An error leaves it in flight: the next
  // call tries the same one again.
  Status Attempt() {
    if (in_flight_.empty()) {
      Holdings held = held_;
      const std::uint64_t count = OneIn(3) ? 1 + random_.Next() % kGroupMax : 1;
      for (std::uint64_t i = 0; i < count; ++i) {
        in_flight_.push_back(DrawStep(held, random_));
        Apply(in_flight_.back(), held);
      }
    }
    const auto write = [&](const Step& step) {
      return store_->Write(
          [&](store::Transaction& transaction) { return Write(transaction, step); });
    };
    const auto write_all = [&]() -> Status {
      for (const Step& step : in_flight_) {
        ENTENTE_TRY(write(step));
      }
      return {};
    };
    ENTENTE_TRY(in_flight_.size() == 1 ? write(in_flight_.front()) : store_->Group(write_all));
    Acknowledge();
    return {};
  }
  void Acknowledge() {
    held_ = With(held_, in_flight_);
    transactions_.push_back(std::exchange(in_flight_, {}));
    ++result_.acknowledged;
  }
  static Holdings With(Holdings held, const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      Apply(step, held);
    }
    return held;
  }

  // Between transactions: one whose body fails, or maintenance.
  Status Aside() {
    const Error refused{ErrorCode::kNotPermitted, "the body refuses"};
    if (OneIn(6)) {
      const Step step = DrawStep(held_, random_);
      const Status status = store_->Write([&](store::Transaction& transaction) -> Status {
        ENTENTE_TRY(Write(transaction, step));
        return refused;
      });
      return status.error().code == refused.code ? Status() : status;
    }
    if (OneIn(10)) {
      ENTENTE_TRY(store_->Maintain(kErasedMax));
    }
    return {};
  }

  // Works on a disk without fault.
  bool Works(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps; ++i) {
      const Status done = Attempt();
      const Status aside = done ? Aside() : done;
      if (!aside) {
        return FailCorrupt(aside.error());
      }
    }
    return true;
  }

  // Mostly the store has one; otherwise the trouble begins with its very first operation.
  bool Past() { return OneIn(8) || (Opens() && Works(random_.Next() % kPastStepsMax)); }

  bool Trouble() {
    switch (random_.Next() % 8) {
      case 0:
        return KillProcess();
      case 1:
        return FillDisk();
      case 2:
        return FailOperations();
      default:
        DieAtWork();
        CutPower();
        DieInRecovery();
        return true;
    }
  }

  void DieAtWork() {
    disk_.DieAfter(random_.Next() % (OneIn(12) ? kOperationsFar : kOperationsNear), [] {});
    if (store_ == nullptr && !Open()) {
      return;
    }
    for (std::uint64_t i = 0; i < kTroubledStepsMax && Attempt() && Aside(); ++i) {
    }
  }

  void DieInRecovery() {
    while (OneIn(3)) {
      disk_.DieAfter(random_.Next() % kOperationsOfRecovery, [] {});
      static_cast<void>(Open());
      CutPower();
    }
  }

  bool KillProcess() {
    DieAtWork();
    disk_.Die();
    store_.reset();
    disk_.Restart();
    return true;
  }

  bool FillDisk() {
    if (store_ == nullptr && !Opens()) {
      return false;
    }
    disk_.set_size_bytes_max(disk_.size_bytes() + random_.Next() % kFreeBytesMax);
    for (std::uint64_t i = 0; i < kFaultyStepsMax; ++i) {
      static_cast<void>(Attempt());
    }
    const bool is_cut = OneIn(2);
    if (is_cut) {
      CutPower();
    }
    disk_.set_size_bytes_max(std::nullopt);
    // docs/formats/store.md: the node goes on by itself.
    const bool goes_on = is_cut || Works(1);
    store_.reset();
    return goes_on;
  }

  bool FailOperations() {
    disk_.set_errors_per_million(random_.Next() % kErrorsPerMillionMax);
    for (std::uint64_t i = 0; i < kFaultyStepsMax; ++i) {
      if (store_ != nullptr || Open()) {
        static_cast<void>(Attempt());
      }
      if (OneIn(4)) {
        store_.reset();
      }
    }
    store_.reset();
    disk_.set_errors_per_million(0);
    return true;
  }

  // Compares the store with what it must hold.
  bool Holds() {
    Holdings found;
    Status status = store_->Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(found, ReadHoldings(reader));
      return {};
    });
    status = status ? store_->CheckIntegrity() : status;
    if (!status) {
      return FailCorrupt(status.error());
    }
    if (found == held_) {
      in_flight_.clear();
      return true;
    }
    if (found == With(held_, in_flight_)) {
      Acknowledge();
      return true;
    }
    return Explain(found);
  }

  bool Explain(const Holdings& found) {
    Holdings held;
    for (std::uint64_t i = 0; i < transactions_.size(); ++i) {
      if (found == held) {
        const std::uint64_t lost = transactions_.size() - i;
        return Fail(&CycleResult::lost, lost,
                    "lost: " + std::to_string(lost) + " of " +
                        std::to_string(transactions_.size()) + " acknowledged transactions");
      }
      held = With(std::move(held), transactions_[i]);
    }
    return Fail(&CycleResult::partial, 1,
                "partial: " + std::to_string(found.acts.size()) + " acts, acknowledged " +
                    std::to_string(held_.acts.size()) + ", and no whole transactions give this");
  }

  SeededRandomForTests random_;
  Disk disk_;
  std::unique_ptr<store::SqliteStore> store_;
  std::vector<std::vector<Step>> transactions_;  // acknowledged
  std::vector<Step> in_flight_;                  // at most one transaction
  Holdings held_;                                // what the acknowledged ones give
  CycleResult result_;
};

}  // namespace

CycleResult RunCycle(std::uint64_t seed, bool lies) { return Cycle(seed, lies).Run(); }

}  // namespace entente::sim
