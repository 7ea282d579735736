#include "entente/crypto/aead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente::crypto {
namespace {

using ::testing::Each;
using ::testing::Eq;

SealKey KeyOf(std::uint8_t first) {
  SealKey key;
  for (std::uint8_t& byte : key.mutable_view()) {
    byte = first++;
  }
  return key;
}

// A random source that gives 40 41 42 … as the draft's example has its nonce.
class Counting final : public Random {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    std::uint8_t next = 0x40;
    for (std::uint8_t& byte : out) {
      byte = next++;
    }
  }
};

// draft-irtf-cfrg-xchacha-03, A.3.1.
TEST(Seal, GivesTheExampleOfTheDraft) {
  const Bytes content = ToBytes(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.");
  const Bytes context = *HexDecode("50515253c0c1c2c3c4c5c6c7");
  Counting nonce;
  EXPECT_EQ(
      HexEncode(Seal(KeyOf(0x80), content, context, nonce)),
      "404142434445464748494a4b4c4d4e4f5051525354555657"
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4e"
      "da7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2"
      "383565d3fff921f9664c97637da9768812f615c68b13b52e"
      "c0875924c1c7987947deafd8780acf49");
}

TEST(Seal, OpensWithTheSameKeyAndContextOnly) {
  SeededRandomForTests random(1);
  const Bytes sealed = Seal(KeyOf(1), AsBytes("content"), AsBytes("here"), random);
  EXPECT_EQ(sealed.size(), 7 + kSealExtraBytes);
  EXPECT_THAT(Unseal(KeyOf(1), sealed, AsBytes("here")), IsOkAndHolds(Eq(ToBytes("content"))));
  EXPECT_THAT(Unseal(KeyOf(2), sealed, AsBytes("here")), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(Unseal(KeyOf(1), sealed, AsBytes("there")), FailsWith(ErrorCode::kInvalidInput));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes altered = sealed;
    altered[i] ^= 1U;
    EXPECT_THAT(Unseal(KeyOf(1), altered, AsBytes("here")), FailsWith(ErrorCode::kInvalidInput));
    EXPECT_THAT(Unseal(KeyOf(1), ByteView(sealed).first(i), AsBytes("here")),
                FailsWith(ErrorCode::kInvalidInput));
  }
}

TEST(Seal, IntoRefusesAnotherLength) {
  SeededRandomForTests random(1);
  const Bytes sealed = Seal(KeyOf(1), AsBytes("content"), {}, random);
  Bytes out(8);
  EXPECT_THAT(UnsealInto(KeyOf(1), sealed, {}, out), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(out, Each(Eq(0)));
}

}  // namespace
}  // namespace entente::crypto
