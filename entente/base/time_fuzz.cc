// A time that parses is written back as it was, or with the decimals it left out.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = entente::AsText({data, size});
  if (const auto time = entente::ParseRfc3339(text)) {
    const std::string written = entente::FormatRfc3339(*time);
    ENTENTE_CHECK(written == text || written == std::string(text.substr(0, 19)) + ".000000Z");
  }
  return 0;
}
