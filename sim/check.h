// What must hold when a story is over (story.h lists it).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/authority.h"
#include "sim/story.h"

namespace entente::sim {

// An act that Submit acknowledged: it must not be lost.
struct Acknowledged {
  Authority* from;
  Authority* to;
  act::ActId id;
  std::uint64_t sequence;
};

// Whether everything between the two is answered and settled.
bool IsQuiet(Authority& from, Authority& to);

// Adds to `verdict` what does not hold. Requires that all run and are quiet.
void Check(const std::vector<std::unique_ptr<Authority>>& authorities,
           const std::vector<Acknowledged>& acknowledged, Verdict& verdict);

}  // namespace entente::sim
