// The command line's side of the API: HTTP over the home's Unix socket.
#pragma once

#include <string>
#include <string_view>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/http/message.h"
#include "entente/wire/json.h"

namespace entente::app {

class Client {
 public:
  // Errors: kNotFound if the folder is no home; kUnavailable if no `entente serve` runs in it.
  static Result<Client> Connect(const std::string& home);

  // Errors: the node's own, by code and message, with the article it cites; kUnavailable if the
  // connection to it is lost; kDeadlineExceeded.
  Result<Bytes> Call(http::Method method, const std::string& path, ByteView body = {},
                     http::Parameters query = {});
  Result<wire::Json> Get(const std::string& path);
  Result<wire::Json> Post(const std::string& path, const wire::Json& body = wire::Json::object());

  // The body of the last failed call, if it was JSON: decisions carry the article's text.
  const wire::Json& last_error() const { return last_error_; }
  // Whether the last call failed because the node is gone: unknown whether it took place.
  bool is_lost() const { return is_lost_; }

 private:
  explicit Client(std::string socket) : socket_(std::move(socket)) {}
  Result<http::Response> Exchange(const http::Request& request) const;

  std::string socket_;
  wire::Json last_error_;
  bool is_lost_ = false;
};

}  // namespace entente::app
