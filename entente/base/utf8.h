// UTF-8 as Unicode 15 §3.9 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace entente {

// The offset of the first byte that is not well-formed UTF-8, or nothing if all is.
std::optional<std::size_t> FirstInvalidUtf8(std::string_view text);
inline bool IsUtf8(std::string_view text) { return !FirstInvalidUtf8(text).has_value(); }

// Decodes the code point at `at` and moves `at` behind it. Requires well-formed UTF-8.
char32_t NextCodePoint(std::string_view text, std::size_t& at);
void AppendCodePoint(std::string& to, char32_t code_point);

// `text` fit for one log or error line: control characters (C0, C1), line separators and
// bidirectional controls become '?', at most `max` bytes and then
// "…", never cut inside a character. Bytes that are not UTF-8 become '?'.
std::string OneLine(std::string_view text, std::size_t max = 120);

}  // namespace entente
