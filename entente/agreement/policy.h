// The default-deny policy: may this act cross, and which article says so?
//
// Pure: the same agreement, act and facts give the same decision on every node, so sender and
// receiver decide independently and agree. A decision names a rule and an article; its wording for
// humans is made elsewhere. Nothing enters the outbox but Permitted<act::Draft>, and only
// Policy::Review makes one.
// Cost: microseconds. Threads: pure functions.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "entente/act/act.h"
#include "entente/agreement/document.h"

namespace entente::agreement {

// Which rule decided. Wire names in RuleName.
enum class Rule {
  kPermitted,
  kUnknownKind,  // no such act kind
  kExercise,     // live act, node or agreement against exercise
  kNoAgreement,  // no agreement named, or one this node does not know or has not co-signed
  kCard,         // the agreement pins another card than a side has now
  kValidity,     // before valid_from or after valid_until
  kTier,         // the act needs more than the agreement's tier
  kKind,         // the agreement does not permit this kind
  kPurpose,      // not a purpose of the agreement
  kOrigin,       // collection of this origin may not be matched
  kLimit,        // more records or rounds than agreed
  kScheme,       // another key scheme or crypto suite than agreed
};
std::string_view RuleName(Rule rule);

struct Decision {
  Rule rule = Rule::kNoAgreement;
  std::optional<DocumentId> agreement;
  std::string article;  // of `agreement`; empty on the introduction channel
  bool is_permitted() const { return rule == Rule::kPermitted; }
  bool operator==(const Decision&) const = default;
};

// An agreement this node has seen co-signed by both parties.
struct AgreementInForce {
  DocumentId id;
  Document document;  // with terms; one without counts as no agreement
};

// What a decision may depend on beside the act.
struct Facts {
  UtcTime now;
  bool is_exercise_node = true;
  std::array<act::CardFingerprint, 2> cards{};  // of this node and of the peer, as they are now
  const AgreementInForce* agreement = nullptr;  // the one the act names, null if not in force
  std::uint64_t rounds_today = 0;               // offered under it in the last 24 hours
  bool is_agreement_named = false;              // the act names one, in force or not
};

// How many keys a side may ask about for each record it states: bounds the queries of a round.
inline constexpr std::uint64_t kKeysPerRecordMax = 20;

// Default deny. For match.offer and match.accept the body's members "purpose", "origin", "records",
// "scheme_digest" and "suite" are facts too; a missing or ill-typed one is refused by its rule.
// Rules are asked in the order of the enum; the first that objects
// decides. kUnknownKind, kExercise, kNoAgreement and kCard cite no article: none applies.
Decision Decide(std::string_view kind, bool is_exercise_act, const wire::Json& body,
                const Facts& facts);

// A value the policy let through, with the decision that did.
template <typename T>
class Permitted {
 public:
  const T& value() const { return value_; }
  const Decision& decision() const { return decision_; }

 private:
  friend class Policy;
  Permitted(T value, Decision decision)
      : value_(std::move(value)), decision_(std::move(decision)) {}
  T value_;
  Decision decision_;
};

class Policy {
 public:
  struct Verdict {
    Decision decision;
    std::optional<Permitted<act::Draft>> permitted;  // present exactly if decision.is_permitted()
  };
  // Reviews what this node wants to send.
  static Verdict Review(act::Draft draft, const Facts& facts);
};

// "not permitted: rule tier, article 5 of agreement 1a2b3c4d…": for logs, errors and refusals.
std::string Describe(const Decision& decision);

}  // namespace entente::agreement
