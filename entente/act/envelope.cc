#include "entente/act/envelope.h"

#include <utility>

#include "entente/wire/json.h"

namespace entente::act {
namespace {

constexpr std::size_t kPayloadTypeBytesMax = 100;
// With eight signatures there are 28 values; some more get an error that says what is wrong. Nobody
// vouches for the bytes yet, so what is no envelope must not cost what a large object costs.
constexpr std::size_t kValuesMax = 64;

// What a decoder of foreign bytes reports: the peer, not our operator, wrote them.
Error Foreign(Error error) {
  if (error.code == ErrorCode::kInvalidInput) {
    error.code = ErrorCode::kPeerViolation;
  }
  error.message = "envelope: " + error.message;
  return error;
}

Result<Envelope> Decode(ByteView bytes) {
  ENTENTE_ASSIGN(const wire::Json json, wire::ParseCanonicalJson(AsText(bytes), kValuesMax));
  wire::JsonReader reader(json, "envelope");
  Envelope out;
  ENTENTE_ASSIGN(out.payload, reader.Base64("payload", kPayloadBytesMax));
  ENTENTE_ASSIGN(out.payload_type, reader.String("payloadType", kPayloadTypeBytesMax));
  ENTENTE_ASSIGN(const wire::Json* signatures, reader.Array("signatures", kSignaturesMax));
  ENTENTE_TRY(reader.Finish());
  if (signatures->empty()) {
    return Error{ErrorCode::kInvalidInput, "there is no signature"};
  }
  for (const wire::Json& item : *signatures) {
    wire::JsonReader one(item, "signatures");
    ENTENTE_ASSIGN(const std::string key_id, one.String("keyid", 64));
    ENTENTE_ASSIGN(const Bytes signature, one.Base64("sig", 64));
    ENTENTE_TRY(one.Finish());
    EnvelopeSignature parsed;
    ENTENTE_ASSIGN(parsed.key_id, crypto::Digest::FromHex(key_id));
    ENTENTE_ASSIGN(parsed.signature, crypto::Signature::From(signature));
    out.signatures.push_back(parsed);
  }
  return out;
}

}  // namespace

crypto::Digest KeyId(const crypto::PublicKey& key) { return crypto::Sha256(key.view()); }

Bytes PreAuthEncoding(std::string_view payload_type, ByteView payload) {
  std::string head = "DSSEv1 " + std::to_string(payload_type.size()) + " ";
  head += payload_type;
  head += " " + std::to_string(payload.size()) + " ";
  Bytes out = ToBytes(head);
  Append(out, payload);
  return out;
}

Result<Envelope> Sign(std::string_view payload_type, ByteView payload,
                      const crypto::Signer& signer) {
  if (payload.size() > kPayloadBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "the payload is larger than " + std::to_string(kPayloadBytesMax) + " bytes"};
  }
  ENTENTE_ASSIGN(const crypto::Signature signature,
                 signer.Sign(PreAuthEncoding(payload_type, payload)));
  return Envelope{
      std::string(payload_type), ToBytes(payload), {{KeyId(signer.public_key()), signature}}};
}

Status VerifySignedBy(const Envelope& envelope, std::string_view payload_type,
                      const crypto::PublicKey& key) {
  if (envelope.payload_type != payload_type) {
    return Error{ErrorCode::kPeerViolation, "envelope: the payload type is not the expected one"};
  }
  const crypto::Digest key_id = KeyId(key);
  const Bytes covered = PreAuthEncoding(envelope.payload_type, envelope.payload);
  for (const EnvelopeSignature& signature : envelope.signatures) {
    if (signature.key_id == key_id && crypto::Verify(key, covered, signature.signature)) {
      return {};
    }
  }
  return Error{ErrorCode::kPeerViolation,
               "envelope: no valid signature by the expected key; it was altered or signed by "
               "somebody else"};
}

Bytes Encode(const Envelope& envelope) {
  wire::Json signatures = wire::Json::array();
  for (const EnvelopeSignature& signature : envelope.signatures) {
    signatures.push_back(
        {{"keyid", signature.key_id.Hex()}, {"sig", Base64Encode(signature.signature.view())}});
  }
  return ToBytes(wire::WriteCanonicalJson({{"payload", Base64Encode(envelope.payload)},
                                           {"payloadType", envelope.payload_type},
                                           {"signatures", std::move(signatures)}}));
}

Result<Envelope> DecodeEnvelope(ByteView bytes) {
  auto envelope = Decode(bytes);
  if (!envelope) {
    return Foreign(TakeError(std::move(envelope)));
  }
  return envelope;
}

}  // namespace entente::act
