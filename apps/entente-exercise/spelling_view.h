// How two spellings of one name read alike: for showing, never for matching.
#pragma once

#include <string_view>

#include "entente/base/result.h"
#include "entente/wire/json.h"

namespace entente::exercise {

// {"pairs":[{"a":"علوي","b":"alaoui","skeleton":"LW"},…],"rest_a":["…"],"rest_b":[]}: tokens in the
// order of `a`, each with the first token of `b` that shares a skeleton.
// Errors: what names::Tokenize returns.
Result<wire::Json> CompareSpellings(std::string_view a, std::string_view b);

}  // namespace entente::exercise
