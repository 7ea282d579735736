#include "entente/act/kind.h"

#include <algorithm>
#include <array>

namespace entente::act {
namespace {

constexpr std::array<KindInfo, 7> kKinds{{
    {kDocumentPropose, Tier::kIntroduction},
    {kDocumentSign, Tier::kIntroduction},
    {kDocumentPublish, Tier::kT0},
    {kMatchOffer, Tier::kT1},
    {kMatchAccept, Tier::kT1},
    {kMatchDecline, Tier::kT1},
    {kMatchResult, Tier::kT1},
}};

}  // namespace

std::string_view TierName(Tier tier) {
  switch (tier) {
    case Tier::kIntroduction:
      return "introduction";
    case Tier::kT0:
      return "T0";
    case Tier::kT1:
      return "T1";
    case Tier::kT2:
      return "T2";
  }
  return "unknown";
}

std::span<const KindInfo> AllKinds() { return kKinds; }

const KindInfo* FindKind(std::string_view name) {
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(),
                                         [&](const KindInfo& kind) { return kind.name == name; });
  return found == kKinds.end() ? nullptr : found;
}

}  // namespace entente::act
