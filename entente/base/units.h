// Configuration values carry their unit: "30s", "8MiB". Threads: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "entente/base/result.h"

namespace entente {

// "250ms", "30s", "5min", "4h", "7d". Errors: kInvalidInput without a unit, for a negative number
// or one that does not fit.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);
std::string FormatDuration(std::chrono::milliseconds duration);

// "512B", "64KiB", "8MiB", "2GiB". Errors: kInvalidInput likewise.
Result<std::uint64_t> ParseSize(std::string_view text);
std::string FormatSize(std::uint64_t size_bytes);

}  // namespace entente
