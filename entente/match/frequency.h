// How much a shared skeleton says: bits of information from a public frequency table.
//
// Two persons of the population share a skeleton that carries b bits with a probability of about
// 2^-b. The bits of a skeleton are the lower (more careful) of two estimates: the frequency of the
// names in frequency_table.inc that read as it, and a letter-pair model of the same names, which
// bounds what a skeleton nobody listed can carry. Sources and estimates:
// scripts/make_frequency_table.py.
//
// Both authorities compute the same integers: no floating point. Cost: the table is read once, ≈ 10
// ms; one lookup ≈ 60 ns. Threads: immutable after construction; PublicFrequencies() is
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace entente::match {

// Information in 1/16 bit.
using Bits16 = int;

inline constexpr Bits16 kBit = 16;
inline constexpr Bits16 kTokenBitsMax = 13 * kBit;

// log2(numerator / denominator) in 1/16 bit, rounded towards zero. Requires
// 0 < denominator ≤ numerator < 2^40.
Bits16 Log2Ratio(std::uint64_t numerator, std::uint64_t denominator);

class Frequencies {
 public:
  // `table` has one row a name, "name parts-per-million\n", written by our own script.
  explicit Frequencies(std::string_view table);

  // 0..kTokenBitsMax. A token of a script without rules carries a bit for each byte, at
  // most 12.
  Bits16 BitsOf(std::string_view skeleton) const;

 private:
  static constexpr std::size_t kLetterCount = 27;  // 0 is the edge of a token
  using LetterTable = std::array<std::array<Bits16, kLetterCount>, kLetterCount>;

  void LearnLetters(
      const std::array<std::array<std::uint64_t, kLetterCount>, kLetterCount>& pair_counts);

  std::unordered_map<std::string, Bits16> listed_;
  LetterTable pair_bits_{};
};

// The frequencies of the scheme.
const Frequencies& PublicFrequencies();
// The table they were computed from.
std::string_view FrequencyTableText();

}  // namespace entente::match
