// What parses has a canonical form that parses to the same value and is its own canonical form.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/wire/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace wire = entente::wire;
  const auto value = wire::ParseJson(entente::AsText({data, size}));
  if (!value) {
    return 0;
  }
  const std::string canonical = wire::WriteCanonicalJson(*value);
  const auto again = wire::ParseCanonicalJson(canonical);
  ENTENTE_CHECK(again.has_value());
  ENTENTE_CHECK(*again == *value);
  return 0;
}
