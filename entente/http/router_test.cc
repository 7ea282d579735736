#include "entente/http/router.h"

#include <optional>
#include <stdexcept>
#include <vector>

#include "entente/base/testing.h"

namespace entente::http {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

// A router whose handlers answer with the name of their route and what its path matched.
class RouterTest : public ::testing::Test {
 protected:
  void Add(Method method, const std::string& pattern, Access access = Access::kPublic) {
    router_.Add(method, pattern, access,
                [pattern](const RequestContext& context, Responder answer) {
                  std::string text = pattern;
                  for (const auto& [name, value] : context.path_parameters) {
                    text.append(" ").append(name).append("=").append(value);
                  }
                  answer(Text(200, text + (context.person.empty() ? "" : " by " + context.person)));
                });
  }
  Response Ask(Method method, const std::string& path, Origin origin = Origin::kNetwork,
               const std::string& cookie = "") {
    RequestContext context;
    context.request.method = method;
    context.request.path = path;
    context.origin = origin;
    if (!cookie.empty()) {
      EXPECT_THAT(context.request.headers.Set("cookie", cookie), IsOk());
    }
    std::optional<Response> answer;
    router_.Handle(std::move(context), Responder([&](Response response) {
                     EXPECT_FALSE(answer.has_value()) << "answered twice";
                     answer = std::move(response);
                   }));
    EXPECT_TRUE(answer.has_value());
    return answer.value_or(Response{});
  }
  std::string AskText(Method method, const std::string& path) {
    return ToText(Ask(method, path).body);
  }

  Router router_{[](const RequestContext& context) -> Result<std::string> {
    const auto session = context.request.FindCookie("session");
    if (!session) {
      return Error{ErrorCode::kNotPermitted, "log in first"};
    }
    return std::string(*session);
  }};
};

TEST_F(RouterTest, FindsLiteralAndNamedSegments) {
  Add(Method::kGet, "/");
  Add(Method::kGet, "/api/v1/lists/{name}");
  Add(Method::kGet, "/api/v1/lists/{list}/entries/{entry}");
  EXPECT_EQ(AskText(Method::kGet, "/"), "/");
  EXPECT_EQ(AskText(Method::kGet, "/api/v1/lists/a b"), "/api/v1/lists/{name} name=a b");
  EXPECT_EQ(AskText(Method::kGet, "/api/v1/lists/a/entries/b"),
            "/api/v1/lists/{list}/entries/{entry} list=a entry=b");
}

TEST_F(RouterTest, PrefersTheEarlierLiteralWhateverTheOrderOfAdding) {
  Add(Method::kGet, "/{rest...}");
  Add(Method::kGet, "/a/{name}");
  Add(Method::kGet, "/{name}/b");
  Add(Method::kGet, "/a/c");
  EXPECT_EQ(AskText(Method::kGet, "/a/c"), "/a/c");
  EXPECT_EQ(AskText(Method::kGet, "/a/b"), "/a/{name} name=b");
  EXPECT_EQ(AskText(Method::kGet, "/x/b"), "/{name}/b name=x");
  EXPECT_EQ(AskText(Method::kGet, "/x/y/z"), "/{rest...} rest=x/y/z");
}

TEST_F(RouterTest, AnswersThatNothingIsThere) {
  Add(Method::kGet, "/a/{name}");
  Add(Method::kGet, "/files/{path...}");
  for (const char* path : {"/", "/a", "/a/", "/a/b/", "/a/b/c", "/b/a", "/files", "/files/"}) {
    const Response response = Ask(Method::kGet, path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_THAT(ToText(response.body), HasSubstr("\"not_found\""));
  }
}

TEST_F(RouterTest, NamesTheMethodsItServes) {
  Add(Method::kGet, "/a");
  Add(Method::kPut, "/a");
  for (const Method method : {Method::kPost, Method::kDelete, Method::kOther}) {
    const Response response = Ask(method, "/a");
    EXPECT_EQ(response.status, 405);
    EXPECT_THAT(response.headers.Find("allow"), Optional(Eq("GET, HEAD, PUT")));
  }
}

TEST_F(RouterTest, ServesHeadByGet) {
  Add(Method::kGet, "/a");
  EXPECT_EQ(AskText(Method::kHead, "/a"), "/a");
}

TEST_F(RouterTest, GivesAdministratorRoutesToTheSocketOnly) {
  Add(Method::kPost, "/stop", Access::kAdministratorSocket);
  EXPECT_EQ(Ask(Method::kPost, "/stop", Origin::kAdministratorSocket).status, 200);
  const Response response = Ask(Method::kPost, "/stop", Origin::kNetwork, "session=ada");
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(ToText(response.body), HasSubstr("\"not_permitted\""));
}

TEST_F(RouterTest, GivesSessionRoutesToSessionsOnly) {
  Add(Method::kGet, "/desk", Access::kSession);
  EXPECT_EQ(ToText(Ask(Method::kGet, "/desk", Origin::kNetwork, "session=ada").body),
            "/desk by ada");
  const Response response = Ask(Method::kGet, "/desk");
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(ToText(response.body), HasSubstr("log in first"));
}

TEST_F(RouterTest, ShowsThePageForThoseWithoutASession) {
  Add(Method::kGet, "/desk", Access::kSession);
  Add(Method::kPost, "/stop", Access::kAdministratorSocket);
  router_.SetSessionRefusal([](const RequestContext& context, const Error& error) {
    return Html(403, context.request.path + ": " + error.message);
  });
  EXPECT_EQ(ToText(Ask(Method::kGet, "/desk").body), "/desk: log in first");
  EXPECT_THAT(ToText(Ask(Method::kPost, "/stop").body), HasSubstr("\"not_permitted\""));
}

TEST_F(RouterTest, GivesPublicRoutesToAnyone) {
  Add(Method::kGet, "/login");
  EXPECT_EQ(Ask(Method::kGet, "/login").status, 200);
}

TEST_F(RouterTest, AnswersForAHandlerThatThrowsOrForgets) {
  router_.Add(Method::kGet, "/throws", Access::kPublic,
              [](const RequestContext&, Responder) { throw std::runtime_error("secret detail"); });
  router_.Add(Method::kGet, "/forgets", Access::kPublic, [](const RequestContext&, Responder) {});
  for (const char* path : {"/throws", "/forgets"}) {
    const Response response = Ask(Method::kGet, path);
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(ToText(response.body), HasSubstr("\"internal\""));
    EXPECT_THAT(ToText(response.body), ::testing::Not(HasSubstr("secret")));
  }
}

TEST_F(RouterTest, LetsHandlersAnswerLater) {
  std::vector<Responder> kept;
  router_.Add(
      Method::kGet, "/later", Access::kPublic,
      [&](const RequestContext&, Responder responder) { kept.push_back(std::move(responder)); });
  std::optional<Response> answer;
  RequestContext context;
  context.request.path = "/later";
  router_.Handle(context, Responder([&](Response response) { answer = std::move(response); }));
  EXPECT_FALSE(answer.has_value());
  ASSERT_EQ(kept.size(), 1U);
  kept[0](Text(200, "at last"));
  EXPECT_EQ(ToText(answer.value_or(Response{}).body), "at last");
}

TEST_F(RouterTest, GivesPathParametersByName) {
  router_.Add(Method::kGet, "/{a}/{b}", Access::kPublic,
              [](const RequestContext& context, Responder answer) {
                answer(Text(200, context.PathParameter("b") + context.PathParameter("a")));
              });
  EXPECT_EQ(AskText(Method::kGet, "/1/2"), "21");
}

using RouterDeathTest = RouterTest;

TEST_F(RouterDeathTest, RefusesMalformedAndRepeatedPatterns) {
  Add(Method::kGet, "/a/{name}");
  EXPECT_DEATH(Add(Method::kGet, "/a/{other}"), "broken invariant");
  for (const char* pattern :
       {"", "a", "/{", "/{}", "/a{b}", "/{...}", "/{a...}/b", "/{a}/{a}", "/a}"}) {
    EXPECT_DEATH(Add(Method::kPost, pattern), "broken invariant") << pattern;
  }
}

}  // namespace
}  // namespace entente::http
