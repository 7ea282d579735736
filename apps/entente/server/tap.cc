#include "apps/entente/server/tap.h"

namespace entente::app {

void TapOutbound(ByteView /*frames*/) {}

}  // namespace entente::app
