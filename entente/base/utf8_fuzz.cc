// Text is valid exactly if reading it code point by code point and writing them gives it back, and
// whatever is shown to people is one line of valid text.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/base/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = entente::AsText({data, size});
  if (const auto invalid = entente::FirstInvalidUtf8(text)) {
    ENTENTE_CHECK(*invalid < size && entente::IsUtf8(text.substr(0, *invalid)));
  } else {
    std::string again;
    for (std::size_t at = 0; at < text.size();) {
      entente::AppendCodePoint(again, entente::NextCodePoint(text, at));
    }
    ENTENTE_CHECK(again == text);
  }
  const std::string line = entente::OneLine(text);
  ENTENTE_CHECK(entente::IsUtf8(line) && line.find('\n') == std::string::npos);
  return 0;
}
