#include "entente/exchange/dead_letters.h"

#include <utility>

namespace entente::exchange {

Status DeadLetters::Check() {
  std::vector<std::pair<PeerId, store::ActRow>> oldest;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto peers, reader.ListPeers());
    for (const store::PeerRow& peer : peers) {
      ENTENTE_ASSIGN(auto pending, reader.PendingActs(peer.id, 0, 1));
      if (!pending.empty()) {
        oldest.emplace_back(peer.id, std::move(pending.front()));
      }
    }
    return {};
  }));
  for (const auto& [peer, act] : oldest) {
    const Position position{act.epoch, act.sequence};
    if (!IsDead(act.time, exchange_.clock().Now()) || told_[peer] >= position) {
      continue;
    }
    told_[peer] = position;
    exchange_.Alarm(peer, "act.dead",
                    "act " + std::to_string(act.sequence) + " of epoch " +
                        std::to_string(act.epoch) +
                        " has no answer for seven days; see `entente outbox`");
  }
  return {};
}

}  // namespace entente::exchange
