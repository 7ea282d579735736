#include "entente/agreement/policy.h"

#include <array>

namespace entente::agreement {
namespace {

constexpr std::array<std::string_view, 12> kRuleNames{
    "permitted", "unknown_kind", "exercise", "no_agreement", "card",  "validity",
    "tier",      "kind",         "purpose",  "origin",       "limit", "scheme"};

}  // namespace

std::string_view RuleName(Rule rule) { return kRuleNames.at(static_cast<std::size_t>(rule)); }

Policy::Verdict Policy::Review(act::Draft draft, const Facts& facts) {
  Verdict verdict;
  verdict.decision = Decide(draft.kind, facts.is_exercise_node, draft.body, facts);
  if (verdict.decision.is_permitted()) {
    verdict.permitted = Permitted<act::Draft>(std::move(draft), verdict.decision);
  }
  return verdict;
}

std::string Describe(const Decision& decision) {
  std::string out = decision.is_permitted() ? "permitted" : "not permitted: rule ";
  if (!decision.is_permitted()) {
    out += RuleName(decision.rule);
  }
  if (!decision.article.empty()) {
    out += (decision.is_permitted() ? " by article " : ", article ") + decision.article;
  }
  if (decision.agreement) {
    out += (decision.article.empty() ? " under agreement " : " of agreement ") +
           decision.agreement->Hex().substr(0, 12) + "…";
  }
  return out;
}

}  // namespace entente::agreement
