// Keys for stores of tests, benchmarks and the simulator. Never for a home.
#pragma once

#include <cstdint>
#include <memory>

#include "entente/base/random.h"
#include "entente/store/sqlite/sqlite_store.h"

namespace entente::store {

// The same root key always, so that a store opens again; randomness from `seed`.
inline StoreKeys KeysForTests(std::uint64_t seed = 1) {
  StoreKeys keys;
  for (std::uint8_t& byte : keys.root.mutable_view()) {
    byte = 0x4B;
  }
  keys.random = std::make_unique<SeededRandomForTests>(seed);
  return keys;
}

}  // namespace entente::store
