// Name tokens with the spellings people use (spellings.tsv, whose header names the sources),
// and draws from them. Threads: const after construction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/random.h"

namespace entente::exercise {

struct Token {
  std::string arabic;              // "" for a name of Europe
  std::vector<std::string> latin;  // at least one, most frequent first
};

// A number below `bound`, which must not be 0. Integer arithmetic only: the same on every machine.
std::uint64_t Below(SeededRandomForTests& random, std::uint64_t bound);

// True `percent` times in a hundred.
bool Chance(SeededRandomForTests& random, std::uint64_t percent);

// Draws ranks 0..count-1, rank r with weight 1/(r + flatness) (Zipf; integer weights).
class ZipfDraw {
 public:
  ZipfDraw(std::size_t count, std::uint64_t flatness);
  std::size_t Pick(SeededRandomForTests& random) const;

 private:
  std::vector<std::uint64_t> cumulative_;
};

struct SpellingTable {
  std::vector<Token> arab_given;
  std::vector<Token> arab_family;
  std::vector<Token> compound_first;   // عبد
  std::vector<Token> compound_second;  // القادر
  std::vector<Token> europe_given;
  std::vector<Token> europe_family;

  // The table compiled into the program.
  static const SpellingTable& Embedded();
};

}  // namespace entente::exercise
