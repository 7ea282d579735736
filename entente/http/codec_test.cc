#include "entente/http/codec.h"

#include "entente/base/testing.h"

namespace entente::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: n\r\n\r\n";

Result<std::optional<Request>> FeedText(ServerCodec& codec, std::string_view text) {
  return codec.Feed(AsBytes(text));
}

TEST(ServerCodec, GivesARequestWithAllItsParts) {
  ServerCodec codec;
  const auto fed =
      FeedText(codec,
               "POST /api/v1/lists/a%20b?q=caf%C3%A9&x HTTP/1.1\r\nHost: node\r\nX-A:  1 \r\n"
               "Cookie: s=1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  ASSERT_THAT(fed, IsOkAndHolds(Not(Eq(std::nullopt))));
  const Request request = fed->value_or(Request{});
  EXPECT_EQ(request.method, Method::kPost);
  EXPECT_EQ(request.path, "/api/v1/lists/a b");
  EXPECT_THAT(request.query, ElementsAre(Pair("q", "caf\u00e9"), Pair("x", "")));
  EXPECT_THAT(request.headers.fields(),
              ElementsAre(Pair("host", "node"), Pair("x-a", "1"), Pair("cookie", "s=1")));
  EXPECT_EQ(request.body, ToBytes("hello"));
  EXPECT_FALSE(request.keep_alive);
}

TEST(ServerCodec, TakesARequestByteByByte) {
  ServerCodec codec;
  const std::string text =
      "PUT /x HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  EXPECT_FALSE(codec.is_receiving());
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    ASSERT_THAT(FeedText(codec, text.substr(i, 1)), IsOkAndHolds(Eq(std::nullopt))) << i;
    ASSERT_TRUE(codec.is_receiving());
  }
  EXPECT_THAT(FeedText(codec, "\n"),
              IsOkAndHolds(Optional(Field(&Request::body, ToBytes("abcde")))));
  EXPECT_FALSE(codec.is_receiving());
}

TEST(ServerCodec, TakesAnEmptyChunkedBodyHoweverItIsCut) {
  const std::string head = "POST / HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string body = "0\r\ntrailer: v\r\n\r\n";
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    ServerCodec codec;
    ASSERT_THAT(FeedText(codec, head + body.substr(0, cut)), IsOkAndHolds(Eq(std::nullopt)));
    for (std::size_t i = cut; i + 1 < body.size(); ++i) {
      ASSERT_THAT(FeedText(codec, body.substr(i, 1)), IsOkAndHolds(Eq(std::nullopt))) << cut;
    }
    EXPECT_THAT(FeedText(codec, "\n"), IsOkAndHolds(Optional(Field(&Request::body, Bytes()))));
  }
}

TEST(ServerCodec, KnowsTheMethodsOfRoutes) {
  for (const Method method :
       {Method::kGet, Method::kHead, Method::kPost, Method::kPut, Method::kDelete}) {
    ServerCodec codec;
    EXPECT_THAT(FeedText(codec, std::string(MethodName(method)) + " / HTTP/1.1\r\nHost: n\r\n\r\n"),
                IsOkAndHolds(Optional(Field(&Request::method, method))));
  }
  ServerCodec codec;
  EXPECT_THAT(FeedText(codec, "BREW / HTTP/1.1\r\nHost: n\r\n\r\n"),
              IsOkAndHolds(Optional(Field(&Request::method, Method::kOther))));
}

TEST(ServerCodec, GivesPipelinedRequestsOneByOne) {
  ServerCodec codec;
  const std::string second = "GET /2 HTTP/1.1\r\nHost: n\r\n\r\n";
  EXPECT_THAT(FeedText(codec, std::string(kGet) + second),
              IsOkAndHolds(Optional(Field(&Request::path, "/"))));
  EXPECT_THAT(codec.Feed({}), IsOkAndHolds(Eq(std::nullopt)));
  codec.Encode(Text(200, "1"), true);
  EXPECT_THAT(codec.Feed({}), IsOkAndHolds(Optional(Field(&Request::path, "/2"))));
  codec.Encode(Text(200, "2"), true);
  EXPECT_THAT(codec.Feed({}), IsOkAndHolds(Eq(std::nullopt)));
}

TEST(ServerCodec, LimitsWhatIsSentAheadOfTheAnswer) {
  CodecLimits limits;
  limits.pipelined_size_bytes_max = 100;
  for (const std::size_t size : {std::size_t{99}, std::size_t{100}, std::size_t{101}}) {
    ServerCodec codec(limits);
    ASSERT_THAT(FeedText(codec, kGet), IsOk());
    if (size <= limits.pipelined_size_bytes_max) {
      EXPECT_THAT(codec.Feed(Bytes(size, 'x')), IsOkAndHolds(Eq(std::nullopt)));
    } else {
      EXPECT_THAT(codec.Feed(Bytes(size, 'x')), FailsWith(ErrorCode::kLimitExceeded));
      EXPECT_EQ(codec.Refusal().status, 429);
    }
  }
}

TEST(ServerCodec, LimitsTheHeader) {
  const CodecLimits limits;
  const auto with_header_of = [](std::size_t size) {
    const std::string start = "GET / HTTP/1.1\r\nHost: n\r\nX: ";
    return start + std::string(size - start.size() - 4, 'a') + "\r\n\r\n";
  };
  for (const std::size_t size : {limits.header_size_bytes_max - 1, limits.header_size_bytes_max}) {
    ServerCodec codec;
    EXPECT_THAT(FeedText(codec, with_header_of(size)), IsOkAndHolds(Not(Eq(std::nullopt))));
  }
  ServerCodec codec;
  EXPECT_THAT(FeedText(codec, with_header_of(limits.header_size_bytes_max + 1)),
              FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_EQ(codec.Refusal().status, 431);
  ServerCodec endless;
  EXPECT_THAT(FeedText(endless, "GET /" + std::string(limits.header_size_bytes_max, 'a')),
              FailsWith(ErrorCode::kLimitExceeded));
}

TEST(ServerCodec, LimitsTheBodyWhicheverWayItsLengthIsTold) {
  CodecLimits limits;
  limits.body_size_bytes_max = 100;
  for (const std::size_t size : {std::size_t{99}, std::size_t{100}, std::size_t{101}}) {
    const std::string body(size, 'b');
    const std::string plain =
        "POST / HTTP/1.1\r\nHost: n\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + body;
    std::string chunked = "POST / HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t i = 0; i < size; ++i) {
      chunked += "1\r\nb\r\n";
    }
    for (const std::string& text : {plain, chunked + "0\r\n\r\n"}) {
      ServerCodec codec(limits);
      if (size <= limits.body_size_bytes_max) {
        EXPECT_THAT(FeedText(codec, text),
                    IsOkAndHolds(Optional(Field(&Request::body, SizeIs(size)))));
      } else {
        EXPECT_THAT(FeedText(codec, text), FailsWith(ErrorCode::kLimitExceeded));
        EXPECT_EQ(codec.Refusal().status, 413);
      }
    }
  }
}

TEST(ServerCodec, RefusesALargeBodyBeforeItComes) {
  ServerCodec codec;
  EXPECT_THAT(FeedText(codec, "POST / HTTP/1.1\r\nHost: n\r\nContent-Length: 99999999999\r\n\r\n"),
              FailsWith(ErrorCode::kLimitExceeded));
}

TEST(ServerCodec, LimitsAnEndlessChunkExtension) {
  ServerCodec codec;
  ASSERT_THAT(FeedText(codec, "POST / HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n1;"),
              IsOk());
  bool is_refused = false;
  for (int i = 0; i < 100 && !is_refused; ++i) {
    is_refused = !FeedText(codec, std::string(1000, 'e'));
  }
  EXPECT_TRUE(is_refused);
}

TEST(ServerCodec, RefusesWhatReadersCouldTakeForDifferentRequests) {
  const std::string host = "Host: n\r\n";
  for (const std::string& text : {
           "POST / HTTP/1.1\r\n" + host +
               "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST / HTTP/1.1\r\n" + host +
               "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
           "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
           "POST / HTTP/1.1\r\n" + host + "Content-Length: +3\r\n\r\nabc",
           "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           "POST / HTTP/1.1\r\n" + host +
               "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: identity\r\n\r\n",
           std::string("GET / HTTP/1.1\r\n\r\n"),
           "GET / HTTP/1.1\r\nHost: n\r\n" + host + "\r\n",
           "GET / HTTP/2.0\r\n" + host + "\r\n",
           "GET http://n/ HTTP/1.1\r\n" + host + "\r\n",
           "OPTIONS * HTTP/1.1\r\n" + host + "\r\n",
           "GET /a/../b HTTP/1.1\r\n" + host + "\r\n",
           "GET /?a=%FF HTTP/1.1\r\n" + host + "\r\n",
           "GET / HTTP/1.1\r\n" + host + "A B: 1\r\n\r\n",
           "GET / HTTP/1.1\r\n" + host + "A: 1\x01\r\n\r\n",
           std::string("\x16\x03\x01\x02 hello\r\n\r\n"),
       }) {
    ServerCodec codec;
    EXPECT_THAT(FeedText(codec, text), FailsWith(ErrorCode::kInvalidInput)) << text;
    EXPECT_EQ(codec.Refusal().status, 400) << text;
    EXPECT_THAT(codec.Feed({}), FailsWith(ErrorCode::kInvalidInput));
    EXPECT_THAT(ToText(codec.Encode(codec.Refusal(), false)), HasSubstr("connection: close"));
  }
}

TEST(ServerCodec, AddsTheSecurityHeadersThatAreNotThere) {
  ServerCodec codec;
  ASSERT_THAT(FeedText(codec, kGet), IsOk());
  Response response = Html(200, "<p>");
  ASSERT_THAT(response.headers.Set("cache-control", "max-age=60"), IsOk());
  EXPECT_EQ(ToText(codec.Encode(response, true)),
            "HTTP/1.1 200 OK\r\n"
            "content-type: text/html; charset=utf-8\r\n"
            "cache-control: max-age=60\r\n"
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"
            "x-content-type-options: nosniff\r\n"
            "referrer-policy: no-referrer\r\n"
            "connection: keep-alive\r\n"
            "content-length: 3\r\n\r\n<p>");
}

TEST(ServerCodec, AnswersHeadWithoutTheBody) {
  ServerCodec codec;
  ASSERT_THAT(FeedText(codec, "HEAD / HTTP/1.1\r\nHost: n\r\n\r\n"), IsOk());
  const std::string text = ToText(codec.Encode(Text(200, "hello"), true));
  EXPECT_THAT(text, AllOf(HasSubstr("content-length: 5\r\n\r\n"), Not(HasSubstr("hello"))));
}

TEST(ServerCodecDeathTest, AnswersOnlyARequest) {
  ServerCodec codec;
  EXPECT_DEATH(codec.Encode(Text(200, ""), true), "broken invariant");
}

Result<std::optional<Response>> FeedAnswer(ClientCodec& codec, std::string_view text) {
  return codec.Feed(AsBytes(text));
}

TEST(ClientCodec, GivesAnAnswerInPieces) {
  ClientCodec codec(Method::kGet);
  EXPECT_THAT(FeedAnswer(codec, "HTTP/1.1 404 Not Found\r\nX-A: 1\r\nContent-Le"),
              IsOkAndHolds(Eq(std::nullopt)));
  const auto fed = FeedAnswer(codec, "ngth: 2\r\n\r\nno");
  ASSERT_THAT(fed, IsOkAndHolds(Not(Eq(std::nullopt))));
  const Response response = fed->value_or(Response{});
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.headers.fields(), ElementsAre(Pair("x-a", "1")));
  EXPECT_EQ(response.body, ToBytes("no"));
}

TEST(ClientCodec, GivesAnAnswerThatTheEndDelimits) {
  ClientCodec codec(Method::kGet);
  EXPECT_THAT(FeedAnswer(codec, "HTTP/1.1 200 OK\r\n\r\nabc"), IsOkAndHolds(Eq(std::nullopt)));
  EXPECT_THAT(codec.FeedEnd(), IsOkAndHolds(Field(&Response::body, ToBytes("abc"))));
}

TEST(ClientCodec, ExpectsNoBodyAfterHead) {
  ClientCodec codec(Method::kHead);
  EXPECT_THAT(FeedAnswer(codec, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
              IsOkAndHolds(Not(Eq(std::nullopt))));
}

TEST(ClientCodec, RefusesCutAnswers) {
  for (const char* text :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"}) {
    ClientCodec codec(Method::kGet);
    ASSERT_THAT(FeedAnswer(codec, text), IsOk());
    EXPECT_THAT(codec.FeedEnd(), FailsWith(ErrorCode::kPeerViolation, HasSubstr("cut")));
  }
}

TEST(ClientCodec, RefusesWhatIsNoAnswer) {
  for (const char* text :
       {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 600 Odd\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\nmore"}) {
    ClientCodec codec(Method::kGet);
    EXPECT_THAT(FeedAnswer(codec, text), FailsWith(ErrorCode::kPeerViolation)) << text;
  }
}

TEST(ClientCodec, LimitsHeaderAndBody) {
  CodecLimits limits;
  limits.body_size_bytes_max = 3;
  for (const std::size_t size : {std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
    ClientCodec codec(Method::kGet, limits);
    const auto response =
        FeedAnswer(codec, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) +
                              "\r\n\r\n" + std::string(size, 'b'));
    if (size <= 3) {
      EXPECT_THAT(response, IsOkAndHolds(Not(Eq(std::nullopt))));
    } else {
      EXPECT_THAT(response, FailsWith(ErrorCode::kLimitExceeded));
    }
  }
  ClientCodec codec(Method::kGet, limits);
  EXPECT_THAT(FeedAnswer(codec, "HTTP/1.1 200 OK\r\nA: " + std::string(8192, 'a')),
              FailsWith(ErrorCode::kLimitExceeded));
}

TEST(Format, ARequestIsReadBackByTheServer) {
  Request request;
  request.method = Method::kPut;
  request.path = "/a b/caf\u00e9";
  request.query = {{"q", "1 2"}};
  ASSERT_THAT(request.headers.Set("host", "node"), IsOk());
  request.body = ToBytes("body");
  request.keep_alive = false;
  ServerCodec codec;
  EXPECT_THAT(codec.Feed(FormatRequest(request)), IsOkAndHolds(Optional(request)));
}

TEST(Format, AResponseIsReadBackByTheClient) {
  for (const int status : {200, 204, 304, 303, 500}) {
    Response response;
    response.status = status;
    ASSERT_THAT(response.headers.Set("x-a", "1"), IsOk());
    response.body = status == 204 || status == 304 ? Bytes() : ToBytes("body");
    ClientCodec codec(Method::kGet);
    EXPECT_THAT(codec.Feed(FormatResponse(response, true)), IsOkAndHolds(Optional(response)))
        << status;
  }
}

TEST(Format, HandlersCannotChangeTheFraming) {
  Response response = Text(200, "abc");
  ASSERT_THAT(response.headers.Set("content-length", "1"), IsOk());
  ASSERT_THAT(response.headers.Set("transfer-encoding", "chunked"), IsOk());
  const std::string text = ToText(FormatResponse(response, true));
  EXPECT_THAT(text, AllOf(HasSubstr("content-length: 3\r\n"), Not(HasSubstr("chunked")),
                          Not(HasSubstr("content-length: 1\r\n"))));
}

}  // namespace
}  // namespace entente::http
