#include "entente/act/kind.h"

#include <algorithm>
#include <vector>

namespace entente::act {
namespace {

std::vector<KindInfo>& Kinds() {
  static std::vector<KindInfo> kinds{
      {kDocumentPropose, Tier::kIntroduction},
      {kDocumentSign, Tier::kIntroduction},
      {kDocumentPublish, Tier::kT0},
      {kMatchOffer, Tier::kT1},
      {kMatchAccept, Tier::kT1},
      {kMatchDecline, Tier::kT1},
      {kMatchResult, Tier::kT1},
  };
  return kinds;
}

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

std::span<const KindInfo> AllKinds() { return Kinds(); }

const KindInfo* FindKind(std::string_view name) {
  const auto found = std::ranges::find(Kinds(), name, &KindInfo::name);
  return found == Kinds().end() ? nullptr : &*found;
}

void AddKindForTests(const KindInfo& kind) {
  if (FindKind(kind.name) == nullptr) {
    Kinds().push_back(kind);
  }
}

}  // namespace entente::act
