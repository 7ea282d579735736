#include "entente/exchange/standing.h"

#include <optional>
#include <utility>

#include "entente/exchange/journal.h"
#include "entente/ledger/relation.h"
#include "entente/wire/json.h"

namespace entente::exchange {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::int64_t kNumberMax = (std::int64_t{1} << 53U) - 1;

Result<std::uint64_t> ReadNumber(JsonReader& reader, std::string_view member, std::int64_t min) {
  ENTENTE_ASSIGN(const std::int64_t number, reader.Integer(member, min, kNumberMax));
  return static_cast<std::uint64_t>(number);
}

Result<crypto::Digest> ReadDigest(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const std::string hex, reader.String(member, 2 * crypto::Digest::kSize));
  return crypto::Digest::FromHex(hex);
}

Result<Standing> Parse(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "standing");
  ENTENTE_ASSIGN(const Json* held, reader.Object("held"));
  ENTENTE_ASSIGN(const Json* answered, reader.Object("answered"));
  ENTENTE_ASSIGN(const Json* log, reader.Object("log"));
  Standing standing;
  ENTENTE_ASSIGN(standing.is_signing, reader.Boolean("signing"));
  ENTENTE_TRY(reader.Finish());

  JsonReader held_reader(*held, "standing.held");
  ENTENTE_ASSIGN(standing.held.epoch, ReadNumber(held_reader, "epoch", 1));
  ENTENTE_ASSIGN(standing.held.sequence, ReadNumber(held_reader, "sequence", 0));
  ENTENTE_ASSIGN(standing.held_id, ReadDigest(held_reader, "id"));
  ENTENTE_TRY(held_reader.Finish());

  JsonReader answered_reader(*answered, "standing.answered");
  ENTENTE_ASSIGN(standing.answered.epoch, ReadNumber(answered_reader, "epoch", 1));
  ENTENTE_ASSIGN(standing.answered.sequence, ReadNumber(answered_reader, "sequence", 0));
  ENTENTE_TRY(answered_reader.Finish());

  JsonReader log_reader(*log, "standing.log");
  ENTENTE_ASSIGN(standing.log_epoch, ReadNumber(log_reader, "epoch", 1));
  ENTENTE_ASSIGN(standing.log_size, ReadNumber(log_reader, "size", 0));
  ENTENTE_ASSIGN(standing.log_root, ReadDigest(log_reader, "root"));
  ENTENTE_TRY(log_reader.Finish());
  return standing;
}

// Whether our store lacks an act that the peer holds of us, or holds another one there.
Result<bool> LacksHeld(const store::Reader& reader, const PeerId& peer, const Standing& standing) {
  if (standing.held.sequence == 0) {
    return false;
  }
  ENTENTE_ASSIGN(const auto row, reader.GetAct(peer, store::Direction::kOut, standing.held.epoch,
                                               standing.held.sequence));
  return !row || row->id != standing.held_id;
}

// Whether our log is not a continuation of what the peer cosigned.
Result<bool> LacksCosigned(const store::Reader& reader, const PeerId& peer,
                           const Standing& standing) {
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  if (standing.log_size == 0 || standing.log_epoch < channel.epoch_out) {
    return false;  // a log that was given up for a new one proves nothing about this one
  }
  ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(peer));
  if (standing.log_epoch > channel.epoch_out || standing.log_size > size) {
    return true;
  }
  ENTENTE_ASSIGN(const crypto::Digest root,
                 ledger::Root(standing.log_size, StoredNodes(reader, peer)));
  return root != standing.log_root;
}

Result<std::string> OwnTrouble(const store::Reader& reader, const PeerId& peer,
                               const Standing& standing) {
  ENTENTE_ASSIGN(const bool lacks_held, LacksHeld(reader, peer, standing));
  if (lacks_held) {
    return std::string("the peer holds acts of this node that this home does not have");
  }
  ENTENTE_ASSIGN(const Position last_in, LastIn(reader, peer));
  if (standing.answered.sequence > 0 && standing.answered > last_in) {
    return std::string("the peer has answers of this node to acts that this home does not have");
  }
  ENTENTE_ASSIGN(const bool lacks_cosigned, LacksCosigned(reader, peer, standing));
  return lacks_cosigned ? "the peer cosigned a log of this node that this home does not have"
                        : std::string();
}

Result<std::string> PeerTrouble(const store::Reader& reader, const PeerId& peer,
                                const Standing& standing) {
  if (!standing.is_signing) {
    return std::string("the peer says that it signs nothing until it has recovered");
  }
  ENTENTE_ASSIGN(const Position answered, LastAnswered(reader, peer));
  if (answered > standing.held) {
    return std::string("the peer lacks acts of this node that it answered");
  }
  ENTENTE_ASSIGN(const LogHead settled,
                 ReadLogHead(reader, peer, store::CheckpointKind::kOwnSettled));
  const auto known = std::pair(settled.epoch, settled.checkpoint.size);
  return known > std::pair(standing.log_epoch, standing.log_size)
             ? "the peer lacks a checkpoint of this node's log that it cosigned"
             : std::string();
}

}  // namespace

Bytes EncodeStanding(const Standing& standing) {
  const Json json{
      {"signing", standing.is_signing},
      {"held",
       {{"epoch", standing.held.epoch},
        {"sequence", standing.held.sequence},
        {"id", standing.held_id.Hex()}}},
      {"answered", {{"epoch", standing.answered.epoch}, {"sequence", standing.answered.sequence}}},
      {"log",
       {{"epoch", standing.log_epoch},
        {"size", standing.log_size},
        {"root", standing.log_root.Hex()}}}};
  return ToBytes(wire::WriteCanonicalJson(json));
}

Result<Standing> DecodeStanding(ByteView bytes) {
  auto standing = Parse(bytes);
  if (!standing) {
    return Error{ErrorCode::kPeerViolation,
                 "link: the standing is malformed: " + standing.error().message};
  }
  return standing;
}

Result<Standing> ComposeStanding(const store::Reader& reader, const PeerId& peer) {
  Standing standing;
  ENTENTE_ASSIGN(const Guard guard, ReadGuard(reader, peer));
  standing.is_signing = guard.is_open();
  ENTENTE_ASSIGN(standing.held, LastIn(reader, peer));
  if (standing.held.sequence > 0) {
    ENTENTE_ASSIGN(const auto row, reader.GetAct(peer, store::Direction::kIn, standing.held.epoch,
                                                 standing.held.sequence));
    if (!row) {
      return Error{ErrorCode::kCorruptData, "an act below the next sequence is not in the inbox"};
    }
    standing.held_id = row->id;
  }
  ENTENTE_ASSIGN(standing.answered, LastAnswered(reader, peer));
  ENTENTE_ASSIGN(const LogHead cosigned,
                 ReadLogHead(reader, peer, store::CheckpointKind::kPeerCosigned));
  standing.log_epoch = cosigned.epoch;
  standing.log_size = cosigned.checkpoint.size;
  standing.log_root = cosigned.checkpoint.root;
  return standing;
}

Result<StandingVerdict> JudgeStanding(const store::Reader& reader, const PeerId& peer,
                                      const Standing& standing) {
  StandingVerdict verdict;
  ENTENTE_ASSIGN(verdict.own_trouble, OwnTrouble(reader, peer, standing));
  ENTENTE_ASSIGN(verdict.peer_trouble, PeerTrouble(reader, peer, standing));
  return verdict;
}

}  // namespace entente::exchange
