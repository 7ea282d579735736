// Requests as they come from the administrator's socket, and from tlog tools over HTTP, to a whole
// node in memory: every request has at most one answer, and none of them is our own trouble (500).
#include <memory>
#include <optional>

#include "entente/api/routes.h"
#include "entente/api/tlog_routes.h"
#include "entente/base/background.h"
#include "entente/base/check.h"
#include "entente/http/codec.h"
#include "entente/node/node.h"
#include "entente/node/testing.h"
#include "entente/store/sqlite/testing.h"
#include "sim/disk/disk.h"

namespace entente {
namespace {

constexpr int kRequestsMax = 4;
constexpr int kOwnTrouble = 500;

class NoNetwork final : public node::Network {
 public:
  void Dial(const std::string& /*endpoint*/, const crypto::Digest& /*spki*/,
            OnResult /*on_result*/) override {}
  std::unique_ptr<node::PendingCall> After(std::chrono::milliseconds /*delay*/,
                                           std::function<void()> /*task*/) override {
    return nullptr;
  }
  void Post(std::function<void()> /*task*/) override {}
};

class NoImports final : public api::ImportService {
 public:
  Result<std::uint64_t> Begin(const api::ImportRequest& /*request*/) override {
    return std::uint64_t{1};
  }
  Result<std::uint64_t> Receive(std::uint64_t /*import*/, const std::string& /*part*/,
                                std::uint64_t offset, ByteView bytes) override {
    return offset == 0 ? Result<std::uint64_t>(bytes.size()) : Result<std::uint64_t>(kNone);
  }
  Status Finish(std::uint64_t /*import*/) override { return kNone; }
  Result<api::ImportStatus> Get(std::uint64_t /*import*/) const override {
    return api::ImportStatus{};
  }
  Result<Bytes> Rejects(std::uint64_t /*import*/, std::uint64_t /*offset*/) const override {
    return kNone;
  }
  Status Cancel(std::uint64_t /*import*/) override { return kNone; }

 private:
  inline static const Error kNone{ErrorCode::kNotFound, "no such import"};
};

// MA, which knows DE. Made anew for every input, so that an input tells all there is to know.
class Desk {
 public:
  Desk() {
    ENTENTE_CHECK(node_.exchange().AddPeer(berlin_.get().signed_card).has_value());
    api::AddApiRoutes(api_, services_, logins_);
    api::AddTlogRoutes(tlog_, node_.exchange());
  }

  void Ask(http::Request request) {
    const bool is_tlog = request.path.starts_with("/entente/");
    http::RequestContext context;
    context.request = std::move(request);
    context.origin = is_tlog ? http::Origin::kNetwork : http::Origin::kAdministratorSocket;
    const auto answers = std::make_shared<int>(0);
    (is_tlog ? tlog_ : api_)
        .Handle(std::move(context), http::Responder([answers](const http::Response& response) {
                  ENTENTE_CHECK(++*answers == 1);
                  ENTENTE_CHECK(response.status >= 200 && response.status < 600);
                  ENTENTE_CHECK(response.status != kOwnTrouble);
                }));
  }

 private:
  static UtcTime Start() { return *ParseRfc3339("2026-11-23T10:00:00Z"); }

  SeededRandomForTests random_{1};
  node::IdentityForTests rabat_{"MA", true, Start(), random_};
  node::IdentityForTests berlin_{"DE", true, Start(), random_};
  ManualClock clock_{Start()};
  sim::Disk disk_{"fuzz", 1};
  std::unique_ptr<store::Store> store_ =
      *store::SqliteStore::Open("/node.db", store::KeysForTests(), "fuzz");
  QueuedBackground background_;
  NoNetwork network_;
  Log log_{clock_};
  node::Node node_{rabat_.get(), {*store_, clock_, random_, background_, network_, log_}, {}};
  NoImports imports_;
  api::LoginBook logins_{random_, clock_};
  api::Services services_{
      node_.exchange(), node_.documents(), node_.matching(), imports_,
      node_.links(),    random_,           "fuzz",           [] { return std::string(); }};
  http::Router api_{[](const http::RequestContext& /*context*/) -> Result<std::string> {
    return Error{ErrorCode::kNotPermitted, "no session"};
  }};
  http::Router tlog_{api::TlogAccess({})};
};

}  // namespace
}  // namespace entente

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  entente::http::ServerCodec codec;
  entente::ByteView rest(data, size);
  std::optional<entente::Desk> desk;
  for (int count = 0; count < entente::kRequestsMax; ++count) {
    auto request = codec.Feed(std::exchange(rest, {}));
    if (!request || !*request) {
      return 0;
    }
    if (!desk) {
      desk.emplace();
    }
    desk->Ask(std::move(**request));
    codec.Encode(entente::http::Text(200, ""), true);
  }
  return 0;
}
