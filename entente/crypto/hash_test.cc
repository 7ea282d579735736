#include "entente/crypto/hash.h"

#include <string>

#include <gtest/gtest.h>

namespace entente::crypto {
namespace {

// FIPS 180-4 examples (NIST, "SHA256.pdf" and "SHA512.pdf").
constexpr std::string_view kTwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

TEST(Sha256, ReproducesTheOfficialExamples) {
  EXPECT_EQ(Sha256(AsBytes("abc")).Hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256(AsBytes(kTwoBlocks)).Hex(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256(ByteView{}).Hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, PartsAreJoinedWithoutSeparators) {
  EXPECT_EQ(Sha256({AsBytes("a"), {}, AsBytes("bc")}), Sha256(AsBytes("abc")));
}

TEST(Sha512, ReproducesTheOfficialExample) {
  EXPECT_EQ(Sha512({AsBytes("a"), AsBytes("bc")}).Hex(),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Sha256Stream, GoesOnAfterCurrent) {
  Sha256Stream stream;
  EXPECT_EQ(stream.Current(), Sha256(ByteView{}));
  stream.Update(AsBytes("a"));
  EXPECT_EQ(stream.Current(), Sha256(AsBytes("a")));
  Sha256Stream moved = std::move(stream);
  moved.Update(AsBytes("bc"));
  EXPECT_EQ(moved.Current(), Sha256(AsBytes("abc")));
}

TEST(HashFields, IsSha256OfLengthPrefixedFields) {
  using namespace std::string_view_literals;
  EXPECT_EQ(HashFields("d", {AsBytes("xy"), {}}), Sha256(AsBytes("\0\0\0\x01"
                                                                 "d\0\0\0\x02xy\0\0\0\0"sv)));
}

TEST(HashFields, SeparatesFieldsAndDomains) {
  EXPECT_NE(HashFields("d", {AsBytes("ab"), AsBytes("c")}),
            HashFields("d", {AsBytes("a"), AsBytes("bc")}));
  EXPECT_NE(HashFields("d", {AsBytes("a")}), HashFields("e", {AsBytes("a")}));
  EXPECT_NE(HashFields("d", {}), HashFields("d", {ByteView{}}));
}

TEST(DeriveKey, ReproducesRfc5869CaseA3) {
  // Empty salt, empty info; the first 32 of the 42 bytes.
  EXPECT_EQ(HexEncode(DeriveKey(Bytes(22, 0x0b), "").view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(DeriveKey, SeparatesPurposes) {
  const Bytes key(32, 1);
  EXPECT_FALSE(EqualConstantTime(DeriveKey(key, "a").view(), DeriveKey(key, "b").view()));
}

}  // namespace
}  // namespace entente::crypto
