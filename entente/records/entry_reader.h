// What all readers share: building a record with limits, reporting what is wrong with an entry,
// duplicate ids, counting. Internal to this module. Threads: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "entente/records/intake.h"
#include "entente/records/reader.h"

namespace entente::records {

// Why an entry is no record, and where.
struct Fault {
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  std::string reason;
};

// The fault at byte `offset` of `raw`, an entry that begins on `line`.
Fault FaultAt(std::string_view raw, std::uint64_t line, std::size_t offset, std::string reason);

// An Error that ends the reading of a file.
Error FatalAt(ErrorCode code, const std::string& file, const Fault& fault);

// The reason for an entry that is not UTF-8.
inline constexpr std::string_view kNotUtf8 = "this is not UTF-8: convert the list to UTF-8";

// A record in the making: every text is cleaned and checked against its limit at once, so that the
// caller can report the very field; empty texts and repetitions are passed over.
// Errors of all: kInvalidInput with a reason for the operator.
class Draft {
 public:
  Status SetId(std::string_view text);
  Status AddName(std::string_view text, NameQuality quality);
  Status AddBirthDate(const PartialDate& date);
  // As ParseWrittenDate (text.h) reads it.
  Status AddWrittenBirthDate(std::string_view text, bool is_circa = false);
  Status AddBirthPlace(std::string_view text);
  // An issuer that is not a known country is left empty.
  Status AddDocument(DocumentType type, std::string_view issuer, std::string_view number);
  void SetProtected(bool is_protected) { record_.is_protected = is_protected; }

  Record Take() { return std::move(record_); }

 private:
  Record record_;
};

// The ids seen so far, kept whole: exact, about 80 bytes each.
class SeenIds {
 public:
  explicit SeenIds(std::size_t ids_max = kIdsMax) : ids_max_(ids_max) {}
  // Remembers `id`; the line on which it stood before, if it did.
  // Errors: kLimitExceeded if there would be more than `ids_max` ids.
  Result<std::optional<std::uint64_t>> Add(const std::string& id, std::uint64_t line);

 private:
  std::size_t ids_max_;
  std::unordered_map<std::string, std::uint64_t> lines_;
};

// A reader for one format says what one entry is; this class makes events of that.
class EntryReader : public RecordReader {
 public:
  Result<std::optional<ReadEvent>> Next() final;
  std::uint64_t line() const final { return line_; }
  std::uint64_t bytes_read() const final { return main_->bytes_read(); }
  std::uint64_t skipped_count() const final { return skipped_count_; }
  std::string_view reject_header() const override { return ""; }

 protected:
  struct Skipped {};
  struct Entry {
    std::string_view file;
    std::uint64_t line = 0;
    std::variant<Skipped, Record, Fault> outcome;
  };

  explicit EntryReader(std::unique_ptr<Intake> main) : main_(std::move(main)) {}

  Intake& main() { return *main_; }
  // The next entry, nothing at the end. Errors: as RecordReader::Next.
  virtual Result<std::optional<Entry>> NextEntry() = 0;
  // The bytes of the last entry, for the reject file.
  virtual std::string RawEntry() const = 0;
  // False for entries that only help others (OFAC's aliases): not counted when passed over.
  virtual bool IsCounted(const Entry& entry) const { return entry.file == main_->name(); }

 private:
  // A record that breaks a limit, or a second one with the same id, is a fault.
  Result<std::optional<Fault>> Check(const Record& record, std::uint64_t line);

  std::unique_ptr<Intake> main_;
  SeenIds seen_ids_;
  std::uint64_t line_ = 0;
  std::uint64_t skipped_count_ = 0;
};

}  // namespace entente::records
