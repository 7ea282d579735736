#include "sim/authority.h"

#include <utility>

#include "entente/crypto/certificate.h"
#include "entente/store/sqlite/testing.h"

namespace entente::sim {
namespace {

constexpr std::size_t kLogLinesMax = 400;
constexpr std::uint64_t kLivesPerNode = 1'000'000;

node::LinkSettings FastLinks() {
  node::LinkSettings settings;
  settings.redial_min = std::chrono::milliseconds(100);
  settings.redial_max = std::chrono::seconds(30);
  return settings;
}

}  // namespace

Authority::Life::Life(Authority& owner, std::unique_ptr<store::SqliteStore> open_store)
    : store(std::move(open_store)),
      random(owner.number_ * kLivesPerNode + owner.lives_),
      log(owner.clock_,
          [&lines = owner.log_lines_](std::string_view line) {
            if (lines.size() == kLogLinesMax) {
              lines.erase(lines.begin(), lines.begin() + kLogLinesMax / 2);
            }
            lines.emplace_back(line);
          }),
      port(owner.network_, owner.endpoint_, crypto::SpkiSha256(owner.card().keys.tls)),
      node(owner.identity_.get(), {*store, owner.clock_, random, port, port, log, &owner.head_},
           FastLinks()) {}

Authority::Authority(Network& network, const std::string& country, std::uint64_t number,
                     std::uint64_t disk_seed, std::int64_t clock_drift)
    : network_(network),
      endpoint_(country + ":7411"),
      number_(number),
      key_random_(number),
      identity_(country, /*is_exercise=*/true, SimulationStart(), key_random_, {endpoint_}),
      clock_(network.scheduler(), clock_drift),
      disk_("entente-sim-" + country, disk_seed) {}

Status Authority::Start() {
  ENTENTE_ASSIGN(auto store, store::SqliteStore::Open(
                                 "store.db", store::KeysForTests(number_ * kLivesPerNode + lives_),
                                 disk_.name().c_str()));
  ++lives_;
  life_ = std::make_unique<Life>(*this, std::move(store));
  network_.scheduler().Trace("start " + endpoint_);
  if (Status status = life_->node.Start(); !status) {
    life_.reset();
    return status;
  }
  life_->port.Listen(life_->node.links());
  return {};
}

void Authority::Kill(Death death) {
  ++deaths_;
  network_.scheduler().Trace(death == Death::kPower ? "power " + endpoint_ : "kill " + endpoint_);
  life_->port.Silence();
  disk_.Die();  // closing the store must not write what a dead process can not
  life_.reset();
  if (death == Death::kPower) {
    disk_.PowerOn();
  } else {
    disk_.Restart();
  }
}

void Authority::KillDuring(std::uint64_t operations, Death death, std::function<void()> on_death) {
  disk_.DieAfter(operations, [this, death, on_death = std::move(on_death)] {
    life_->port.Silence();
    network_.scheduler().After(Duration(0), [this, death, on_death] {
      Kill(death);
      on_death();
    });
  });
}

}  // namespace entente::sim
