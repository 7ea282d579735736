#include "apps/entente/server/tap.h"

namespace entente::app {

void TapOutbound(std::uint8_t /*type*/, ByteView /*payload*/) {}

}  // namespace entente::app
