// The numbers of the scheme. Private to match; tests and the tuning of a next scheme pass others.
#pragma once

#include <cstddef>
#include <vector>

#include "entente/match/keys.h"

namespace entente::match {

// A document number is a key from this much information on (see document_key.h).
inline constexpr Bits16 kDocumentBits = 16 * kBit;
inline constexpr Bits16 kOtherDocumentBits = 26 * kBit;
inline constexpr Bits16 kUnknownIssuerBits = 40 * kBit;

// What birth dates are worth: births spread over about 66 years.
inline constexpr Bits16 kFullDateBits = 218;       // 13.6 bits, day and month in either order
inline constexpr Bits16 kFirstOfJanuaryBits = 88;  // 5.5 bits: entered when only the year is known
inline constexpr Bits16 kDecadeDayBits = 173;      // 10.8 bits: decade, month and day
inline constexpr Bits16 kYearMonthBits = 144;      // 9.0 bits
inline constexpr Bits16 kYearBits = 86;            // 5.4 bits

inline constexpr std::size_t kTokensPerName = 6;  // the most informative ones

// What a rule on skeletons and a date asks for.
struct SkeletonRule {
  RuleId id;
  std::size_t tokens_min;
  Bits16 whole_bits_min;  // all tokens of a name and the date together
  Bits16 part_bits_min;   // some of its tokens and the date
};

// What a rule on a whole name in one spelling and a part of the date asks for, both together.
struct WrittenRule {
  RuleId id;
  Bits16 bits_min;       // of three tokens or more
  Bits16 pair_bits_min;  // of two, which many persons share
};

inline constexpr Bits16 kNever = 128 * kBit;  // more than any name and date carry

struct Thresholds {
  SkeletonRule full_date;
  SkeletonRule year;
  WrittenRule written_year;
  WrittenRule written_month;
  WrittenRule written_day;
  std::size_t choices_max;   // keys of one name by one skeleton rule, the least doubtful
  std::size_t readings_max;  // of one token
  Bits16 reading_gap_max;    // how much less likely than the likeliest a reading may be
  Bits16 reading_step;       // what each place in the order of readings costs
};

extern const Thresholds kThresholds;

std::vector<Key> BuildKeysWith(const records::Record& record, const Thresholds& thresholds);

}  // namespace entente::match
