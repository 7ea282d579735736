#include "entente/api/doctor.h"

#include <chrono>
#include <cstdlib>

#include "entente/api/queries.h"
#include "entente/exchange/cosign_lag.h"
#include "entente/exchange/dead_letters.h"
#include "entente/exchange/guard.h"
#include "entente/exchange/quota.h"

namespace entente::api {
namespace {

constexpr std::chrono::seconds kClockOffMax{300};

std::string Days(std::chrono::microseconds age) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(age).count();
  return hours >= 48 ? std::to_string(hours / 24) + " days" : std::to_string(hours) + " hours";
}

// By how much the peer's clock was ahead of ours when its last act came: the act's time against
// that of our leaf.
Result<std::chrono::microseconds> ClockOffset(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const exchange::Position last, exchange::LastIn(reader, peer));
  ENTENTE_ASSIGN(const auto act,
                 reader.GetAct(peer, store::Direction::kIn, last.epoch, last.sequence));
  if (!act) {
    return std::chrono::microseconds(0);
  }
  ENTENTE_ASSIGN(const Bytes entry, reader.LedgerEntry(peer, act->leaf_index));
  ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(entry));
  return std::chrono::duration_cast<std::chrono::microseconds>(act->time - leaf.time);
}

class Relation {
 public:
  Relation(const Services& services, const PeerSummary& peer, std::vector<Finding>& findings)
      : services_(services),
        peer_(peer),
        now_(services.exchange.clock().Now()),
        findings_(findings) {}

  Status Examine(const store::Reader& reader) {
    const PeerId id = peer_.card.id();
    Add("link", peer_.link.is_linked, peer_.link.is_linked ? "linked" : peer_.link.error,
        "see whether the peer's node runs and its card's endpoint is right; what is sent waits");
    ENTENTE_ASSIGN(const exchange::Guard guard, exchange::ReadGuard(reader, id));
    const Status signing = exchange::CheckGuard(reader, id);
    Add("guard", guard.is_open(),
        signing ? "this home holds all the peer knows of" : signing.error().message,
        guard.state == exchange::GuardState::kRolledBack ? "entente recover" : "wait for the peer");
    ENTENTE_ASSIGN(const auto stop, exchange::ReadStop(reader, id));
    Add("stop", !stop, stop ? "the peer is stopped: " + stop->why : "the peer is listened to",
        "compare the evidence with the peer's operator, then `entente resume`");
    ENTENTE_ASSIGN(const auto trouble, exchange::ReadPeerTrouble(reader, id));
    Add("peer", !trouble, trouble ? trouble->why : "the peer holds all this node knows of",
        "the peer's operator must run `entente recover`");
    const Status quota = exchange::CheckQuota(reader, id, now_);
    Add("quota", quota.has_value(), quota ? "inside its quota" : quota.error().message,
        "talk to the peer's operator; `entente card import` lifts it at once");
    ENTENTE_TRY(ExamineOutbox(reader, id));
    return ExamineLedger(reader, id);
  }

 private:
  Status ExamineOutbox(const store::Reader& reader, const PeerId& id) {
    ENTENTE_ASSIGN(const auto pending, reader.PendingActs(id, 0, 1));
    const bool is_dead = !pending.empty() && exchange::IsDead(pending.front().time, now_);
    Add("outbox", !is_dead,
        pending.empty()
            ? "nothing waits for an answer"
            : "the oldest act waits " + Days(std::chrono::duration_cast<std::chrono::microseconds>(
                                            now_ - pending.front().time)),
        "see `entente outbox`; it goes first when the peer is back");
    ENTENTE_ASSIGN(const std::chrono::microseconds offset, ClockOffset(reader, id));
    const bool is_near = offset < kClockOffMax && offset > -kClockOffMax;
    Add("clock", is_near,
        is_near ? "the peer's clock and ours agree"
                : "the peer's clock and ours were " +
                      std::to_string(std::abs(offset.count()) / 1'000'000) +
                      " seconds apart at its last act",
        "set this machine's clock by NTP, ask the peer to do the same");
    return {};
  }

  Status ExamineLedger(const store::Reader& reader, const PeerId& id) {
    const Status lag = exchange::CheckCosignLag(reader, id, now_);
    Add("ledger", lag.has_value(),
        std::to_string(peer_.settled_size) + " of " + std::to_string(peer_.ledger_size) +
            " leaves are settled",
        "the peer must be linked to cosign them, or a parcel carried there and back");
    return {};
  }

  void Add(std::string check, bool is_ok, std::string what, std::string to_do) {
    findings_.push_back({std::move(check), peer_.card.id(), is_ok, std::move(what),
                         is_ok ? std::string() : std::move(to_do)});
  }

  const Services& services_;
  const PeerSummary& peer_;
  UtcTime now_;
  std::vector<Finding>& findings_;
};

}  // namespace

Result<std::vector<Finding>> Examine(const Services& services) {
  std::vector<Finding> findings;
  if (services.machine_findings) {
    findings = services.machine_findings();
  }
  ENTENTE_ASSIGN(const std::vector<PeerSummary> peers, ListPeers(services));
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    for (const PeerSummary& peer : peers) {
      if (Status status = Relation(services, peer, findings).Examine(reader); !status) {
        return status;
      }
    }
    return {};
  }));
  return findings;
}

}  // namespace entente::api
