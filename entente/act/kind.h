// The closed list of act kinds: what may cross, and the tier each needs.
//
// A kind that is not here is refused typed. Adding one means: a row here, a schema in
// docs/formats/acts.md, a handler in a domain module, a policy rule, tests.
#pragma once

#include <span>
#include <string_view>

namespace entente::act {

// The legal ground an act stands on (docs/design, "Legal tiers").
enum class Tier {
  kIntroduction,  // before any agreement: draft and sign one, nothing else
  kT0,            // declaration of intent: no personal data
  kT1,            // binding agreement with a recorded transfer basis
  kT2,            // a court's authorisation attached to the single request
};

std::string_view TierName(Tier tier);  // "introduction", "T0", "T1", "T2"

struct KindInfo {
  std::string_view name;  // "match.offer"
  Tier tier;              // the least tier it needs
};

inline constexpr std::string_view kDocumentPropose = "document.propose";
inline constexpr std::string_view kDocumentSign = "document.sign";
inline constexpr std::string_view kDocumentPublish = "document.publish";
inline constexpr std::string_view kMatchOffer = "match.offer";
inline constexpr std::string_view kMatchAccept = "match.accept";
inline constexpr std::string_view kMatchDecline = "match.decline";
inline constexpr std::string_view kMatchResult = "match.result";

std::span<const KindInfo> AllKinds();
// Null if the kind is unknown.
const KindInfo* FindKind(std::string_view name);

// Adds a kind that production does not have, before the first thread starts. For tests, benchmarks
// and the simulator only. Adding it again does nothing.
void AddKindForTests(const KindInfo& kind);

}  // namespace entente::act
