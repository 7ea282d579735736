#include "entente/crypto/ristretto.h"

#include <algorithm>
#include <functional>

#include <sodium.h>

#include "entente/base/check.h"
#include "entente/crypto/hash.h"

namespace entente::crypto {
namespace {

constexpr std::size_t kSha512Block = 128;  // s_in_bytes of RFC 9380
constexpr std::size_t kSha512Size = 64;    // b_in_bytes

Error BadPoint() {
  return {ErrorCode::kPeerViolation, "not a valid ristretto255 element, or the identity"};
}

bool IsIdentity(const EncodedPoint& point) {
  return sodium_is_zero(point.bytes.data(), point.bytes.size()) == 1;
}

UniformBytes ExpandToUniform(ByteView message, std::string_view domain) {
  UniformBytes out;
  Bytes expanded = ExpandMessageXmd(message, domain, UniformBytes::kSize);
  std::ranges::copy(expanded, out.mutable_view().begin());
  Wipe(expanded);
  return out;
}

}  // namespace

Scalar Scalar::Reduce(const UniformBytes& wide) {
  Scalar out;
  crypto_core_ristretto255_scalar_reduce(out.bytes_.mutable_view().data(), wide.view().data());
  return out;
}

Result<Scalar> Scalar::FromCanonical(const PublicScalar& bytes) {
  UniformBytes wide;
  std::ranges::copy(bytes.bytes, wide.mutable_view().begin());
  Scalar out = Reduce(wide);
  if (!std::ranges::equal(out.view(), bytes.view())) {
    return Error{ErrorCode::kPeerViolation, "a scalar is not below the group order"};
  }
  return out;
}

Scalar Scalar::Copy() const {
  Scalar out;
  std::ranges::copy(view(), out.bytes_.mutable_view().begin());
  return out;
}

PublicScalar Scalar::Reveal() const {
  PublicScalar out;
  std::ranges::copy(view(), out.bytes.begin());
  return out;
}

bool Scalar::IsZero() const { return sodium_is_zero(view().data(), view().size()) == 1; }

Scalar operator*(const Scalar& a, const Scalar& b) {
  Scalar out;
  crypto_core_ristretto255_scalar_mul(out.bytes_.mutable_view().data(), a.view().data(),
                                      b.view().data());
  return out;
}

Scalar operator-(const Scalar& a, const Scalar& b) {
  Scalar out;
  crypto_core_ristretto255_scalar_sub(out.bytes_.mutable_view().data(), a.view().data(),
                                      b.view().data());
  return out;
}

Scalar RandomScalar(Random& random) {
  UniformBytes wide;
  Scalar out;
  do {
    random.Fill(wide.mutable_view());
    out = Scalar::Reduce(wide);
  } while (out.IsZero());
  return out;
}

std::vector<Scalar> Invert(const std::vector<Scalar>& scalars) {
  // out[i] = scalars[0]·…·scalars[i], then one inversion, then each inverse peeled off the back.
  std::vector<Scalar> out;
  out.reserve(scalars.size());
  for (const Scalar& scalar : scalars) {
    out.push_back(out.empty() ? scalar.Copy() : out.back() * scalar);
  }
  if (out.empty()) {
    return out;
  }
  Scalar rest;
  ENTENTE_CHECK(crypto_core_ristretto255_scalar_invert(rest.bytes_.mutable_view().data(),
                                                       out.back().view().data()) == 0);
  for (std::size_t i = scalars.size() - 1; i > 0; --i) {
    out[i] = rest * out[i - 1];
    rest = rest * scalars[i];
  }
  out[0] = std::move(rest);
  return out;
}

Bytes ExpandMessageXmd(ByteView message, std::string_view domain, std::size_t size_bytes) {
  const std::size_t blocks = (size_bytes + kSha512Size - 1) / kSha512Size;  // step 1
  ENTENTE_CHECK(!domain.empty() && domain.size() <= 255 && blocks <= 255);  // step 2
  Bytes dst_prime = ToBytes(domain);                                        // step 3
  dst_prime.push_back(static_cast<std::uint8_t>(domain.size()));
  const std::array<std::uint8_t, kSha512Block> z_pad{};  // step 4
  const std::array<std::uint8_t, 3> size_and_zero{static_cast<std::uint8_t>(size_bytes >> 8U),
                                                  static_cast<std::uint8_t>(size_bytes), 0};
  const Digest512 b0 = Sha512({z_pad, message, size_and_zero, dst_prime});  // steps 5 to 7
  Digest512 block;  // b_(i-1); all zero before the first, so that step 8 is step 10 with i = 1
  Bytes out;
  out.reserve(blocks * kSha512Size);
  for (std::size_t i = 1; i <= blocks; ++i) {
    Digest512 chained;
    std::ranges::transform(b0.bytes, block.bytes, chained.bytes.begin(), std::bit_xor<>());
    const std::array<std::uint8_t, 1> index{static_cast<std::uint8_t>(i)};
    block = Sha512({chained.view(), index, dst_prime});
    Append(out, block.view());
  }
  out.resize(size_bytes);
  return out;
}

EncodedPoint HashToGroup(ByteView message, std::string_view domain) {
  const UniformBytes uniform = ExpandToUniform(message, domain);
  EncodedPoint out;
  ENTENTE_CHECK(crypto_core_ristretto255_from_hash(out.bytes.data(), uniform.view().data()) == 0);
  return out;
}

Scalar HashToScalar(ByteView message, std::string_view domain) {
  return Scalar::Reduce(ExpandToUniform(message, domain));
}

bool IsValid(const EncodedPoint& point) {
  return crypto_core_ristretto255_is_valid_point(point.bytes.data()) == 1 && !IsIdentity(point);
}

Result<EncodedPoint> Multiply(const Scalar& scalar, const EncodedPoint& point) {
  EncodedPoint out;
  if (crypto_scalarmult_ristretto255(out.bytes.data(), scalar.view().data(), point.bytes.data()) !=
      0) {
    return BadPoint();
  }
  return out;
}

Result<EncodedPoint> MultiplyBase(const Scalar& scalar) {
  EncodedPoint out;
  if (crypto_scalarmult_ristretto255_base(out.bytes.data(), scalar.view().data()) != 0) {
    return BadPoint();
  }
  return out;
}

Result<EncodedPoint> Add(const EncodedPoint& a, const EncodedPoint& b) {
  EncodedPoint out;
  if (IsIdentity(a) || IsIdentity(b) ||
      crypto_core_ristretto255_add(out.bytes.data(), a.bytes.data(), b.bytes.data()) != 0 ||
      IsIdentity(out)) {
    return BadPoint();
  }
  return out;
}

}  // namespace entente::crypto
