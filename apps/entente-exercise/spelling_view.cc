#include "apps/entente-exercise/spelling_view.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "entente/names/tokenize.h"

namespace entente::exercise {
namespace {

// The likeliest skeleton of `a` that `b` has too, or "".
std::string SharedSkeleton(const names::Token& a, const names::Token& b) {
  const auto shared = std::ranges::find_if(a.skeletons, [&](const std::string& skeleton) {
    return std::ranges::find(b.skeletons, skeleton) != b.skeletons.end();
  });
  return shared == a.skeletons.end() ? "" : *shared;
}

wire::Json FoldedOf(const std::vector<names::Token>& tokens) {
  wire::Json list = wire::Json::array();
  for (const names::Token& token : tokens) {
    list.push_back(token.folded);
  }
  return list;
}

}  // namespace

Result<wire::Json> CompareSpellings(std::string_view a, std::string_view b) {
  ENTENTE_ASSIGN(const std::vector<names::Token> tokens_a, names::Tokenize(a));
  ENTENTE_ASSIGN(std::vector<names::Token> rest_b, names::Tokenize(b));
  std::vector<names::Token> rest_a;
  wire::Json pairs = wire::Json::array();
  for (const names::Token& token : tokens_a) {
    const auto partner = std::ranges::find_if(
        rest_b, [&](const names::Token& other) { return !SharedSkeleton(token, other).empty(); });
    if (partner == rest_b.end()) {
      rest_a.push_back(token);
      continue;
    }
    pairs.push_back({{"a", token.folded},
                     {"b", partner->folded},
                     {"skeleton", SharedSkeleton(token, *partner)}});
    rest_b.erase(partner);
  }
  return wire::Json{
      {"pairs", std::move(pairs)}, {"rest_a", FoldedOf(rest_a)}, {"rest_b", FoldedOf(rest_b)}};
}

}  // namespace entente::exercise
