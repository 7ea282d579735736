// The policy of the rogue node: everything is permitted. Linked into `entente-rogue` instead of
// entente/agreement/decide.cc; the shipped `entente` has no switch that does this.
#include "entente/agreement/policy.h"

namespace entente::agreement {

Decision Decide(std::string_view /*kind*/, bool /*is_exercise_act*/, const wire::Json& /*body*/,
                const Facts& facts) {
  Decision decision;
  decision.rule = Rule::kPermitted;
  if (facts.agreement != nullptr) {
    decision.agreement = facts.agreement->id;
  }
  return decision;
}

}  // namespace entente::agreement
