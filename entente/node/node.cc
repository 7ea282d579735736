#include "entente/node/node.h"

#include <string>
#include <utility>

#include "entente/base/error_table.h"
#include "entente/match/keys.h"

namespace entente::node {
namespace {

// How late after the full hour the exchange logs may hear of the audit log.
constexpr std::chrono::minutes kAuditCheck{1};

}  // namespace

Node::Node(exchange::Identity identity, const World& world, const LinkSettings& links)
    : world_(world),
      exchange_(std::move(identity), world.store, world.clock, world.random),
      documents_(exchange_, std::string(match::kSchemeId), match::SchemeDigest()),
      matching_(exchange_, world.background, world.random,
                [this](const PeerId& peer) { links_.Wake(peer); }),
      links_(world.network, exchange_, matching_, world.random, world.log, links) {
  exchange_.SetSources(documents_, matching_);
  exchange_.SetOnChange([this](const PeerId& peer) { Changed(peer); });
  exchange_.SetOnAlarm(
      [&log = world.log](const PeerId& peer, std::string_view event, std::string_view why) {
        log.Write(Log::Level::kWarning, event, {{"peer", peer.str()}, {"why", why}});
      });
  if (world.head != nullptr) {
    head_.emplace(exchange_, *world.head);
  }
}

Status Node::Start() {
  if (head_) {
    ENTENTE_TRY(head_->Open(world_.random));
  }
  WatchTheHour();
  return links_.Start();
}

Status Node::Stop() {
  head_save_.reset();
  return SaveHead();
}

void Node::Changed(const PeerId& peer) {
  links_.Wake(peer);
  if (head_ && head_save_ == nullptr) {
    head_save_ = world_.network.After(kHeadPause, [this] {
      head_save_.reset();
      if (const Status saved = SaveHead(); !saved) {
        world_.log.Write(Log::Level::kError, "head.unwritten", {{"why", saved.error().message}});
      }
    });
  }
}

Status Node::SaveHead() { return head_ ? head_->Save() : Status(); }

void Node::WatchTheHour() {
  audit_ = world_.network.After(kAuditCheck, [this] {
    if (const Status status = exchange_.CommitAudit(); !status) {
      world_.log.Write(
          Log::Level::kWarning, "audit.late",
          {{"code", ErrorRowFor(status.error().code).name}, {"why", status.error().message}});
    }
    WatchTheHour();
  });
}

}  // namespace entente::node
