// The prime-order group ristretto255 (RFC 9496) and its scalars.
//
// Sources: RFC 9496; hashing to the group and to scalars RFC 9380 §5.3.1 (expand_message_xmd with
// SHA-512) as RFC 9497 §4.1 uses it. libsodium does the arithmetic: constant time in scalars and
// points. Cost (libsodium 1.0.18, µs on 2.6 GHz): Multiply 40–65, MultiplyBase 13–20,
// HashToGroup 13–18, Add 10–17, one inversion 20–36, each further one of a batch 0.4.
// Threads: free functions are thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/random.h"
#include "entente/base/result.h"
#include "entente/base/secret.h"

namespace entente::crypto {

// A group element as 32 bytes. It may come from a peer: only IsValid or an operation that takes
// it says whether the bytes are the canonical form of an element other than the identity.
using EncodedPoint = FixedBytes<32, struct EncodedPointTag>;
// A scalar that is meant to be seen (part of a proof): 32 bytes little-endian, below the order.
using PublicScalar = FixedBytes<32, struct PublicScalarTag>;
// 64 uniform bytes, the input of both maps below.
using UniformBytes = Secret<64>;

// An integer modulo the group order. Secret: move-only and wiped.
class Scalar {
 public:
  // The integer 0; something to assign to.
  Scalar() = default;

  // `wide` modulo the order: uniform if `wide` is.
  static Scalar Reduce(const UniformBytes& wide);
  // Errors: kPeerViolation unless `bytes` is below the order.
  static Result<Scalar> FromCanonical(const PublicScalar& bytes);

  Scalar Copy() const;
  // Makes it public: for values of a proof, never for keys or blinds.
  PublicScalar Reveal() const;
  bool IsZero() const;

  friend Scalar operator*(const Scalar& a, const Scalar& b);
  friend Scalar operator-(const Scalar& a, const Scalar& b);

  ByteView view() const { return bytes_.view(); }

 private:
  friend std::vector<Scalar> Invert(const std::vector<Scalar>& scalars);

  Secret<32> bytes_;
};

// A uniform scalar other than zero.
Scalar RandomScalar(Random& random);

// The inverses, in order: one inversion and three products each (Montgomery's trick).
// Requires that no scalar is zero.
std::vector<Scalar> Invert(const std::vector<Scalar>& scalars);

// RFC 9380 §5.3.1 with SHA-512. Requires a domain of 1..255 bytes and size ≤ 255·64.
Bytes ExpandMessageXmd(ByteView message, std::string_view domain, std::size_t size_bytes);

// RFC 9497 §4.1 HashToGroup and HashToScalar; `domain` is their DST.
EncodedPoint HashToGroup(ByteView message, std::string_view domain);
Scalar HashToScalar(ByteView message, std::string_view domain);

// True for the canonical form of an element other than the identity.
bool IsValid(const EncodedPoint& point);

// scalar·point. Errors: kPeerViolation if the point is not valid or the result is the identity.
Result<EncodedPoint> Multiply(const Scalar& scalar, const EncodedPoint& point);
// scalar·generator. Errors: kPeerViolation if the scalar is zero.
Result<EncodedPoint> MultiplyBase(const Scalar& scalar);
// a + b. Errors: kPeerViolation if one is not valid or the sum is the identity.
Result<EncodedPoint> Add(const EncodedPoint& a, const EncodedPoint& b);

}  // namespace entente::crypto
