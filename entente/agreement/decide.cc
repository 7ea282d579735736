// The rules themselves, alone in their file: the rogue node of the demo is linked without it.
#include <algorithm>
#include <optional>
#include <span>

#include "entente/agreement/policy.h"

namespace entente::agreement {
namespace {

using wire::Json;

// Nothing if the member is missing or not a text: nothing equals no agreed value.
std::optional<std::string> TextOf(const Json& body, const char* member) {
  const auto found = body.find(member);
  if (found == body.end() || !found->is_string()) {
    return std::nullopt;
  }
  return found->get<std::string>();
}

bool Contains(const std::vector<std::string>& list, const std::optional<std::string>& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::optional<std::uint64_t> CountOf(const Json& body, const char* member) {
  const auto found = body.find(member);
  if (found == body.end() || !found->is_number_integer() || found->get<std::int64_t>() < 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(found->get<std::int64_t>());
}

// Every side may ask this much, however short its list: the smallest class of psi/size_class.h.
constexpr std::uint64_t kSmallestClass = 256;

Rule JudgeOffer(const Json& body, const Terms& terms, std::uint64_t rounds_today) {
  if (!terms.matching) {
    return Rule::kKind;
  }
  const MatchTerms& matching = *terms.matching;
  const auto purpose = TextOf(body, "purpose");
  if (!purpose || !terms.purposes.contains(*purpose)) {
    return Rule::kPurpose;
  }
  if (!Contains(matching.origins, TextOf(body, "origin"))) {
    return Rule::kOrigin;
  }
  const auto records = CountOf(body, "records");
  const auto keys = CountOf(body, "size_class");
  if (!records || *records > matching.records_max || !keys ||
      *keys > std::max(kSmallestClass, *records * kKeysPerRecordMax) ||
      rounds_today >= matching.rounds_per_day_max) {
    return Rule::kLimit;
  }
  if (TextOf(body, "scheme_digest") != matching.scheme_digest.Hex() ||
      !Contains(matching.crypto_suites, TextOf(body, "suite"))) {
    return Rule::kScheme;
  }
  return Rule::kPermitted;
}

bool PinsAll(const Document& document, std::span<const act::CardFingerprint> cards) {
  return std::all_of(cards.begin(), cards.end(), [&](const act::CardFingerprint& card) {
    return std::any_of(document.parties.begin(), document.parties.end(),
                       [&](const Party& party) { return party.card == card; });
  });
}

// `terms` are those of facts.agreement, which is not null.
Rule JudgeUnderTerms(const act::KindInfo& kind, const Json& body, const Facts& facts,
                     const Terms& terms) {
  if (facts.agreement->document.is_exercise != facts.is_exercise_node) {
    return Rule::kExercise;
  }
  if (!PinsAll(facts.agreement->document, facts.cards)) {
    return Rule::kCard;
  }
  if (facts.now < terms.valid_from || facts.now >= terms.valid_until) {
    return Rule::kValidity;
  }
  if (kind.tier > terms.tier) {
    return Rule::kTier;
  }
  if (kind.tier != act::Tier::kIntroduction && !terms.permits.contains(std::string(kind.name))) {
    return Rule::kKind;
  }
  if (kind.name == act::kMatchOffer || kind.name == act::kMatchAccept) {
    return JudgeOffer(body, terms, kind.name == act::kMatchOffer ? facts.rounds_today : 0);
  }
  return Rule::kPermitted;
}

// The article a decision by `rule` cites.
std::string ArticleFor(Rule rule, std::string_view kind, const Terms& terms) {
  if (rule == Rule::kPermitted) {
    const auto found = terms.permits.find(std::string(kind));
    return found != terms.permits.end() ? found->second : std::string();
  }
  const auto found = terms.refusals.find(std::string(RuleName(rule)));
  return found != terms.refusals.end() ? found->second : std::string();
}

}  // namespace

Decision Decide(std::string_view kind, bool is_exercise_act, const Json& body, const Facts& facts) {
  Decision decision;
  const act::KindInfo* const info = act::FindKind(kind);
  if (info == nullptr) {
    decision.rule = Rule::kUnknownKind;
    return decision;
  }
  if (is_exercise_act != facts.is_exercise_node) {
    decision.rule = Rule::kExercise;
    return decision;
  }
  if (facts.agreement == nullptr || !facts.agreement->document.terms) {
    const bool is_introduction =
        info->tier == act::Tier::kIntroduction && !facts.is_agreement_named;
    decision.rule = is_introduction ? Rule::kPermitted : Rule::kNoAgreement;
    return decision;
  }
  const Terms& terms = *facts.agreement->document.terms;
  decision.agreement = facts.agreement->id;
  decision.rule = JudgeUnderTerms(*info, body, facts, terms);
  decision.article = ArticleFor(decision.rule, kind, terms);
  return decision;
}

}  // namespace entente::agreement
