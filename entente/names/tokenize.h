// From a written name to tokens that compare across scripts and spellings.
//
//   "Mohammed Ben Abderrahmane"  →  mohammed [MHMD]     benabderrahmane …
//   "محمد بن عبد الرحمن"          →  محمد [MHMD]         عبدرحمن [BDRHMN]
//
// Every token has a small ordered set of skeletons: what its consonants may be, the likeliest
// first. Two written tokens may be the same name if they share a skeleton. A skeleton is made of
// the classes of tables.h; a token in a script without rules keeps its folded text, which no
// skeleton equals (skeletons are upper-case ASCII, folded text never is).
//
// Sources: Unicode 15 NFKC_Casefold (UAX #44) through ICU; the rules of tables.h.
// Limits: 1 ≤ bytes ≤ kNameBytesMax; at most kTokensMax tokens and kSkeletonsMax skeletons each,
// cut in the order of the name and of likelihood. Cost: about 2 µs a name. Threads: free functions,
// thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/result.h"

namespace entente::names {

inline constexpr std::size_t kNameBytesMax = 512;
inline constexpr std::size_t kTokensMax = 12;
inline constexpr std::size_t kSkeletonsMax = 12;

struct Token {
  std::string folded;                  // what was read, for showing: case, marks and article gone
  std::vector<std::string> skeletons;  // 1..kSkeletonsMax, likeliest first, no two equal

  bool operator==(const Token&) const = default;
};

// The tokens of a name in writing order: articles, "son of" and titles are dropped, "Abd" is joined
// to the name that follows, "al-Din" and "Allah" to the one before. A name of letters has at least
// one token; a name without letters has none. Errors: kInvalidInput if `name_utf8` is empty, longer
// than kNameBytesMax or not UTF-8.
Result<std::vector<Token>> Tokenize(std::string_view name_utf8);

// The canonical text of every table and limit that decides what Tokenize returns. Its digest pins
// the scheme; a change that is not in a table changes the version in its first line.
const std::string& TablesText();

}  // namespace entente::names
