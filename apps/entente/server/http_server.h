// Joins net's connections to http's codec and router: one codec per connection, one request at a
// time, answers possibly later. Threads: the loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "entente/http/codec.h"
#include "entente/http/router.h"
#include "entente/net/connection.h"
#include "entente/net/event_loop.h"

namespace entente::app {

class HttpServer {
 public:
  // `router` and `loop` must outlive the server.
  HttpServer(net::EventLoop& loop, const http::Router& router, http::CodecLimits limits = {});
  ~HttpServer();
  // Serves the connection until it closes.
  void Serve(std::unique_ptr<net::Connection> connection, http::Origin origin);

 private:
  class Client;
  net::EventLoop& loop_;
  const http::Router& router_;
  http::CodecLimits limits_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Client>> clients_;
};

}  // namespace entente::app
