// How every fallible function of Entente reports failure: a value or an Error, never both.
//
// A code says what the caller should do; docs/reference/errors.md maps each code to an HTTP status,
// an exit code, a peer wire code and a retry rule (base/error_table.h is that table).
// Exceptions are for bugs only; constructors do not fail, `static Result<X> X::Create(...)` does.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace entente {

enum class ErrorCode {
  kInvalidInput,      // our operator gave us something wrong: fix the input, do not retry
  kPeerViolation,     // the peer broke the protocol: close the session, record it, do not retry
  kNotPermitted,      // the agreement or the policy forbids it
  kNotFound,          // nothing by that name
  kConflict,          // the state changed under us: read again, then retry
  kLimitExceeded,     // a stated limit was reached
  kUnavailable,       // network, disk or database: retry with back-off
  kDeadlineExceeded,  // too late
  kCorruptData,       // stored bytes fail their checksum or proof: stop and alert
  kInternal,          // a bug
};

// `message` is one line: what is wrong and what to do. No personal data, no secret.
struct [[nodiscard]] Error {
  ErrorCode code;
  std::string message;
};

// A T or an Error; unlike its base class, ignoring one does not compile.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error{...};` must read well.
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}
};

using Status = Result<void>;

// The error of a failed Result, moved out.
template <typename T>
Error TakeError(Result<T>&& result) {
  return std::move(result).error();
}

}  // namespace entente

#define ENTENTE_CONCAT2_(a, b) a##b
#define ENTENTE_CONCAT_(a, b) ENTENTE_CONCAT2_(a, b)

// ENTENTE_TRY(expression): returns the error of a Status to our caller.
#define ENTENTE_TRY(expression)                                \
  do {                                                         \
    if (auto entente_status = (expression); !entente_status) { \
      return ::entente::TakeError(std::move(entente_status));  \
    }                                                          \
  } while (false)

// ENTENTE_ASSIGN(auto x, expression): x is the value, or our caller gets the error.
#define ENTENTE_ASSIGN(lhs, expression) \
  ENTENTE_ASSIGN_(ENTENTE_CONCAT_(entente_result_, __LINE__), lhs, expression)
#define ENTENTE_ASSIGN_(result, lhs, expression)    \
  auto result = (expression);                       \
  if (!(result)) {                                  \
    return ::entente::TakeError(std::move(result)); \
  }                                                 \
  lhs = *std::move(result)
