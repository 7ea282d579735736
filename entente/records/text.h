// How lists write things: free white space, dates, countries. Internal to this module.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "entente/base/result.h"
#include "entente/records/record.h"

namespace entente::records {

// ASCII letters only.
std::string LowerAscii(std::string_view text);
// Without ASCII white space and control characters at both ends.
std::string_view Trim(std::string_view text);
// Trimmed, and every run of ASCII white space and control characters inside is one space.
std::string CleanText(std::string_view text);
// The trimmed parts of `text`, empty ones included.
std::vector<std::string_view> Split(std::string_view text, char separator);

// A birth date as lists write it; all of: what ParsePartialDate reads; 2.3.1970, 02/03/1970 (day
// first) with 00 for what is unknown; 02 Mar 1970, Mar. 1970, August 1961; "circa", "approximately"
// or "about" in front. "X to Y" gives each year from X to Y as an approximate year; a span of more
// than kYearSpanMax years says too little about a date and gives none.
// Errors: kInvalidInput.
Result<std::vector<PartialDate>> ParseWrittenDate(std::string_view text);
// Each year of the span, approximate; none if it is wider than kYearSpanMax.
// Errors: kInvalidInput if `to` is before `from`.
Result<std::vector<PartialDate>> YearSpan(int from, int to);
inline constexpr int kYearSpanMax = 10;

// The ISO 3166-1 alpha-2 code of a country given by that code or by an English name that OFAC, the
// UN or the EU uses, letter case ignored; "" if unknown.
std::string CountryCode(std::string_view text);

}  // namespace entente::records
