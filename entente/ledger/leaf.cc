#include "entente/ledger/leaf.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "entente/wire/cbor.h"

namespace entente::ledger {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr auto kTimeMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// docs/formats/ledger.md §1. A key is never used again for something else.
enum Key : std::int64_t {
  kKeyVersion = 0,
  kKeyKind = 1,
  kKeyDirection = 2,
  kKeyTime = 3,
  kKeyAgreement = 4,
  kKeyActor = 5,
  kKeyObject = 6,
  kKeyPeer = 7,
  kKeyEpoch = 8,
  kKeySequence = 9,
  kKeyPeerCheckpoint = 10,
  kKeyRule = 11,
  kKeyArticle = 12,
};

bool IsToken(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool IsArticle(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
  });
}

// The bounds that both directions enforce, so that what one writes the other reads.
Status CheckBounds(const Leaf& leaf) {
  const auto bad = [](const char* why) { return Error{ErrorCode::kInvalidInput, why}; };
  if (leaf.kind.empty() || leaf.kind.size() > kLeafKindBytesMax || !IsToken(leaf.kind)) {
    return bad("leaf kind is not 1 to 64 characters of a-z 0-9 . _ -");
  }
  if (leaf.direction > Direction::kEvidence) {
    return bad("leaf direction is not known");
  }
  if (leaf.time.time_since_epoch().count() < 0) {
    return bad("leaf time is before 1970");
  }
  if (leaf.actor.size() > kLeafActorBytesMax) {
    return bad("leaf actor is longer than 32 bytes");
  }
  if (leaf.peer.str().size() > kLeafPeerBytesMax || !IsToken(leaf.peer.str())) {
    return bad("leaf peer is not up to 128 characters of a-z 0-9 . _ -");
  }
  if (leaf.rule.size() > kLeafRuleBytesMax || !IsToken(leaf.rule)) {
    return bad("leaf rule is not up to 32 characters of a-z 0-9 . _ -");
  }
  if (leaf.article.size() > kLeafArticleBytesMax || !IsArticle(leaf.article)) {
    return bad("leaf article is not up to 16 characters of A-Z a-z 0-9 .");
  }
  return {};
}

Result<std::optional<crypto::Digest>> OptionalDigest(wire::CborReader& reader, std::int64_t key) {
  if (!reader.Has(key)) {
    return std::optional<crypto::Digest>();
  }
  ENTENTE_ASSIGN(const Bytes bytes, reader.ByteString(key, crypto::Digest::kSize));
  ENTENTE_ASSIGN(crypto::Digest digest, crypto::Digest::From(bytes));
  return std::optional(digest);
}

}  // namespace

Result<Bytes> EncodeLeaf(const Leaf& leaf) {
  ENTENTE_TRY(CheckBounds(leaf));
  using wire::Cbor;
  Cbor::Map map{
      {kKeyVersion, Cbor{kVersion}},
      {kKeyKind, Cbor{leaf.kind}},
      {kKeyDirection, Cbor{static_cast<std::uint64_t>(leaf.direction)}},
      {kKeyTime, Cbor{static_cast<std::uint64_t>(leaf.time.time_since_epoch().count())}},
      {kKeyObject, Cbor{ToBytes(leaf.object.view())}},
      {kKeyEpoch, Cbor{leaf.epoch}},
      {kKeySequence, Cbor{leaf.sequence}},
  };
  // An absent member has one form only: no key.
  if (leaf.agreement) {
    map.emplace(kKeyAgreement, Cbor{ToBytes(leaf.agreement->view())});
  }
  if (!leaf.actor.empty()) {
    map.emplace(kKeyActor, Cbor{leaf.actor});
  }
  if (!leaf.peer.empty()) {
    map.emplace(kKeyPeer, Cbor{leaf.peer.str()});
  }
  if (leaf.peer_checkpoint) {
    map.emplace(kKeyPeerCheckpoint, Cbor{ToBytes(leaf.peer_checkpoint->view())});
  }
  if (!leaf.rule.empty()) {
    map.emplace(kKeyRule, Cbor{leaf.rule});
  }
  if (!leaf.article.empty()) {
    map.emplace(kKeyArticle, Cbor{leaf.article});
  }
  return wire::WriteCbor(Cbor{std::move(map)});
}

Result<Leaf> DecodeLeaf(ByteView bytes) {
  if (bytes.size() > kLeafBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "a leaf is larger than 4096 bytes"};
  }
  ENTENTE_ASSIGN(const wire::Cbor item, wire::ParseCbor(bytes));
  wire::CborReader reader(item, "leaf");
  ENTENTE_ASSIGN(const std::uint64_t version, reader.Unsigned(kKeyVersion, kTimeMax));
  if (version != kVersion) {
    return Error{ErrorCode::kInvalidInput,
                 "leaf version " + std::to_string(version) + " is not known: update this program"};
  }
  Leaf leaf;
  ENTENTE_ASSIGN(leaf.kind, reader.Text(kKeyKind, kLeafKindBytesMax));
  ENTENTE_ASSIGN(const std::uint64_t direction, reader.Unsigned(kKeyDirection, 0xFF));
  leaf.direction = static_cast<Direction>(direction);
  ENTENTE_ASSIGN(const std::uint64_t time, reader.Unsigned(kKeyTime, kTimeMax));
  leaf.time = UtcTime(std::chrono::microseconds(time));
  ENTENTE_ASSIGN(leaf.agreement, OptionalDigest(reader, kKeyAgreement));
  if (reader.Has(kKeyActor)) {
    ENTENTE_ASSIGN(leaf.actor, reader.ByteString(kKeyActor, kLeafActorBytesMax));
  }
  ENTENTE_ASSIGN(const Bytes object, reader.ByteString(kKeyObject, crypto::Digest::kSize));
  ENTENTE_ASSIGN(leaf.object, crypto::Digest::From(object));
  if (reader.Has(kKeyPeer)) {
    ENTENTE_ASSIGN(std::string peer, reader.Text(kKeyPeer, kLeafPeerBytesMax));
    leaf.peer = PeerId(std::move(peer));
  }
  ENTENTE_ASSIGN(leaf.epoch, reader.Unsigned(kKeyEpoch, std::numeric_limits<std::uint64_t>::max()));
  ENTENTE_ASSIGN(leaf.sequence,
                 reader.Unsigned(kKeySequence, std::numeric_limits<std::uint64_t>::max()));
  ENTENTE_ASSIGN(leaf.peer_checkpoint, OptionalDigest(reader, kKeyPeerCheckpoint));
  if (reader.Has(kKeyRule)) {
    ENTENTE_ASSIGN(leaf.rule, reader.Text(kKeyRule, kLeafRuleBytesMax));
  }
  if (reader.Has(kKeyArticle)) {
    ENTENTE_ASSIGN(leaf.article, reader.Text(kKeyArticle, kLeafArticleBytesMax));
  }
  ENTENTE_TRY(reader.Finish());
  if ((reader.Has(kKeyActor) && leaf.actor.empty()) ||
      (reader.Has(kKeyPeer) && leaf.peer.empty()) || (reader.Has(kKeyRule) && leaf.rule.empty()) ||
      (reader.Has(kKeyArticle) && leaf.article.empty())) {
    return Error{ErrorCode::kInvalidInput, "leaf has an empty member: leave it out"};
  }
  ENTENTE_TRY(CheckBounds(leaf));
  return leaf;
}

}  // namespace entente::ledger
