// The operating system's randomness, for apps/ to hand to everyone else.
#pragma once

#include "entente/base/random.h"
#include "entente/crypto/hash.h"

namespace entente::crypto {

// libsodium's randombytes (getrandom(2)). Threads: safe.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  void Fill(std::span<std::uint8_t> out) override;
};

// 32 fresh bytes.
template <typename Fixed>
Fixed RandomBytes(Random& random) {
  Fixed out;
  random.Fill(out.bytes);
  return out;
}

}  // namespace entente::crypto
