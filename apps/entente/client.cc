#include "apps/entente/client.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "apps/entente/home.h"
#include "entente/base/error_table.h"
#include "entente/base/utf8.h"
#include "entente/http/codec.h"
#include "entente/net/blocking_stream.h"

namespace entente::app {
namespace {

// An offer is answered when its match set is computed, which takes a while for a large list.
constexpr std::chrono::minutes kAnswerTimeout{30};
constexpr std::size_t kAnswerBytesMax = std::size_t{256} << 20U;

Error ErrorOf(const http::Response& response, const wire::Json& json) {
  if (json.is_object() && json.contains("error") && json["error"].is_object()) {
    const wire::Json& error = json["error"];
    const auto code = ErrorCodeFromName(error.value("code", ""));
    return {code.value_or(ErrorCode::kInternal), error.value("message", "no message")};
  }
  return {ErrorCode::kInternal, "the node answered with status " + std::to_string(response.status)};
}

}  // namespace

Result<Client> Client::Connect(const std::string& home) {
  const HomePaths paths(home);
  std::error_code ignored;
  if (!std::filesystem::exists(paths.identity(), ignored) &&
      !std::filesystem::exists(paths.socket(), ignored)) {
    return Error{ErrorCode::kNotFound, home +
                                           " is not a home, or this user may not look into it; "
                                           "make one with `entente init --home " +
                                           home + "`"};
  }
  const auto stream = net::BlockingUnixStream::Connect(paths.socket(), std::chrono::seconds(5));
  if (!stream) {
    return Error{stream.error().code, "no node answers in " + home +
                                          "; start it with `entente serve --home " + home + "` (" +
                                          stream.error().message + ")"};
  }
  return Client(paths.socket());
}

Result<http::Response> Client::Exchange(const http::Request& request) const {
  ENTENTE_ASSIGN(net::BlockingUnixStream stream,
                 net::BlockingUnixStream::Connect(socket_, kAnswerTimeout));
  ENTENTE_TRY(stream.Write(http::FormatRequest(request)));
  http::CodecLimits limits;
  limits.body_size_bytes_max = kAnswerBytesMax;
  http::ClientCodec codec(request.method, limits);
  for (;;) {
    ENTENTE_ASSIGN(const Bytes bytes, stream.Read(std::size_t{64} << 10U));
    if (bytes.empty()) {
      auto response = codec.FeedEnd();
      return response ? std::move(response)
                      : Error{ErrorCode::kUnavailable, response.error().message};
    }
    ENTENTE_ASSIGN(std::optional<http::Response> response, codec.Feed(bytes));
    if (response) {
      return *std::move(response);
    }
  }
}

Result<Bytes> Client::Call(http::Method method, const std::string& path, ByteView body,
                           http::Parameters query) {
  http::Request request;
  request.method = method;
  request.path = path;
  request.query = std::move(query);
  request.body = ToBytes(body);
  request.keep_alive = false;
  auto response = Exchange(request);
  is_lost_ = !response && response.error().code == ErrorCode::kUnavailable;
  if (is_lost_) {
    return Error{ErrorCode::kUnavailable,
                 "the connection to the node was lost (" + response.error().message + ")"};
  }
  if (!response) {
    return response.error();
  }
  if (response->status >= 200 && response->status < 300) {
    return std::move(response->body);
  }
  const auto json = wire::ParseJson(AsText(response->body));
  last_error_ = json ? *json : wire::Json();
  return ErrorOf(*response, last_error_);
}

Result<wire::Json> Client::Get(const std::string& path) {
  ENTENTE_ASSIGN(const Bytes body, Call(http::Method::kGet, path));
  return wire::ParseJson(AsText(body));
}

Result<wire::Json> Client::Post(const std::string& path, const wire::Json& body) {
  ENTENTE_ASSIGN(const Bytes answer,
                 Call(http::Method::kPost, path, AsBytes(wire::WriteCanonicalJson(body))));
  return wire::ParseJson(AsText(answer));
}

}  // namespace entente::app
