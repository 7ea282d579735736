#include "entente/crypto/random.h"

#include <sodium.h>

#include "entente/base/check.h"

namespace entente::crypto {

SystemRandom::SystemRandom() { ENTENTE_CHECK(sodium_init() >= 0); }

void SystemRandom::Fill(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace entente::crypto
