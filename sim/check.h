// What must hold while a story runs and when it is over (story.h lists it).
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

// Adds to `verdict` what does not hold now: what one side was told, the other must have stored.
// Looks only at authorities that run and whose store can be read.
void CheckPromises(const std::vector<std::unique_ptr<Authority>>& authorities, Verdict& verdict);

// Adds to `verdict` what does not hold in the end. Requires that all run and are quiet.
void Check(const std::vector<std::unique_ptr<Authority>>& authorities,
           const std::vector<Acknowledged>& acknowledged, Verdict& verdict);

}  // namespace entente::sim
