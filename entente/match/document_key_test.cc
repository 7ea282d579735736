#include "entente/match/internal/document_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente::match {
namespace {

using ::testing::Eq;
using ::testing::Optional;

std::optional<std::string> Part(records::DocumentType type, std::string issuer,
                                std::string number) {
  return DocumentKeyPart({type, std::move(issuer), PersonalText(std::move(number))});
}

constexpr auto kPassport = records::DocumentType::kPassport;
constexpr auto kOther = records::DocumentType::kOther;

TEST(DocumentKeyPart, NormalisesTheNumber) {
  EXPECT_THAT(Part(kPassport, "MA", "ab 12-345 67"), Optional(Eq("MA|P|AB1234567")));
  EXPECT_THAT(Part(kPassport, "MA", "AB١٢٣٤٥٦٧"), Optional(Eq("MA|P|AB1234567")));
  EXPECT_THAT(Part(kPassport, "MA", "AB۱۲۳۴۵۶۷"), Optional(Eq("MA|P|AB1234567")));
}

TEST(DocumentKeyPart, ReadsOAndIAsDigitsOnlyBehindADigit) {
  EXPECT_THAT(Part(kPassport, "MA", "OI1O3I567"), Optional(Eq("MA|P|OI1031567")));
}

TEST(DocumentKeyPart, KeepsTypesAndIssuersApart) {
  EXPECT_NE(Part(kPassport, "MA", "AB1234567"), Part(kPassport, "DE", "AB1234567"));
  EXPECT_NE(Part(kPassport, "MA", "AB1234567"),
            Part(records::DocumentType::kNationalId, "MA", "AB1234567"));
}

// 3.25 bits a digit: 16, 26 and 40 bits are 5, 8 and 13 digits.
TEST(DocumentKeyPart, AsksForEnoughInformation) {
  EXPECT_EQ(Part(kPassport, "MA", "1234"), std::nullopt);
  EXPECT_NE(Part(kPassport, "MA", "12345"), std::nullopt);
  EXPECT_NE(Part(kPassport, "MA", "123456"), std::nullopt);
  EXPECT_EQ(Part(kOther, "MA", "1234567"), std::nullopt);
  EXPECT_NE(Part(kOther, "MA", "12345678"), std::nullopt);
  EXPECT_EQ(Part(kPassport, "", "123456789012"), std::nullopt);
  EXPECT_NE(Part(kPassport, "", "1234567890123"), std::nullopt);
}

TEST(DocumentKeyPart, CountsNothingForZerosInFrontAndRepeats) {
  EXPECT_EQ(Part(kPassport, "MA", "0000000000"), std::nullopt);
  EXPECT_EQ(Part(kPassport, "MA", "999999999999"), std::nullopt);
  EXPECT_EQ(Part(kPassport, "MA", "00001234"), std::nullopt);
}

TEST(DocumentKeyPart, RefusesNumbersThatAreNotUtf8) {
  EXPECT_EQ(Part(kPassport, "MA", "AB1234567\xFF"), std::nullopt);
}

}  // namespace
}  // namespace entente::match
