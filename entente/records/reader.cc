#include "entente/records/reader.h"

#include <algorithm>
#include <array>

#include "entente/records/format_readers.h"
#include "entente/records/intake.h"
#include "entente/records/text.h"

namespace entente::records {
namespace {

// In the order of Format.
constexpr std::array<std::string_view, 5> kFormatNames = {"ofac", "un", "ftm", "eu", "csv"};

constexpr std::size_t kDetectBytes = 1024;

Error Bad(std::string why) { return {ErrorCode::kInvalidInput, std::move(why)}; }

// The first line of an sdn.csv: a number and eleven more fields, no header.
bool LooksLikeOfac(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t comma = line.find(',');
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return comma != std::string_view::npos && comma > 0 &&
         std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(comma), is_digit) &&
         line.find("-0-") != std::string_view::npos;
}

std::unique_ptr<Intake> OpenIntake(ReaderInput input) {
  return input.source == nullptr ? nullptr : std::make_unique<Intake>(std::move(input));
}

}  // namespace

Result<Format> ParseFormat(std::string_view name) {
  const auto found = std::find(kFormatNames.begin(), kFormatNames.end(), name);
  if (found == kFormatNames.end()) {
    return Bad("unknown list format: use ofac, un, ftm, eu or csv");
  }
  return static_cast<Format>(found - kFormatNames.begin());
}

std::string_view FormatName(Format format) {
  return kFormatNames[static_cast<std::size_t>(format)];
}

Result<Format> DetectFormat(std::string_view first_bytes, std::string_view file_name) {
  std::string_view text = first_bytes.substr(0, kDetectBytes);
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  text = Trim(text);
  if (first_bytes.starts_with("PK\x03\x04")) {
    return Bad("this is a ZIP file or a spreadsheet: save the list as CSV in UTF-8");
  }
  const bool has_utf16_mark = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
  if (text.find('\0') != std::string_view::npos && text.find('<') == std::string_view::npos) {
    return Bad("this is UTF-16 or no text: save the list in UTF-8");
  }
  if (text.starts_with('<') || has_utf16_mark) {
    if (text.find("<CONSOLIDATED_LIST") != std::string_view::npos) {
      return Format::kUn;
    }
    if (text.find("eu.europa.ec/fpi/fsd") != std::string_view::npos) {
      return Format::kEu;
    }
    return Bad("this XML is neither the UN's nor the EU's list: name the format with --format");
  }
  if (text.starts_with('{')) {
    return Format::kFtm;
  }
  if (LooksLikeOfac(text)) {
    return Format::kOfac;
  }
  const std::string name = LowerAscii(file_name);
  for (const std::string_view ending : {".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz"}) {
    if (name.ends_with(ending)) {
      return Format::kCsv;
    }
  }
  return Bad("the list's format cannot be guessed: name it with --format ofac, un, ftm, eu or csv");
}

Result<std::unique_ptr<RecordReader>> OpenReader(std::optional<Format> format, ReaderInputs inputs,
                                                 const CsvMapping* mapping) {
  if (inputs.main.source == nullptr) {
    return Bad("there is no list to read");
  }
  auto main = OpenIntake(std::move(inputs.main));
  if (!format) {
    ENTENTE_TRY(main->GrowTo(kDetectBytes));
    ENTENTE_ASSIGN(format, DetectFormat(main->window(), main->name()));
  }
  auto alt = OpenIntake(std::move(inputs.alt));
  auto add = OpenIntake(std::move(inputs.add));
  if ((alt != nullptr || add != nullptr) && *format != Format::kOfac) {
    return Bad("alias and address files belong to the ofac format only: leave them out");
  }
  if (mapping != nullptr && *format != Format::kCsv) {
    return Bad("a column mapping belongs to the csv format only: leave it out");
  }
  switch (*format) {
    case Format::kOfac:
      return OpenOfac(std::move(main), std::move(alt), std::move(add));
    case Format::kUn:
      return OpenUn(std::move(main));
    case Format::kFtm:
      return OpenFtm(std::move(main));
    case Format::kEu:
      return OpenEu(std::move(main));
    case Format::kCsv:
      break;
  }
  return OpenCsv(std::move(main), mapping);
}

}  // namespace entente::records
