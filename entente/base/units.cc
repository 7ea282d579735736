#include "entente/base/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace entente {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 5> kDurations{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kSizes{
    {{"GiB", 1ULL << 30U}, {"MiB", 1ULL << 20U}, {"KiB", 1ULL << 10U}, {"B", 1}}};

Result<std::uint64_t> Parse(std::string_view text, std::span<const Unit> units,
                            std::string_view example) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  for (const Unit& unit : units) {
    if (error == std::errc{} && name == unit.name) {
      constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (number > kMax / unit.factor) {
        return Error{ErrorCode::kInvalidInput, "value is too large: " + std::string(text)};
      }
      return number * unit.factor;
    }
  }
  return Error{ErrorCode::kInvalidInput,
               "write a whole number with its unit, such as " + std::string(example)};
}

std::string Format(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return std::to_string(value / unit.factor) + std::string(unit.name);
    }
  }
  return "0" + std::string(units.back().name);
}

}  // namespace

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  ENTENTE_ASSIGN(const std::uint64_t value, Parse(text, kDurations, "30s, 5min or 7d"));
  return std::chrono::milliseconds(static_cast<std::int64_t>(value));
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  return Format(static_cast<std::uint64_t>(duration.count()), kDurations);
}

Result<std::uint64_t> ParseSize(std::string_view text) {
  return Parse(text, kSizes, "64KiB or 8MiB");
}

std::string FormatSize(std::uint64_t size_bytes) { return Format(size_bytes, kSizes); }

}  // namespace entente
