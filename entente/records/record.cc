#include "entente/records/record.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "entente/base/utf8.h"
#include "entente/wire/json.h"

namespace entente::records {
namespace {

using wire::Json;

constexpr std::int64_t kFormatVersion = 1;
constexpr std::array<std::string_view, 3> kQualityNames = {"primary", "alias", "weak"};
constexpr std::array<std::string_view, 3> kDocumentTypeNames = {"passport", "national_id", "other"};

Error Bad(std::string why) { return {ErrorCode::kInvalidInput, std::move(why)}; }

// `text` as a number of exactly `digits` decimal digits, or -1.
int Digits(std::string_view text, std::size_t digits) {
  if (text.size() != digits) {
    return -1;
  }
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return -1;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

bool IsDate(const PartialDate& date) {
  if (date.year < 1000 || date.year > 2999 || date.month > 12 ||
      (date.month == 0 && date.day != 0)) {
    return false;
  }
  return date.day == 0 ||
         std::chrono::year_month_day(std::chrono::year(date.year), std::chrono::month(date.month),
                                     std::chrono::day(date.day))
             .ok();
}

Status CheckText(std::string_view text, std::size_t size_bytes_max, std::string_view field) {
  if (text.empty()) {
    return Bad(std::string(field) + " is empty");
  }
  if (text.size() > size_bytes_max) {
    return Bad(std::string(field) + " is longer than " + std::to_string(size_bytes_max) + " bytes");
  }
  if (!IsUtf8(text)) {
    return Bad(std::string(field) + " is not UTF-8");
  }
  return {};
}

Status CheckCount(std::size_t count, std::size_t max, std::string_view field) {
  if (count > max) {
    return Bad("more than " + std::to_string(max) + " " + std::string(field));
  }
  return {};
}

Status CheckDocument(const Document& document) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!document.issuer.empty() &&
      (document.issuer.size() != 2 ||
       !std::all_of(document.issuer.begin(), document.issuer.end(), is_upper))) {
    return Bad("document issuer is not a two-letter country code");
  }
  return CheckText(document.number.Reveal(), kTextBytesMax, "document number");
}

template <std::size_t Size>
Result<std::size_t> IndexOf(const std::array<std::string_view, Size>& names, std::string_view name,
                            std::string_view field) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return Bad(std::string(field) + " is not a known word");
  }
  return static_cast<std::size_t>(found - names.begin());
}

Result<Name> NameFrom(const Json& json) {
  wire::JsonReader reader(json, "name");
  Name name;
  ENTENTE_ASSIGN(const std::string quality, reader.String("quality"));
  ENTENTE_ASSIGN(const std::size_t index, IndexOf(kQualityNames, quality, "name.quality"));
  name.quality = static_cast<NameQuality>(index);
  ENTENTE_ASSIGN(std::string text, reader.String("text", kTextBytesMax));
  name.text = PersonalText(std::move(text));
  ENTENTE_TRY(reader.Finish());
  return name;
}

Result<Document> DocumentFrom(const Json& json) {
  wire::JsonReader reader(json, "document");
  Document document;
  ENTENTE_ASSIGN(document.issuer, reader.String("issuer", 2));
  ENTENTE_ASSIGN(std::string number, reader.String("number", kTextBytesMax));
  document.number = PersonalText(std::move(number));
  ENTENTE_ASSIGN(const std::string type, reader.String("type"));
  ENTENTE_ASSIGN(const std::size_t index, IndexOf(kDocumentTypeNames, type, "document.type"));
  document.type = static_cast<DocumentType>(index);
  ENTENTE_TRY(reader.Finish());
  return document;
}

Result<Record> RecordFrom(const Json& json) {
  wire::JsonReader reader(json, "record");
  Record record;
  ENTENTE_ASSIGN(const auto dates, reader.Strings("birth_dates", kBirthDatesMax));
  for (const std::string& text : dates) {
    ENTENTE_ASSIGN(const PartialDate date, ParsePartialDate(text));
    record.birth_dates.push_back(date);
  }
  ENTENTE_ASSIGN(auto places, reader.Strings("birth_places", kBirthPlacesMax));
  for (std::string& text : places) {
    record.birth_places.emplace_back(std::move(text));
  }
  ENTENTE_ASSIGN(const Json* documents, reader.Array("documents", kDocumentsMax));
  for (const Json& item : *documents) {
    ENTENTE_ASSIGN(Document document, DocumentFrom(item));
    record.documents.push_back(std::move(document));
  }
  ENTENTE_ASSIGN(record.id, reader.String("id", 128));
  ENTENTE_ASSIGN(const Json* names, reader.Array("names", kNamesMax));
  for (const Json& item : *names) {
    ENTENTE_ASSIGN(Name name, NameFrom(item));
    record.names.push_back(std::move(name));
  }
  ENTENTE_ASSIGN(record.is_protected, reader.Boolean("protected"));
  ENTENTE_TRY(reader.Integer("v", kFormatVersion, kFormatVersion));
  ENTENTE_TRY(reader.Finish());
  ENTENTE_TRY(Validate(record));
  return record;
}

}  // namespace

Result<PartialDate> ParsePartialDate(std::string_view text) {
  PartialDate date;
  if (text.ends_with('~')) {
    date.is_circa = true;
    text.remove_suffix(1);
  }
  const bool has_month = text.size() >= 7 && text[4] == '-';
  const bool has_day = text.size() == 10 && text[7] == '-';
  const int year = Digits(text.substr(0, 4), 4);
  const int month = has_month ? Digits(text.substr(5, 2), 2) : 0;
  const int day = has_day ? Digits(text.substr(8), 2) : 0;
  const std::size_t size = has_day ? 10 : has_month ? 7 : 4;
  if (text.size() != size || year < 0 || (has_month && month < 1) || (has_day && day < 1)) {
    return Bad("not a date: write 1975, 1975-03 or 1975-03-02, and ~ behind it for about");
  }
  date.year = static_cast<std::int16_t>(year);
  date.month = static_cast<std::uint8_t>(month);
  date.day = static_cast<std::uint8_t>(day);
  if (!IsDate(date)) {
    return Bad("not a date of the calendar between the years 1000 and 2999");
  }
  return date;
}

std::string FormatPartialDate(const PartialDate& date) {
  const auto two = [](std::uint8_t value) {
    return std::string{'-', static_cast<char>('0' + value / 10),
                       static_cast<char>('0' + value % 10)};
  };
  std::string text = std::to_string(date.year);
  if (date.month != 0) {
    text += two(date.month);
  }
  if (date.day != 0) {
    text += two(date.day);
  }
  return date.is_circa ? text + "~" : text;
}

Status Validate(const Record& record) {
  ENTENTE_TRY(CheckText(record.id, 128, "id"));
  if (record.names.empty()) {
    return Bad("there is no name");
  }
  ENTENTE_TRY(CheckCount(record.names.size(), kNamesMax, "names"));
  ENTENTE_TRY(CheckCount(record.birth_dates.size(), kBirthDatesMax, "birth dates"));
  ENTENTE_TRY(CheckCount(record.birth_places.size(), kBirthPlacesMax, "birth places"));
  ENTENTE_TRY(CheckCount(record.documents.size(), kDocumentsMax, "documents"));
  for (const Name& name : record.names) {
    ENTENTE_TRY(CheckText(name.text.Reveal(), kTextBytesMax, "name"));
  }
  for (const PartialDate& date : record.birth_dates) {
    if (!IsDate(date)) {
      return Bad("birth date is not a date of the calendar");
    }
  }
  for (const PersonalText& place : record.birth_places) {
    ENTENTE_TRY(CheckText(place.Reveal(), kTextBytesMax, "birth place"));
  }
  for (const Document& document : record.documents) {
    ENTENTE_TRY(CheckDocument(document));
  }
  return {};
}

Bytes Encode(const Record& record) {
  Json dates = Json::array();
  for (const PartialDate& date : record.birth_dates) {
    dates.push_back(FormatPartialDate(date));
  }
  Json places = Json::array();
  for (const PersonalText& place : record.birth_places) {
    places.push_back(place.Reveal());
  }
  Json documents = Json::array();
  for (const Document& document : record.documents) {
    documents.push_back({{"issuer", document.issuer},
                         {"number", document.number.Reveal()},
                         {"type", kDocumentTypeNames[static_cast<std::size_t>(document.type)]}});
  }
  Json names = Json::array();
  for (const Name& name : record.names) {
    names.push_back({{"quality", kQualityNames[static_cast<std::size_t>(name.quality)]},
                     {"text", name.text.Reveal()}});
  }
  return ToBytes(wire::WriteCanonicalJson({{"birth_dates", std::move(dates)},
                                           {"birth_places", std::move(places)},
                                           {"documents", std::move(documents)},
                                           {"id", record.id},
                                           {"names", std::move(names)},
                                           {"protected", record.is_protected},
                                           {"v", kFormatVersion}}));
}

Result<Record> Decode(ByteView bytes) {
  const auto json = wire::ParseCanonicalJson(AsText(bytes));
  if (!json) {
    return Error{ErrorCode::kCorruptData, "stored record: " + json.error().message};
  }
  auto record = RecordFrom(*json);
  if (!record) {
    return Error{ErrorCode::kCorruptData, "stored record: " + record.error().message};
  }
  return record;
}

}  // namespace entente::records
