// One entry of a ledger: that an act crossed, when, and a commitment to its bytes.
//
// Format: docs/formats/ledger.md §1 (deterministic CBOR, at most kLeafBytesMax bytes). The peer
// holds every leaf for ever, so a leaf holds no personal data and no unsalted hash of any: `object`
// is the act's id, whose payload carries 32 random bytes; `actor` is a pseudonym that only its own
// node can resolve. Leaks to the peer and to auditors: how many acts of which kind went when.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"
#include "entente/crypto/hash.h"

namespace entente::ledger {

inline constexpr std::size_t kLeafBytesMax = 4096;
inline constexpr std::size_t kLeafKindBytesMax = 64;
inline constexpr std::size_t kLeafActorBytesMax = 32;
inline constexpr std::size_t kLeafPeerBytesMax = 128;
inline constexpr std::size_t kLeafRuleBytesMax = 32;
inline constexpr std::size_t kLeafArticleBytesMax = 16;

// What happened to the object, seen from the node that keeps the log.
enum class Direction : std::uint8_t {
  kInternal = 0,  // it did not cross: events of the internal audit log
  kSent = 1,
  kReceived = 2,
  kRefused = 3,   // it came, and was not accepted
  kEvidence = 4,  // it proves that the peer broke the protocol
};

struct Leaf {
  std::string kind;  // act kind, "receipt", "refusal": [a-z0-9._-], 1..kLeafKindBytesMax
  Direction direction = Direction::kInternal;
  UtcTime time;                             // 1970 or later
  std::optional<crypto::Digest> agreement;  // id of the agreement it happened under
  Bytes actor;                              // pseudonym, 0..kLeafActorBytesMax bytes
  crypto::Digest object;                    // SHA-256 of the signed payload: the act id
  PeerId peer;                              // [a-z0-9._-], 0..kLeafPeerBytesMax
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  // SHA-256 of the peer's last settled checkpoint note: each log holds the other in place.
  std::optional<crypto::Digest> peer_checkpoint;
  // What decided, in the internal audit log only.
  std::string rule;     // of the policy: [a-z0-9._-], 0..kLeafRuleBytesMax
  std::string article;  // of the agreement: [A-Za-z0-9.], 0..kLeafArticleBytesMax

  bool operator==(const Leaf&) const = default;
};

// Errors: kInvalidInput naming the member that is outside the bounds above.
Result<Bytes> EncodeLeaf(const Leaf& leaf);

// Errors: kInvalidInput for bytes that EncodeLeaf does not write; kLimitExceeded above
// kLeafBytesMax.
Result<Leaf> DecodeLeaf(ByteView bytes);

}  // namespace entente::ledger
