#include "entente/peer/parcel.h"

#include <algorithm>
#include <utility>

#include "entente/act/envelope.h"
#include "entente/peer/session.h"
#include "entente/wire/json.h"

namespace entente::peer {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::string_view kMagic = "entente-parcel/1\n";
constexpr std::size_t kSizeBytes = 4;
constexpr std::size_t kManifestBytesMax = 2048;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;
static_assert(kMagic.size() + crypto::kBoxExtraBytes + kSizeBytes + kManifestBytesMax <=
              kParcelBytesMax - kParcelItemsBytesMax);

Error Violation(std::string_view why) {
  return {ErrorCode::kPeerViolation, "parcel: " + std::string(why)};
}

std::size_t ItemBytesMax(std::uint8_t type) {
  switch (static_cast<ParcelItem>(type)) {
    case ParcelItem::kAct:
      return PayloadBytesMax(FrameType::kAct);
    case ParcelItem::kAnswer:
      return PayloadBytesMax(FrameType::kAnswer);
    case ParcelItem::kCheckpoint:
    case ParcelItem::kCosigned:
      return PayloadBytesMax(FrameType::kCheckpoint);
    case ParcelItem::kStanding:
      return PayloadBytesMax(FrameType::kStanding);
  }
  return 0;
}

// A manifest and the digest of the items behind it.
struct SignedManifest {
  Manifest manifest;
  crypto::Digest contents;
};

Bytes EncodeManifest(const SignedManifest& signed_manifest) {
  const Manifest& manifest = signed_manifest.manifest;
  return ToBytes(wire::WriteCanonicalJson({{"v", 1},
                                           {"from", manifest.from.str()},
                                           {"to", manifest.to.str()},
                                           {"epoch", manifest.epoch},
                                           {"number", manifest.number},
                                           {"time", FormatRfc3339(manifest.time)},
                                           {"contents", signed_manifest.contents.Hex()}}));
}

Result<SignedManifest> ParseManifest(ByteView payload) {
  constexpr std::size_t kValuesMax = 16;
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(payload), kValuesMax));
  JsonReader reader(json, "parcel");
  SignedManifest out;
  ENTENTE_TRY(reader.Integer("v", 1, 1));
  ENTENTE_ASSIGN(std::string from, reader.String("from", 2 * crypto::Digest::kSize));
  ENTENTE_ASSIGN(std::string to, reader.String("to", 2 * crypto::Digest::kSize));
  ENTENTE_ASSIGN(const std::int64_t epoch, reader.Integer("epoch", 1, kParcelNumberMax));
  ENTENTE_ASSIGN(const std::int64_t number, reader.Integer("number", 1, kParcelNumberMax));
  ENTENTE_ASSIGN(const std::string time, reader.String("time", 27));
  ENTENTE_ASSIGN(out.manifest.time, ParseRfc3339(time));
  ENTENTE_ASSIGN(const std::string contents, reader.String("contents", 2 * crypto::Digest::kSize));
  ENTENTE_ASSIGN(out.contents, crypto::Digest::FromHex(contents));
  ENTENTE_TRY(reader.Finish());
  out.manifest.from = PeerId(std::move(from));
  out.manifest.to = PeerId(std::move(to));
  out.manifest.epoch = static_cast<std::uint64_t>(epoch);
  out.manifest.number = static_cast<std::uint64_t>(number);
  if (EncodeManifest(out) != ToBytes(payload)) {
    return Error{ErrorCode::kInvalidInput, "parcel: a time is not as we write it"};
  }
  return out;
}

// What stands in the box.
struct Content {
  act::Envelope manifest;
  ByteView items;
};
Result<Content> ParseContent(ByteView content) {
  if (content.size() < kSizeBytes) {
    return Violation("it is too short");
  }
  std::size_t size = 0;
  for (const std::uint8_t byte : content.first(kSizeBytes)) {
    size = size << 8U | byte;
  }
  content = content.subspan(kSizeBytes);
  if (size > std::min(content.size(), kManifestBytesMax)) {
    return Violation("its manifest is too long");
  }
  ENTENTE_ASSIGN(act::Envelope manifest, act::DecodeEnvelope(content.first(size)));
  return Content{std::move(manifest), content.subspan(size)};
}

Result<std::vector<wire::Frame>> ReadItems(ByteView items) {
  wire::FrameDecoder decoder(&ItemBytesMax);
  std::vector<wire::Frame> out;
  std::size_t read = 0;
  for (ByteView rest = items; !rest.empty();) {
    const ByteView piece = rest.first(std::min(rest.size(), kPieceBytes));
    ENTENTE_ASSIGN(std::vector<wire::Frame> frames, decoder.Feed(piece));
    if (out.size() + frames.size() > kParcelItemsMax) {
      return Violation("it holds more than " + std::to_string(kParcelItemsMax) + " items");
    }
    for (wire::Frame& frame : frames) {
      if (frame.type < static_cast<std::uint8_t>(ParcelItem::kAct) ||
          frame.type > static_cast<std::uint8_t>(ParcelItem::kStanding)) {
        return Violation("an item of unknown type " + std::to_string(frame.type));
      }
      read += wire::kFrameHeaderBytes + frame.payload.size();
      out.push_back(std::move(frame));
    }
    rest = rest.subspan(piece.size());
  }
  if (read != items.size()) {
    return Violation("its last item is not whole");
  }
  return out;
}

}  // namespace

Result<Bytes> SealParcel(const Manifest& manifest, ByteView items, const ParcelKeys& keys) {
  if (items.size() > kParcelItemsBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "a parcel holds at most " + std::to_string(kParcelItemsBytesMax) + " bytes"};
  }
  ENTENTE_ASSIGN(
      const act::Envelope envelope,
      act::Sign(kParcelType, EncodeManifest({manifest, crypto::Sha256(items)}), keys.message));
  const Bytes front = act::Encode(envelope);
  Bytes content;
  content.reserve(kSizeBytes + front.size() + items.size());
  for (std::size_t shift = 8 * kSizeBytes; shift > 0; shift -= 8) {
    content.push_back(static_cast<std::uint8_t>(front.size() >> (shift - 8)));
  }
  Append(content, front);
  Append(content, items);
  ENTENTE_ASSIGN(const Bytes box, keys.encryption.Seal(keys.receiver, content));
  Bytes file = ToBytes(kMagic);
  Append(file, box);
  return file;
}

Result<Parcel> OpenParcel(ByteView file, const PeerId& own, const crypto::BoxKey& encryption,
                          const FindCard& find_card) {
  if (file.size() > kParcelBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "a parcel has at most 64 MiB"};
  }
  if (!AsText(file).starts_with(kMagic)) {
    return Error{ErrorCode::kInvalidInput,
                 "this is no parcel of `entente courier pack`, or one of another version"};
  }
  const auto opened = encryption.Open(file.subspan(kMagic.size()));
  if (!opened) {
    return Error{ErrorCode::kInvalidInput,
                 "the parcel is not sealed to this node, or was altered on its way: compare its "
                 "checksum with the sender's, or have it packed again"};
  }
  const auto content = ParseContent(*opened);
  const auto claimed =
      content ? ParseManifest(content->manifest.payload) : Result<SignedManifest>(content.error());
  if (!claimed) {
    return Error{ErrorCode::kInvalidInput, "whoever sealed this parcel, its manifest is malformed"};
  }
  const Manifest& manifest = claimed->manifest;
  ENTENTE_ASSIGN(const act::Card sender, find_card(manifest.from));
  if (!act::VerifySignedBy(content->manifest, kParcelType, sender.keys.message)) {
    return Error{ErrorCode::kInvalidInput, "the parcel is not signed by the node it names"};
  }
  if (manifest.to != own) {
    return Error{ErrorCode::kInvalidInput, "the parcel was made for another node"};
  }
  if (crypto::Sha256(content->items) != claimed->contents) {
    return Error{ErrorCode::kInvalidInput, "the parcel holds other items than its sender signed"};
  }
  ENTENTE_ASSIGN(std::vector<wire::Frame> items, ReadItems(content->items));
  return Parcel{manifest, std::move(items)};
}

}  // namespace entente::peer
