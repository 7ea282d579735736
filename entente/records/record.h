// What one entry of a list says about one person: the model every reader fills and match keys read.
//
// Kept on purpose: names, birth dates, birth places, documents. Not kept: nationality, religion,
// ethnicity, photographs, remarks; no feature of Entente may query them (docs/decisions/0004).
// Threads: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/personal_text.h"
#include "entente/base/result.h"

namespace entente::records {

// How far the list itself vouches for a name.
enum class NameQuality {
  kPrimary,  // the name the entry is filed under, in whatever script
  kAlias,    // another name of the same person, good quality
  kWeak,     // the list calls it a low-quality or weak alias
};

struct Name {
  PersonalText text;  // well-formed UTF-8, not empty, any script, as written
  NameQuality quality = NameQuality::kPrimary;
  auto operator<=>(const Name&) const = default;
};

// A date as far as it is known. month == 0: only the year; day == 0: only year and month.
struct PartialDate {
  std::int16_t year = 0;   // 1000..2999
  std::uint8_t month = 0;  // 0 or 1..12
  std::uint8_t day = 0;    // 0 or 1..31; 0 whenever month is 0
  bool is_circa = false;   // the list says "about"
  auto operator<=>(const PartialDate&) const = default;
};

// "1975", "1975-03" or "1975-03-02", a trailing "~" if about. Errors: kInvalidInput for anything
// else and for days the calendar does not have.
Result<PartialDate> ParsePartialDate(std::string_view text);
std::string FormatPartialDate(const PartialDate& date);

enum class DocumentType { kPassport, kNationalId, kOther };

struct Document {
  DocumentType type = DocumentType::kOther;
  std::string issuer;   // ISO 3166-1 alpha-2, upper case, or empty if the list does not say
  PersonalText number;  // as written
  auto operator<=>(const Document&) const = default;
};

struct Record {
  std::string id;           // the list's own identifier, unique within its collection, 1..128 bytes
  std::vector<Name> names;  // 1..kNamesMax
  std::vector<PartialDate> birth_dates;
  std::vector<PersonalText> birth_places;
  std::vector<Document> documents;
  bool is_protected = false;  // never enters a match set
  auto operator<=>(const Record&) const = default;
};

// Limits of one record; a reader reports a row above them, it never truncates.
inline constexpr std::size_t kNamesMax = 200;
inline constexpr std::size_t kBirthDatesMax = 40;
inline constexpr std::size_t kBirthPlacesMax = 40;
inline constexpr std::size_t kDocumentsMax = 100;
inline constexpr std::size_t kTextBytesMax = 512;

// Checks everything stated above. Errors: kInvalidInput naming the field.
Status Validate(const Record& record);

// The stored form: canonical JSON (wire/json.h), schema in docs/formats/record.md.
Bytes Encode(const Record& record);
// Errors: kCorruptData if the bytes are not what Encode writes.
Result<Record> Decode(ByteView bytes);

}  // namespace entente::records
