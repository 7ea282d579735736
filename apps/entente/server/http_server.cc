#include "apps/entente/server/http_server.h"

#include <utility>

namespace entente::app {

class HttpServer::Client final : public net::ConnectionHandler,
                                 public std::enable_shared_from_this<Client> {
 public:
  Client(HttpServer& server, std::uint64_t id, std::unique_ptr<net::Connection> connection,
         http::Origin origin)
      : server_(server),
        id_(id),
        connection_(std::move(connection)),
        origin_(origin),
        codec_(server.limits_) {}

  void Start() { connection_->Start(*this); }

  void OnBytes(ByteView bytes) override { Feed(bytes); }

  void OnClosed(const Error& /*why*/) override {
    // The server may be the last owner: leave after this call.
    server_.loop_.Post([&server = server_, id = id_] { server.clients_.erase(id); });
  }

 private:
  void Feed(ByteView bytes) {
    auto fed = codec_.Feed(bytes);
    if (!fed) {
      connection_->Send(codec_.Encode(codec_.Refusal(), false));
      connection_->Close();
      return;
    }
    std::optional<http::Request> request = *std::move(fed);
    if (!request) {
      return;
    }
    connection_->PauseReading();  // one request at a time: the rest waits in the kernel
    http::RequestContext context;
    context.request = *std::move(request);
    context.origin = origin_;
    context.remote = connection_->remote();
    const bool keep_alive = context.request.keep_alive;
    server_.router_.Handle(
        std::move(context),
        http::Responder([weak = weak_from_this(), keep_alive](const http::Response& response) {
          if (const auto self = weak.lock()) {
            self->Answer(response, keep_alive);
          }
        }));
  }

  void Answer(const http::Response& response, bool keep_alive) {
    connection_->Send(codec_.Encode(response, keep_alive));
    if (!keep_alive) {
      connection_->Close();
      return;
    }
    connection_->ResumeReading();
    // A pipelined request may wait in the codec; not from inside the handler that just answered.
    server_.loop_.Post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->Feed({});
      }
    });
  }

  HttpServer& server_;
  std::uint64_t id_;
  std::unique_ptr<net::Connection> connection_;
  http::Origin origin_;
  http::ServerCodec codec_;
};

HttpServer::HttpServer(net::EventLoop& loop, const http::Router& router, http::CodecLimits limits)
    : loop_(loop), router_(router), limits_(limits) {}

HttpServer::~HttpServer() = default;

void HttpServer::Serve(std::unique_ptr<net::Connection> connection, http::Origin origin) {
  const std::uint64_t id = next_++;
  const auto client = std::make_shared<Client>(*this, id, std::move(connection), origin);
  clients_.emplace(id, client);
  client->Start();
}

}  // namespace entente::app
