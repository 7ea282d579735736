// What each ErrorCode means outside a function: its wire name, HTTP status, exit code and retry
// rule. docs/reference/errors.md shows the same rows to readers; a test compares the two.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "entente/base/result.h"

namespace entente {

enum class Retry {
  kNever,         // the same request fails again
  kAfterReading,  // read the state again, decide anew, then retry
  kWithBackOff,   // the same request may succeed later
};

struct ErrorRow {
  ErrorCode code;
  std::string_view name;  // on the wire and in JSON; never changes once published
  int http_status;
  int exit_code;  // of the command line; 0 is success, 1 is a usage error of the shell's own kind
  Retry retry;
};

// One row per ErrorCode, in the order of the enum.
inline constexpr std::array<ErrorRow, 10> kErrorTable = {{
    {ErrorCode::kInvalidInput, "invalid_input", 400, 2, Retry::kNever},
    {ErrorCode::kPeerViolation, "peer_violation", 502, 11, Retry::kNever},
    {ErrorCode::kNotPermitted, "not_permitted", 403, 3, Retry::kNever},
    {ErrorCode::kNotFound, "not_found", 404, 4, Retry::kNever},
    {ErrorCode::kConflict, "conflict", 409, 5, Retry::kAfterReading},
    {ErrorCode::kLimitExceeded, "limit_exceeded", 429, 6, Retry::kNever},
    {ErrorCode::kUnavailable, "unavailable", 503, 7, Retry::kWithBackOff},
    {ErrorCode::kDeadlineExceeded, "deadline_exceeded", 504, 8, Retry::kNever},
    {ErrorCode::kCorruptData, "corrupt_data", 500, 9, Retry::kNever},
    {ErrorCode::kInternal, "internal", 500, 10, Retry::kNever},
}};

const ErrorRow& ErrorRowFor(ErrorCode code);

// The code of a wire name, or nothing if the name is not in the table.
std::optional<ErrorCode> ErrorCodeFromName(std::string_view name);

// "never", "after reading" or "with back-off".
std::string_view RetryName(Retry retry);

}  // namespace entente
