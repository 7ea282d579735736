// The signed wrapper of everything that crosses the border: DSSE.
//
// Source: secure-systems-lab/dsse v1.0.2, protocol.md and envelope.md. A signature covers
// PAE(payloadType, payload) = "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload, so the
// payload is never parsed before its signature is checked. Written as canonical JSON (wire/json.h):
//   {"payload":BASE64,"payloadType":TEXT,"signatures":[{"keyid":HEX64,"sig":BASE64}]}
// Limits: payload ≤ kPayloadBytesMax; 1..kSignaturesMax signatures. Threads: plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/crypto/signature.h"

namespace entente::act {

inline constexpr std::size_t kPayloadBytesMax = std::size_t{1} << 20U;
inline constexpr std::size_t kSignaturesMax = 8;

inline constexpr std::string_view kActType = "application/vnd.entente.act+json";
inline constexpr std::string_view kAnswerType = "application/vnd.entente.answer+json";
inline constexpr std::string_view kCardType = "application/vnd.entente.card+json";
inline constexpr std::string_view kDocumentType = "application/vnd.entente.document+json";

// SHA-256 of a public key; names the key in an envelope, and the node when the key is its card's
// message key.
crypto::Digest KeyId(const crypto::PublicKey& key);

struct EnvelopeSignature {
  crypto::Digest key_id;
  crypto::Signature signature;
  bool operator==(const EnvelopeSignature&) const = default;
};

struct Envelope {
  std::string payload_type;
  Bytes payload;
  std::vector<EnvelopeSignature> signatures;
  bool operator==(const Envelope&) const = default;
};

// The bytes a signature covers.
Bytes PreAuthEncoding(std::string_view payload_type, ByteView payload);

// An envelope with one signature. Errors: kLimitExceeded for a payload above the limit; what
// Signer::Sign may return.
Result<Envelope> Sign(std::string_view payload_type, ByteView payload,
                      const crypto::Signer& signer);

// Errors: kPeerViolation unless the type is `payload_type` and a signature by `key` verifies.
Status VerifySignedBy(const Envelope& envelope, std::string_view payload_type,
                      const crypto::PublicKey& key);

Bytes Encode(const Envelope& envelope);
// Errors: kPeerViolation for anything Encode would not write; kLimitExceeded above a limit.
Result<Envelope> DecodeEnvelope(ByteView bytes);

}  // namespace entente::act
