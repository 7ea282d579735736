#include "entente/exchange/head.h"

#include <set>
#include <utility>
#include <vector>

#include "entente/crypto/random.h"
#include "entente/exchange/recovery.h"
#include "entente/wire/json.h"

namespace entente::exchange {
namespace {

using wire::Json;
using wire::JsonReader;
using Incarnation = FixedBytes<16, struct IncarnationTag>;

constexpr std::int64_t kNumberMax = (std::int64_t{1} << 53U) - 1;
constexpr std::size_t kIdHexDigits = 64;

Result<std::uint64_t> ReadNumber(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const std::int64_t number, reader.Integer(member, 0, kNumberMax));
  return static_cast<std::uint64_t>(number);
}

Result<RelationHead> ParseRelation(const Json& json) {
  JsonReader reader(json, "head.relations");
  RelationHead relation;
  ENTENTE_ASSIGN(relation.epoch_out, ReadNumber(reader, "epoch"));
  ENTENTE_ASSIGN(relation.next_out, ReadNumber(reader, "next"));
  ENTENTE_ASSIGN(relation.log_size, ReadNumber(reader, "size"));
  ENTENTE_ASSIGN(const std::string root, reader.String("root", kIdHexDigits));
  ENTENTE_ASSIGN(relation.log_root, crypto::Digest::FromHex(root));
  ENTENTE_TRY(reader.Finish());
  return relation;
}

Result<HeadRecord> Parse(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "head");
  HeadRecord head;
  ENTENTE_TRY(reader.Integer("v", 1, 1));
  ENTENTE_ASSIGN(head.incarnation, reader.String("incarnation", kIdHexDigits));
  ENTENTE_ASSIGN(head.next_incarnation, reader.String("next_incarnation", kIdHexDigits));
  ENTENTE_ASSIGN(const Json* relations, reader.Object("relations"));
  ENTENTE_TRY(reader.Finish());
  for (const auto& [peer, value] : relations->items()) {
    ENTENTE_ASSIGN(head.relations[PeerId(peer)], ParseRelation(value));
  }
  return head;
}

Result<RelationHead> RelationIn(const store::Reader& reader, const PeerId& peer) {
  RelationHead relation;
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  relation.epoch_out = channel.epoch_out;
  relation.next_out = channel.next_out;
  ENTENTE_ASSIGN(relation.log_size, reader.LedgerSize(peer));
  ENTENTE_ASSIGN(relation.log_root, ledger::Root(relation.log_size, StoredNodes(reader, peer)));
  return relation;
}

// Whether the store lacks some of what `head` tells of a relation. Of one that is known to lack
// some, and of one that began an epoch since, the head tells nothing.
Result<bool> IsBehind(const store::Reader& reader, const PeerId& peer, const RelationHead& head) {
  ENTENTE_ASSIGN(const RelationHead present, RelationIn(reader, peer));
  ENTENTE_ASSIGN(const Guard guard, ReadGuard(reader, peer));
  if (!guard.is_open() || present.epoch_out > head.epoch_out) {
    return false;
  }
  if (present.epoch_out < head.epoch_out || present.next_out < head.next_out ||
      present.log_size < head.log_size) {
    return true;
  }
  ENTENTE_ASSIGN(const crypto::Digest root, ledger::Root(head.log_size, StoredNodes(reader, peer)));
  return root != head.log_root;
}

Result<bool> IsOlder(const store::Reader& reader, const std::optional<HeadRecord>& last) {
  ENTENTE_ASSIGN(const auto meta, reader.GetMeta(kIncarnationKey));
  const std::string incarnation = meta ? ToText(*meta) : std::string();
  if (!last || incarnation == kCopyIncarnation) {
    return incarnation == kCopyIncarnation;
  }
  if (incarnation != last->incarnation && incarnation != last->next_incarnation) {
    return true;
  }
  for (const auto& [peer, relation] : last->relations) {
    ENTENTE_ASSIGN(const bool is_behind, IsBehind(reader, peer, relation));
    if (is_behind) {
      return true;
    }
  }
  return false;
}

}  // namespace

Bytes EncodeHead(const HeadRecord& head) {
  Json relations = Json::object();
  for (const auto& [peer, relation] : head.relations) {
    relations[peer.str()] = {{"epoch", relation.epoch_out},
                             {"next", relation.next_out},
                             {"size", relation.log_size},
                             {"root", relation.log_root.Hex()}};
  }
  return ToBytes(wire::WriteCanonicalJson({{"v", 1},
                                           {"incarnation", head.incarnation},
                                           {"next_incarnation", head.next_incarnation},
                                           {"relations", std::move(relations)}}));
}

Result<HeadRecord> DecodeHead(ByteView bytes) {
  auto head = Parse(bytes);
  if (!head) {
    return Error{ErrorCode::kCorruptData,
                 "the head file is damaged: move it away; every peer then confirms the home"};
  }
  return head;
}

Status Head::Open(Random& random) {
  ENTENTE_ASSIGN(const auto bytes, file_.Read());
  std::optional<HeadRecord> last;
  if (bytes) {
    ENTENTE_ASSIGN(last, DecodeHead(*bytes));
    record_ = *last;
  }
  // The head names the new incarnation before the store bears it: a crash in between is no restore.
  const std::string incarnation = crypto::RandomBytes<Incarnation>(random).Hex();
  record_.next_incarnation = incarnation;
  ENTENTE_TRY(CloseGuards(last));
  ENTENTE_TRY(file_.Write(EncodeHead(record_)));
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) {
    return transaction.PutMeta(kIncarnationKey, AsBytes(incarnation));
  }));
  record_.incarnation = incarnation;
  record_.next_incarnation.clear();
  return Save();
}

Status Head::CloseGuards(const std::optional<HeadRecord>& last) {
  Guard guard;
  std::set<PeerId> peers;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const std::vector<store::PeerRow> rows, reader.ListPeers());
    for (const store::PeerRow& row : rows) {
      peers.insert(row.id);
    }
    ENTENTE_ASSIGN(const bool is_older, IsOlder(reader, last));
    ENTENTE_ASSIGN(const auto incarnation, reader.GetMeta(kIncarnationKey));
    if (is_older) {
      guard = {GuardState::kRolledBack, "this home's store is older than its head file says", {}};
    } else if (!last && incarnation) {
      guard = {GuardState::kUnverified, "the head file is missing", {}};
    }
    return {};
  }));
  if (guard.is_open()) {
    return {};
  }
  for (const auto& [peer, relation] : record_.relations) {
    peers.insert(peer);  // it may have been imported after the copy was made
  }
  for (const PeerId& peer : peers) {
    ENTENTE_TRY(Recovery(exchange_).Close(peer, guard.state, guard.why));
  }
  return {};
}

Status Head::Save() {
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const std::vector<store::PeerRow> peers, reader.ListPeers());
    for (const store::PeerRow& peer : peers) {
      ENTENTE_ASSIGN(const Guard guard, ReadGuard(reader, peer.id));
      if (guard.is_open()) {
        ENTENTE_ASSIGN(record_.relations[peer.id], RelationIn(reader, peer.id));
      }
    }
    return {};
  }));
  return file_.Write(EncodeHead(record_));
}

}  // namespace entente::exchange
