// The numbers of the scheme. Private to match; tests and the tuning of a next scheme pass others.
#pragma once

#include <cstddef>
#include <vector>

#include "entente/match/keys.h"

namespace entente::match {

// What a rule about names and a date asks for.
struct NameRule {
  RuleId rule;
  std::size_t tokens_min;
  Bits16 bits_min;       // names and date together
  std::size_t keys_max;  // of one written name and one date
};

struct Thresholds {
  NameRule full_date;
  NameRule year;
  NameRule month_day;
  std::size_t readings_max;  // of one token
  Bits16 reading_gap_max;    // how much rarer than the likeliest a reading may be
  Bits16 reading_step;       // what each place in the order of readings costs
};

extern const Thresholds kThresholds;

std::vector<Key> BuildKeysWith(const records::Record& record, const Thresholds& thresholds);

}  // namespace entente::match
