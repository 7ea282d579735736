#include "entente/wire/json.h"

#include "entente/base/testing.h"

namespace entente::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ParseJson, ReadsEveryKindOfValue) {
  const auto json = ParseJson(R"( {"a": [1, -2, true, false, null], "b": {"c": "d\n\u00e9"}} )");
  ASSERT_THAT(json, IsOk());
  EXPECT_EQ((*json)["a"].size(), 5U);
  EXPECT_EQ((*json)["b"]["c"].get<std::string>(), "d\né");
}

TEST(ParseJson, RefusesWhatStrictJsonIsNot) {
  for (const std::string_view text :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "nul", "'a'", "[1] 2", "{}{}", "// c\n1", "/* c */1",
        "[01]", "[+1]", "\"\\x\"", "\"\t\"", "\"\\ud800\"", "NaN", "Infinity", "{a:1}"}) {
    EXPECT_THAT(ParseJson(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
}

TEST(ParseJson, NamesTheByteWhereItFailed) {
  EXPECT_THAT(ParseJson("[1, x]"), FailsWith(ErrorCode::kInvalidInput, HasSubstr("byte 5")));
  EXPECT_THAT(ParseJson("\"a\xFF\""), FailsWith(ErrorCode::kInvalidInput, HasSubstr("byte 2")));
}

TEST(ParseJson, RefusesAMemberTwice) {
  EXPECT_THAT(ParseJson(R"({"a":1,"b":{"a":1}})"), IsOk());
  EXPECT_THAT(ParseJson(R"({"a":1,"a":1})"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("\"a\" appears twice")));
  EXPECT_THAT(ParseJson(R"({"a":1,"\u0061":2})"), FailsWith(ErrorCode::kInvalidInput));
}

TEST(ParseJson, RefusesMemberNamesOutsidePrintableAscii) {
  EXPECT_THAT(ParseJson(R"({"~ ":1})"), IsOk());
  EXPECT_THAT(ParseJson(R"({"é":1})"), FailsWith(ErrorCode::kInvalidInput, HasSubstr("ASCII")));
  EXPECT_THAT(ParseJson(R"({"\u007f":1})"), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParseJson(R"({"\n":1})"), FailsWith(ErrorCode::kInvalidInput));
}

TEST(ParseJson, TakesIntegersInTheSafeRangeOnly) {
  EXPECT_THAT(ParseJson("9007199254740991"), IsOkAndHolds(Json(9007199254740991)));
  EXPECT_THAT(ParseJson("-9007199254740991"), IsOkAndHolds(Json(-9007199254740991)));
  for (const std::string_view text :
       {"9007199254740992", "-9007199254740992", "99999999999999999999", "1.0", "1e3", "-0.5"}) {
    EXPECT_THAT(ParseJson(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
}

std::string Nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(ParseJson, LimitsDepth) {
  EXPECT_THAT(ParseJson(Nested(kJsonDepthMax - 1)), IsOk());
  EXPECT_THAT(ParseJson(Nested(kJsonDepthMax)), IsOk());
  EXPECT_THAT(ParseJson(Nested(kJsonDepthMax + 1)), FailsWith(ErrorCode::kLimitExceeded));
}

TEST(ParseJson, LimitsSize) {
  const auto sized = [](std::size_t size) { return "\"" + std::string(size - 2, 'a') + "\""; };
  EXPECT_THAT(ParseJson(sized(kJsonBytesMax - 1)), IsOk());
  EXPECT_THAT(ParseJson(sized(kJsonBytesMax)), IsOk());
  EXPECT_THAT(ParseJson(sized(kJsonBytesMax + 1)), FailsWith(ErrorCode::kLimitExceeded));
}

TEST(ParseCanonicalJson, TakesTheCanonicalFormOnly) {
  EXPECT_THAT(ParseCanonicalJson(R"({"a":[1,null],"b":"é"})"), IsOk());
  for (const std::string_view text :
       {R"({"b":1,"a":1})", R"({"a": 1})", R"("\u00e9")", R"("\/")", "1\n", "-0", R"("\u000a")"}) {
    EXPECT_THAT(ParseCanonicalJson(text),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr("canonical")))
        << text;
  }
}

TEST(ParseCanonicalJson, FailsAsParseJsonDoes) {
  EXPECT_THAT(ParseCanonicalJson("{"), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParseCanonicalJson(Nested(kJsonDepthMax + 1)), FailsWith(ErrorCode::kLimitExceeded));
}

TEST(ParseCanonicalJson, RepeatsNoWordOfThePeer) {
  for (const std::string_view text :
       {R"({"Amal Doe":1,"Amal Doe":2})", R"({"Amal Doe":1.5})", R"({"Amal Doe":})",
        R"({"a":"Amal Doe)", R"({"a":Amal Doe})", R"({"Amal Doe":1, "b":1})"}) {
    const auto json = ParseCanonicalJson(text);
    ASSERT_THAT(json, FailsWith(ErrorCode::kInvalidInput)) << text;
    EXPECT_THAT(json.error().message, Not(HasSubstr("Amal"))) << text;
  }
}

TEST(ParseCanonicalJson, BoundsTheValuesOfAllLevels) {
  const std::string_view five = R"({"a":[1,{}],"b":""})";
  EXPECT_THAT(ParseCanonicalJson(five, 5), IsOk());
  EXPECT_THAT(ParseCanonicalJson(five, 6), IsOk());
  EXPECT_THAT(ParseCanonicalJson(five, 4),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("more values")));
}

// RFC 8785 §3.2.2.2: the short escapes, \u00xx for other controls, everything else as it is.
TEST(WriteCanonicalJson, EscapesWhatTheRfcEscapes) {
  const Json text = std::string("\b\t\n\f\r\"\\/\x01\x1f\x7f\u2028é");
  EXPECT_EQ(WriteCanonicalJson(text), "\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0001\\u001f\x7f\u2028é\"");
}

TEST(WriteCanonicalJson, SortsMembers) {
  const Json json{{"b", 1}, {"a", Json::object()}, {"B", Json::array()}};
  EXPECT_EQ(WriteCanonicalJson(json), R"({"B":[],"a":{},"b":1})");
}

Json Sample() {
  return *ParseJson(
      R"({"s":"text","i":5,"b":true,"x":"AQI=","l":["a","b"],"o":{"k":1},"n":null,"m":[1]})");
}

TEST(JsonReader, ReadsEveryType) {
  const Json json = Sample();
  JsonReader reader(json, "card");
  EXPECT_TRUE(reader.Has("s"));
  EXPECT_FALSE(reader.Has("absent"));
  EXPECT_THAT(reader.String("s", 4), IsOkAndHolds(std::string("text")));
  EXPECT_THAT(reader.OptionalString("absent"), IsOkAndHolds(std::string()));
  EXPECT_THAT(reader.OptionalString("s"), IsOkAndHolds(std::string("text")));
  EXPECT_THAT(reader.Integer("i", 5, 5), IsOkAndHolds(5));
  EXPECT_THAT(reader.Boolean("b"), IsOkAndHolds(true));
  EXPECT_THAT(reader.Base64("x", 2), IsOkAndHolds(Bytes{1, 2}));
  EXPECT_THAT(reader.Strings("l", 2), IsOkAndHolds(ElementsAre("a", "b")));
  const auto object = reader.Object("o");
  ASSERT_THAT(object, IsOk());
  EXPECT_EQ(**object, Json({{"k", 1}}));
  EXPECT_THAT(reader.Array("m", 1), IsOk());
}

TEST(JsonReader, NamesTheMemberThatIsWrong) {
  const Json json = Sample();
  JsonReader reader(json, "card");
  const auto names = [](std::string_view member) {
    return FailsWith(ErrorCode::kInvalidInput, HasSubstr("card." + std::string(member)));
  };
  EXPECT_THAT(reader.String("absent"), names("absent"));
  EXPECT_THAT(reader.String("i"), names("i"));
  EXPECT_THAT(reader.String("s", 3), names("s"));
  EXPECT_THAT(reader.OptionalString("i"), names("i"));
  EXPECT_THAT(reader.OptionalString("s", 3), names("s"));
  EXPECT_THAT(reader.Integer("absent", 0, 9), names("absent"));
  EXPECT_THAT(reader.Integer("s", 0, 9), names("s"));
  EXPECT_THAT(reader.Integer("i", 6, 9), names("i"));
  EXPECT_THAT(reader.Integer("i", 0, 4), names("i"));
  EXPECT_THAT(reader.Boolean("absent"), names("absent"));
  EXPECT_THAT(reader.Boolean("i"), names("i"));
  EXPECT_THAT(reader.Base64("absent", 9), names("absent"));
  EXPECT_THAT(reader.Base64("s", 2), names("s"));  // strict, and too long
  EXPECT_THAT(reader.Base64("i", 9), names("i"));
  EXPECT_THAT(reader.Base64("x", 1), names("x"));
  EXPECT_THAT(reader.Strings("absent", 9), names("absent"));
  EXPECT_THAT(reader.Strings("s", 9), names("s"));
  EXPECT_THAT(reader.Strings("m", 9), names("m"));
  EXPECT_THAT(reader.Strings("l", 1), names("l"));
  EXPECT_THAT(reader.Object("absent"), names("absent"));
  EXPECT_THAT(reader.Object("l"), names("l"));
  EXPECT_THAT(reader.Array("absent", 9), names("absent"));
  EXPECT_THAT(reader.Array("o", 9), names("o"));
  EXPECT_THAT(reader.Array("l", 1), names("l"));
}

TEST(JsonReader, RefusesMembersThatNobodyAskedFor) {
  const Json json{{"a", 1}, {"b", 2}};
  JsonReader reader(json, "card");
  EXPECT_THAT(reader.Integer("a", 0, 9), IsOk());
  EXPECT_FALSE(reader.Has("c"));
  EXPECT_THAT(reader.Finish(),
              FailsWith(ErrorCode::kInvalidInput, "card has an unknown member; it may have: a, c"));
  EXPECT_THAT(reader.Integer("b", 0, 9), IsOk());
  EXPECT_THAT(reader.Finish(), IsOk());
  EXPECT_THAT(JsonReader(json, "card").Finish(),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("it may have: none")));
}

TEST(JsonReader, RefusesWhatIsNoObject) {
  const Json json = Json::array();
  JsonReader reader(json, "card");
  EXPECT_FALSE(reader.Has("a"));
  EXPECT_THAT(reader.String("a"), FailsWith(ErrorCode::kInvalidInput, HasSubstr("not an object")));
  EXPECT_THAT(reader.Finish(), FailsWith(ErrorCode::kInvalidInput, HasSubstr("not an object")));
}

}  // namespace
}  // namespace entente::wire
