// Any bytes: an error or tokens within the limits, and the same twice.
#include <algorithm>
#include <cstdint>

#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/base/utf8.h"
#include "entente/names/tokenize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace names = entente::names;
  const std::string_view name = entente::AsText({data, size});
  const auto tokens = names::Tokenize(name);
  if (!tokens) {
    ENTENTE_CHECK(name.empty() || name.size() > names::kNameBytesMax || !entente::IsUtf8(name));
    return 0;
  }
  ENTENTE_CHECK(tokens->size() <= names::kTokensMax);
  for (const names::Token& token : *tokens) {
    ENTENTE_CHECK(!token.skeletons.empty() && token.skeletons.size() <= names::kSkeletonsMax);
    auto sorted = token.skeletons;
    std::sort(sorted.begin(), sorted.end());
    ENTENTE_CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
    ENTENTE_CHECK(entente::IsUtf8(token.folded) && !token.folded.empty());
  }
  ENTENTE_CHECK(*names::Tokenize(name) == *tokens);
  return 0;
}
