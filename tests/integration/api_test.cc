// The API and the console of a whole node, through the router and without sockets.
#include <cstdlib>
#include <fstream>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/api/console.h"
#include "entente/api/routes.h"
#include "entente/base/testing.h"
#include "entente/exchange/courier.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/proof.h"
#include "entente/ledger/relation.h"
#include "entente/wire/json.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using http::Method;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using wire::Json;

class FakeImports final : public api::ImportService {
 public:
  Result<std::uint64_t> Begin(const api::ImportRequest& request) override {
    begun = request;
    return std::uint64_t{7};
  }
  Result<std::uint64_t> Receive(std::uint64_t import, const std::string& part, std::uint64_t offset,
                                ByteView bytes) override {
    ENTENTE_TRY(Known(import));
    if (offset != received.size()) {
      return Error{ErrorCode::kConflict, "another offset"};
    }
    received_part = part;
    received += AsText(bytes);
    return std::uint64_t{received.size()};
  }
  Status Finish(std::uint64_t import) override { return Known(import); }
  Result<api::ImportStatus> Get(std::uint64_t import) const override {
    ENTENTE_TRY(Known(import));
    api::ImportStatus status;
    status.state = api::ImportState::kDone;
    status.records = 3;
    status.rejects_left_out = 1;
    status.replaced = 5;
    status.errors.assign(25, {"list.csv", 4, 2, "no \xff name"});
    return status;
  }
  Result<Bytes> Rejects(std::uint64_t import, std::uint64_t offset) const override {
    ENTENTE_TRY(Known(import));
    return ToBytes(std::string("id,name\n4,\n").substr(offset));
  }
  Status Cancel(std::uint64_t import) override { return Known(import); }

  api::ImportRequest begun;
  std::string received_part;
  std::string received;

 private:
  static Status Known(std::uint64_t import) {
    return import == 7 ? Status() : Status(Error{ErrorCode::kNotFound, "no such import"});
  }
};

class FakeLinks final : public node::LinkService {
 public:
  node::LinkStatus StatusOf(const PeerId& /*peer*/) const override { return {false, "refused"}; }
};

api::Catalogue LoadCatalogue() {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string_view> texts;
  for (const std::string_view language : api::kLanguages) {
    std::string& file = files[std::string(language)];
    file = ReadProjectFile("locales/" + std::string(language) + ".json");
    texts[std::string(language)] = file;
  }
  return *api::Catalogue::Load(texts);
}

class Api : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(berlin.exchange.AddPeer(rabat.signed_card()), IsOk());
    ASSERT_THAT(rabat.exchange.AddPeer(berlin.signed_card()), IsOk());
    api::AddApiRoutes(router, services, logins);
    api::AddConsoleRoutes(router, services, logins, catalogue);
  }

  http::Response Send(Method method, const std::string& target, const std::string& body = "",
                      const http::Headers& headers = {},
                      http::Origin origin = http::Origin::kAdministratorSocket) {
    http::RequestContext context;
    context.origin = origin;
    context.request.method = method;
    const std::size_t mark = target.find('?');
    context.request.path = *http::ParsePath(target.substr(0, mark));
    if (mark != std::string::npos) {
      context.request.query = *http::ParseParameters(target.substr(mark + 1));
    }
    context.request.headers = headers;
    context.request.body = ToBytes(body);
    std::optional<http::Response> answer;
    router.Handle(std::move(context),
                  http::Responder([&](http::Response response) { answer = std::move(response); }));
    while (!answer && rabat.background.RunOne()) {
    }
    EXPECT_TRUE(answer) << target;
    return answer.value_or(http::Response());
  }
  // Sends over the socket; gives the JSON of an answer with that status.
  Json Call(int status, Method method, const std::string& target, const std::string& body = "") {
    const http::Response response = Send(method, "/api/v1" + target, body);
    EXPECT_EQ(response.status, status) << target << ": " << AsText(response.body);
    return wire::ParseJson(AsText(response.body)).value_or(Json());
  }

  // A browser: what it sends with every request, and what its forms hold.
  http::Headers Cookies(const std::string& more = "") const {
    http::Headers headers;
    EXPECT_THAT(headers.Set("cookie", cookie + more), IsOk());
    return headers;
  }
  void LogIn() {
    Json login = Call(200, Method::kPost, "/logins", "{}");
    const auto url = login["url"].get<std::string>();
    const http::Response response = Browse(Method::kPost, "/login", url.substr(url.find("token=")));
    ASSERT_EQ(response.status, 303);
    const std::string set(response.headers.Find("set-cookie").value_or(""));
    EXPECT_THAT(set, AllOf(HasSubstr("HttpOnly"), HasSubstr("SameSite=Strict")));
    cookie = set.substr(0, set.find(';'));
  }
  http::Response Browse(Method method, const std::string& target, const std::string& body = "",
                        const std::string& more_cookies = "") {
    return Send(method, target, body, Cookies(more_cookies), http::Origin::kNetwork);
  }
  std::string Show(const std::string& target, const std::string& language = "en") {
    const http::Response response = Browse(Method::kGet, target, "", "; entente_lang=" + language);
    EXPECT_EQ(response.status, 200) << target << ": " << AsText(response.body);
    Keep(target, language, ToText(response.body));
    return ToText(response.body);
  }
  std::string FormToken() {
    const std::string page = Show("/");
    std::smatch match;
    EXPECT_TRUE(std::regex_search(page, match, std::regex("name=\"form\" value=\"([^\"]+)\"")));
    return match[1];
  }

  // With ENTENTE_PAGES=folder the pages are kept there, to be looked at in a browser.
  void Keep(const std::string& target, const std::string& language, std::string page) const {
    const char* const pages = std::getenv("ENTENTE_PAGES");
    if (pages == nullptr) {
      return;
    }
    std::string name = target.substr(1, target.find('/', 1) - 1);
    name += std::count(target.begin(), target.end(), '/') > 2 ? "-one" : "";
    const std::string_view style = "/static/console.css";
    page.replace(page.find(style), style.size(), "console.css");
    std::ofstream(std::string(pages) + "/" + stage + (name.empty() ? "home" : name) + "." +
                  language + ".html")
        << page;
  }

  // A document through the API at Rabat, signed by both.
  std::string CoSign(const std::string& file) {
    Json draft = Call(200, Method::kPost, "/peers/DE/documents",
                      ReadProjectFile("examples/documents/" + file));
    const auto id = draft["id"].get<std::string>();
    Call(200, Method::kPost, "/peers/DE/documents/" + id + "/propose");
    Wire wire(rabat, berlin);
    EXPECT_THAT(wire.Run(), IsOk());
    Json document = Call(200, Method::kGet, "/peers/DE/documents/" + id.substr(0, 6));
    for (const Json& signatory : document["signatories"]) {
      const auto name = signatory["name"].get<std::string>();
      if (signatory["country"] == "MA") {
        Call(200, Method::kPost, "/peers/DE/documents/" + id + "/sign",
             Json{{"signatory", name}}.dump());
      } else {
        EXPECT_THAT(berlin.documents.Sign(rabat.id(), *crypto::Digest::FromHex(id), name, "desk"),
                    IsOk());
      }
    }
    EXPECT_THAT(wire.Run(), IsOk());
    return id;
  }
  void FillBoth() {
    rabat.Fill("persons",
               {Person("MA-1", {"محمد بنعيسى العلوي", "<b>Mohammed & Co</b>"}, "1975-03-02"),
                Person("MA-2", {"Fatima Zahra Bennani"}, "1981-07-19")});
    berlin.Fill("persons", {Person("DE-7", {"Mohammed Benaissa El Alaoui"}, "1975-03-02"),
                            Person("DE-8", {"Klaus Hartmann"}, "1962-05-05")});
  }
  // Berlin offers; the id of the offer at Rabat.
  std::string OfferFromBerlin(const std::string& agreement) {
    std::string id;
    berlin.matching.Offer(rabat.id(), {"persons", "terrorism", *crypto::Digest::FromHex(agreement)},
                          "officer", [&](const Result<exchange::Submission>& submission) {
                            ASSERT_THAT(submission, IsOk());
                            id = submission->id.Hex();
                          });
    while (berlin.background.RunOne()) {
    }
    Wire wire(rabat, berlin);
    EXPECT_THAT(wire.Run(), IsOk());
    return id;
  }

  TemporaryFolder folder;
  ManualClock clock{TestStart()};
  Node rabat{"MA", 1, folder.File("ma.db"), clock};
  Node berlin{"DE", 2, folder.File("de.db"), clock};
  FakeImports imports;
  FakeLinks links;
  SeededRandomForTests random{5};
  api::LoginBook logins{random, clock};
  api::Catalogue catalogue = LoadCatalogue();
  std::string console = "http://127.0.0.1:8080";
  api::Services services{
      rabat.exchange, rabat.documents, rabat.matching, imports,
      links,          random,          "0.1.0",        [this] { return console; }};
  http::Router router{
      [this](const http::RequestContext& context) { return logins.Check(context); }};
  std::string cookie = "none=1";
  std::string stage;  // begins the names of pages that are kept
};

TEST_F(Api, StatusNamesTheNodeAndItsPeers) {
  Json status = Call(200, Method::kGet, "/status");
  EXPECT_EQ(status["country"], "MA");
  EXPECT_EQ(status["console"], console);
  ASSERT_THAT(status["peers"], SizeIs(1));
  EXPECT_EQ(status["peers"][0]["name"], "Ministry of the Interior (DE, exercise)");
  EXPECT_EQ(ToText(rabat.signed_card()), AsText(Send(Method::kGet, "/api/v1/card").body));
  EXPECT_EQ(Call(200, Method::kGet, "/peers")["peers"][0]["country"], "DE");
}

TEST_F(Api, IsForTheAdministratorsSocketOnly) {
  EXPECT_EQ(Send(Method::kGet, "/api/v1/status", "", {}, http::Origin::kNetwork).status, 403);
}

TEST_F(Api, PeersAreNamedByIdPrefixCountryOrDash) {
  const std::string id = berlin.id().str();
  for (const std::string& name : {id, id.substr(0, 4), std::string("DE"), std::string("-")}) {
    Call(200, Method::kGet, "/peers/" + name + "/documents");
  }
  for (const std::string& name : {id.substr(0, 3), std::string("FR"), id + "0"}) {
    EXPECT_EQ(Call(404, Method::kGet, "/peers/" + name + "/documents")["error"]["code"],
              "not_found");
  }
  Node paris("FR", 3, folder.File("fr.db"), clock);
  EXPECT_EQ(Send(Method::kPost, "/api/v1/peers", ToText(paris.signed_card())).status, 200);
  EXPECT_THAT(Call(400, Method::kGet, "/peers/-/documents")["error"]["message"].get<std::string>(),
              HasSubstr("DE"));
  Call(400, Method::kPost, "/peers", "{}");
}

TEST_F(Api, DocumentGoesFromDraftToEnvelope) {
  Call(400, Method::kPost, "/peers/DE/documents", "{}");
  const std::string id = CoSign("minutes.json");
  Json document = Call(200, Method::kGet, "/peers/DE/documents/" + id);
  EXPECT_EQ(document["state"], "co-signed");
  EXPECT_TRUE(document["tier"].is_null());
  EXPECT_EQ(document["document"]["type"], "minutes");
  EXPECT_EQ(document["own"], "MA");
  EXPECT_EQ(document["published"], false);
  EXPECT_EQ(Send(Method::kGet, "/api/v1/peers/DE/documents/" + id + "/envelope").status, 200);
  Call(409, Method::kPost, "/peers/DE/documents/" + id + "/propose");
  Call(400, Method::kPost, "/peers/DE/documents/" + id + "/sign", R"({"signatory":"X","y":1})");
  Call(404, Method::kGet, "/peers/DE/documents/ffffffffff");
  Call(404, Method::kGet, "/peers/DE/documents/" + id.substr(0, 5));
  Json refused = Call(403, Method::kPost, "/peers/DE/documents/" + id + "/publish");
  EXPECT_EQ(refused["error"]["code"], "not_permitted");
}

TEST_F(Api, ActorIsBoundedUtf8) {
  Json draft = Call(200, Method::kPost, "/peers/DE/documents",
                    ReadProjectFile("examples/documents/minutes.json"));
  const std::string target =
      "/api/v1/peers/DE/documents/" + draft["id"].get<std::string>() + "/propose";
  for (const auto& [actor, status] : std::vector<std::pair<std::string, int>>{
           {"\xff", 400}, {std::string(101, 'a'), 400}, {std::string(100, 'a'), 200}}) {
    http::Headers headers;
    ASSERT_THAT(headers.Set("x-entente-actor", actor), IsOk());
    EXPECT_EQ(Send(Method::kPost, target, "", headers).status, status);
  }
}

TEST_F(Api, RefusalCitesTheArticleInEveryLanguage) {
  CoSign("declaration-t0.json");
  FillBoth();
  Json refused = Call(403, Method::kPost, "/peers/DE/rounds",
                      R"({"collection":"persons","purpose":"terrorism"})");
  EXPECT_EQ(refused["error"]["code"], "not_permitted");
  EXPECT_EQ(refused["error"]["article"], "4");
  EXPECT_EQ(refused["decision"]["rule"], "tier");
  EXPECT_THAT(refused["decision"]["article_text"]["heading"], SizeIs(4));
  EXPECT_EQ(refused["decision"]["document_type"], "declaration");
  EXPECT_EQ(refused["decision"]["agreed"]["tier"], "T0");
  EXPECT_THAT(refused["error"]["message"].get<std::string>(),
              HasSubstr("article 4 of the declaration "));
}

TEST_F(Api, RefusalSaysWhatIsAgreed) {
  CoSign("agreement-t1.json");
  FillBoth();
  Json refused = Call(403, Method::kPost, "/peers/DE/rounds",
                      R"({"collection":"persons","purpose":"curiosity"})");
  EXPECT_EQ(refused["decision"]["rule"], "purpose");
  EXPECT_EQ(refused["decision"]["document_type"], "agreement");
  EXPECT_THAT(refused["decision"]["agreed"]["purposes"], ::testing::Contains("terrorism"));
}

TEST_F(Api, CollectionIsRemovedUnlessAnOpenRoundUsesIt) {
  CoSign("agreement-t1.json");
  FillBoth();
  const Json offered = Call(200, Method::kPost, "/peers/DE/rounds",
                            R"({"collection":"persons","purpose":"terrorism"})");
  EXPECT_THAT(Call(409, Method::kDelete, "/collections/persons")["error"]["message"],
              HasSubstr("round " + offered["act"].get<std::string>().substr(0, 12)));
  Call(200, Method::kPost, "/peers/DE/rounds/" + offered["act"].get<std::string>() + "/decline");
  EXPECT_EQ(Call(200, Method::kDelete, "/collections/persons")["removed"]["records"], 2);
  Call(404, Method::kDelete, "/collections/persons");
  EXPECT_THAT(Call(200, Method::kGet, "/collections")["collections"], IsEmpty());
}

TEST_F(Api, SaysSoIfNeitherCardHasAnEndpoint) {
  EXPECT_THAT(Call(200, Method::kPost, "/peers", ToText(berlin.signed_card()))["warning"],
              AllOf(HasSubstr("--listen"), HasSubstr("--endpoint")));
  EXPECT_THAT(Call(200, Method::kGet, "/status")["peers"][0]["link_error"],
              HasSubstr("neither card says where to call"));
}

TEST_F(Api, RoundIsAcceptedAndItsHitsAreServed) {
  const std::string agreement = CoSign("agreement-t1.json");
  FillBoth();
  const std::string id = OfferFromBerlin(agreement);
  Call(409, Method::kGet, "/peers/DE/rounds/" + id + "/hits");
  Call(400, Method::kPost, "/peers/DE/rounds/" + id + "/accept", R"({"collection":"A/B"})");
  Call(404, Method::kPost, "/peers/DE/rounds/" + id + "/accept", R"({"collection":"none"})");
  Call(200, Method::kPost, "/peers/DE/rounds/" + id + "/accept", R"({"collection":"persons"})");
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  Json round = Call(200, Method::kGet, "/peers/DE/rounds/" + id.substr(0, 8));
  EXPECT_EQ(round["state"], "done");
  EXPECT_EQ(round["role"], "acceptor");
  EXPECT_EQ(round["with"]["country"], "DE");
  EXPECT_THAT(round["agreement_title"]["en"], HasSubstr("EXERCISE"));
  EXPECT_EQ(round["result"], round["peer_result"]);
  Json hits = Call(200, Method::kGet, "/peers/DE/rounds/" + id + "/hits")["hits"];
  ASSERT_THAT(hits, SizeIs(1));
  EXPECT_EQ(hits[0]["record"], "MA-1");
  EXPECT_EQ(hits[0]["rules"][0], "name_full_date");
  EXPECT_EQ(Call(200, Method::kGet, "/collections/persons/records/MA-1")["id"], "MA-1");
  Call(404, Method::kGet, "/collections/persons/records/MA-9");
  EXPECT_THAT(Call(200, Method::kGet, "/peers/DE/rounds")["rounds"], SizeIs(1));
  Call(409, Method::kPost, "/peers/DE/rounds/" + id + "/decline");
}

// Another list took the place of the one that was matched, with the same ids for other persons.
TEST_F(Api, HitsOfAReplacedListShowNobodyElse) {
  const std::string agreement = CoSign("agreement-t1.json");
  FillBoth();
  const std::string id = OfferFromBerlin(agreement);
  Call(200, Method::kPost, "/peers/DE/rounds/" + id + "/accept", R"({"collection":"persons"})");
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  const std::string hits = "/peers/DE/rounds/" + id + "/hits";
  const std::string page = "/rounds/" + berlin.id().str() + "/" + id;
  LogIn();
  EXPECT_EQ(Call(200, Method::kGet, hits)["list_replaced"], false);
  EXPECT_THAT(Show(page), HasSubstr("1975-03-02"));

  clock.Advance(std::chrono::seconds(1));
  rabat.Fill("persons", {Person("MA-1", {"Somebody Else"}, "1999-09-09")});
  Json answer = Call(200, Method::kGet, hits);
  EXPECT_EQ(answer["list_replaced"], true);
  EXPECT_EQ(answer["hits"][0]["record"], "MA-1");
  EXPECT_THAT(Show(page), AllOf(HasSubstr("MA-1"), HasSubstr("was replaced since this round"),
                                Not(HasSubstr("Somebody Else")), Not(HasSubstr("1999-09-09"))));
  EXPECT_THAT(Show(page, "de"), HasSubstr("Die Sammlung wurde seit diesem Abgleich ersetzt."));
}

TEST_F(Api, OfferIsAnsweredOnceItIsSubmitted) {
  const std::string agreement = CoSign("agreement-t1.json");
  FillBoth();
  Json offered = Call(
      200, Method::kPost, "/peers/DE/rounds",
      Json{{"collection", "persons"}, {"purpose", "terrorism"}, {"agreement", agreement}}.dump());
  EXPECT_EQ(offered["permitted"], true);
  Call(200, Method::kPost, "/peers/DE/rounds/" + offered["act"].get<std::string>() + "/decline");
}

TEST_F(Api, ImportIsUploadedInPieces) {
  Json begun = Call(200, Method::kPost, "/imports",
                    R"({"collection":"list","origin":"public-list","skip_bad":true,)"
                    R"("files":{"main":"sdn.csv","alt":"alt.csv"}})");
  EXPECT_EQ(begun["import"], 7);
  EXPECT_EQ(imports.begun.alt, "alt.csv");
  EXPECT_EQ(Call(200, Method::kPut, "/imports/7/main?offset=0", "abc")["received"], 3);
  Call(409, Method::kPut, "/imports/7/main?offset=0", "abc");
  Call(400, Method::kPut, "/imports/7/main", "abc");
  Call(404, Method::kPut, "/imports/7/other?offset=3", "abc");
  Call(429, Method::kPut, "/imports/7/main?offset=3", std::string((4U << 20U) + 1, 'x'));
  Call(404, Method::kPost, "/imports/8/finish");
  Call(202, Method::kPost, "/imports/7/finish");
  Json status = Call(200, Method::kGet, "/imports/7");
  EXPECT_EQ(status["state"], "done");
  EXPECT_THAT(status["errors"], SizeIs(20));
  EXPECT_EQ(status["errors"][0]["reason"], "no ? name");
  EXPECT_EQ(status["rejects_left_out"], 1);
  EXPECT_EQ(status["replaced"], 5);
  EXPECT_TRUE(status["code"].is_null());
  EXPECT_FALSE(imports.begun.replace);
  Call(200, Method::kPost, "/imports",
       R"({"collection":"list","origin":"public-list","skip_bad":false,"replace":true,)"
       R"("files":{"main":"a.csv"}})");
  EXPECT_TRUE(imports.begun.replace);
  EXPECT_EQ(AsText(Send(Method::kGet, "/api/v1/imports/7/rejects").body), "id,name\n4,\n");
  EXPECT_EQ(AsText(Send(Method::kGet, "/api/v1/imports/7/rejects?offset=8").body), "4,\n");
  EXPECT_EQ(Send(Method::kGet, "/api/v1/imports/7/rejects?offset=x").status, 400);
  Call(400, Method::kGet, "/imports/x");
  Call(200, Method::kDelete, "/imports/7");
  Call(400, Method::kPost, "/imports",
       R"({"collection":"list","origin":"secret","skip_bad":true,"files":{"main":"a"}})");
}

TEST_F(Api, ParcelIsFetchedInPieces) {
  const Json packed = Call(200, Method::kPost, "/peers/DE/parcels");
  EXPECT_EQ(packed["number"], 1);
  EXPECT_EQ(packed["complete"], true);
  const std::string path = "/parcels/" + packed["parcel"].dump();
  const auto fetch = [&](const std::string& offset) {
    const http::Response response = Send(Method::kGet, "/api/v1" + path + "?offset=" + offset);
    EXPECT_EQ(response.status, 200);
    return response.body;
  };
  const Bytes file = fetch("0");
  EXPECT_EQ(file.size(), packed["bytes"]);
  EXPECT_EQ(fetch("10"), Bytes(file.begin() + 10, file.end()));
  EXPECT_THAT(exchange::Unpacking::Open(berlin.exchange, file), IsOk());
  Call(404, Method::kGet, path + "?offset=" + std::to_string(file.size() + 1));
  Call(400, Method::kGet, path + "?offset=-1");
  Call(400, Method::kGet, "/parcels/one");
  EXPECT_THAT(fetch(packed["bytes"].dump()), IsEmpty());
  for (const std::string& gone : {path, std::string("/parcels/0"), std::string("/parcels/99")}) {
    Call(404, Method::kGet, gone);
  }
  Call(404, Method::kPost, "/peers/FR/parcels");
}

TEST_F(Api, ParcelIsTakenInInPieces) {
  const auto packed = exchange::PackParcel(berlin.exchange, rabat.id());
  ASSERT_THAT(packed, IsOk());
  const std::string file = ToText(packed->file);
  const auto begin = [&] {
    return "/parcels/" + Call(200, Method::kPost, "/parcels")["parcel"].dump();
  };
  const std::string other = begin();
  const std::string path = begin();
  Call(404, Method::kPut, other + "?offset=0", "x");  // its place is taken
  EXPECT_EQ(Call(200, Method::kPut, path + "?offset=0", file.substr(0, 10))["received"], 10);
  Call(409, Method::kPut, path + "?offset=0", file.substr(0, 10));
  Call(429, Method::kPut, path + "?offset=10", std::string((std::size_t{4} << 20U) + 1, 'x'));
  Call(200, Method::kPut, path + "?offset=10", file.substr(10));
  const Json unpacked = Call(200, Method::kPost, path + "/unpack");
  EXPECT_EQ(unpacked["done"], true);
  EXPECT_EQ(unpacked["peer"]["id"], berlin.id().str());
  EXPECT_TRUE(unpacked["not_taken"].is_null());
  for (const std::string& gone : {path, std::string("/parcels/0")}) {
    Call(404, Method::kPost, gone + "/unpack");
    Call(404, Method::kPut, gone + "?offset=0", "x");
  }
  Call(400, Method::kPost, begin() + "/unpack");  // nothing was sent
}

TEST_F(Api, LedgerIsServedAsFilesOnceSettled) {
  Call(409, Method::kGet, "/peers/DE/ledger/files");
  CoSign("declaration-t0.json");
  Json ledger = Call(200, Method::kGet, "/peers/DE/ledger");
  EXPECT_EQ(ledger["size"], ledger["settled"]);
  EXPECT_THAT(Base64Decode(ledger["root"].get<std::string>()), IsOkAndHolds(SizeIs(32)));
  EXPECT_EQ(ledger["entries"].back()["index"], ledger["size"].get<int>() - 1);
  Json files = Call(200, Method::kGet, "/peers/DE/ledger/files")["files"];
  EXPECT_EQ(files.back(), "checkpoint");
  for (const Json& file : files) {
    const http::Response response =
        Send(Method::kGet, "/api/v1/peers/DE/ledger/file/" + file.get<std::string>());
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, Not(IsEmpty()));
  }
  Call(404, Method::kGet, "/peers/DE/ledger/file/tile/9/000");
  Json acts = Call(200, Method::kGet, "/peers/DE/acts")["acts"];
  EXPECT_EQ(acts.back()["kind"], "document.propose");
  EXPECT_EQ(acts.back()["answer"]["outcome"], "receipt");
  EXPECT_THAT(Call(200, Method::kGet, "/peers/DE/evidence")["evidence"], IsEmpty());
}

TEST_F(Api, AnyEntryIsProvenOnceSettled) {
  Call(409, Method::kGet, "/peers/DE/ledger/proof/0");
  CoSign("declaration-t0.json");
  const act::Card& own = rabat.card();
  const act::Card& peer = berlin.card();
  const ledger::Trust trust{ledger::LogKey(own.id(), peer.id(), own.keys.ledger),
                            {ledger::WitnessKey(peer.id(), peer.keys.witness)},
                            1};
  const auto proof = ledger::ParseProofWithoutVerifying(
      AsText(Send(Method::kGet, "/api/v1/peers/DE/ledger/proof/1").body));
  ASSERT_THAT(proof, IsOk());
  EXPECT_EQ(proof->index, 1U);
  EXPECT_THAT(ledger::VerifyProof(*proof, trust), IsOk());
  Call(409, Method::kGet, "/peers/DE/ledger/proof/1000");
  Call(400, Method::kGet, "/peers/DE/ledger/proof/one");
}

TEST_F(Api, AuditLogIsServedAtTheFullHour) {
  CoSign("declaration-t0.json");
  Call(409, Method::kGet, "/audit/files");
  ASSERT_THAT(rabat.exchange.CommitAudit(), IsOk());
  const Json audit = Call(200, Method::kGet, "/audit");
  EXPECT_EQ(audit["size"], audit["committed"]);
  EXPECT_EQ(audit["entries"][0]["kind"], "peer.added");
  EXPECT_EQ(audit["entries"].back()["rule"], "permitted");
  const Json list = Call(200, Method::kGet, "/audit/files");
  for (const Json& file : list["files"]) {
    EXPECT_EQ(Send(Method::kGet, "/api/v1/audit/file/" + file.get<std::string>()).status, 200);
  }
  Call(404, Method::kGet, "/audit/file/tile/9/000");
  const Json openings = Call(200, Method::kGet, "/peers/DE/ledger/openings/0")["openings"];
  ASSERT_THAT(openings, SizeIs(1));
  EXPECT_EQ(openings[0]["size"], audit["size"]);
  EXPECT_THAT(Call(200, Method::kGet, "/peers/DE/ledger/openings/1000")["openings"], IsEmpty());
}

TEST_F(Api, KeptEvidenceIsServedByItsNumber) {
  ASSERT_THAT(rabat.exchange.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_TRY(transaction.AddEvidence(berlin.id(), "refused act", clock.Now(), ToBytes("kept")));
    return {};
  }),
              IsOk());
  EXPECT_EQ(Send(Method::kGet, "/api/v1/peers/DE/evidence/1").body, ToBytes("kept"));
  Call(404, Method::kGet, "/peers/DE/evidence/2");
}

TEST_F(Api, ActIsServedWithItsAnswerAndTheirProofs) {
  CoSign("declaration-t0.json");
  const auto get = [&](const std::string& id, const std::string& file) {
    return Send(Method::kGet, "/api/v1/peers/DE/acts/" + id + "/" + file);
  };
  const act::Card& own = rabat.card();
  const act::Card& peer = berlin.card();
  const ledger::Trust trust{ledger::LogKey(own.id(), peer.id(), own.keys.ledger),
                            {ledger::WitnessKey(peer.id(), peer.keys.witness)},
                            1};
  const Json acts = Call(200, Method::kGet, "/peers/DE/acts")["acts"];
  for (const Json& row : acts) {
    const auto id = row["id"].get<std::string>();
    const auto act = act::DecodeEnvelope(get(id, "act.json").body);
    ASSERT_THAT(act, IsOk());
    EXPECT_EQ(crypto::Sha256(act->payload).Hex(), id);
    const auto answer = act::DecodeEnvelope(get(id.substr(0, 8), "answer.json").body);
    ASSERT_THAT(answer, IsOk());
    const bool is_sent = row["direction"] == "out";
    EXPECT_EQ(get(id, "answer.tlog-proof").status, is_sent ? 200 : 404);
    for (const auto& [file, object] :
         {std::pair<std::string, std::string>("act.tlog-proof", id),
          {"answer.tlog-proof", crypto::Sha256(answer->payload).Hex()}}) {
      if (!is_sent && file != "act.tlog-proof") {
        continue;
      }
      const auto proof = ledger::ParseProofWithoutVerifying(AsText(get(id, file).body));
      ASSERT_THAT(proof, IsOk());
      EXPECT_THAT(ledger::VerifyProof(*proof, trust), IsOk());
      EXPECT_EQ(ledger::DecodeLeaf(proof->entry)->object.Hex(), object);
    }
  }
  EXPECT_EQ(get(acts[0]["id"], "other.json").status, 404);
  EXPECT_EQ(get(std::string(64, '0'), "act.json").status, 404);
  // One more act, which the peer has not seen.
  const auto id = rabat.documents.Draft(berlin.id(), ReadProjectFile("examples/documents/"
                                                                     "agreement-t1.json"));
  ASSERT_THAT(id, IsOk());
  ASSERT_THAT(rabat.documents.Propose(berlin.id(), *id, "desk"), IsOk());
  const Json pending = Call(200, Method::kGet, "/peers/DE/acts")["acts"][0];
  EXPECT_EQ(get(pending["id"], "act.json").status, 200);
  EXPECT_EQ(get(pending["id"], "answer.json").status, 404);
  EXPECT_EQ(get(pending["id"], "act.tlog-proof").status, 409) << "not settled";
  EXPECT_EQ(get(pending["id"], "answer.tlog-proof").status, 404);
}

TEST_F(Api, LoginWorksOnceAndLookingAtItDoesNotUseItUp) {
  const auto url =
      Call(200, Method::kPost, "/logins", R"({"lang":"ar"})")["url"].get<std::string>();
  EXPECT_THAT(url, AllOf(HasSubstr(console + "/login?token="), HasSubstr("&lang=ar")));
  const std::string target = url.substr(console.size());
  const std::string token = url.substr(url.find("token="));
  for (int look = 0; look < 3; ++look) {
    EXPECT_THAT(ToText(Browse(Method::kGet, target).body), HasSubstr("method=\"post\""));
  }
  EXPECT_EQ(Browse(Method::kPost, "/login", token).status, 303);
  EXPECT_EQ(Browse(Method::kPost, "/login", token).status, 403);
  EXPECT_EQ(Browse(Method::kPost, "/login", "token=x").status, 403);
}

TEST_F(Api, LoginsAndSessionsExpireAndAreBounded) {
  for (std::size_t i = 0; i < api::kLoginsMax; ++i) {
    Call(200, Method::kPost, "/logins", "{}");
  }
  Call(429, Method::kPost, "/logins", "{}");
  clock.Advance(api::kLoginAge);
  const auto url = Call(200, Method::kPost, "/logins", "{}")["url"].get<std::string>();
  clock.Advance(api::kLoginAge);
  EXPECT_EQ(Browse(Method::kPost, "/login", url.substr(url.find("token="))).status, 403);
  LogIn();
  EXPECT_EQ(Browse(Method::kGet, "/").status, 200);
  clock.Advance(api::kSessionAge);
  EXPECT_EQ(Browse(Method::kGet, "/").status, 403);
  for (std::size_t i = 0; i < api::kSessionsMax; ++i) {
    EXPECT_THAT(logins.Redeem(logins.NewLogin()->token), IsOk());
  }
  EXPECT_THAT(logins.Redeem(logins.NewLogin()->token), FailsWith(ErrorCode::kLimitExceeded));
}

TEST_F(Api, NoConsoleMeansNoLogin) {
  console.clear();
  Call(503, Method::kPost, "/logins", "{}");
  EXPECT_TRUE(Call(200, Method::kGet, "/status")["console"].is_null());
}

TEST_F(Api, ConsoleWithoutSessionShowsHowToGetOne) {
  for (const std::string target : {"/", "/documents", "/rounds", "/collections", "/ledger/DE"}) {
    const http::Response response = Browse(Method::kGet, target);
    EXPECT_EQ(response.status, 403) << target;
    EXPECT_THAT(ToText(response.body), HasSubstr("entente login"));
  }
  EXPECT_EQ(Browse(Method::kGet, "/static/console.css").status, 200);
}

TEST_F(Api, FormWithoutTheSessionsTokenIsRefused) {
  LogIn();
  const std::string agreement = CoSign("agreement-t1.json");
  FillBoth();
  const std::string round = "/rounds/DE/" + OfferFromBerlin(agreement);
  for (const std::string& target : {std::string("/logout"), round + "/accept", round + "/decline",
                                    "/documents/DE/" + agreement + "/publish"}) {
    EXPECT_EQ(Browse(Method::kPost, target, "collection=persons").status, 403) << target;
    EXPECT_EQ(Browse(Method::kPost, target, "form=wrong&collection=persons").status, 403);
  }
  const std::string form = "form=" + FormToken();
  EXPECT_EQ(Browse(Method::kPost, round + "/decline", form).status, 303);
  EXPECT_EQ(Browse(Method::kPost, "/logout", form).status, 303);
  EXPECT_EQ(Browse(Method::kGet, "/").status, 403);
}

TEST_F(Api, ConsoleSignsADocument) {
  LogIn();
  const auto id =
      berlin.documents.Draft(rabat.id(), ReadProjectFile("examples/documents/declaration-t0.json"));
  ASSERT_THAT(id, IsOk());
  ASSERT_THAT(berlin.documents.Propose(rabat.id(), *id, "desk"), IsOk());
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  const std::string address = "/documents/" + berlin.id().str() + "/" + id->Hex();
  EXPECT_THAT(Show("/"), HasSubstr(address));
  const std::string page = Show(address);
  // Alternat: the reader's own party and signatory come first.
  EXPECT_LT(page.find("Ministry of the Interior (exercise)</p>"),
            page.find("Federal Ministry of the Interior (exercise)</p>"));
  EXPECT_LT(page.find("Idriss Mithali"), page.find("Annelore Musterfeld"));
  EXPECT_THAT(page, AllOf(HasSubstr("<td lang=\"ar\" dir=\"rtl\">"),
                          HasSubstr("<td lang=\"de\" dir=\"ltr\">")));
  EXPECT_THAT(Show(address + "?l=fr"), Not(HasSubstr("<td lang=\"ar\"")));
  const std::string form = "form=" + FormToken() + "&signatory=Idriss+Mithali";
  EXPECT_EQ(Browse(Method::kPost, address + "/sign", form).status, 400);
  EXPECT_EQ(Browse(Method::kPost, address + "/sign", form + "&confirm=yes").status, 303);
  EXPECT_THAT(Show(address), Not(HasSubstr("/sign\"")));
}

TEST_F(Api, EveryPageSpeaksEveryLanguageAndEscapes) {
  LogIn();
  const std::string agreement = CoSign("agreement-t1.json");
  FillBoth();
  const std::string round = OfferFromBerlin(agreement);
  const std::string peer = berlin.id().str();
  const std::string agreement_page = "/documents/" + peer + "/" + agreement;
  const std::string round_page = "/rounds/" + peer + "/" + round;
  const auto show_all = [&] {
    for (const std::string_view name : api::kLanguages) {
      const std::string language(name);
      for (const std::string& target :
           {std::string("/"), std::string("/documents"), agreement_page, std::string("/rounds"),
            round_page, std::string("/collections"), "/ledger/" + peer, "/evidence/" + peer}) {
        const std::string page = Show(target, language);
        EXPECT_THAT(page, Not(HasSubstr("‹"))) << language << " " << target;
        EXPECT_THAT(page,
                    HasSubstr(language == "ar" ? "<html lang=\"ar\" dir=\"rtl\">"
                                               : "<html lang=\"" + language + "\" dir=\"ltr\">"));
        EXPECT_THAT(page, HasSubstr("class=\"exercise\""));
        EXPECT_THAT(page, AllOf(Not(HasSubstr("<b>")), Not(HasSubstr("<script")),
                                Not(HasSubstr("style=\""))));
      }
    }
  };
  stage = "offered-";
  show_all();
  EXPECT_THAT(Show("/rounds/" + peer + "/" + round), HasSubstr("<option value=\"persons\">"));
  EXPECT_EQ(Browse(Method::kPost, "/rounds/" + peer + "/" + round + "/accept",
                   "form=" + FormToken() + "&collection=persons")
                .status,
            303);
  EXPECT_THAT(Show("/rounds/" + peer + "/" + round), HasSubstr("http-equiv=\"refresh\""));
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  stage = "done-";
  show_all();
  const std::string page = Show("/rounds/" + peer + "/" + round);
  EXPECT_THAT(page, AllOf(HasSubstr("&lt;b&gt;Mohammed &amp; Co&lt;/b&gt;"),
                          HasSubstr("1975-03-02"), Not(HasSubstr("http-equiv=\"refresh\""))));
  if (const char* const pages = std::getenv("ENTENTE_PAGES"); pages != nullptr) {
    std::ofstream(std::string(pages) + "/console.css")
        << AsText(Browse(Method::kGet, "/static/console.css").body);
  }
}

TEST_F(Api, LanguageComesFromQueryCookieOrBrowser) {
  http::Headers headers;
  ASSERT_THAT(headers.Set("accept-language", "es-ES, ar-MA;q=0.9, en;q=0.5"), IsOk());
  const auto body_of = [&](const std::string& target) {
    return Send(Method::kGet, target, "", headers, http::Origin::kNetwork);
  };
  EXPECT_THAT(ToText(body_of("/login").body), HasSubstr("<html lang=\"ar\""));
  const http::Response chosen = body_of("/login?lang=de");
  EXPECT_THAT(ToText(chosen.body), HasSubstr("<html lang=\"de\""));
  EXPECT_THAT(std::string(chosen.headers.Find("set-cookie").value_or("")),
              HasSubstr("entente_lang=de"));
  EXPECT_THAT(ToText(body_of("/login?lang=xx").body), HasSubstr("<html lang=\"ar\""));
  ASSERT_THAT(headers.Set("cookie", "entente_lang=fr"), IsOk());
  EXPECT_THAT(ToText(body_of("/login").body), HasSubstr("<html lang=\"fr\""));
}

TEST_F(Api, RefusedActShowsTheArticle) {
  const std::string agreement = CoSign("agreement-t1.json");
  FillBoth();
  const std::string round = OfferFromBerlin(agreement);
  clock.Advance(std::chrono::hours{24 * 365 * 6});
  LogIn();
  const http::Response response = Browse(Method::kPost, "/rounds/DE/" + round + "/accept",
                                         "form=" + FormToken() + "&collection=persons");
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(ToText(response.body), AllOf(HasSubstr("not in force at this time"),
                                           HasSubstr("Article 15"), HasSubstr("<blockquote>")));
}

TEST(Catalogue, RefusesMissingAndUnequalLanguages) {
  std::map<std::string, std::string_view> texts{
      {"fr", R"({"a":"x"})"}, {"de", R"({"a":"x"})"}, {"ar", R"({"a":"x"})"}};
  EXPECT_THAT(api::Catalogue::Load(texts), FailsWith(ErrorCode::kInvalidInput, HasSubstr("en")));
  for (const std::string_view bad : {R"({"b":"x"})", R"({"a":1})", "[]", "{"}) {
    texts["en"] = bad;
    EXPECT_THAT(api::Catalogue::Load(texts), FailsWith(ErrorCode::kInvalidInput)) << bad;
  }
  texts["en"] = R"({"a":"{n} of {m}"})";
  const auto catalogue = api::Catalogue::Load(texts);
  ASSERT_THAT(catalogue, IsOk());
  EXPECT_EQ(catalogue->Say("en", "a", {{"n", "1"}, {"m", "2"}}), "1 of 2");
  EXPECT_EQ(catalogue->Say("en", "b"), "‹b›");
}

}  // namespace
}  // namespace entente::testing
