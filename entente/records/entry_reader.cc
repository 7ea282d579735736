#include "entente/records/entry_reader.h"

#include <algorithm>
#include <utility>

#include "entente/records/text.h"

namespace entente::records {
namespace {

Error TooLong(std::string_view field, std::size_t size_bytes_max) {
  return {ErrorCode::kInvalidInput, std::string(field) + " is longer than " +
                                        std::to_string(size_bytes_max) + " bytes: shorten it"};
}

template <typename T>
void AddOnce(std::vector<T>& to, T item) {
  if (std::find(to.begin(), to.end(), item) == to.end()) {
    to.push_back(std::move(item));
  }
}

}  // namespace

Fault FaultAt(std::string_view raw, std::uint64_t line, std::size_t offset, std::string reason) {
  const std::string_view before = raw.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::string_view in_line =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  const auto is_first_byte = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  };
  return {
      line + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n')),
      1 + static_cast<std::uint64_t>(std::count_if(in_line.begin(), in_line.end(), is_first_byte)),
      std::move(reason)};
}

Error FatalAt(ErrorCode code, const std::string& file, const Fault& fault) {
  return {code, file + ":" + std::to_string(fault.line) + ":" + std::to_string(fault.column) +
                    ": " + fault.reason};
}

Status Draft::SetId(std::string_view text) {
  record_.id = CleanText(text);
  if (record_.id.empty()) {
    return Error{ErrorCode::kInvalidInput, "the id is empty: every entry needs its own"};
  }
  if (record_.id.size() > 128) {
    return TooLong("the id", 128);
  }
  return {};
}

Status Draft::AddName(std::string_view text, NameQuality quality) {
  std::string name = CleanText(text);
  if (name.size() > kTextBytesMax) {
    return TooLong("the name", kTextBytesMax);
  }
  const auto is_same = [&](const Name& other) { return other.text.Reveal() == name; };
  if (!name.empty() && std::none_of(record_.names.begin(), record_.names.end(), is_same)) {
    record_.names.push_back({PersonalText(std::move(name)), quality});
  }
  return {};
}

Status Draft::AddBirthDate(const PartialDate& date) {
  AddOnce(record_.birth_dates, date);
  return {};
}

Status Draft::AddWrittenBirthDate(std::string_view text, bool is_circa) {
  if (Trim(text).empty()) {
    return {};
  }
  ENTENTE_ASSIGN(const std::vector<PartialDate> dates, ParseWrittenDate(text));
  for (PartialDate date : dates) {
    date.is_circa = date.is_circa || is_circa;
    AddOnce(record_.birth_dates, date);
  }
  return {};
}

Status Draft::AddBirthPlace(std::string_view text) {
  std::string place = CleanText(text);
  if (place.size() > kTextBytesMax) {
    return TooLong("the birth place", kTextBytesMax);
  }
  if (!place.empty()) {
    AddOnce(record_.birth_places, PersonalText(std::move(place)));
  }
  return {};
}

Status Draft::AddDocument(DocumentType type, std::string_view issuer, std::string_view number) {
  std::string clean = CleanText(number);
  if (clean.size() > kTextBytesMax) {
    return TooLong("the document number", kTextBytesMax);
  }
  if (!clean.empty()) {
    AddOnce(record_.documents, Document{type, CountryCode(issuer), PersonalText(std::move(clean))});
  }
  return {};
}

Result<std::optional<Fault>> EntryReader::CheckIdIsNew(const Record& record, std::uint64_t line) {
  const auto [entry, is_new] = lines_by_id_.try_emplace(record.id, line);
  if (!is_new) {
    return Fault{line, 1,
                 "the id is already that of line " + std::to_string(entry->second) +
                     ": give every entry its own id or drop one"};
  }
  if (lines_by_id_.size() > kIdsMax) {
    return FatalAt(ErrorCode::kLimitExceeded, main_->name(),
                   {line, 1, "more than " + std::to_string(kIdsMax) + " entries: split the list"});
  }
  return std::optional<Fault>();
}

Result<std::optional<ReadEvent>> EntryReader::Next() {
  while (true) {
    ENTENTE_ASSIGN(std::optional<Entry> entry, NextEntry());
    if (!entry) {
      return std::optional<ReadEvent>();
    }
    line_ = entry->line;
    if (std::holds_alternative<Skipped>(entry->outcome)) {
      skipped_count_ += IsCounted(*entry) ? 1 : 0;
      continue;
    }
    std::optional<Fault> fault;
    if (auto* record = std::get_if<Record>(&entry->outcome)) {
      if (auto status = Validate(*record); !status) {
        fault = Fault{entry->line, 1, status.error().message};
      } else {
        ENTENTE_ASSIGN(fault, CheckIdIsNew(*record, entry->line));
      }
      if (!fault) {
        return std::optional<ReadEvent>(std::move(*record));
      }
    } else {
      fault = std::get<Fault>(std::move(entry->outcome));
    }
    return std::optional<ReadEvent>(RowError{std::string(entry->file), fault->line, fault->column,
                                             std::move(fault->reason), RawEntry()});
  }
}

}  // namespace entente::records
