// The two halves of a request target: path and query. The query form is also that of HTML forms.
//
// Sources: RFC 3986; WHATWG URL §5 (application/x-www-form-urlencoded). Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entente/base/result.h"

namespace entente::http {

// Decodes a path into UTF-8 that means one thing only: it begins with "/", has no segment that is
// ".", ".." or (unless last) empty, and no "/", "\\" or control character that was escaped.
// Errors: kInvalidInput otherwise.
Result<std::string> ParsePath(std::string_view text);
std::string FormatPath(std::string_view path);

// Names and values in order; a name may come twice.
using Parameters = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::size_t kParameterCountMax = 100;

// Decodes `a=1&b=%C3%A9+x` into UTF-8 without NUL.
// Errors: kInvalidInput for a broken escape, NUL or text that is not UTF-8; kLimitExceeded for more
// than kParameterCountMax.
Result<Parameters> ParseParameters(std::string_view text);
std::string FormatParameters(const Parameters& parameters);

}  // namespace entente::http
