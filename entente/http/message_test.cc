#include "entente/http/message.h"

#include "entente/base/testing.h"

namespace entente::http {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

TEST(Headers, KeepsOrderAndLowersNames) {
  Headers headers;
  ASSERT_THAT(headers.Add("X-One", "1"), IsOk());
  ASSERT_THAT(headers.Add("x-two", "caf\xe9 \t ok"), IsOk());
  ASSERT_THAT(headers.Add("x-one", ""), IsOk());
  EXPECT_THAT(headers.Find("x-one"), Optional(Eq("1")));
  EXPECT_THAT(headers.Find("x-three"), Eq(std::nullopt));
  ASSERT_THAT(headers.Set("X-ONE", "9"), IsOk());
  EXPECT_THAT(headers.fields(), ElementsAre(Pair("x-two", "caf\xe9 \t ok"), Pair("x-one", "9")));
}

TEST(Headers, RefusesInjection) {
  Headers headers;
  const std::string with_nul("a\0b", 3);
  for (const std::string& value :
       {std::string("a\r\nset-cookie: x=1"), std::string("a\nb"), std::string("a\rb"), with_nul,
        std::string("\x7f"), std::string(" a"), std::string("a ")}) {
    EXPECT_THAT(headers.Set("location", value), FailsWith(ErrorCode::kInvalidInput));
    EXPECT_THAT(headers.Add("location", value), FailsWith(ErrorCode::kInvalidInput));
  }
  for (const char* name : {"", "a b", "a:", "a\r\n", "caf\xc3\xa9"}) {
    EXPECT_THAT(headers.Set(name, "1"), FailsWith(ErrorCode::kInvalidInput)) << name;
  }
  EXPECT_THAT(headers.fields(), IsEmpty());
}

TEST(Headers, ARefusedSetKeepsTheOldValue) {
  Headers headers;
  ASSERT_THAT(headers.Set("a", "1"), IsOk());
  EXPECT_THAT(headers.Set("a", "1\n"), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(headers.Find("a"), Optional(Eq("1")));
}

TEST(Request, FindsCookiesByTheirWholeName) {
  Request request;
  ASSERT_THAT(request.headers.Add("cookie", "xsession=1; session=a=b;other="), IsOk());
  ASSERT_THAT(request.headers.Add("cookie", "session=2; late=3"), IsOk());
  EXPECT_THAT(request.FindCookie("session"), Optional(Eq("a=b")));
  EXPECT_THAT(request.FindCookie("other"), Optional(Eq("")));
  EXPECT_THAT(request.FindCookie("late"), Optional(Eq("3")));
  EXPECT_THAT(request.FindCookie("sess"), Eq(std::nullopt));
}

TEST(Request, FindsTheFirstQueryParameter) {
  Request request;
  request.query = {{"a", "1"}, {"a", "2"}};
  EXPECT_THAT(request.FindQuery("a"), Optional(Eq("1")));
  EXPECT_THAT(request.FindQuery("b"), Eq(std::nullopt));
}

TEST(Response, HelpersSayTheirType) {
  EXPECT_THAT(Json(201, "{}").headers.Find("content-type"), Optional(Eq("application/json")));
  EXPECT_THAT(Html(200, "<p>").headers.Find("content-type"),
              Optional(Eq("text/html; charset=utf-8")));
  EXPECT_THAT(Text(200, "x").headers.Find("content-type"),
              Optional(Eq("text/plain; charset=utf-8")));
  EXPECT_EQ(Json(201, "{}").status, 201);
  EXPECT_EQ(Json(201, "{}").body, ToBytes("{}"));
}

TEST(Redirect, StaysOnThisServer) {
  const Result<Response> response = Redirect("/login?next=%2F");
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 303);
  EXPECT_THAT(response->headers.Find("location"), Optional(Eq("/login?next=%2F")));
  for (const char* location : {"", "login", "//host/", "/\\host", "/\t/host", "http://host/",
                               "/\r\nset-cookie: a=b", "/caf\xc3\xa9"}) {
    EXPECT_THAT(Redirect(location), FailsWith(ErrorCode::kInvalidInput)) << location;
  }
}

TEST(ErrorResponse, CarriesCodeMessageAndArticle) {
  const Error error{ErrorCode::kNotPermitted, "the \"purpose\" \\ is\nnot covered"};
  const Response plain = ErrorResponse(error);
  EXPECT_EQ(plain.status, 403);
  EXPECT_EQ(ToText(plain.body), R"({"error":{"code":"not_permitted",)"
                                R"("message":"the \"purpose\" \\ is?not covered"}})");
  EXPECT_EQ(ToText(ErrorResponse(451, error, "Article 7").body),
            R"({"error":{"code":"not_permitted",)"
            R"("message":"the \"purpose\" \\ is?not covered","article":"Article 7"}})");
  EXPECT_EQ(ErrorResponse(451, error).status, 451);
}

TEST(StatusFor, IsTheErrorTables) {
  for (const ErrorRow& row : kErrorTable) {
    EXPECT_EQ(StatusFor(row.code), row.http_status);
  }
}

TEST(FormatCookie, CannotBeReadByScriptsOrSentAcrossSites) {
  EXPECT_THAT(FormatCookie("session", "abc", false),
              IsOkAndHolds("session=abc; HttpOnly; SameSite=Strict; Path=/"));
  EXPECT_THAT(FormatCookie("session", "", true, std::chrono::seconds(0)),
              IsOkAndHolds("session=; Max-Age=0; HttpOnly; SameSite=Strict; Path=/; Secure"));
}

TEST(FormatCookie, RefusesInjection) {
  for (const char* value : {"a;b", "a b", "a\r\nb", "a,b", "\"a\"", "a\\b", "caf\xc3\xa9"}) {
    EXPECT_THAT(FormatCookie("session", value, false), FailsWith(ErrorCode::kInvalidInput))
        << value;
  }
  EXPECT_THAT(FormatCookie("a=b", "c", false), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(FormatCookie("", "c", false), FailsWith(ErrorCode::kInvalidInput));
}

}  // namespace
}  // namespace entente::http
