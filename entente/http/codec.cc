#include "entente/http/codec.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>

#include "entente/base/check.h"

namespace entente::http {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using Body = beast_http::vector_body<std::uint8_t>;

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSecurityHeaders = {{
    {"content-security-policy",
     "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
     "frame-ancestors 'none'; base-uri 'none'"},
    {"x-content-type-options", "nosniff"},
    {"referrer-policy", "no-referrer"},
    {"cache-control", "no-store"},
}};

// Fields about the connection or the length: the codec's business, not the message's.
bool IsFraming(std::string_view name) {
  return name == "content-length" || name == "transfer-encoding" || name == "connection";
}

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Beast's parser under limits that do not depend on how the bytes are cut.
template <bool IsRequest>
class MessageReader {
 public:
  explicit MessageReader(const CodecLimits& limits) : limits_(limits) {
    parser_.eager(true);
    parser_.header_limit(static_cast<std::uint32_t>(limits.header_size_bytes_max));
    parser_.body_limit(limits.body_size_bytes_max);
  }

  // Parses as far as `buffer` goes and removes what is parsed.
  error_code Advance(Bytes& buffer) {
    if (!parser_.is_header_done()) {
      const std::size_t end = AsText(buffer).find("\r\n\r\n", searched_);
      const bool is_found = end != std::string_view::npos;
      if (is_found ? end + 4 > limits_.header_size_bytes_max
                   : buffer.size() >= limits_.header_size_bytes_max) {
        return beast_http::error::header_limit;
      }
      if (!is_found) {
        searched_ = buffer.size() - std::min<std::size_t>(buffer.size(), 3);
        return {};
      }
    }
    while (buffer.size() >= bytes_wanted_ && !parser_.is_done()) {
      error_code error;
      const std::size_t size =
          parser_.put(boost::asio::const_buffer(buffer.data(), buffer.size()), error);
      buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
      bytes_wanted_ = 1;
      if (error == beast_http::error::need_more) {
        bytes_wanted_ = kLastChunk.size();
        // Of a chunk's line, whose end may never come.
        return buffer.size() > limits_.header_size_bytes_max ? beast_http::error::header_limit
                                                             : error_code();
      }
      if (error) {
        return error;
      }
    }
    return {};
  }

  beast_http::parser<IsRequest, Body>& parser() { return parser_; }

 private:
  const CodecLimits limits_;
  beast_http::parser<IsRequest, Body> parser_;
  std::size_t searched_ = 0;  // no header ends before
  // Beast asserts that a chunk's line which it has seen a part of comes again with so many bytes;
  // as many follow before any chunked message ends.
  std::size_t bytes_wanted_ = 1;
};

template <typename Message>
Result<Headers> HeadersOf(const Message& message) {
  Headers headers;
  for (const auto& field : message) {
    const std::string_view name = View(field.name_string());
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (!IsFraming(lower)) {
      ENTENTE_TRY(headers.Add(lower, View(field.value())));
    }
  }
  return headers;
}

// What two readers of the same bytes could take for different messages.
template <typename Message>
Status CheckFraming(const Message& message) {
  const auto codings = message.count(beast_http::field::transfer_encoding);
  if (codings == 0) {
    return {};
  }
  if (codings > 1 || message.count(beast_http::field::content_length) > 0 ||
      !boost::beast::iequals(message[beast_http::field::transfer_encoding], "chunked")) {
    return Error{ErrorCode::kInvalidInput, "the length of the message is not clear"};
  }
  return {};
}

Method MethodOf(beast_http::verb verb) {
  switch (verb) {
    case beast_http::verb::get:
      return Method::kGet;
    case beast_http::verb::head:
      return Method::kHead;
    case beast_http::verb::post:
      return Method::kPost;
    case beast_http::verb::put:
      return Method::kPut;
    case beast_http::verb::delete_:
      return Method::kDelete;
    default:
      return Method::kOther;
  }
}

Result<Request> RequestOf(beast_http::request<Body> message) {
  ENTENTE_TRY(CheckFraming(message));
  Request request;
  request.method = MethodOf(message.method());
  const std::string_view target = View(message.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  ENTENTE_ASSIGN(request.path, ParsePath(target.substr(0, mark)));
  ENTENTE_ASSIGN(request.query, ParseParameters(target.substr(std::min(mark + 1, target.size()))));
  ENTENTE_ASSIGN(request.headers, HeadersOf(message));
  const auto hosts = message.count(beast_http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    return Error{ErrorCode::kInvalidInput, "a request names its host once"};
  }
  request.keep_alive = message.keep_alive();
  request.body = std::move(message.body());
  return request;
}

Result<Response> ResponseOf(beast_http::response<Body> message) {
  ENTENTE_TRY(CheckFraming(message));
  Response response;
  response.status = static_cast<int>(message.result_int());
  if (response.status < 200 || response.status > 599) {
    return Error{ErrorCode::kInvalidInput, "status " + std::to_string(response.status)};
  }
  ENTENTE_ASSIGN(response.headers, HeadersOf(message));
  response.body = std::move(message.body());
  return response;
}

void AppendFields(std::string& head, const Headers& headers) {
  for (const auto& [name, value] : headers.fields()) {
    if (!IsFraming(name)) {
      head.append(name).append(": ").append(value).append("\r\n");
    }
  }
}

Bytes Join(std::string_view head, ByteView body) {
  Bytes out;
  out.reserve(head.size() + body.size());
  Append(out, AsBytes(head));
  Append(out, body);
  return out;
}

}  // namespace

struct ServerCodec::Reader : MessageReader<true> {
  using MessageReader::MessageReader;
};

ServerCodec::ServerCodec(CodecLimits limits) : limits_(limits) {}
ServerCodec::ServerCodec(ServerCodec&&) noexcept = default;
ServerCodec& ServerCodec::operator=(ServerCodec&&) noexcept = default;
ServerCodec::~ServerCodec() = default;

bool ServerCodec::is_receiving() const { return reader_ != nullptr && !is_refused_; }

Result<std::optional<Request>> ServerCodec::Refuse(int status, Error error) {
  is_refused_ = true;
  refusal_ = ErrorResponse(status, error);
  return error;
}

Result<std::optional<Request>> ServerCodec::Feed(ByteView bytes) {
  if (is_refused_) {
    return Error{ErrorCode::kInvalidInput, "nothing follows a request that was refused"};
  }
  Append(buffer_, bytes);
  std::optional<Request> next;
  if (!is_answer_due_ && !buffer_.empty()) {
    if (reader_ == nullptr) {
      reader_ = std::make_unique<Reader>(limits_);
    }
    if (const error_code error = reader_->Advance(buffer_)) {
      if (error == beast_http::error::body_limit) {
        return Refuse(413, {ErrorCode::kLimitExceeded, "the body of the request is too large"});
      }
      if (error == beast_http::error::header_limit) {
        return Refuse(431, {ErrorCode::kLimitExceeded, "the header of the request is too large"});
      }
      return Refuse(400, {ErrorCode::kInvalidInput, "not HTTP/1.1: " + error.message()});
    }
    if (reader_->parser().is_done()) {
      Result<Request> request = RequestOf(std::exchange(reader_, nullptr)->parser().release());
      if (!request) {
        return Refuse(StatusFor(request.error().code), request.error());
      }
      is_answer_due_ = true;
      is_head_ = request->method == Method::kHead;
      next = *std::move(request);
    }
  }
  if (is_answer_due_ && buffer_.size() > limits_.pipelined_size_bytes_max) {
    return Refuse(429, {ErrorCode::kLimitExceeded, "too much was sent ahead of the answer"});
  }
  return next;
}

Bytes ServerCodec::Encode(const Response& response, bool keep_alive) {
  ENTENTE_CHECK(is_answer_due_ || is_refused_);
  is_answer_due_ = false;
  Response secured = response;
  for (const auto& [name, value] : kSecurityHeaders) {
    if (!secured.headers.Find(name)) {
      ENTENTE_CHECK(secured.headers.Add(name, value).has_value());
    }
  }
  return FormatResponse(secured, keep_alive, !std::exchange(is_head_, false));
}

struct ClientCodec::Reader : MessageReader<false> {
  using MessageReader::MessageReader;
};

ClientCodec::ClientCodec(Method method, CodecLimits limits)
    : reader_(std::make_unique<Reader>(limits)) {
  reader_->parser().skip(method == Method::kHead);
}
ClientCodec::ClientCodec(ClientCodec&&) noexcept = default;
ClientCodec& ClientCodec::operator=(ClientCodec&&) noexcept = default;
ClientCodec::~ClientCodec() = default;

Result<std::optional<Response>> ClientCodec::Feed(ByteView bytes) {
  Append(buffer_, bytes);
  if (const error_code error = reader_->Advance(buffer_)) {
    if (error == beast_http::error::body_limit || error == beast_http::error::header_limit) {
      return Error{ErrorCode::kLimitExceeded, "the answer is too large"};
    }
    return Error{ErrorCode::kPeerViolation, "the answer is not HTTP/1.1: " + error.message()};
  }
  if (!reader_->parser().is_done()) {
    return std::optional<Response>();
  }
  if (!buffer_.empty()) {
    return Error{ErrorCode::kPeerViolation, "bytes follow the answer"};
  }
  ENTENTE_ASSIGN(Response response, FeedEnd());
  return response;
}

Result<Response> ClientCodec::FeedEnd() {
  error_code error;
  if (reader_->parser().got_some()) {  // Beast asserts so
    reader_->parser().put_eof(error);
  }
  if (error || !reader_->parser().is_done()) {
    return Error{ErrorCode::kPeerViolation, "the answer is cut"};
  }
  Result<Response> response = ResponseOf(reader_->parser().release());
  if (!response) {
    return Error{ErrorCode::kPeerViolation, "not an answer: " + response.error().message};
  }
  return response;
}

Bytes FormatRequest(const Request& request) {
  ENTENTE_CHECK(request.method != Method::kOther);
  std::string head = std::string(MethodName(request.method)) + " " + FormatPath(request.path);
  if (!request.query.empty()) {
    head += "?" + FormatParameters(request.query);
  }
  head += " HTTP/1.1\r\n";
  if (!request.headers.Find("host")) {
    head += "host: localhost\r\n";
  }
  AppendFields(head, request.headers);
  if (!request.keep_alive) {
    head += "connection: close\r\n";
  }
  head += "content-length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  return Join(head, request.body);
}

Bytes FormatResponse(const Response& response, bool keep_alive, bool with_body) {
  ENTENTE_CHECK(response.status >= 200 && response.status <= 599);
  const auto status = beast_http::int_to_status(static_cast<unsigned>(response.status));
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                     std::string(View(beast_http::obsolete_reason(status))) + "\r\n";
  AppendFields(head, response.headers);
  head += keep_alive ? "connection: keep-alive\r\n" : "connection: close\r\n";
  if (response.status == 204 || response.status == 304) {
    return Join(head + "\r\n", {});
  }
  head += "content-length: " + std::to_string(response.body.size()) + "\r\n\r\n";
  return Join(head, with_body ? ByteView(response.body) : ByteView());
}

}  // namespace entente::http
