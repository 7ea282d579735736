// Reads a list of persons, entry by entry, from the formats authorities publish or keep.
//
//   ByteSource (file) → gunzip if gzip → Format's reader → Record | RowError, one at a time
//
// Formats and what each reader keeps and drops: docs/formats/lists.md. Bytes of a file are foreign:
// whatever they are, the outcome is a Record that passes Validate(), a RowError or an Error.
// Memory: bounded and independent of the file's length, except one small entry per id (duplicates)
// and OFAC's alias file. Entries are limited to kEntryBytesMax. Threads: one reader, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "entente/base/result.h"
#include "entente/records/record.h"
#include "entente/records/source.h"

namespace entente::records {

enum class Format {
  kOfac,  // US Treasury sdn.csv with alt.csv and add.csv
  kUn,    // UN Security Council consolidated list, XML
  kFtm,   // FollowTheMoney entities, JSON lines
  kEu,    // EU consolidated financial sanctions list, FSF XML 1.1
  kCsv,   // any table with a header row
};

// "ofac", "un", "ftm", "eu", "csv". Errors: kInvalidInput for anything else.
Result<Format> ParseFormat(std::string_view name);
std::string_view FormatName(Format format);

// Guesses from the first (unpacked) bytes, 1 KiB is enough, and the file's name.
// Errors: kInvalidInput if nothing fits; the operator has to name the format.
Result<Format> DetectFormat(std::string_view first_bytes, std::string_view file_name);

// One entry that cannot become a record.
struct RowError {
  std::string file;
  std::uint64_t line = 0;    // from 1
  std::uint64_t column = 0;  // from 1, in characters; XML: where the element's start tag ends
  std::string reason;        // one line, says what to do, no personal data
  // The entry for the reject file: the row's own bytes, for XML the element written again. At most
  // kEntryBytesMax; empty if the entry is longer.
  std::string raw;
};

using ReadEvent = std::variant<Record, RowError>;

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // The next entry, nothing at the end. Entries that are not persons are passed over.
  // Errors: the file cannot be read further, message begins "file:line:column: ": kInvalidInput for
  // broken XML, an unclosed quote, a header that does not fit; kLimitExceeded above a limit;
  // kCorruptData for damaged gzip; kUnavailable. After an Error the reader must not be used again.
  virtual Result<std::optional<ReadEvent>> Next() = 0;
  // Where the last entry began, in the main file.
  virtual std::uint64_t line() const = 0;
  // Bytes taken from the main file so far, before unpacking: progress against the file's size.
  virtual std::uint64_t bytes_read() const = 0;
  // Companies, vessels and other entries that are not persons so far.
  virtual std::uint64_t skipped_count() const = 0;
  // What has to stand first in a file of rejected entries so that it can be corrected and imported:
  // the header row of a table, otherwise "".
  virtual std::string_view reject_header() const = 0;
};

struct ReaderInput {
  std::string name;                      // the file's name, for messages
  std::unique_ptr<ByteSource> source{};  // null: not given
};

struct ReaderInputs {
  ReaderInput main{};
  ReaderInput alt{};  // OFAC only: aliases
  ReaderInput add{};  // OFAC only: addresses, checked but not kept
};

// Which column of a table holds what.
class CsvMapping {
 public:
  enum class Target {
    kId,
    kName,
    kGivenName,  // given and family names that stand in the same row are one primary name
    kFamilyName,
    kAlias,
    kWeakAlias,
    kBirthDate,
    kBirthPlace,
    kPassport,
    kPassportIssuer,
    kNationalId,
    kNationalIdIssuer,
    kDocumentType,
    kDocumentIssuer,
    kDocumentNumber,
    kProtected,
  };
  struct Column {
    Target target;
    std::string header;
    auto operator<=>(const Column&) const = default;
  };

  // "id=ID,name=Full name,\"alias=Also, known as\"": target=header, separated as one CSV row.
  // Targets: id name given_name family_name alias weak_alias birth_date birth_place passport
  // passport_issuer national_id national_id_issuer document_type document_issuer document_number
  // protected. A target may be given several times (several columns), id only once.
  // Errors: kInvalidInput for an unknown target, a missing "=", no id or no name.
  static Result<CsvMapping> Parse(std::string_view text);
  // "id=id,name=name,…" for the targets that `headers` has; other columns are not read.
  // Errors: kInvalidInput if there is no id or no name.
  static Result<CsvMapping> FromHeaders(const std::vector<std::string>& headers);

  const std::vector<Column>& columns() const { return columns_; }

 private:
  static Result<CsvMapping> Check(std::vector<Column> columns);

  std::vector<Column> columns_;
};

inline constexpr std::size_t kEntryBytesMax = std::size_t{1} << 20U;
// Duplicate ids are found exactly by keeping every id: about 80 bytes each, 80 MB per million.
inline constexpr std::size_t kIdsMax = 5'000'000;
// Aliases in OFAC's alt.csv, about 150 bytes each (the list had 18,700 in 2021).
inline constexpr std::size_t kOfacAliasesMax = 100'000;

// Every input may be gzip. Without `format` the main input's first bytes decide. `mapping` is for
// kCsv only; without one the columns that are named like targets are read.
// Errors: kInvalidInput if the main input is missing, an input or a mapping does not belong to the
// format, or the format cannot be guessed; what Read() of the source returns.
Result<std::unique_ptr<RecordReader>> OpenReader(std::optional<Format> format, ReaderInputs inputs,
                                                 const CsvMapping* mapping = nullptr);

}  // namespace entente::records
