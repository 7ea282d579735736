#include "apps/entente/server/serve.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <thread>

#include <sys/resource.h>

#include "apps/entente/embedded.h"
#include "apps/entente/head_file.h"
#include "apps/entente/server/backup_service.h"
#include "apps/entente/server/http_server.h"
#include "apps/entente/server/importer.h"
#include "apps/entente/server/tap.h"
#include "apps/entente/server/tls_network.h"
#include "apps/entente/version.h"
#include "entente/api/console.h"
#include "entente/api/login_book.h"
#include "entente/api/routes.h"
#include "entente/api/tlog_routes.h"
#include "entente/crypto/random.h"
#include "entente/exchange/dead_letters.h"
#include "entente/net/plain_listener.h"
#include "entente/net/tls.h"
#include "entente/node/node.h"
#include "entente/store/sqlite/sqlite_store.h"

namespace entente::app {
namespace {

constexpr std::chrono::milliseconds kMaintenancePause{std::chrono::seconds(30)};
constexpr std::chrono::milliseconds kMaintenanceStep{20};
constexpr std::size_t kMaintenanceRows = 2000;

class LoopBackground final : public Background {
 public:
  LoopBackground(net::EventLoop& loop, std::size_t workers) : loop_(loop), workers_(workers) {}
  void Run(std::function<void()> work, std::function<void()> done) override {
    loop_.RunInBackground(std::move(work), std::move(done));
  }
  std::size_t worker_count() const override { return workers_; }

 private:
  net::EventLoop& loop_;
  std::size_t workers_;
};

std::size_t WorkerCount(const Config& config) {
  return config.worker_count != 0 ? config.worker_count
                                  : std::max(1U, std::thread::hardware_concurrency());
}

// A store that cannot grow refuses acts: this is to be seen before.
constexpr std::uintmax_t kFreeBytesMin = std::uintmax_t{512} << 20U;

std::vector<api::Finding> ExamineMachine(const HomePaths& paths) {
  std::error_code failure;
  const std::uintmax_t free = std::filesystem::space(paths.root, failure).available;
  const bool has_room = !failure && free >= kFreeBytesMin;
  const bool has_head = std::filesystem::exists(paths.head(), failure);
  return {{"home", std::nullopt, true, "this node holds the home's lock", ""},
          {"disk", std::nullopt, has_room, std::to_string(free >> 20U) + " MiB are free",
           has_room ? "" : "free space; the node goes on by itself"},
          {"head", std::nullopt, has_head,
           has_head ? "the head file is there" : "the head file is missing",
           has_head ? "" : "nothing to do: it is written within a second of the next change"}};
}

// Everything of one running node, in the order of its lifetimes.
class Server {
 public:
  Server(const HomePaths& paths, const Config& config, const NodeKeys& keys,
         std::unique_ptr<store::SqliteStore> store, api::Catalogue catalogue,
         SecretText ledger_token, const Clock& clock, Log& log)
      : paths_(paths),
        config_(config),
        keys_(keys),
        clock_(clock),
        log_(log),
        store_(std::move(store)),
        loop_(WorkerCount(config)),
        background_(loop_, WorkerCount(config)),
        network_(loop_),
        head_(paths.head()),
        node_(keys.identity(), {*store_, clock, random_, background_, network_, log, &head_},
              {config.redial_min, config.redial_max, kDialTimeout, TapOutbound}),
        dead_letters_(node_.exchange()),
        importer_(*store_, background_, clock, log, paths.root),
        backups_(paths, keys, *store_, loop_, background_, clock, log),
        logins_(random_, clock),
        catalogue_(std::move(catalogue)),
        services_{node_.exchange(),
                  node_.documents(),
                  node_.matching(),
                  importer_,
                  node_.links(),
                  random_,
                  std::string(kVersion),
                  [this] { return console_address_; },
                  [this] { return ExamineMachine(paths_); },
                  &backups_},
        router_([this](const http::RequestContext& context) { return logins_.Check(context); }),
        http_(loop_, router_),
        ledger_router_(api::TlogAccess(std::move(ledger_token))),
        ledger_http_(loop_, ledger_router_, api::kTlogCodecLimits) {
    api::AddApiRoutes(router_, services_, logins_);
    api::AddConsoleRoutes(router_, services_, logins_, catalogue_);
    api::AddTlogRoutes(ledger_router_, node_.exchange());
    ledger_router_.SetSessionRefusal(api::TlogRefusal);
  }

  Status Run() {
    ENTENTE_TRY(node_.documents().CheckOwnCard());
    ENTENTE_TRY(loop_.OnTerminate([this] { loop_.Stop(); }));
    ENTENTE_TRY(Listen());
    ENTENTE_TRY(ListenToPeers());
    ENTENTE_TRY(node_.Start());
    Maintain();
    std::cout << R"({"serving":true,"link":)" << (peers_ ? peers_->port() : 0) << R"(,"console":)"
              << QuoteJson(console_address_) << R"(,"ledger":)" << QuoteJson(ledger_address_)
              << "}\n"
              << std::flush;
    log_.Write(
        Log::Level::kInfo, "node.serving",
        {{"id", node_.exchange().identity().card.id().str()},
         {"fingerprint", act::Spoken(act::FingerprintOf(node_.exchange().identity().card))}});
    const Status status = loop_.Run();
    const Status stopped = node_.Stop();
    log_.Write(Log::Level::kInfo, "node.stopped");
    return status ? stopped : status;
  }

 private:
  Status ListenToPeers() {
    net::ConnectionLimits connection;
    connection.idle_timeout = config_.idle_timeout;
    ENTENTE_TRY(network_.SetIdentity(keys_.tls(), connection));
    if (config_.listen.empty()) {
      return {};
    }
    ENTENTE_ASSIGN(const net::Endpoint endpoint, ParseEndpoint(config_.listen));
    net::ListenerLimits limits;
    limits.connection = connection;
    auto listening = net::TlsListener::Listen(
        loop_, endpoint, keys_.tls(),
        [this](const crypto::Digest& spki) { return node_.links().IsPinned(spki); }, limits,
        {[this](std::unique_ptr<net::Connection> caller) {
           node_.links().OnCaller(MakeStream(std::move(caller)));
         },
         [this](const std::string& remote, const Error& why) {
           node_.links().OnCallerRefused(remote, why);
         }});
    ENTENTE_ASSIGN(peers_, WithSetting("link.listen", config_.listen, std::move(listening)));
    return {};
  }

  Status Listen() {
    net::ListenerLimits administrator;
    administrator.connection.idle_timeout = {};  // an offer is answered when its keys are computed
    ENTENTE_ASSIGN(administrator_,
                   net::PlainListener::ListenUnix(loop_, paths_.socket(), administrator,
                                                  [this](std::unique_ptr<net::Connection> client) {
                                                    http_.Serve(std::move(client),
                                                                http::Origin::kAdministratorSocket);
                                                  }));
    ENTENTE_ASSIGN(console_, ListenLoopback("console.listen", config_.console_listen, http_,
                                            console_address_));
    ENTENTE_ASSIGN(ledger_, ListenLoopback("ledger.listen", config_.ledger_listen, ledger_http_,
                                           ledger_address_));
    return {};
  }

  // Nothing if `listen` is empty. Sets `address` to the URL.
  Result<std::unique_ptr<net::PlainListener>> ListenLoopback(std::string_view setting,
                                                             const std::string& listen,
                                                             HttpServer& server,
                                                             std::string& address) {
    if (listen.empty()) {
      return std::unique_ptr<net::PlainListener>();
    }
    ENTENTE_ASSIGN(const net::Endpoint endpoint, ParseEndpoint(listen));
    ENTENTE_ASSIGN(auto listener,
                   WithSetting(setting, listen,
                               net::PlainListener::ListenLoopback(
                                   loop_, endpoint.host, endpoint.port, {},
                                   [&server](std::unique_ptr<net::Connection> client) {
                                     server.Serve(std::move(client), http::Origin::kNetwork);
                                   })));
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    address = "http://" + (is_v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
              std::to_string(listener->port());
    return listener;
  }

  // Erases what replaced collections left, a few rows at a time, until nothing is left, and then
  // the keys of rounds whose time is over.
  void Maintain() {
    importer_.Sweep();
    const auto is_more = store_->Maintain(kMaintenanceRows);
    if (!is_more) {
      log_.Write(Log::Level::kError, "store.maintenance", {{"why", is_more.error().message}});
    }
    const bool is_idle = !is_more || !*is_more;
    if (is_idle) {
      if (const Status status = store_->RotateWrappingKeyIfDue(clock_.Now()); !status) {
        log_.Write(Log::Level::kError, "store.maintenance", {{"why", status.error().message}});
      }
      node_.matching().EndExpired();
      if (const Status status = dead_letters_.Check(); !status) {
        log_.Write(Log::Level::kError, "outbox.unreadable", {{"why", status.error().message}});
      }
    }
    maintenance_ =
        loop_.After(is_idle ? kMaintenancePause : kMaintenanceStep, [this] { Maintain(); });
  }

  HomePaths paths_;
  Config config_;
  const NodeKeys& keys_;
  const Clock& clock_;
  Log& log_;
  crypto::SystemRandom random_;
  std::unique_ptr<store::SqliteStore> store_;
  net::EventLoop loop_;
  LoopBackground background_;
  TlsNetwork network_;
  HomeHeadFile head_;
  node::Node node_;
  exchange::DeadLetters dead_letters_;
  Importer importer_;
  NodeBackups backups_;
  api::LoginBook logins_;
  api::Catalogue catalogue_;
  std::string console_address_;
  std::string ledger_address_;
  api::Services services_;
  http::Router router_;
  HttpServer http_;
  http::Router ledger_router_;
  HttpServer ledger_http_;
  std::unique_ptr<net::TlsListener> peers_;
  std::unique_ptr<net::PlainListener> administrator_;
  std::unique_ptr<net::PlainListener> console_;
  std::unique_ptr<net::PlainListener> ledger_;
  net::Timer maintenance_;
};

}  // namespace

Status Serve(const HomePaths& paths, const Config& config, const SecretText& passphrase,
             const Clock& clock, Log& log) {
  // No core dump: it would hold the keys.
  const rlimit no_core{0, 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) {
    log.Write(Log::Level::kWarning, "node.core_dumps_possible");
  }
  ENTENTE_ASSIGN(const HomeLock lock, HomeLock::Take(paths));
  ENTENTE_ASSIGN(const NodeKeys keys, NodeKeys::Open(paths, passphrase, clock));
  ENTENTE_ASSIGN(auto store,
                 store::SqliteStore::Open(
                     paths.store(), {keys.store_root(), std::make_unique<crypto::SystemRandom>()}));
  ENTENTE_ASSIGN(api::Catalogue catalogue, api::Catalogue::Load(EmbeddedLocales()));
  ENTENTE_ASSIGN(SecretText ledger_token, ReadLedgerToken(paths, config));
  Server server(paths, config, keys, std::move(store), std::move(catalogue),
                std::move(ledger_token), clock, log);
  return server.Run();
}

}  // namespace entente::app
