#include "apps/entente-exercise/spelling_table.h"

#include <algorithm>

#include "entente/base/check.h"

namespace entente::exercise {
namespace {

constexpr std::string_view kTable =
#include "apps/entente-exercise/spellings.inc"
    ;

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::vector<Token>& ListFor(SpellingTable& table, char kind) {
  switch (kind) {
    case 'g':
      return table.arab_given;
    case 'f':
      return table.arab_family;
    case 'a':
      return table.compound_first;
    case 's':
      return table.compound_second;
    case 'G':
      return table.europe_given;
    default:
      return table.europe_family;
  }
}

SpellingTable Parse(std::string_view text) {
  SpellingTable table;
  for (const std::string& line : Split(text, '\n')) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    std::vector<std::string> fields = Split(line, '\t');
    const bool has_arabic = line.front() >= 'a';
    ENTENTE_CHECK(fields.size() >= (has_arabic ? 3U : 2U));
    Token& token = ListFor(table, line.front()).emplace_back();
    token.arabic = has_arabic ? fields[1] : "";
    token.latin.assign(fields.begin() + (has_arabic ? 2 : 1), fields.end());
  }
  return table;
}

}  // namespace

std::uint64_t Below(SeededRandomForTests& random, std::uint64_t bound) {
  ENTENTE_CHECK(bound > 0);
  return random.Next() % bound;
}

bool Chance(SeededRandomForTests& random, std::uint64_t percent) {
  return Below(random, 100) < percent;
}

ZipfDraw::ZipfDraw(std::size_t count, std::uint64_t flatness) {
  ENTENTE_CHECK(count > 0 && flatness > 0);
  std::uint64_t sum = 0;
  for (std::uint64_t rank = 0; rank < count; ++rank) {
    sum += 1'000'000'000 / (rank + flatness);
    cumulative_.push_back(sum);
  }
}

std::size_t ZipfDraw::Pick(SeededRandomForTests& random) const {
  const std::uint64_t at = Below(random, cumulative_.back());
  return static_cast<std::size_t>(std::upper_bound(cumulative_.begin(), cumulative_.end(), at) -
                                  cumulative_.begin());
}

const SpellingTable& SpellingTable::Embedded() {
  static const SpellingTable table = Parse(kTable);
  return table;
}

}  // namespace entente::exercise
