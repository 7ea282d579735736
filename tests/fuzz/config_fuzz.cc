// entente.toml: settings that are accepted are written as a file that means the same.
#include "apps/entente/config.h"
#include "entente/base/bytes.h"
#include "entente/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::app::FormatConfig;
  using entente::app::ParseConfig;
  const std::string_view text = entente::AsText({data, size});
  if (const auto config = ParseConfig(text)) {
    const std::string written = FormatConfig(*config);
    const auto again = ParseConfig(written);
    ENTENTE_CHECK(again && FormatConfig(*again) == written);
  }
  if (const auto endpoint = entente::app::ParseEndpoint(text)) {
    // Port 0 is any free one, for a listener.
    ENTENTE_CHECK(!endpoint->host.empty());
    const auto again =
        entente::app::ParseEndpoint("[" + endpoint->host + "]:" + std::to_string(endpoint->port));
    ENTENTE_CHECK(again && again->host == endpoint->host && again->port == endpoint->port);
  }
  return 0;
}
