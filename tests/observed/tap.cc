// Appends every frame the node sends, not yet sealed, to the file that ENTENTE_OBSERVED_FILE names.
// Linked into `entente-observed` instead of apps/entente/server/tap.cc.
#include "apps/entente/server/tap.h"

#include <cstdlib>
#include <fstream>

#include "entente/base/check.h"
#include "entente/wire/frame.h"

namespace entente::app {
namespace {

std::ofstream OpenCapture() {
  const char* const path = std::getenv("ENTENTE_OBSERVED_FILE");
  return std::ofstream(path != nullptr ? path : "", std::ios::binary | std::ios::app);
}

}  // namespace

void TapOutbound(std::uint8_t type, ByteView payload) {
  static std::ofstream capture = OpenCapture();
  Bytes frames;
  wire::AppendFrame(frames, type, payload);
  capture.write(reinterpret_cast<const char*>(frames.data()),
                static_cast<std::streamsize>(frames.size()));
  capture.flush();
  // A search of half a capture would prove nothing.
  ENTENTE_CHECK(capture.good());
}

}  // namespace entente::app
