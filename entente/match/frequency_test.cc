#include "entente/match/frequency.h"

#include <gtest/gtest.h>

namespace entente::match {
namespace {

TEST(Log2Ratio, IsExactForPowersAndRoundsDownOtherwise) {
  EXPECT_EQ(Log2Ratio(1, 1), 0);
  EXPECT_EQ(Log2Ratio(1024, 1), 10 * kBit);
  EXPECT_EQ(Log2Ratio(3, 1), 25);               // 1.585 bits
  EXPECT_EQ(Log2Ratio(1'000'000, 49'066), 69);  // 4.349 bits
}

TEST(Frequencies, SayLessForFrequentNames) {
  const Frequencies& frequencies = PublicFrequencies();
  EXPECT_LT(frequencies.BitsOf("MHMD"), 4 * kBit);
  EXPECT_LT(frequencies.BitsOf("MHMD"), frequencies.BitsOf("BTFLKE"));
  EXPECT_LE(frequencies.BitsOf("BTFLKEBTFLKEBTFLKE"), kTokenBitsMax);
}

TEST(Frequencies, CountAListedNameByItsPartsPerMillion) {
  const Frequencies frequencies("karim 500000\nsamir 250000\n");
  EXPECT_EQ(frequencies.BitsOf("KRM"), 1 * kBit);
  EXPECT_EQ(frequencies.BitsOf("SMR"), 2 * kBit);
}

TEST(Frequencies, CountTokensOfOtherScriptsByTheirBytesUpToTwelve) {
  EXPECT_EQ(PublicFrequencies().BitsOf("ли"), 4 * kBit);
  EXPECT_EQ(PublicFrequencies().BitsOf("петров"), 12 * kBit);
  EXPECT_EQ(PublicFrequencies().BitsOf("петрович"), 12 * kBit);
}

}  // namespace
}  // namespace entente::match
