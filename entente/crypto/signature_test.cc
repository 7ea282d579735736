#include "entente/crypto/signature.h"

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente::crypto {
namespace {

Seed SeedFromHex(std::string_view hex) {
  Seed seed;
  std::ranges::copy(*HexDecode(hex), seed.mutable_view().begin());
  return seed;
}

struct Vector {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};

// RFC 8032 §7.1, TEST 1 to TEST 3.
constexpr std::array<Vector, 3> kVectors{{
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
}};

TEST(Ed25519, ReproducesTheOfficialVectors) {
  for (const Vector& vector : kVectors) {
    const Ed25519Signer signer(SeedFromHex(vector.seed));
    const Bytes message = *HexDecode(vector.message);
    const Signature signature = *Signature::FromHex(vector.signature);
    EXPECT_EQ(signer.public_key().Hex(), vector.public_key);
    EXPECT_THAT(signer.Sign(message), IsOkAndHolds(::testing::Eq(signature)));
    EXPECT_TRUE(Verify(signer.public_key(), message, signature));
  }
}

TEST(Ed25519, RefusesAnotherMessageKeyOrSignature) {
  SeededRandomForTests random(1);
  const Ed25519Signer signer(NewSeed(random));
  const Ed25519Signer other(NewSeed(random));
  Signature signature = *signer.Sign(AsBytes("yes"));
  EXPECT_TRUE(Verify(signer.public_key(), AsBytes("yes"), signature));
  EXPECT_FALSE(Verify(signer.public_key(), AsBytes("no"), signature));
  EXPECT_FALSE(Verify(other.public_key(), AsBytes("yes"), signature));
  signature.bytes[40] ^= 1U;
  EXPECT_FALSE(Verify(signer.public_key(), AsBytes("yes"), signature));
}

TEST(Ed25519, KeysOfSmallOrderOrNotCanonicalNeverVerify) {
  // y = 1 (the identity), y = 0 (order 4), and y = 1 written as p + 1. With R = identity and S = 0
  // a lax verifier accepts any message.
  Signature signature;
  signature.bytes[0] = 1;
  for (const char* key : {"0100000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000000",
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    EXPECT_FALSE(Verify(*PublicKey::FromHex(key), AsBytes("any"), signature));
  }
}

TEST(EncryptionPublicKey, ReproducesRfc7748) {
  // RFC 7748 §6.1, both parties.
  EXPECT_EQ(EncryptionPublicKey(
                SeedFromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
                .Hex(),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(EncryptionPublicKey(
                SeedFromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
                .Hex(),
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

}  // namespace
}  // namespace entente::crypto
