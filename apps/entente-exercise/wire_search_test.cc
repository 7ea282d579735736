#include "apps/entente-exercise/wire_search.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/crypto/hash.h"

namespace entente::exercise {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

constexpr std::string_view kName = "Karim El Fassi";

std::vector<Find> Search(ByteView needle, std::string_view haystack) {
  WireSearch search;
  search.Add(7, needle);
  return search.Run(AsBytes(haystack));
}

TEST(WireSearch, FindsWholeNeedlesOnly) {
  EXPECT_THAT(Search(AsBytes(kName), "xxKarim El Fassiyy"), ElementsAre(Find{7, 2, ""}));
  EXPECT_THAT(Search(AsBytes(kName), "xxKarim El Fass"), IsEmpty());
}

TEST(WireSearch, FindsAtBothEnds) {
  EXPECT_THAT(Search(AsBytes("abcde"), "abcde....abcde"),
              ElementsAre(Find{7, 0, ""}, Find{7, 9, ""}));
}

TEST(WireSearch, FindsNeedlesOfEveryLengthAroundThePrefix) {
  for (const std::size_t size : {5U, 7U, 8U, 9U}) {
    const std::string needle = std::string("#%&!?*=()").substr(0, size);
    EXPECT_THAT(Search(AsBytes(needle), "..." + needle + "..."), ElementsAre(Find{7, 3, ""}))
        << size;
  }
}

TEST(WireSearch, TellsNeedlesWithOnePrefixApart) {
  WireSearch search;
  search.Add(1, AsBytes("Mohammed Tazi"));
  search.Add(2, AsBytes("Mohammed Alaoui"));
  EXPECT_THAT(search.Run(AsBytes("... Mohammed Alaoui")), ElementsAre(Find{2, 4, ""}));
}

TEST(WireSearch, LooksIntoBase64AtEveryAlignment) {
  for (const std::string_view before : {"", "x", "xy", "xyz"}) {
    const std::string inner = Base64Encode(AsBytes(std::string(before) + std::string(kName)));
    EXPECT_THAT(Search(AsBytes(kName), "{\"payload\":\"" + inner + "\"}"),
                Contains(Field(&Find::via, "base64")));
    EXPECT_THAT(Search(AsBytes(kName), "{Z" + inner + "}"), Contains(Field(&Find::via, "base64")));
  }
}

TEST(WireSearch, LooksIntoAHashInASaltInAnEnvelope) {
  const crypto::Digest digest = crypto::Sha256(AsBytes(kName));
  const std::string payload = R"({"salt":")" + Base64Encode(digest.view()) + R"("})";
  const std::string envelope = R"({"payload":")" + Base64Encode(AsBytes(payload)) + R"("})";
  EXPECT_THAT(Search(digest.view(), envelope),
              Contains(AllOf(Field(&Find::label, 7U), Field(&Find::via, "base64 base64"))));
}

TEST(WireSearch, LooksIntoHexOfEitherCaseAndAlignment) {
  const std::string hex = HexEncode(AsBytes(kName));
  EXPECT_THAT(Search(AsBytes(kName), "id=" + hex), Contains(Field(&Find::via, "hex")));
  EXPECT_THAT(Search(AsBytes(kName), "id=0" + hex), Contains(Field(&Find::via, "hex")));
  std::string upper = hex;
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  EXPECT_THAT(Search(AsBytes(kName), "id=" + upper), Contains(Field(&Find::via, "hex")));
}

TEST(WireSearch, NeedlesMayBeAddedBetweenRuns) {
  WireSearch search;
  search.Add(1, AsBytes("first name"));
  EXPECT_THAT(search.Run(AsBytes("second name")), IsEmpty());
  search.Add(2, AsBytes("second name"));
  EXPECT_THAT(search.Run(AsBytes("second name")), ElementsAre(Find{2, 0, ""}));
  EXPECT_EQ(search.needle_count(), 2U);
}

}  // namespace
}  // namespace entente::exercise
