// RFC 9497 OPRF(ristretto255, SHA-512): modes 0x00 (OPRF) and 0x01 (VOPRF, verifiable).
//
//   requester                                  holder
//   HashInput, Requester::Blind  -- n points ->  BlindEvaluate / BlindEvaluateWithProof
//   Requester::Finalize          <- n points --  (and one Proof in mode 0x01)
//
// F_k(x), 64 bytes, is what Finalize gives the requester and what Evaluate gives the holder itself.
//
// Security: about 115 bits for one key that answers 2^20 points (RFC 9497 §7.2: a static
// Diffie-Hellman oracle of Q answers costs log2(Q)/2 of some 125 bits). The holder learns n and
// nothing about the inputs; the requester learns F_k of exactly n inputs. In mode 0x01 the proof
// shows that all n points were evaluated under the one key whose public half the requester holds:
// a holder cannot mark an item with a key of its own.
// Cost in multiplications: Blind 1, BlindEvaluate 1 (2 with proof), Finalize 1 (3 with proof) for
// each input; HashInput one hash to the group.
// Limits: 1 ≤ n ≤ kBatchPointsMax, inputs ≤ kInputBytesMax bytes.
// Threads: objects are not shared between threads; free functions are thread-safe. Randomness comes
// in as scalars, so every function is deterministic.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "entente/crypto/ristretto.h"

namespace entente::psi {

using crypto::EncodedPoint;
using crypto::Scalar;

enum class OprfMode : std::uint8_t { kOprf = 0x00, kVoprf = 0x01 };

inline constexpr std::size_t kBatchPointsMax = 65'535;  // the proof counts in two bytes
inline constexpr std::size_t kInputBytesMax = 65'535;   // RFC 9497 §1.2

using OprfOutput = FixedBytes<64, struct OprfOutputTag>;

// A DLEQ proof, RFC 9497 §2.2: challenge and response, 64 bytes on the wire in this order.
struct Proof {
  static constexpr std::size_t kSize = 64;
  crypto::PublicScalar challenge;
  crypto::PublicScalar response;

  bool operator==(const Proof&) const = default;
};

// A holder's key pair.
class HolderKey {
 public:
  // A fresh uniform key.
  static HolderKey Random(entente::Random& random);
  // RFC 9497 §3.2.1 DeriveKeyPair. Errors: kInvalidInput if `info` is longer than 65,535 bytes.
  static Result<HolderKey> Derive(OprfMode mode, const Secret<32>& seed, ByteView info);

  HolderKey Copy() const { return {secret_.Copy(), public_key_}; }
  const Scalar& secret() const { return secret_; }
  const EncodedPoint& public_key() const { return public_key_; }

 private:
  HolderKey(Scalar secret, EncodedPoint public_key)
      : secret_(std::move(secret)), public_key_(public_key) {}

  Scalar secret_;
  EncodedPoint public_key_;
};

// An input and the element it hashes to; made once for Blind and Evaluate.
struct HashedInput {
  Bytes input;
  EncodedPoint point;
};

// RFC 9497 §3.3.1 Blind, the hash. Errors: kInvalidInput if `input` is too long.
Result<HashedInput> HashInput(OprfMode mode, ByteView input);

// F_k(input) by the holder of k, RFC 9497 §3.3.1 Evaluate.
// Errors: kPeerViolation if the point is not valid.
Result<OprfOutput> Evaluate(const HolderKey& key, const HashedInput& input);

// The requester's half of one batch.
class Requester {
 public:
  // Blinds `inputs`, order kept; `blinds` are as many fresh RandomScalar()s.
  // Errors: kInvalidInput for another number of blinds or one that is zero; kLimitExceeded if n is
  // 0 or over the limit.
  static Result<Requester> Blind(std::vector<HashedInput> inputs, std::vector<Scalar> blinds);

  // What the holder gets, in input order.
  const std::vector<EncodedPoint>& blinded() const { return blinded_; }

  // Mode 0x00: F_k of each input, in input order.
  // Errors: kPeerViolation if n differs or a point is not valid.
  Result<std::vector<OprfOutput>> Finalize(std::span<const EncodedPoint> evaluated) const;
  // Mode 0x01: checks the proof first. Errors: kPeerViolation likewise, if the key is not valid or
  // the proof does not hold.
  Result<std::vector<OprfOutput>> FinalizeVerified(std::span<const EncodedPoint> evaluated,
                                                   const Proof& proof,
                                                   const EncodedPoint& holder_key) const;

 private:
  Requester() = default;

  std::vector<HashedInput> inputs_;
  std::vector<Scalar> blinds_;
  std::vector<EncodedPoint> blinded_;
};

// Mode 0x00: k·point for each, in order. RFC 9497 §3.3.1 BlindEvaluate.
// Errors: kPeerViolation if a point is not valid; kLimitExceeded if n is 0 or over the limit.
Result<std::vector<EncodedPoint>> BlindEvaluate(const HolderKey& key,
                                                std::span<const EncodedPoint> blinded);

struct Evaluation {
  std::vector<EncodedPoint> points;
  Proof proof;
};

// Mode 0x01: the same with one proof for the batch, RFC 9497 §3.3.2. `proof_randomness` is a fresh
// RandomScalar(); using one twice gives the key away. Errors: as BlindEvaluate.
Result<Evaluation> BlindEvaluateWithProof(const HolderKey& key,
                                          std::span<const EncodedPoint> blinded,
                                          const Scalar& proof_randomness);

}  // namespace entente::psi
