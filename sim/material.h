// What the authorities of a story have to say to each other and what they hold: all of it made up.
#pragma once

#include <string>

#include "sim/authority.h"

namespace entente::sim {

// The one collection of every authority.
inline constexpr const char* kCollection = "persons";
inline constexpr const char* kPurpose = "terrorism";

// Minutes of a meeting that say nothing but their number.
std::string Minutes(const Authority& a, const Authority& b, std::uint64_t number);
// A T1 agreement of `a` and `b` on matching, so narrow that offers are refused: few rounds a day,
// and by a clock that is a day wrong it is not in force.
std::string MatchingAgreement(const Authority& a, const Authority& b);
// Gives `authority` its collection: one person of its own, and one whom everybody holds.
// Requires is_running(). Errors: those of the store.
Status FillCollection(Authority& authority);

}  // namespace entente::sim
