// The seam through which `./demo` looks at what a node says to its peer, before it is sealed and
// TLS encrypts it.
//
// Here it is empty, and `entente` has no switch that changes this. The test builds of
// tests/observed/, never installed, link another body. Threads: the loop thread.
#pragma once

#include "entente/base/bytes.h"

namespace entente::app {

// Called with every frame of the peer link.
void TapOutbound(std::uint8_t type, ByteView payload);

}  // namespace entente::app
