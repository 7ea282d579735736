#include "entente/matching/match_bodies.h"

#include <utility>

#include "entente/psi/size_class.h"

namespace entente::matching {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::size_t kHexDigits = 2 * crypto::Digest::kSize;

Result<crypto::Digest> ReadDigest(JsonReader& reader, const std::string& member) {
  ENTENTE_ASSIGN(const std::string hex, reader.String(member, kHexDigits));
  const auto digest = crypto::Digest::FromHex(hex);
  if (!digest) {
    return Error{ErrorCode::kInvalidInput, "body." + member + ": " + digest.error().message};
  }
  return *digest;
}

Result<std::uint64_t> ReadSizeClass(JsonReader& reader) {
  ENTENTE_ASSIGN(const std::int64_t value,
                 reader.Integer("size_class", static_cast<std::int64_t>(psi::kSizeClassMin),
                                static_cast<std::int64_t>(psi::kSizeClassMax)));
  const auto stated = static_cast<std::uint64_t>(value);
  ENTENTE_ASSIGN(const std::uint64_t exact, psi::SizeClass(stated));
  if (exact != stated) {
    return Error{ErrorCode::kInvalidInput, "body.size_class is not a size class"};
  }
  return stated;
}

// All of a SideBody but `offer`.
Result<SideBody> ReadSide(JsonReader& reader) {
  SideBody body;
  ENTENTE_ASSIGN(body.purpose, reader.String("purpose", kNameBytesMax));
  ENTENTE_ASSIGN(body.side.origin, reader.String("origin", 32));
  ENTENTE_ASSIGN(const std::int64_t records, reader.Integer("records", 0, kRecordsMax));
  body.side.records = static_cast<std::uint64_t>(records);
  ENTENTE_ASSIGN(body.scheme_digest, reader.String("scheme_digest", kHexDigits));
  ENTENTE_ASSIGN(body.suite, reader.String("suite", kNameBytesMax));
  ENTENTE_ASSIGN(body.side.size_class, ReadSizeClass(reader));
  ENTENTE_ASSIGN(body.side.commitment, ReadDigest(reader, "commitment"));
  ENTENTE_TRY(reader.Finish());
  return body;
}

}  // namespace

Json EncodeSide(const SideBody& body) {
  Json json{{"purpose", body.purpose},
            {"origin", body.side.origin},
            {"records", body.side.records},
            {"scheme_digest", body.scheme_digest},
            {"suite", body.suite},
            {"size_class", body.side.size_class},
            {"commitment", body.side.commitment.Hex()}};
  if (body.offer) {
    json["offer"] = body.offer->Hex();
  }
  return json;
}

Json EncodeDecline(const act::ActId& offer) { return {{"offer", offer.Hex()}}; }

Json EncodeResult(const ResultBody& body) {
  return {{"offer", body.offer.Hex()},
          {"attempt", body.result.attempt},
          {"common", body.result.common_keys},
          {"intersection", body.result.intersection.Hex()},
          {"transcript", body.result.transcript.Hex()}};
}

Result<SideBody> DecodeOffer(const Json& body) {
  JsonReader reader(body, "body");
  return ReadSide(reader);
}

Result<SideBody> DecodeAccept(const Json& body) {
  JsonReader reader(body, "body");
  ENTENTE_ASSIGN(const act::ActId offer, ReadDigest(reader, "offer"));
  ENTENTE_ASSIGN(SideBody side, ReadSide(reader));
  side.offer = offer;
  return side;
}

Result<act::ActId> DecodeDecline(const Json& body) {
  JsonReader reader(body, "body");
  ENTENTE_ASSIGN(const act::ActId offer, ReadDigest(reader, "offer"));
  ENTENTE_TRY(reader.Finish());
  return offer;
}

Result<ResultBody> DecodeResult(const Json& body) {
  JsonReader reader(body, "body");
  ResultBody out;
  ENTENTE_ASSIGN(out.offer, ReadDigest(reader, "offer"));
  ENTENTE_ASSIGN(const std::int64_t attempt, reader.Integer("attempt", 1, kAttemptsMax));
  out.result.attempt = static_cast<std::uint32_t>(attempt);
  ENTENTE_ASSIGN(const std::int64_t common,
                 reader.Integer("common", 0, static_cast<std::int64_t>(psi::kSizeClassMax)));
  out.result.common_keys = static_cast<std::uint64_t>(common);
  ENTENTE_ASSIGN(out.result.intersection, ReadDigest(reader, "intersection"));
  ENTENTE_ASSIGN(out.result.transcript, ReadDigest(reader, "transcript"));
  ENTENTE_TRY(reader.Finish());
  return out;
}

Result<act::ActId> OfferOf(const Json& body) {
  JsonReader reader(body, "body");
  return ReadDigest(reader, "offer");
}

Bytes EncodeRoundFrame(const RoundFrame& frame) {
  Bytes out = ToBytes(frame.offer.view());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<std::uint8_t>(frame.attempt >> shift));
  }
  Append(out, frame.message);
  return out;
}

Result<RoundFrame> DecodeRoundFrame(ByteView bytes) {
  if (bytes.size() < kRoundFrameHeaderBytes) {
    return Error{ErrorCode::kPeerViolation, "round: a message is shorter than its header"};
  }
  RoundFrame frame;
  ENTENTE_ASSIGN(frame.offer, act::ActId::From(bytes.first(act::ActId::kSize)));
  for (const std::uint8_t byte : bytes.subspan(act::ActId::kSize, 4)) {
    frame.attempt = frame.attempt << 8U | byte;
  }
  frame.message = bytes.subspan(kRoundFrameHeaderBytes);
  return frame;
}

}  // namespace entente::matching
