#include "entente/http/url.h"

#include "entente/base/testing.h"

namespace entente::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(ParsePath, DecodesPlainPaths) {
  EXPECT_THAT(ParsePath("/"), IsOkAndHolds("/"));
  EXPECT_THAT(ParsePath("/api/v1/lists/"), IsOkAndHolds("/api/v1/lists/"));
  EXPECT_THAT(ParsePath("/a%20b/caf%C3%A9+"), IsOkAndHolds("/a b/caf\u00e9+"));
  EXPECT_THAT(ParsePath("/..a/.b"), IsOkAndHolds("/..a/.b"));
}

TEST(ParsePath, RefusesWhatCouldMeanTwoThings) {
  for (const char* text :
       {"",      "a",       "*",         "http://host/", "//a",    "/a//b", "/.",
        "/..",   "/a/../b", "/%2e%2e/b", "/a%2Fb",       "/a%5Cb", "/a\\b", "/a%00",
        "/a%0A", "/a%7F",   "/%",        "/%4",          "/%4g",   "/%FF",  "/%C0%AF"}) {
    EXPECT_THAT(ParsePath(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
}

TEST(FormatPath, IsReadBack) {
  const std::string path = "/a b/caf\u00e9?#&+%/";
  EXPECT_EQ(FormatPath(path), "/a%20b/caf%C3%A9%3F%23%26%2B%25/");
  EXPECT_THAT(ParsePath(FormatPath(path)), IsOkAndHolds(path));
}

TEST(ParseParameters, DecodesNamesAndValuesInOrder) {
  EXPECT_THAT(ParseParameters(""), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ParseParameters("b=1&a=x+y%2B&b=2&c&=d&&e=f=g"),
              IsOkAndHolds(ElementsAre(Pair("b", "1"), Pair("a", "x y+"), Pair("b", "2"),
                                       Pair("c", ""), Pair("", "d"), Pair("e", "f=g"))));
}

TEST(ParseParameters, RefusesTextThatIsNotUtf8OrNotEscaped) {
  for (const char* text : {"a=%", "a=%4", "a=%zz", "a=%FF", "a=%00", "%ED%A0%80=1", "a=\xff"}) {
    EXPECT_THAT(ParseParameters(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
}

TEST(ParseParameters, TakesParametersUpToTheLimit) {
  std::string text;
  for (std::size_t i = 0; i < kParameterCountMax; ++i) {
    text += "a=1&";
  }
  EXPECT_THAT(ParseParameters(text.substr(4)), IsOkAndHolds(SizeIs(kParameterCountMax - 1)));
  EXPECT_THAT(ParseParameters(text), IsOkAndHolds(SizeIs(kParameterCountMax)));
  EXPECT_THAT(ParseParameters(text + "b"), FailsWith(ErrorCode::kLimitExceeded));
}

TEST(FormatParameters, IsReadBack) {
  const Parameters parameters = {{"a b", "\u00fc&=+%"}, {"", ""}, {"c", "~-._"}};
  EXPECT_EQ(FormatParameters(parameters), "a+b=%C3%BC%26%3D%2B%25&=&c=~-._");
  EXPECT_THAT(ParseParameters(FormatParameters(parameters)), IsOkAndHolds(parameters));
}

}  // namespace
}  // namespace entente::http
