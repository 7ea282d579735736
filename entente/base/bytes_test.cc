#include "entente/base/bytes.h"

#include <array>
#include <string>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "entente/base/testing.h"

namespace entente {
namespace {

using ::testing::Eq;

constexpr auto kInvalid = ErrorCode::kInvalidInput;
using Four = FixedBytes<4, struct FourTag>;
static_assert(!std::is_convertible_v<Four, FixedBytes<4, struct OtherTag>>);

TEST(Hex, WritesAndReadsEveryByte) {
  Bytes all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<std::uint8_t>(i));
  }
  EXPECT_THAT(HexDecode(HexEncode(all)), IsOkAndHolds(Eq(all)));
  EXPECT_EQ(HexEncode(Bytes{0x00, 0xAF, 0x9c}), "00af9c");
  EXPECT_THAT(HexDecode(""), IsOkAndHolds(Eq(Bytes{})));
}

TEST(Hex, RefusesOddLengthUpperCaseAndOtherCharacters) {
  for (const char* text : {"0", "000", "AF", "aF", "0g", "0 ", "0x00", "é0"}) {
    EXPECT_THAT(HexDecode(text), FailsWith(kInvalid)) << text;
  }
}

TEST(Base64, ReproducesRfc4648Section10) {
  const std::array<std::pair<const char*, const char*>, 7> vectors{{{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(Base64Encode(AsBytes(plain)), encoded);
    EXPECT_THAT(Base64Decode(encoded), IsOkAndHolds(Eq(ToBytes(AsBytes(plain)))));
  }
  EXPECT_EQ(Base64Encode(Bytes{0xFB, 0xEF, 0xFF}), "++//");
}

TEST(Base64, RefusesUnusedBitsThatAreNotZero) {
  for (const char* text : {"Zh==", "Zv==", "Zm9=", "Zm+="}) {
    EXPECT_THAT(Base64Decode(text), FailsWith(kInvalid)) << text;
  }
}

TEST(Base64, RefusesWrongLengthAlphabetAndPadding) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "====", "=Zg=", "Z===", "Zg==Zg==", "Zm-_",
                           "Zm 9", "Zm9v\n", "Zm9vé"}) {
    EXPECT_THAT(Base64Decode(text), FailsWith(kInvalid)) << text;
  }
}

TEST(FixedBytes, TakesExactlyItsSize) {
  EXPECT_THAT(Four::From(Bytes(3)), FailsWith(kInvalid));
  EXPECT_THAT(Four::From(Bytes(5)), FailsWith(kInvalid));
  EXPECT_THAT(Four::From(Bytes{1, 2, 3, 4}), IsOk());
  EXPECT_EQ(Four::FromHex("01020304")->Hex(), "01020304");
  EXPECT_THAT(Four::FromHex("010203"), FailsWith(kInvalid));
  EXPECT_THAT(Four::FromHex("0102030405"), FailsWith(kInvalid));
  EXPECT_THAT(Four::FromHex("0102030G"), FailsWith(kInvalid));
}

TEST(FixedBytes, IsOrderedAsABigEndianNumber) {
  EXPECT_LT(*Four::FromHex("01ffffff"), *Four::FromHex("02000000"));
  EXPECT_EQ(Four{}, *Four::FromHex("00000000"));
}

TEST(Bytes, ConvertsToTextAndBack) {
  const std::string text("a\0é", 4);
  EXPECT_EQ(ToText(ToBytes(text)), text);
  Bytes bytes = ToBytes("a");
  Append(bytes, AsBytes("bc"));
  EXPECT_EQ(AsText(bytes), "abc");
}

}  // namespace
}  // namespace entente
