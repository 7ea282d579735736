// Where randomness comes from. Protocol code takes a Random&; only apps/ hands in the real one
// (crypto::SystemRandom), tests and the simulator hand in a seeded one.
#pragma once

#include <cstdint>
#include <span>

namespace entente {

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with bytes that are unpredictable to the peer. Never fails.
  virtual void Fill(std::span<std::uint8_t> out) = 0;
};

// Reproducible bytes for tests, benches and the simulator: SplitMix64, NOT for keys.
class SeededRandomForTests final : public Random {
 public:
  explicit SeededRandomForTests(std::uint64_t seed) : state_(seed) {}
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = static_cast<std::uint8_t>(Next() >> 32U);
    }
  }
  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace entente
