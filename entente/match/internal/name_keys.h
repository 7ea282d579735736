// The keys of one written name and one birth date.
#pragma once

#include <string>
#include <vector>

#include "entente/match/internal/thresholds.h"
#include "entente/records/record.h"

namespace entente::match {

struct RatedKey {
  Bits16 bits;
  Key key;
};

// A reading of a token that keys use.
struct Reading {
  std::string skeleton;
  Bits16 bits;
  Bits16 doubt;       // how much less likely than the token's likeliest reading
  std::size_t place;  // of its token in the name as written
};

using TokenReadings = std::vector<Reading>;

// A written name, read once for all dates of its record.
struct ReadName {
  std::vector<TokenReadings> tokens;  // the most informative first, at most kTokensPerName
  std::vector<std::string> written;   // every token as written, in the order of the name
};

// A name that is not UTF-8 or has no letters has no tokens.
ReadName Read(const records::Name& name, const Thresholds& thresholds);

void AppendNameKeys(const ReadName& name, const records::PartialDate& date,
                    const Thresholds& thresholds, std::vector<RatedKey>& keys);

}  // namespace entente::match
