// Rows of a CSV file: RFC 4180 (quotes, doubled quotes, line breaks inside quotes), LF or CRLF.
// Internal to this module. Threads: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/result.h"
#include "entente/records/entry_reader.h"
#include "entente/records/intake.h"

namespace entente::records {

struct CsvField {
  std::string_view text;   // without the quotes, doubled quotes resolved
  std::size_t offset = 0;  // in the row's raw bytes, at the opening quote
};

// Valid until the next row is read.
struct CsvRow {
  std::uint64_t line = 1;  // on which the row begins
  std::string_view raw;    // without its line end
  std::vector<CsvField> fields;
  std::optional<Fault> fault;  // not UTF-8, or quotes that RFC 4180 does not allow
  std::deque<std::string> unescaped;

  Fault At(std::size_t offset, std::string reason) const {
    return FaultAt(raw, line, offset, std::move(reason));
  }
};

class CsvRows {
 public:
  // `intake` must outlive the rows.
  explicit CsvRows(Intake& intake) : intake_(intake) {}

  // Chooses among comma, semicolon and tab the one the first row has most of outside quotes.
  // Errors: of the source.
  Status DetectDelimiter();
  // Reads the next row that is not blank; false at the end. A row that is only 1a (Ctrl-Z, which
  // OFAC's files have) ends the file.
  // Errors: kInvalidInput if a quote is never closed; kLimitExceeded above kEntryBytesMax; of the
  // source.
  Result<bool> Next(CsvRow& row);

 private:
  Result<bool> Scan(CsvRow& row);

  Intake& intake_;
  char delimiter_ = ',';
  std::uint64_t next_line_ = 1;
};

}  // namespace entente::records
