// The seam through which `./demo` looks at what a node says to its peer, before TLS encrypts it.
//
// Here it is empty, and `entente` has no switch that changes this. The test builds of
// tests/observed/, never installed, link another body. Threads: the loop thread.
#pragma once

#include "entente/base/bytes.h"

namespace entente::app {

// Called with all the bytes of whole frames that are about to be handed to TLS.
void TapOutbound(ByteView frames);

}  // namespace entente::app
