// The messages of a round, docs/formats/round.md §3: what they hold, to bytes and back.
//
// Decoding checks the shape of one message; whether it may come now, and with how many points, is
// the business of Round. Points and scalars are not looked into here. Threads: pure functions.
#pragma once

#include <variant>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/psi/voprf.h"

namespace entente::psi {

inline constexpr std::size_t kRoundMessageBytesMax = 65'536;
// So many points and a proof fit in one message.
inline constexpr std::size_t kMessagePointsMax = 2'040;
inline constexpr std::size_t kMessageTagsMax = 2'048;

enum class Role : std::uint8_t { kProposer = 0, kAcceptor = 1 };

using RoundNonce = FixedBytes<32, struct RoundNonceTag>;
// 128 bits that stand for one key in one direction of one round.
using Tag = FixedBytes<16, struct TagTag>;

struct HelloMessage {
  Role role;
  crypto::Digest parameters;  // of what both must have agreed beforehand
  RoundNonce nonce;
  EncodedPoint key;  // the sender's OPRF key of this attempt
  bool operator==(const HelloMessage&) const = default;
};

struct BlindedMessage {
  std::vector<EncodedPoint> points;
  bool operator==(const BlindedMessage&) const = default;
};

struct EvaluatedMessage {
  Proof proof;
  std::vector<EncodedPoint> points;
  bool operator==(const EvaluatedMessage&) const = default;
};

struct CommitMessage {
  crypto::Digest commitment;
  bool operator==(const CommitMessage&) const = default;
};

struct TagsMessage {
  crypto::Digest next;  // the commitment to the chunks that follow
  std::vector<Tag> tags;
  bool operator==(const TagsMessage&) const = default;
};

struct FinishMessage {
  crypto::Digest intersection;
  bool operator==(const FinishMessage&) const = default;
};

using RoundMessage = std::variant<HelloMessage, BlindedMessage, EvaluatedMessage, CommitMessage,
                                  TagsMessage, FinishMessage>;

Bytes EncodeRoundMessage(const RoundMessage& message);

// Errors: kPeerViolation for an unknown type, a wrong length or a message over 64 KiB.
Result<RoundMessage> DecodeRoundMessage(ByteView bytes);

}  // namespace entente::psi
