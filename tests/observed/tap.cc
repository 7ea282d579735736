// Appends everything the node hands to TLS to the file that ENTENTE_OBSERVED_FILE names. Linked
// into `entente-observed` instead of apps/entente/server/tap.cc.
#include "apps/entente/server/tap.h"

#include <cstdlib>
#include <fstream>

#include "entente/base/check.h"

namespace entente::app {
namespace {

std::ofstream OpenCapture() {
  const char* const path = std::getenv("ENTENTE_OBSERVED_FILE");
  return std::ofstream(path != nullptr ? path : "", std::ios::binary | std::ios::app);
}

}  // namespace

void TapOutbound(ByteView frames) {
  static std::ofstream capture = OpenCapture();
  capture.write(reinterpret_cast<const char*>(frames.data()),
                static_cast<std::streamsize>(frames.size()));
  capture.flush();
  // A search of half a capture would prove nothing.
  ENTENTE_CHECK(capture.good());
}

}  // namespace entente::app
