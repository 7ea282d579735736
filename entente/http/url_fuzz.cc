// What ParseParameters and ParsePath accept is UTF-8, and writing it gives text with the same
// meaning.
#include <cstdlib>

#include "entente/base/bytes.h"
#include "entente/base/utf8.h"
#include "entente/http/url.h"

using entente::AsText;
using entente::IsUtf8;
namespace http = entente::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = AsText({data, size});
  if (const auto parameters = http::ParseParameters(text)) {
    for (const auto& [name, value] : *parameters) {
      if (!IsUtf8(name) || !IsUtf8(value)) {
        std::abort();
      }
    }
    const auto again = http::ParseParameters(http::FormatParameters(*parameters));
    if (!again || *again != *parameters) {
      std::abort();
    }
  }
  if (const auto path = http::ParsePath(text)) {
    const auto again = http::ParsePath(http::FormatPath(*path));
    if (!IsUtf8(*path) || !again || *again != *path) {
      std::abort();
    }
  }
  return 0;
}
