// The seeds or cycles a program is asked to run.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace entente::sim {

struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// "7" or "1..200". Nothing for anything else.
inline std::optional<Range> ParseRange(std::string_view text) {
  Range range;
  const auto parse = [](std::string_view digits, std::uint64_t& number) {
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    return error == std::errc() && stop == end;
  };
  const std::size_t dots = text.find("..");
  const std::string_view first = text.substr(0, dots);
  const std::string_view last = dots == std::string_view::npos ? first : text.substr(dots + 2);
  const bool is_range = parse(first, range.first) && parse(last, range.last);
  return is_range && range.first <= range.last ? std::optional(range) : std::nullopt;
}

}  // namespace entente::sim
