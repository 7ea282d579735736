#include "entente/crypto/ristretto.h"

#include <algorithm>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente::crypto {
namespace {

constexpr auto kViolation = ErrorCode::kPeerViolation;
// The group order, RFC 9496 §4.4, little-endian.
constexpr const char* kOrder = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
// RFC 9496 A.1: the generator and twice the generator.
constexpr const char* kGenerator =
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";
constexpr const char* kTwiceGenerator =
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919";

EncodedPoint Point(const std::string& hex) { return *EncodedPoint::FromHex(hex); }

Scalar Small(std::uint8_t value) {
  PublicScalar bytes;
  bytes.bytes[0] = value;
  return *Scalar::FromCanonical(bytes);
}

std::vector<EncodedPoint> InvalidPoints() {
  // RFC 9496 A.2: not canonical, negative, not a square, negative product, y = 0; and the identity.
  return {Point("00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
          Point("0100000000000000000000000000000000000000000000000000000000000000"),
          Point("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"),
          Point("3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e"),
          Point("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
          EncodedPoint{}};
}

TEST(ExpandMessageXmd, ReproducesTheOfficialVectors) {
  std::ifstream file("tests/vectors/rfc9380/expand_message_xmd_sha512.txt");
  std::string message;
  std::string expected;
  int count = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) {
      continue;
    }
    message = line.substr(0, line.find(' '));
    expected = line.substr(line.find(' ') + 1);
    if (message == "\"\"") {
      message.clear();
    }
    if (const std::size_t star = message.find('*'); star != std::string::npos) {
      const std::size_t times = std::stoul(message.substr(star + 1));
      message = message.substr(0, star - 1) + std::string(times, message[star - 1]);
    }
    EXPECT_EQ(HexEncode(ExpandMessageXmd(AsBytes(message), "QUUX-V01-CS02-with-expander-SHA512-256",
                                         expected.size() / 2)),
              expected);
    ++count;
  }
  EXPECT_EQ(count, 10);
}

TEST(Ristretto, MultipliesTheGenerator) {
  EXPECT_THAT(MultiplyBase(Small(1)), IsOkAndHolds(::testing::Eq(Point(kGenerator))));
  EXPECT_THAT(MultiplyBase(Small(2)), IsOkAndHolds(::testing::Eq(Point(kTwiceGenerator))));
  EXPECT_THAT(Multiply(Small(2), Point(kGenerator)),
              IsOkAndHolds(::testing::Eq(Point(kTwiceGenerator))));
  EXPECT_THAT(Add(Point(kGenerator), Point(kGenerator)),
              IsOkAndHolds(::testing::Eq(Point(kTwiceGenerator))));
}

TEST(Ristretto, RefusesInvalidPointsAndTheIdentity) {
  const EncodedPoint good = Point(kGenerator);
  EXPECT_TRUE(IsValid(good));
  for (const EncodedPoint& bad : InvalidPoints()) {
    SCOPED_TRACE(bad.Hex());
    EXPECT_FALSE(IsValid(bad));
    EXPECT_THAT(Multiply(Small(3), bad), FailsWith(kViolation));
    EXPECT_THAT(Add(bad, good), FailsWith(kViolation));
    EXPECT_THAT(Add(good, bad), FailsWith(kViolation));
  }
}

TEST(Ristretto, RefusesResultsThatAreTheIdentity) {
  const EncodedPoint good = Point(kGenerator);
  EXPECT_THAT(Multiply(Scalar(), good), FailsWith(kViolation));
  EXPECT_THAT(MultiplyBase(Scalar()), FailsWith(kViolation));
  const EncodedPoint negative = *Multiply(Scalar() - Small(1), good);
  EXPECT_THAT(Add(good, negative), FailsWith(kViolation));
}

TEST(Scalar, AcceptsOnlyIntegersBelowTheOrder) {
  PublicScalar bytes = *PublicScalar::FromHex(kOrder);
  EXPECT_THAT(Scalar::FromCanonical(bytes), FailsWith(kViolation));
  bytes.bytes[0] -= 1;
  const auto largest = Scalar::FromCanonical(bytes);
  ASSERT_THAT(largest, IsOk());
  EXPECT_EQ(largest->Reveal(), bytes);
  bytes.bytes[0] += 2;
  EXPECT_THAT(Scalar::FromCanonical(bytes), FailsWith(kViolation));
  EXPECT_TRUE(Scalar::FromCanonical(PublicScalar{})->IsZero());
}

TEST(Scalar, ReduceFoldsTheOrderToZero) {
  UniformBytes wide;
  std::ranges::copy(*HexDecode(kOrder), wide.mutable_view().begin());
  EXPECT_TRUE(Scalar::Reduce(wide).IsZero());
}

TEST(Scalar, InvertsBatchesOfAnySize) {
  SeededRandomForTests random(3);
  for (const std::size_t count : {0U, 1U, 2U, 17U}) {
    std::vector<Scalar> scalars;
    scalars.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      scalars.push_back(RandomScalar(random));
    }
    const std::vector<Scalar> inverses = Invert(scalars);
    ASSERT_EQ(inverses.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ((scalars[i] * inverses[i]).Reveal(), Small(1).Reveal());
    }
  }
}

TEST(Scalar, RandomScalarSkipsZero) {
  // A source whose first 64 bytes are zero.
  class ZeroFirst final : public Random {
   public:
    void Fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, next_++); }

   private:
    std::uint8_t next_ = 0;
  };
  ZeroFirst random;
  EXPECT_FALSE(RandomScalar(random).IsZero());
}

TEST(Scalar, BlindingIsUndoneByTheInverse) {
  SeededRandomForTests random(4);
  const EncodedPoint point = HashToGroup(AsBytes("x"), "entente-test");
  EXPECT_TRUE(IsValid(point));
  EXPECT_NE(point, HashToGroup(AsBytes("x"), "entente-test-2"));
  std::vector<Scalar> blind;
  blind.push_back(RandomScalar(random));
  const EncodedPoint blinded = *Multiply(blind[0], point);
  EXPECT_THAT(Multiply(Invert(blind)[0], blinded), IsOkAndHolds(::testing::Eq(point)));
}

}  // namespace
}  // namespace entente::crypto
