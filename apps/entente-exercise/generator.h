// Two lists of fictional persons, some of whom both lists know, and the truth about them.
//
// List A is like a Moroccan register (Arabic script or French-like Latin), list B like a German one
// (Latin, some originals in Arabic script). Names are put together from single tokens of
// spellings.tsv by Zipf-like draws; spellings vary only as that table attests, never by rules of
// entente/names, which these lists test. Figures: about 70 % Arabic names; of all records without a
// counterpart 8 % are born on a 1 January, 10 % have a year only, 5 % no date; 60 % have a birth
// place, 20 % a document; 10 % of the Arabic names stand in both scripts.
//
// Kinds of the persons in common (truth.csv): other_script 40 %, other_spelling 30 %, a damaged
// date 15 % (date_day 6, date_swapped 3, date_year 3, date_other 3: the proportions in which dates
// of one person were found to differ), year_only 15 % (one list knows the year only). Whatever the
// kind does not name is equal on both sides; a document stands on both sides for one in ten.
// Decoys, a quarter each: decoy_sibling (family and father's name shared), decoy_father_son,
// decoy_namesake (same spelling, other date), decoy_same_date (same date and one shared name).
//
// The same plan gives the same bytes on every machine. Threads: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "entente/base/result.h"

namespace entente::exercise {

struct Plan {
  std::uint64_t seed = 1;
  std::uint64_t record_count = 50'000;  // in each list, at most kRecordsMax
  std::uint64_t common_count = 500;
  std::uint64_t decoy_count = 2'000;  // pairs, one record in each list
};

inline constexpr std::uint64_t kRecordsMax = 2'000'000;

// CSV in the columns that the list reader takes without a mapping (docs/formats/lists.md); `truth`
// has id_a,id_b,kind.
struct Lists {
  std::string a;
  std::string b;
  std::string truth;
};

// Errors: kInvalidInput if the records do not hold the common persons and decoys, or above
// kRecordsMax.
Result<Lists> MakeLists(const Plan& plan);

// One list of `row_count` persons in pieces, for import tests; memory does not grow with it.
void WriteRows(std::uint64_t seed, std::uint64_t row_count,
               const std::function<void(std::string_view)>& write);

}  // namespace entente::exercise
