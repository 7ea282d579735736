// Why two names meet, letter by letter across scripts: "محمد ↔ mohamed : M·H·M·D".
//
// For showing a hit to a person who may see both names (the demo owns both lists; after disclosure
// the case officer has both). Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "entente/base/result.h"

namespace entente::match {

// Two tokens and the reading they share; a token without a partner has the other side and the
// skeleton empty.
struct TokenPair {
  std::string left;
  std::string right;
  std::string skeleton;

  bool operator==(const TokenPair&) const = default;
};

// Every token of both names once: the left ones in their order, each with the likeliest free token
// of the right name, then the right ones that are left over. Errors: kInvalidInput as
// names::Tokenize.
Result<std::vector<TokenPair>> AlignNames(std::string_view left_utf8, std::string_view right_utf8);

// "MHMD" as "M·H·M·D".
std::string Spaced(std::string_view skeleton);

}  // namespace entente::match
