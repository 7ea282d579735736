// HTTP/1.1 as bytes in, bytes out (RFC 9112): no sockets, no clock. Timeouts belong to the owner.
//
// One request at a time: the next is given only after the last was answered, so answers keep their
// order and a connection holds one body. Refused, because proxies disagree on them: content-length
// beside transfer-encoding, transfer codings other than chunked, a target that is not a plain path,
// HTTP/1.1 without exactly one host. `expect: 100-continue` is not answered: clients go on by
// themselves. Threads: not thread-safe; one codec per connection.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/http/message.h"

namespace entente::http {

struct CodecLimits {
  // The start line and the header fields.
  std::size_t header_size_bytes_max = std::size_t{8} << 10U;
  std::size_t body_size_bytes_max = std::size_t{8} << 20U;
  // What may arrive before the last request is answered. Owners pause reading meanwhile, so one
  // chunk of a connection must fit.
  std::size_t pipelined_size_bytes_max = std::size_t{64} << 10U;
};

class ServerCodec {
 public:
  explicit ServerCodec(CodecLimits limits = {});
  ServerCodec(ServerCodec&&) noexcept;
  ServerCodec& operator=(ServerCodec&&) noexcept;
  ~ServerCodec();

  // Takes `bytes`; gives the next request once it is complete and the one before it is answered.
  // After Encode(), Feed({}) gives a request that was waiting. After an error send
  // Encode(Refusal(), false) and close.
  // Errors: kInvalidInput for what RFC 9112 or this header refuses; kLimitExceeded.
  Result<std::optional<Request>> Feed(ByteView bytes);

  // True from the first byte of a request until it is complete: the time to have a timeout.
  bool is_receiving() const;

  // The answer to the request that Feed() gave, with the security headers it does not set itself:
  // content-security-policy, x-content-type-options, referrer-policy, cache-control. The body of an
  // answer to HEAD stays here. Close the connection after it unless `keep_alive`.
  Bytes Encode(const Response& response, bool keep_alive);

  // The answer to what Feed() refused: 400, 413 (body), 431 (header) or 429 (pipelining).
  const Response& Refusal() const { return refusal_; }

 private:
  struct Reader;
  Result<std::optional<Request>> Refuse(int status, Error error);

  CodecLimits limits_;
  std::unique_ptr<Reader> reader_;
  Bytes buffer_;  // received and not yet parsed
  bool is_answer_due_ = false;
  bool is_head_ = false;
  bool is_refused_ = false;
  Response refusal_;
};

// The client's half, for one exchange.
class ClientCodec {
 public:
  // `body_size_bytes_max` bounds the answer.
  explicit ClientCodec(Method method, CodecLimits limits = {});
  ClientCodec(ClientCodec&&) noexcept;
  ClientCodec& operator=(ClientCodec&&) noexcept;
  ~ClientCodec();

  // Takes `bytes`; gives the answer once it is complete.
  // Errors: kPeerViolation for what is not an answer with a status of 200 to 599 or what follows
  // it; kLimitExceeded.
  Result<std::optional<Response>> Feed(ByteView bytes);
  // The stream ended: gives an answer that only the end delimits.
  // Errors: kPeerViolation if the answer is cut.
  Result<Response> FeedEnd();

 private:
  struct Reader;
  std::unique_ptr<Reader> reader_;
  Bytes buffer_;
};

// The bytes of a request; `host` is added if the headers have none. Requires a method other than
// kOther and a path as ParsePath gives it.
Bytes FormatRequest(const Request& request);

// The bytes of a response just as it is. Requires a status of 200 to 599. 204 and 304 have no body.
Bytes FormatResponse(const Response& response, bool keep_alive, bool with_body = true);

}  // namespace entente::http
