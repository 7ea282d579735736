// Size classes: what a peer sees of the number of keys.
//
// A class is 2^(i/4) rounded up (quarter octaves): 256, 305, 363, 431, 512, 609, 725, 862, 1024 …
// Padding to the class costs at most 19 % and hides the count up to that.
#pragma once

#include <cstdint>

#include "entente/base/result.h"

namespace entente::psi {

inline constexpr std::uint64_t kSizeClassMin = 256;
inline constexpr std::uint64_t kSizeClassMax = std::uint64_t{1} << 20U;

// The smallest class with room for `key_count` keys.
// Errors: kLimitExceeded above kSizeClassMax.
Result<std::uint64_t> SizeClass(std::uint64_t key_count);

}  // namespace entente::psi
