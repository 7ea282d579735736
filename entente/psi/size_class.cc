#include "entente/psi/size_class.h"

#include <array>
#include <string>

namespace entente::psi {
namespace {

// 2^(1/4), 2^(2/4) and 2^(3/4), times 2^40, rounded down; irrational, so never exact.
constexpr unsigned kFractionBits = 40;
constexpr std::array<std::uint64_t, 3> kQuarters{1'307'547'050'779, 1'554'944'255'987,
                                                 1'849'150'772'653};

}  // namespace

Result<std::uint64_t> SizeClass(std::uint64_t key_count) {
  for (std::uint64_t octave = kSizeClassMin; octave <= kSizeClassMax; octave *= 2) {
    if (key_count <= octave) {
      return octave;
    }
    for (const std::uint64_t quarter : kQuarters) {
      const std::uint64_t size_class = ((octave * quarter) >> kFractionBits) + 1;
      if (key_count <= size_class && size_class <= kSizeClassMax) {
        return size_class;
      }
    }
  }
  return Error{ErrorCode::kLimitExceeded, "a round takes at most " + std::to_string(kSizeClassMax) +
                                              " keys: split the collection"};
}

}  // namespace entente::psi
