#include "entente/exchange/guard.h"

#include <array>
#include <utility>

#include "entente/wire/json.h"

namespace entente::exchange {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::string_view kTable = "recovery";
constexpr std::string_view kGuardKey = "guard";
constexpr std::string_view kStopKey = "stop";
constexpr std::string_view kPeerKey = "peer";
constexpr std::string_view kLastKey = "last";  // our last act before the present epoch
constexpr std::string_view kClaimsKey = "claims";
constexpr std::int64_t kNumberMax = (std::int64_t{1} << 53U) - 1;

// In the order of GuardState.
constexpr std::array<std::string_view, 4> kNames{"open", "unverified", "rolled_back", "recovering"};

Error Damaged() {
  return {ErrorCode::kCorruptData,
          "a stored guard does not decode: stop the node, restore a backup"};
}

Result<std::optional<Json>> ReadRow(const store::Reader& reader, const PeerId& peer,
                                    std::string_view key) {
  ENTENTE_ASSIGN(const auto bytes, reader.GetRow(kTable, peer, key));
  if (!bytes) {
    return std::optional<Json>();
  }
  auto json = wire::ParseCanonicalJson(AsText(*bytes));
  if (!json) {
    return Damaged();
  }
  return std::optional<Json>(*std::move(json));
}

Status PutRow(store::Transaction& transaction, const PeerId& peer, std::string_view key,
              const Json& value) {
  return transaction.PutRow(kTable, peer, key, AsBytes(wire::WriteCanonicalJson(value)));
}

Result<Guard> ParseGuard(const Json& json) {
  JsonReader reader(json, "guard");
  Guard guard;
  ENTENTE_ASSIGN(const std::string state, reader.String("state", 20));
  ENTENTE_ASSIGN(guard.why, reader.String("why"));
  ENTENTE_ASSIGN(const std::string since, reader.String("since", 27));
  ENTENTE_ASSIGN(guard.since, ParseRfc3339(since));
  ENTENTE_TRY(reader.Finish());
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == state) {
      guard.state = static_cast<GuardState>(i);
      return guard;
    }
  }
  return Damaged();
}

Result<Remark> ParseRemark(const Json& json) {
  JsonReader reader(json, "remark");
  Remark remark;
  ENTENTE_ASSIGN(remark.why, reader.String("why"));
  ENTENTE_ASSIGN(const std::string since, reader.String("since", 27));
  ENTENTE_ASSIGN(remark.since, ParseRfc3339(since));
  ENTENTE_TRY(reader.Finish());
  return remark;
}

Result<std::optional<Remark>> ReadRemark(const store::Reader& reader, const PeerId& peer,
                                         std::string_view key) {
  ENTENTE_ASSIGN(const auto json, ReadRow(reader, peer, key));
  if (!json) {
    return std::optional<Remark>();
  }
  auto remark = ParseRemark(*json);
  if (!remark) {
    return Damaged();
  }
  return std::optional<Remark>(*std::move(remark));
}

Status PutRemark(store::Transaction& transaction, const PeerId& peer, std::string_view key,
                 const Remark& remark) {
  return PutRow(transaction, peer, key,
                {{"why", remark.why}, {"since", FormatRfc3339(remark.since)}});
}

// Our last act before the present epoch.
Result<Position> ReadLast(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto json, ReadRow(reader, peer, kLastKey));
  if (!json) {
    return Position{};
  }
  JsonReader members(*json, "last");
  const auto epoch = members.Integer("epoch", 1, kNumberMax);
  const auto sequence = members.Integer("sequence", 0, kNumberMax);
  if (!epoch || !sequence || !members.Finish()) {
    return Damaged();
  }
  return Position{static_cast<std::uint64_t>(*epoch), static_cast<std::uint64_t>(*sequence)};
}

}  // namespace

std::string_view GuardName(GuardState state) { return kNames.at(static_cast<std::size_t>(state)); }

Result<Guard> ReadGuard(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto json, ReadRow(reader, peer, kGuardKey));
  if (!json) {
    return Guard{};
  }
  auto guard = ParseGuard(*json);
  return guard ? std::move(guard) : Damaged();
}

Status PutGuard(store::Transaction& transaction, const PeerId& peer, const Guard& guard) {
  if (guard.is_open()) {
    return transaction.DeleteRow(kTable, peer, kGuardKey);
  }
  return PutRow(transaction, peer, kGuardKey,
                {{"state", GuardName(guard.state)},
                 {"why", guard.why},
                 {"since", FormatRfc3339(guard.since)}});
}

Status CheckGuard(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const Guard guard, ReadGuard(reader, peer));
  std::string_view what_to_do;
  switch (guard.state) {
    case GuardState::kOpen:
      return {};
    case GuardState::kUnverified:
      what_to_do = "wait until the peer is linked: it will tell whether this home is complete";
      break;
    case GuardState::kRolledBack:
      what_to_do = "run `entente recover` for this peer";
      break;
    case GuardState::kRecovering:
      what_to_do = "wait until the peer is linked and the recovery is over";
      break;
  }
  return Error{ErrorCode::kUnavailable,
               "nothing is signed for this peer, " + guard.why + ": " + std::string(what_to_do)};
}

Result<std::optional<Remark>> ReadStop(const store::Reader& reader, const PeerId& peer) {
  return ReadRemark(reader, peer, kStopKey);
}

Status PutStop(store::Transaction& transaction, const PeerId& peer, const Remark& why) {
  return PutRemark(transaction, peer, kStopKey, why);
}

Status LiftStop(store::Transaction& transaction, const PeerId& peer) {
  return transaction.DeleteRow(kTable, peer, kStopKey);
}

Status CheckStop(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto stop, ReadStop(reader, peer));
  if (!stop) {
    return {};
  }
  return Error{ErrorCode::kNotPermitted,
               "peer stopped since " + FormatRfc3339(stop->since) + ", " + stop->why +
                   ": see `entente evidence`, talk to its operator, then `entente resume`"};
}

Result<std::optional<Remark>> ReadPeerTrouble(const store::Reader& reader, const PeerId& peer) {
  return ReadRemark(reader, peer, kPeerKey);
}

Status PutPeerTrouble(store::Transaction& transaction, const PeerId& peer,
                      const std::optional<Remark>& why) {
  return why ? PutRemark(transaction, peer, kPeerKey, *why)
             : transaction.DeleteRow(kTable, peer, kPeerKey);
}

Result<std::uint64_t> ReadClaims(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto json, ReadRow(reader, peer, kClaimsKey));
  if (!json) {
    return std::uint64_t{0};
  }
  JsonReader members(*json, "claims");
  const auto count = members.Integer("count", 1, kNumberMax);
  return count && members.Finish() ? Result<std::uint64_t>(static_cast<std::uint64_t>(*count))
                                   : Damaged();
}

Status PutClaims(store::Transaction& transaction, const PeerId& peer, std::uint64_t count) {
  return count > 0 ? PutRow(transaction, peer, kClaimsKey, {{"count", count}})
                   : transaction.DeleteRow(kTable, peer, kClaimsKey);
}

Result<Position> LastOut(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  if (channel.next_out > 1) {
    return Position{channel.epoch_out, channel.next_out - 1};
  }
  return ReadLast(reader, peer);
}

Result<Position> LastIn(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  return Position{channel.epoch_in, channel.next_in - 1};
}

Result<Position> LastAnswered(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto pending, reader.PendingActs(peer, 0, 1));
  if (pending.empty()) {
    return LastOut(reader, peer);
  }
  if (pending.front().sequence > 1) {
    return Position{pending.front().epoch, pending.front().sequence - 1};
  }
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  // Of an epoch that ended with its first act unanswered no more is known than that nothing is
  // sure.
  return pending.front().epoch == channel.epoch_out ? ReadLast(reader, peer)
                                                    : Result<Position>(Position{});
}

Status BeginEpoch(store::Transaction& transaction, const PeerId& peer, std::uint64_t epoch) {
  ENTENTE_ASSIGN(const Position last, LastOut(transaction, peer));
  ENTENTE_TRY(
      PutRow(transaction, peer, kLastKey, {{"epoch", last.epoch}, {"sequence", last.sequence}}));
  ENTENTE_ASSIGN(store::ChannelState channel, transaction.GetChannel(peer));
  channel.epoch_out = epoch;
  channel.next_out = 1;
  return transaction.PutChannel(peer, channel);
}

}  // namespace entente::exchange
