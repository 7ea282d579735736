// What must hold for every reader and any bytes: it ends; each event is a record that is valid and
// survives storing, or an error with a place and a bounded excerpt. Fuzzers only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "entente/base/check.h"
#include "entente/records/reader.h"

namespace entente::records {

inline std::string FuzzText(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void CheckReader(Format format, ReaderInputs inputs, const CsvMapping* mapping = nullptr) {
  auto reader = OpenReader(format, std::move(inputs), mapping);
  if (!reader) {
    return;
  }
  while (true) {
    const auto event = (*reader)->Next();
    if (!event || !event->has_value()) {
      return;
    }
    if (const auto* record = std::get_if<Record>(&**event)) {
      ENTENTE_CHECK(Validate(*record));
      const auto stored = Decode(Encode(*record));
      ENTENTE_CHECK(stored && *stored == *record);
    } else {
      const auto& error = std::get<RowError>(**event);
      ENTENTE_CHECK(error.line > 0 && error.column > 0 && !error.reason.empty());
      ENTENTE_CHECK(error.raw.size() <= kEntryBytesMax);
    }
  }
}

}  // namespace entente::records
