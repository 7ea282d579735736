#include "entente/records/text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace entente::records {
namespace {

bool IsBlank(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }

Error NotADate() {
  return {ErrorCode::kInvalidInput,
          "not a date: write 1970, 1970-03, 1970-03-02, 02.03.1970 or 02 Mar 1970"};
}

std::optional<int> Number(std::string_view text) {
  if (text.empty() || text.size() > 4) {
    return std::nullopt;
  }
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

// Through ParsePartialDate, which knows the calendar. 0 stands for unknown.
Result<PartialDate> MakeDate(int year, int month, int day) {
  if (year < 1000 || year > 2999 || month > 12 || day > 31 || (month == 0 && day != 0)) {
    return NotADate();
  }
  return ParsePartialDate(FormatPartialDate({.year = static_cast<std::int16_t>(year),
                                             .month = static_cast<std::uint8_t>(month),
                                             .day = static_cast<std::uint8_t>(day)}));
}

// "Mar", "March", "Mar." are 3; 0 if it is no English month.
int MonthNumber(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  if (word.ends_with('.')) {
    word.remove_suffix(1);
  }
  const std::string lower = LowerAscii(word);
  if (lower.size() < 3) {
    return 0;
  }
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i].starts_with(lower) || (i == 8 && lower == "sept")) {
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

// 02.03.1970
Result<PartialDate> ParseDayFirst(std::string_view text, char separator) {
  const std::vector<std::string_view> parts = Split(text, separator);
  const auto day = Number(parts[0]);
  const auto month = parts.size() == 3 ? Number(parts[1]) : std::nullopt;
  const auto year = parts.size() == 3 ? Number(parts[2]) : std::nullopt;
  if (!day || !month || !year) {
    return NotADate();
  }
  return MakeDate(*year, *month, *day);
}

// 02 Mar 1970 and Mar 1970
Result<PartialDate> ParseWithMonthName(std::string_view text) {
  std::vector<std::string_view> words = Split(text, ' ');
  std::erase(words, "");
  const std::size_t at = words.size() == 3 ? 1 : 0;
  const auto day = at == 1 ? Number(words[0]) : std::optional<int>(0);
  const int month = words.size() == at + 2 ? MonthNumber(words[at]) : 0;
  const auto year = words.size() == at + 2 ? Number(words[at + 1]) : std::nullopt;
  if (month == 0 || !day || !year || (at == 1 && *day == 0)) {
    return NotADate();
  }
  return MakeDate(*year, month, *day);
}

Result<PartialDate> ParseOne(std::string_view text) {
  if (auto iso = ParsePartialDate(text)) {
    return iso;
  }
  for (const char separator : {'.', '/'}) {
    if (std::count(text.begin(), text.end(), separator) == 2) {
      return ParseDayFirst(text, separator);
    }
  }
  return ParseWithMonthName(text);
}

}  // namespace

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && IsBlank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

std::string CleanText(std::string_view text) {
  text = Trim(text);
  std::string clean;
  clean.reserve(text.size());
  for (const char c : text) {
    if (!IsBlank(c)) {
      clean.push_back(c);
    } else if (clean.back() != ' ') {
      clean.push_back(' ');
    }
  }
  return clean;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(Trim(text.substr(0, end)));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

Result<std::vector<PartialDate>> YearSpan(int from, int to) {
  if (to < from || from < 1000 || to > 2999) {
    return NotADate();
  }
  std::vector<PartialDate> years;
  for (int year = from; to - from <= kYearSpanMax && year <= to; ++year) {
    years.push_back({.year = static_cast<std::int16_t>(year), .is_circa = true});
  }
  return years;
}

Result<std::vector<PartialDate>> ParseWrittenDate(std::string_view text) {
  text = Trim(text);
  bool is_circa = false;
  for (const std::string_view word : {"circa ", "approximately ", "about "}) {
    if (LowerAscii(text.substr(0, word.size())) == word) {
      is_circa = true;
      text = Trim(text.substr(word.size()));
    }
  }
  if (const std::size_t to = text.find(" to "); to != std::string_view::npos) {
    ENTENTE_ASSIGN(const PartialDate first, ParseOne(Trim(text.substr(0, to))));
    ENTENTE_ASSIGN(const PartialDate last, ParseOne(Trim(text.substr(to + 4))));
    return YearSpan(first.year, last.year);
  }
  ENTENTE_ASSIGN(PartialDate date, ParseOne(text));
  date.is_circa = date.is_circa || is_circa;
  return std::vector<PartialDate>{date};
}

}  // namespace entente::records
