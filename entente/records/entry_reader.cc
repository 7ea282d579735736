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

// Adds `item` unless it is there already. Errors: kInvalidInput if `count_max` are there.
template <typename T>
Status AddOnce(std::vector<T>& to, T item, std::size_t count_max, std::string_view items) {
  if (std::find(to.begin(), to.end(), item) != to.end()) {
    return {};
  }
  if (to.size() == count_max) {
    return Error{ErrorCode::kInvalidInput, "more than " + std::to_string(count_max) + " " +
                                               std::string(items) + ": split the entry"};
  }
  to.push_back(std::move(item));
  return {};
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
  if (name.empty() || std::any_of(record_.names.begin(), record_.names.end(), is_same)) {
    return {};
  }
  return AddOnce(record_.names, Name{PersonalText(std::move(name)), quality}, kNamesMax, "names");
}

Status Draft::AddBirthDate(const PartialDate& date) {
  return AddOnce(record_.birth_dates, date, kBirthDatesMax, "birth dates");
}

Status Draft::AddWrittenBirthDate(std::string_view text, bool is_circa) {
  if (Trim(text).empty()) {
    return {};
  }
  ENTENTE_ASSIGN(const std::vector<PartialDate> dates, ParseWrittenDate(text));
  for (PartialDate date : dates) {
    date.is_circa = date.is_circa || is_circa;
    ENTENTE_TRY(AddBirthDate(date));
  }
  return {};
}

Status Draft::AddBirthPlace(std::string_view text) {
  std::string place = CleanText(text);
  if (place.size() > kTextBytesMax) {
    return TooLong("the birth place", kTextBytesMax);
  }
  if (place.empty()) {
    return {};
  }
  return AddOnce(record_.birth_places, PersonalText(std::move(place)), kBirthPlacesMax,
                 "birth places");
}

Status Draft::AddDocument(DocumentType type, std::string_view issuer, std::string_view number) {
  std::string clean = CleanText(number);
  if (clean.size() > kTextBytesMax) {
    return TooLong("the document number", kTextBytesMax);
  }
  if (clean.empty()) {
    return {};
  }
  return AddOnce(record_.documents,
                 Document{type, CountryCode(issuer), PersonalText(std::move(clean))}, kDocumentsMax,
                 "documents");
}

Result<std::optional<std::uint64_t>> SeenIds::Add(const std::string& id, std::uint64_t line) {
  const auto found = lines_.find(id);
  if (found != lines_.end()) {
    return std::optional(found->second);
  }
  if (lines_.size() == ids_max_) {
    return Error{ErrorCode::kLimitExceeded,
                 "more than " + std::to_string(ids_max_) + " entries: split the list"};
  }
  lines_.emplace(id, line);
  return std::optional<std::uint64_t>();
}

Result<std::optional<Fault>> EntryReader::Check(const Record& record, std::uint64_t line) {
  if (const Status status = Validate(record); !status) {
    return std::optional(Fault{line, 1, status.error().message});
  }
  const auto before = seen_ids_.Add(record.id, line);
  if (!before) {
    return FatalAt(before.error().code, main_->name(), {line, 1, before.error().message});
  }
  if (*before) {
    return std::optional(Fault{line, 1,
                               "the id is already that of line " + std::to_string(**before) +
                                   ": give every entry its own id or drop one"});
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
      ENTENTE_ASSIGN(fault, Check(*record, entry->line));
      if (!fault) {
        return std::optional<ReadEvent>(std::move(*record));
      }
    } else {
      fault = std::get<Fault>(std::move(entry->outcome));
    }
    std::string raw = RawEntry();
    if (raw.size() > kEntryBytesMax) {
      raw.clear();
    }
    return std::optional<ReadEvent>(RowError{std::string(entry->file), fault->line, fault->column,
                                             std::move(fault->reason), std::move(raw)});
  }
}

}  // namespace entente::records
