// HTTP/1.1 messages as the console, the API and the command line see them: no framing, no sockets.
//
// Sources: RFC 9110 (semantics), RFC 9112 (syntax), RFC 6265 (cookies). Threads: plain values and
// pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/error_table.h"
#include "entente/base/result.h"
#include "entente/http/url.h"

namespace entente::http {

// kOther is any method no route can have.
enum class Method { kGet, kHead, kPost, kPut, kDelete, kOther };
std::string_view MethodName(Method method);

// Header fields in order. Names are lower case; a name may come twice.
// The only way in checks the text, so a value can never start a line of its own.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  // Replaces every field of that name, or adds one.
  // Errors: kInvalidInput unless `name` is a token and `value` is free of control characters
  // (CR, LF and NUL among them) and of white space at its ends.
  Status Set(std::string_view name, std::string_view value);
  // As Set, beside fields of that name.
  Status Add(std::string_view name, std::string_view value);
  // The first value of `name` (lower case).
  std::optional<std::string_view> Find(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }
  bool operator==(const Headers&) const = default;

 private:
  std::vector<Field> fields_;
};

struct Request {
  Method method = Method::kGet;
  std::string path = "/";  // as ParsePath gives it
  Parameters query;
  Headers headers;  // without content-length, transfer-encoding and connection
  Bytes body;
  bool keep_alive = true;  // whether the client wants another answer on this connection

  // The first query parameter or cookie of that name.
  std::optional<std::string_view> FindQuery(std::string_view name) const;
  std::optional<std::string_view> FindCookie(std::string_view name) const;
  bool operator==(const Request&) const = default;
};

struct Response {
  int status = 200;
  Headers headers;  // as Request; ServerCodec adds the security headers that are not there
  Bytes body;
  bool operator==(const Response&) const = default;
};

Response Json(int status, std::string_view text);
Response Html(int status, std::string_view text);
Response Text(int status, std::string_view text);
// 303 See Other. Errors: kInvalidInput unless `location` is a path of this server ("/x", not
// "//x").
Result<Response> Redirect(std::string_view location);

// The HTTP status of the error table.
int StatusFor(ErrorCode code);
// {"error":{"code":"not_permitted","message":"…","article":"…"}} with StatusFor(error.code), or
// with `status`. `article` is left out if empty.
Response ErrorResponse(const Error& error, std::string_view article = "");
Response ErrorResponse(int status, const Error& error, std::string_view article = "");

// The value of a set-cookie header: HttpOnly; SameSite=Strict; Path=/. `max_age` zero deletes the
// cookie; without it the cookie lasts until the browser closes. `is_secure` for TLS and loopback.
// Errors: kInvalidInput unless `name` is a token and `value` is made of RFC 6265 cookie-octets.
Result<std::string> FormatCookie(std::string_view name, std::string_view value, bool is_secure,
                                 std::optional<std::chrono::seconds> max_age = std::nullopt);

}  // namespace entente::http
