// What parses means the same when it is written again.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/base/units.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = entente::AsText({data, size});
  if (const auto duration = entente::ParseDuration(text)) {
    ENTENTE_CHECK(*entente::ParseDuration(entente::FormatDuration(*duration)) == *duration);
  }
  if (const auto bytes = entente::ParseSize(text)) {
    ENTENTE_CHECK(*entente::ParseSize(entente::FormatSize(*bytes)) == *bytes);
  }
  return 0;
}
