#include "entente/base/utf8.h"

#include <cstdint>

#include "entente/base/check.h"

namespace entente {
namespace {

// The length of the well-formed sequence that starts at `at`, or 0.
std::size_t SequenceLength(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U;
  };
  const auto is_tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const std::uint32_t lead = byte(at);
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return is_tail(at + 1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const std::uint32_t second = byte(at + 1);
    const bool is_overlong = lead == 0xE0 && second < 0xA0;
    const bool is_surrogate = lead == 0xED && second > 0x9F;
    return is_tail(at + 1) && is_tail(at + 2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const std::uint32_t second = byte(at + 1);
    const bool is_overlong = lead == 0xF0 && second < 0x90;
    const bool is_too_high = lead == 0xF4 && second > 0x8F;
    return is_tail(at + 1) && is_tail(at + 2) && is_tail(at + 3) && !is_overlong && !is_too_high
               ? 4
               : 0;
  }
  return 0;
}

}  // namespace

std::optional<std::size_t> FirstInvalidUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = SequenceLength(text, at);
    if (length == 0) {
      return at;
    }
    at += length;
  }
  return std::nullopt;
}

char32_t NextCodePoint(std::string_view text, std::size_t& at) {
  const std::size_t length = SequenceLength(text, at);
  ENTENTE_CHECK(length != 0);
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[at + i]));
  };
  std::uint32_t value = byte(0);
  if (length == 2) {
    value = (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
  } else if (length == 3) {
    value = (byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
  } else if (length == 4) {
    value = (byte(0) & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U |
            (byte(3) & 0x3FU);
  }
  at += length;
  return value;
}

void AppendCodePoint(std::string& to, char32_t code_point) {
  const auto value = static_cast<std::uint32_t>(code_point);
  const auto push = [&](std::uint32_t byte) { to.push_back(static_cast<char>(byte)); };
  if (value < 0x80) {
    push(value);
  } else if (value < 0x800) {
    push(0xC0U | value >> 6U);
    push(0x80U | (value & 0x3FU));
  } else if (value < 0x10000) {
    push(0xE0U | value >> 12U);
    push(0x80U | (value >> 6U & 0x3FU));
    push(0x80U | (value & 0x3FU));
  } else {
    push(0xF0U | value >> 18U);
    push(0x80U | (value >> 12U & 0x3FU));
    push(0x80U | (value >> 6U & 0x3FU));
    push(0x80U | (value & 0x3FU));
  }
}

namespace {

// What could end the line, move the cursor or turn the text around.
bool IsControl(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

std::string OneLine(std::string_view text, std::size_t max) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = SequenceLength(text, at);
    if (out.size() + (length == 0 ? 1 : length) > max) {
      return out + "…";
    }
    std::size_t after = at;
    const bool is_shown = length != 0 && !IsControl(NextCodePoint(text, after));
    if (is_shown) {
      out.append(text.substr(at, length));
    } else {
      out.push_back('?');
    }
    at += length == 0 ? 1 : length;
  }
  return out;
}

}  // namespace entente
