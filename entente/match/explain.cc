#include "entente/match/explain.h"

#include <algorithm>
#include <limits>

#include "entente/names/tokenize.h"

namespace entente::match {
namespace {

// A reading two tokens share and how far down their lists it stands.
struct Shared {
  std::size_t rank = std::numeric_limits<std::size_t>::max();
  std::string skeleton;
};

Shared BestShared(const names::Token& left, const names::Token& right) {
  Shared best;
  for (std::size_t i = 0; i < left.skeletons.size(); ++i) {
    const auto found = std::find(right.skeletons.begin(), right.skeletons.end(), left.skeletons[i]);
    const auto rank = i + static_cast<std::size_t>(found - right.skeletons.begin());
    if (found != right.skeletons.end() && rank < best.rank) {
      best = {rank, left.skeletons[i]};
    }
  }
  return best;
}

}  // namespace

Result<std::vector<TokenPair>> AlignNames(std::string_view left_utf8, std::string_view right_utf8) {
  ENTENTE_ASSIGN(const std::vector<names::Token> left, names::Tokenize(left_utf8));
  ENTENTE_ASSIGN(std::vector<names::Token> right, names::Tokenize(right_utf8));
  std::vector<TokenPair> pairs;
  for (const names::Token& token : left) {
    Shared best;
    auto partner = right.end();
    for (auto candidate = right.begin(); candidate != right.end(); ++candidate) {
      if (Shared shared = BestShared(token, *candidate); shared.rank < best.rank) {
        best = std::move(shared);
        partner = candidate;
      }
    }
    if (partner == right.end()) {
      pairs.push_back({token.folded, {}, {}});
    } else {
      pairs.push_back({token.folded, partner->folded, best.skeleton});
      right.erase(partner);
    }
  }
  for (const names::Token& token : right) {
    pairs.push_back({{}, token.folded, {}});
  }
  return pairs;
}

std::string Spaced(std::string_view skeleton) {
  std::string out;
  for (const char c : skeleton) {
    out.append(out.empty() ? "" : "·").append(1, c);
  }
  return out;
}

}  // namespace entente::match
