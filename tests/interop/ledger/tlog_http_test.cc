// The ledger over HTTP, as foreign tlog tools and logs see it: C2SP tlog-tiles and tlog-witness,
// through the router of a whole node.
#include <optional>

#include "entente/act/testing.h"
#include "entente/api/tlog_routes.h"
#include "entente/exchange/quota.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/export.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/verify.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kToken = "a token of 22 letters.";

std::string HeaderOf(const http::Response& response, std::string_view name) {
  return std::string(response.headers.Find(name).value_or(""));
}

// Berlin's ledger listener.
class TlogHttp : public TwoNodes {
 protected:
  void SetUp() override {
    TwoNodes::SetUp();
    Open();
  }
  void Open(const std::string& token = "") {
    router.emplace(api::TlogAccess(SecretText(ToBytes(token))));
    router->SetSessionRefusal(api::TlogRefusal);
    api::AddTlogRoutes(*router, berlin.exchange);
  }

  http::Response Send(Method method, const std::string& path, ByteView body = {},
                      const http::Headers& headers = LocalHost("127.0.0.1:80")) {
    http::RequestContext context;
    context.request.method = method;
    context.request.path = path;
    context.request.body = ToBytes(body);
    context.request.headers = headers;
    std::optional<http::Response> answer;
    router->Handle(std::move(context),
                   http::Responder([&](http::Response response) { answer = std::move(response); }));
    return answer.value_or(http::Response());
  }
  http::Response Get(const std::string& path) { return Send(Method::kGet, path); }

  static http::Headers LocalHost(std::string_view host) {
    http::Headers headers;
    EXPECT_THAT(headers.Set("host", host), IsOk());
    return headers;
  }

  std::string Prefix() const { return "/" + ledger::LogOrigin(berlin.id(), rabat.id()); }
  std::string Witness() const { return "/" + ledger::WitnessName(berlin.id()); }

  std::optional<http::Router> router;
};

// What a tool reads with GET alone.
class HttpFiles final : public ledger::FileReader {
 public:
  explicit HttpFiles(std::function<http::Response(const std::string&)> get)
      : get_(std::move(get)) {}
  Result<Bytes> Read(const std::string& path, std::size_t /*size_bytes_max*/) const override {
    const http::Response response = get_(path);
    if (response.status != 200) {
      return Error{ErrorCode::kNotFound, "status " + std::to_string(response.status)};
    }
    return response.body;
  }

 private:
  std::function<http::Response(const std::string&)> get_;
};

TEST_F(TlogHttp, ServesALogThatVerifies) {
  CoSign("declaration-t0.json");
  const HttpFiles files([this](const std::string& path) { return Get(Prefix() + "/" + path); });
  const act::Card& own = berlin.card();
  const ledger::Trust trust{ledger::LogKey(own.id(), rabat.id(), own.keys.ledger),
                            {ledger::WitnessKey(rabat.id(), rabat.card().keys.witness)},
                            1};
  const auto log = ledger::VerifyLog(files, trust, ledger::EntryCheck::kLeaves);
  ASSERT_THAT(log, IsOk());
  EXPECT_GT(log->checkpoint.size, 3U);
  EXPECT_TRUE(log->cosigned_at);

  const http::Response checkpoint = Get(Prefix() + "/checkpoint");
  EXPECT_EQ(HeaderOf(checkpoint, "content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(HeaderOf(checkpoint, "cache-control"), "");  // the codec adds no-store
  const std::string width = std::to_string(log->checkpoint.size);
  for (const char* const part : {"/tile/0/000.p/", "/tile/entries/000.p/"}) {
    const http::Response tile = Get(Prefix() + part + width);
    EXPECT_EQ(tile.status, 200);
    EXPECT_EQ(HeaderOf(tile, "content-type"), "application/octet-stream");
    EXPECT_EQ(HeaderOf(tile, "cache-control"), "private, max-age=31536000, immutable");
  }
  EXPECT_EQ(Send(Method::kHead, Prefix() + "/checkpoint").status, 200);
  EXPECT_EQ(Send(Method::kPost, Prefix() + "/checkpoint").status, 405);
  EXPECT_EQ(Get(Prefix() + "/tile/0/000.p/1").status, 200) << "partial when the log was smaller";
}

TEST_F(TlogHttp, HasNothingWhereNothingIs) {
  EXPECT_EQ(Get(Prefix() + "/checkpoint").status, 404) << "nothing is settled";
  CoSign("declaration-t0.json");
  ASSERT_EQ(Get(Prefix() + "/checkpoint").status, 200);
  for (const char* const path : {"",
                                 "/",
                                 "/checkpoint/",
                                 "/log.policy",
                                 "/tile",
                                 "/tile/0",
                                 "/tile/0/000",
                                 "/tile/0/000.p/0",
                                 "/tile/0/000.p/255",
                                 "/tile/0/000.p/256",
                                 "/tile/0/000.p/01",
                                 "/tile/0/000.p/+1",
                                 "/tile/0/00.p/1",
                                 "/tile/0/0000.p/1",
                                 "/tile/0/x000/000.p/1",
                                 "/tile/00/000.p/1",
                                 "/tile/0/001.p/1",
                                 "/tile/1/000.p/1",
                                 "/tile/63/000.p/1",
                                 "/tile/64/000.p/1",
                                 "/tile/entries/000",
                                 "/tile/entries/001.p/1",
                                 "/tile/0/000.p/1/",
                                 "/tile/0/000.p/1/x",
                                 "/tile/0/999999999999999999999999.p/1"}) {
    EXPECT_EQ(Get(Prefix() + path).status, 404) << path;
  }
  const std::string peers_log = "/" + ledger::LogOrigin(rabat.id(), berlin.id());
  EXPECT_EQ(Get(peers_log + "/checkpoint").status, 404) << "the peer serves its own log";
  EXPECT_EQ(Get("/entente/" + berlin.id().str() + "/" + rabat.id().str() + "/checkpoint").status,
            404);
}

TEST_F(TlogHttp, AsksForTheTokenAndALocalName) {
  CoSign("declaration-t0.json");
  const std::string path = Prefix() + "/checkpoint";
  const auto status = [&](std::string_view host, const std::string& authorization) {
    http::Headers headers = LocalHost(host);
    if (!authorization.empty()) {
      EXPECT_THAT(headers.Set("authorization", authorization), IsOk());
    }
    return Send(Method::kGet, path, {}, headers).status;
  };
  for (const char* const host : {"127.0.0.1", "127.9.9.9:7412", "[::1]:7412", "localhost:7412"}) {
    EXPECT_EQ(status(host, ""), 200) << host;
  }
  for (const char* const host : {"tools.example", "127.0.0.1.example:80", "10.0.0.1", "[::2]:1"}) {
    EXPECT_EQ(status(host, ""), 401) << host;
  }
  EXPECT_EQ(Send(Method::kGet, path, {}, {}).status, 401) << "no host";

  Open(kToken);
  EXPECT_EQ(status("localhost", std::string("Bearer ") + kToken), 200);
  for (const std::string& wrong :
       {std::string(), std::string(kToken), std::string("Bearer"),
        std::string("Bearer ") + kToken + "x", "Basic " + std::string(kToken)}) {
    EXPECT_EQ(status("localhost", wrong), 401) << wrong;
  }
  const http::Response refusal = Get(path);
  EXPECT_EQ(HeaderOf(refusal, "www-authenticate"), "Bearer");
  EXPECT_EQ(Send(Method::kPost, Witness() + "/add-checkpoint").status, 401);
}

// A log with Rabat's ledger key that grows without Entente.
class TlogWitness : public TlogHttp {
 protected:
  ledger::Checkpoint At(std::uint64_t size) {
    while (tree.size() < size) {
      EXPECT_THAT(tree.Append(crypto::Sha256(AsBytes(std::to_string(tree.size())))), IsOk());
    }
    return {Origin(), size, *ledger::Root(size, tree)};
  }
  std::string Origin() const { return ledger::LogOrigin(rabat.id(), berlin.id()); }
  std::string Signed(const ledger::Checkpoint& checkpoint) const {
    return *ledger::SignCheckpoint(checkpoint, *rabat.exchange.identity().ledger);
  }
  ledger::AddCheckpointRequest Request(std::uint64_t old_size, std::uint64_t size) {
    ledger::AddCheckpointRequest request{old_size, {}, Signed(At(size))};
    if (old_size != 0 && old_size <= size) {
      request.proof = *ledger::ConsistencyProof(old_size, size, tree);
    }
    return request;
  }
  http::Response Add(const std::string& body) {
    return Send(Method::kPost, Witness() + "/add-checkpoint", AsBytes(body));
  }
  http::Response Add(const ledger::AddCheckpointRequest& request) {
    return Add(ledger::FormatAddCheckpoint(request));
  }
  http::Response ReadBack() {
    return Get(Witness() + "/" + crypto::Sha256(AsBytes(Origin())).Hex() + "/checkpoint");
  }
  ledger::Trust TrustInBoth() const {
    return {ledger::LogKey(rabat.id(), berlin.id(), rabat.card().keys.ledger),
            {ledger::WitnessKey(berlin.id(), berlin.card().keys.witness)},
            1};
  }

  ledger::NodeStore tree;
};

TEST_F(TlogWitness, CosignsWhatGrowsAndShowsItToMonitors) {
  EXPECT_EQ(ReadBack().status, 404);
  std::uint64_t old_size = 0;
  for (const std::uint64_t size : {1U, 5U, 300U, 300U}) {
    clock.Advance(std::chrono::seconds(1));
    const ledger::AddCheckpointRequest request = Request(old_size, size);
    const http::Response response = Add(request);
    ASSERT_EQ(response.status, 200) << AsText(response.body);
    EXPECT_EQ(HeaderOf(response, "content-type"), "text/plain; charset=utf-8");
    const auto settled = ledger::AddCosignature(request.checkpoint, AsText(response.body),
                                                TrustInBoth().witnesses.front());
    ASSERT_THAT(settled, IsOk());
    EXPECT_THAT(ledger::OpenCheckpoint(*settled, TrustInBoth()), IsOk());
    old_size = size;
  }
  clock.Advance(std::chrono::seconds(7));
  const http::Response monitored = ReadBack();
  ASSERT_EQ(monitored.status, 200);
  const auto opened = ledger::OpenCheckpoint(AsText(monitored.body), TrustInBoth());
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->checkpoint, At(300));
  EXPECT_EQ(opened->cosigned_at, clock.Now());
  EXPECT_EQ(Get(Witness() + "/" + Origin() + "/checkpoint").status, 404);
  EXPECT_EQ(Get("/entente/0123456789abcdef/witness/" + crypto::Sha256(AsBytes(Origin())).Hex() +
                "/checkpoint")
                .status,
            404);
}

TEST_F(TlogWitness, RemembersBeforeItAnswers) {
  ASSERT_EQ(Add(Request(0, 5)).status, 200);
  Restart(berlin);
  Open();
  const http::Response stale = Add(Request(0, 7));
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(HeaderOf(stale, "content-type"), "text/x.tlog.size");
  EXPECT_EQ(AsText(stale.body), "5\n");
  EXPECT_EQ(Add(Request(5, 7)).status, 200);
  EXPECT_EQ(Add(Request(5, 9)).status, 409) << "the size cosigned last is 7";
}

TEST_F(TlogWitness, RefusesByTheStatusesOfTheSpecification) {
  ASSERT_EQ(Add(Request(0, 5)).status, 200);
  ledger::AddCheckpointRequest request = Request(5, 8);

  ledger::AddCheckpointRequest other = request;
  other.checkpoint = *ledger::SignCheckpoint({"node-x.example/log", 8, At(8).root},
                                             *rabat.exchange.identity().ledger);
  EXPECT_EQ(Add(other).status, 404);
  EXPECT_EQ(Send(Method::kPost, "/entente/0123456789abcdef/witness/add-checkpoint",
                 AsBytes(ledger::FormatAddCheckpoint(request)))
                .status,
            404);
  EXPECT_EQ(Send(Method::kGet, Witness() + "/add-checkpoint").status, 405);

  ledger::AddCheckpointRequest forged = request;
  forged.checkpoint = *ledger::SignCheckpoint(At(8), act::ExampleSigner(77));
  EXPECT_EQ(Add(forged).status, 403);

  EXPECT_EQ(Add(Request(9, 8)).status, 400) << "old above the size";

  ledger::AddCheckpointRequest wrong = request;
  wrong.proof.back().bytes[0] ^= 1U;
  EXPECT_EQ(Add(wrong).status, 422);
  wrong.proof.clear();
  EXPECT_EQ(Add(wrong).status, 422);
  EXPECT_EQ(berlin.Evidence(rabat.id()).size(), 0U) << "a bad proof proves nothing";

  ledger::Checkpoint fork = At(5);
  fork.root.bytes[0] ^= 1U;
  EXPECT_EQ(Add(ledger::AddCheckpointRequest{5, {}, Signed(fork)}).status, 422);
  EXPECT_EQ(berlin.Evidence(rabat.id()).size(), 1U) << "a second root for one size is a fork";
  EXPECT_EQ(Add(request).status, 422) << "a log with two histories is not witnessed again";
}

TEST_F(TlogWitness, RefusesGarbage) {
  const std::string good = ledger::FormatAddCheckpoint(Request(0, 5));
  const std::string hash = Base64Encode(At(5).root.view()) + "\n";
  const auto with_hashes = [&](int count) {
    std::string body = "old 3\n";
    for (int i = 0; i < count; ++i) {
      body += hash;
    }
    return body + "\n" + Signed(At(5));
  };
  EXPECT_EQ(Add(with_hashes(63)).status, 409) << "well formed; nothing was cosigned yet";
  for (const std::string& bad :
       {std::string(), std::string("\n"), with_hashes(64), "old -1" + good.substr(5),
        "old 00" + good.substr(5), "OLD 0" + good.substr(5), good.substr(0, 5),
        good.substr(0, good.size() - 1), good + "x", "\xEF\xBB\xBF" + good,
        std::string(1000, '\xFF'), "old 0\n\n" + std::string(300'000, 'x')}) {
    const http::Response response = Add(bad);
    EXPECT_EQ(response.status, 400) << bad.substr(0, 40);
    EXPECT_NE(AsText(response.body), "");
  }
  ledger::Note extended{ledger::FormatCheckpoint(At(5)) + "an extension line\n", {}};
  extended.signatures.push_back(
      *ledger::SignText(extended.text, Origin(), *rabat.exchange.identity().ledger));
  EXPECT_EQ(Add("old 0\n\n" + ledger::FormatNote(extended)).status, 400);
}

TEST_F(TlogWitness, DoesNotWorkForASuspendedPeer) {
  ASSERT_THAT(berlin.exchange.store().Write([&](store::Transaction& transaction) -> Status {
    for (std::uint64_t i = 0; i <= exchange::kRefusalsPerWindowMax; ++i) {
      ENTENTE_TRY(
          exchange::CountKept(transaction, rabat.id(), exchange::Kept::kEvidence, clock.Now()));
    }
    return {};
  }),
              IsOk());
  EXPECT_EQ(Add(Request(0, 5)).status, 429);
  EXPECT_EQ(ReadBack().status, 404);
}

TEST(TlogCodec, TakesTheLargestRequestAndNoLargerBody) {
  const auto feed = [](std::size_t body_size_bytes) {
    http::Request request;
    request.method = Method::kPost;
    request.body.assign(body_size_bytes, 'x');
    http::ServerCodec codec(api::kTlogCodecLimits);
    const auto fed = codec.Feed(http::FormatRequest(request));
    return fed ? 200 : codec.Refusal().status;
  };
  // "old <19 digits>", 63 hashes of 44 characters, a blank line, the note.
  static_assert(24 + 63 * 45 + 1 + ledger::kNoteBytesMax <
                api::kTlogCodecLimits.body_size_bytes_max);
  EXPECT_EQ(feed(api::kTlogCodecLimits.body_size_bytes_max - 1), 200);
  EXPECT_EQ(feed(api::kTlogCodecLimits.body_size_bytes_max), 200);
  EXPECT_EQ(feed(api::kTlogCodecLimits.body_size_bytes_max + 1), 413);
}

}  // namespace
}  // namespace entente::testing
