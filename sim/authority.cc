#include "sim/authority.h"

#include <utility>

#include "entente/crypto/certificate.h"

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
      node(owner.identity_.get(), {*store, owner.clock_, random, port, port, log}, FastLinks()) {}

Authority::Authority(Network& network, const std::string& country, std::uint64_t number,
                     std::string store_path, std::int64_t clock_drift)
    : network_(network),
      endpoint_(country + ":7411"),
      store_path_(std::move(store_path)),
      number_(number),
      key_random_(number),
      identity_(country, /*is_exercise=*/true, SimulationStart(), key_random_, {endpoint_}),
      clock_(network.scheduler(), clock_drift) {}

Status Authority::Start() {
  ENTENTE_ASSIGN(auto store, store::SqliteStore::Open(store_path_));
  ++lives_;
  life_ = std::make_unique<Life>(*this, std::move(store));
  network_.scheduler().Trace("start " + endpoint_);
  ENTENTE_TRY(life_->node.links().Start());
  life_->port.Listen(life_->node.links());
  return {};
}

void Authority::Kill() {
  ++deaths_;
  network_.scheduler().Trace("kill " + endpoint_);
  life_->port.Silence();
  life_.reset();
}

}  // namespace entente::sim
