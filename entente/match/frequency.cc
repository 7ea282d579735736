#include "entente/match/frequency.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>

#include "entente/base/check.h"
#include "entente/names/tokenize.h"

namespace entente::match {
namespace {

constexpr std::string_view kTable =
#include "entente/match/frequency_table.inc"
    ;  // NOLINT: the included text is the initialiser

constexpr std::uint64_t kMillion = 1'000'000;
// A listed name counts for this many of its readings, the ones a key may choose.
constexpr std::size_t kReadingsCounted = 2;

// Beyond this, half counts: rare names cluster in families and regions, so two persons share one
// more often than the table says (measured on held lists: 14 table bits meet like 11).
constexpr Bits16 kTrustedBits = 8 * kBit;

bool IsSkeletonText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::size_t LetterIndex(char c) { return static_cast<std::size_t>(c - 'A') + 1; }

}  // namespace

Bits16 Log2Ratio(std::uint64_t numerator, std::uint64_t denominator) {
  ENTENTE_CHECK(denominator > 0 && denominator <= numerator && numerator < (1ULL << 40U));
  Bits16 bits = 0;
  while (numerator >= 2 * denominator) {
    denominator *= 2;
    bits += kBit;
  }
  // The fraction: squaring doubles the logarithm. 20 fraction bits keep it exact enough and
  // portable.
  std::uint64_t ratio = (numerator << 20U) / denominator;
  for (Bits16 step = kBit / 2; step > 0; step /= 2) {
    ratio = (ratio * ratio) >> 20U;
    if (ratio >= (2ULL << 20U)) {
      ratio >>= 1U;
      bits += step;
    }
  }
  return bits;
}

Frequencies::Frequencies(std::string_view table) {
  std::unordered_map<std::string, std::uint64_t> ppm_of;
  std::array<std::array<std::uint64_t, kLetterCount>, kLetterCount> pair_counts{};
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    const std::string_view row = table.substr(0, end);
    table.remove_prefix(std::min(end + 1, table.size()));
    const std::size_t space = row.find(' ');
    if (space == std::string_view::npos) {
      continue;
    }
    std::uint64_t ppm = 0;
    std::from_chars(row.data() + space + 1, row.data() + row.size(), ppm);
    const auto tokens = names::Tokenize(row.substr(0, space));
    ENTENTE_CHECK(tokens.has_value());
    for (const names::Token& token : *tokens) {
      for (std::size_t i = 0; i < std::min(token.skeletons.size(), kReadingsCounted); ++i) {
        ppm_of[token.skeletons[i]] += ppm;
      }
      const std::string& first = token.skeletons.front();
      if (!IsSkeletonText(first)) {
        continue;
      }
      std::size_t before = 0;
      for (const char c : first) {
        ++pair_counts[before][LetterIndex(c)];
        before = LetterIndex(c);
      }
      ++pair_counts[before][0];
    }
  }
  for (const auto& [skeleton, ppm] : ppm_of) {
    listed_[skeleton] = Log2Ratio(kMillion, std::clamp<std::uint64_t>(ppm, 1, kMillion));
  }
  LearnLetters(pair_counts);
}

void Frequencies::LearnLetters(
    const std::array<std::array<std::uint64_t, kLetterCount>, kLetterCount>& pair_counts) {
  for (std::size_t before = 0; before < kLetterCount; ++before) {
    std::uint64_t total = 0;
    for (const std::uint64_t count : pair_counts[before]) {
      total += count + 1;  // one more than seen: no pair is impossible
    }
    for (std::size_t after = 0; after < kLetterCount; ++after) {
      pair_bits_[before][after] = Log2Ratio(total, pair_counts[before][after] + 1);
    }
  }
}

Bits16 Frequencies::BitsOf(std::string_view skeleton) const {
  if (!IsSkeletonText(skeleton)) {
    return static_cast<Bits16>(std::min<std::size_t>(skeleton.size(), 12)) * kBit;
  }
  Bits16 bits = 0;
  std::size_t before = 0;
  for (const char c : skeleton) {
    bits += pair_bits_[before][LetterIndex(c)];
    before = LetterIndex(c);
  }
  bits += pair_bits_[before][0];
  if (const auto listed = listed_.find(std::string(skeleton)); listed != listed_.end()) {
    bits = std::min(bits, listed->second);
  }
  if (bits > kTrustedBits) {
    bits = kTrustedBits + (bits - kTrustedBits) / 2;
  }
  return std::min(bits, kTokenBitsMax);
}

const Frequencies& PublicFrequencies() {
  static const Frequencies frequencies(kTable);
  return frequencies;
}

std::string_view FrequencyTableText() { return kTable; }

}  // namespace entente::match
