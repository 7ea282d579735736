#include "entente/records/csv_rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "entente/base/utf8.h"

namespace entente::records {
namespace {

// Splits the first row of `data`. The state between calls of one row is `at_`.
class RowScanner {
 public:
  enum class End { kRow, kNeedsMore, kOpenQuote };

  RowScanner(std::string_view data, bool is_last, char delimiter, CsvRow& row)
      : data_(data), is_last_(is_last), delimiter_(delimiter), row_(row) {}

  End Scan() {
    row_.fields.clear();
    row_.unescaped.clear();
    while (true) {
      if (at_ == data_.size() && !is_last_) {
        return End::kNeedsMore;
      }
      const bool is_quoted = at_ < data_.size() && data_[at_] == '"';
      if (const End end = is_quoted ? Quoted() : Plain(); end != End::kRow) {
        return end;
      }
      if (at_ == data_.size() || data_[at_] == '\n') {
        return End::kRow;
      }
      ++at_;  // the delimiter
    }
  }

  // Where the row's line feed is, or the end of the data.
  std::size_t at() const { return at_; }
  // The first byte that breaks RFC 4180, and how.
  const std::optional<std::pair<std::size_t, std::string>>& flaw() const { return flaw_; }

 private:
  bool IsFieldEnd(char c) const { return c == delimiter_ || c == '\n'; }
  void Flaw(std::size_t at, std::string reason) {
    if (!flaw_) {
      flaw_ = {at, std::move(reason)};
    }
  }

  // To the delimiter, the line feed or the end; false if more bytes are needed.
  bool ToFieldEnd() {
    while (at_ < data_.size() && !IsFieldEnd(data_[at_])) {
      if (data_[at_] == '"') {
        Flaw(at_, "a quote inside a field: put the whole field in quotes and double this one");
      }
      ++at_;
    }
    return at_ < data_.size() || is_last_;
  }
  // Without the CR of a CRLF.
  std::size_t TextEnd() const {
    const bool is_row_end = at_ == data_.size() || data_[at_] == '\n';
    return is_row_end && at_ > 0 && data_[at_ - 1] == '\r' ? at_ - 1 : at_;
  }

  End Plain() {
    const std::size_t begin = at_;
    if (!ToFieldEnd()) {
      return End::kNeedsMore;
    }
    row_.fields.push_back({data_.substr(begin, std::max(TextEnd(), begin) - begin), begin});
    return End::kRow;
  }

  End Quoted() {
    const std::size_t open = at_;
    std::size_t begin = at_ + 1;
    std::string unescaped;
    while (true) {
      const std::size_t quote = data_.find('"', begin);
      const bool is_at_end = quote == std::string_view::npos || quote + 1 == data_.size();
      if (is_at_end && !is_last_) {
        return End::kNeedsMore;
      }
      if (quote == std::string_view::npos) {
        at_ = open;
        return End::kOpenQuote;
      }
      if (!is_at_end && data_[quote + 1] == '"') {
        unescaped.append(data_.substr(begin, quote + 1 - begin));
        begin = quote + 2;
        continue;
      }
      std::string_view text = data_.substr(begin, quote - begin);
      if (begin != open + 1) {
        text = row_.unescaped.emplace_back(unescaped.append(text));
      }
      row_.fields.push_back({text, open});
      at_ = quote + 1;
      if (!ToFieldEnd()) {
        return End::kNeedsMore;
      }
      if (TextEnd() > quote + 1) {
        Flaw(quote + 1, "text behind the closing quote: double a quote that belongs to the text");
      }
      return End::kRow;
    }
  }

  std::string_view data_;
  bool is_last_;
  char delimiter_;
  CsvRow& row_;
  std::size_t at_ = 0;
  std::optional<std::pair<std::size_t, std::string>> flaw_;
};

}  // namespace

Status CsvRows::DetectDelimiter() {
  ENTENTE_TRY(intake_.BeginText());
  ENTENTE_TRY(intake_.GrowTo(1));
  static constexpr std::array<char, 3> kDelimiters = {',', ';', '\t'};
  std::array<std::size_t, 3> counts{};
  bool is_quoted = false;
  for (const char c : intake_.window()) {
    if (c == '\n' && !is_quoted) {
      break;
    }
    is_quoted = is_quoted != (c == '"');
    for (std::size_t i = 0; i < kDelimiters.size(); ++i) {
      counts[i] += !is_quoted && c == kDelimiters[i] ? 1 : 0;
    }
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  delimiter_ = kDelimiters[static_cast<std::size_t>(most - counts.begin())];
  return {};
}

Result<bool> CsvRows::Scan(CsvRow& row) {
  bool is_last = false;
  while (true) {
    const std::string_view data = intake_.window();
    RowScanner scanner(data, is_last, delimiter_, row);
    const auto end = data.empty() && !is_last ? RowScanner::End::kNeedsMore : scanner.Scan();
    if (end == RowScanner::End::kOpenQuote) {
      return FatalAt(ErrorCode::kInvalidInput, intake_.name(),
                     FaultAt(data, row.line, scanner.at(), "this quote is never closed: close it"));
    }
    if (end == RowScanner::End::kRow ? scanner.at() > kEntryBytesMax
                                     : data.size() > kEntryBytesMax) {
      return FatalAt(ErrorCode::kLimitExceeded, intake_.name(),
                     {row.line, 1,
                      "this row is longer than " + std::to_string(kEntryBytesMax) +
                          " bytes: look for a quote that is not closed"});
    }
    if (end == RowScanner::End::kRow) {
      row.raw = data.substr(0, scanner.at());
      row.raw.remove_suffix(row.raw.ends_with('\r') ? 1 : 0);
      row.fault.reset();
      if (const auto at = FirstInvalidUtf8(row.raw)) {
        row.fault = row.At(*at, std::string(kNotUtf8));
      } else if (scanner.flaw()) {
        row.fault = row.At(scanner.flaw()->first, scanner.flaw()->second);
      }
      const bool is_at_end = scanner.at() == data.size();
      intake_.Consume(scanner.at() + (is_at_end ? 0 : 1));
      return !(is_at_end && scanner.at() == 0);
    }
    ENTENTE_ASSIGN(const bool has_grown, intake_.Grow());
    is_last = !has_grown;
  }
}

Result<bool> CsvRows::Next(CsvRow& row) {
  if (next_line_ == 1) {
    ENTENTE_TRY(intake_.BeginText());
  }
  while (true) {
    row.line = next_line_;
    ENTENTE_ASSIGN(const bool has_row, Scan(row));
    if (!has_row || row.raw == "\x1A") {
      return false;
    }
    next_line_ += 1 + static_cast<std::uint64_t>(std::count(row.raw.begin(), row.raw.end(), '\n'));
    if (!row.raw.empty()) {
      return true;
    }
  }
}

}  // namespace entente::records
