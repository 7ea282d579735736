#include "entente/records/fuzz_property.h"

// The text before the first NUL, if there is one, is the column mapping.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace records = entente::records;
  std::string text = records::FuzzText(data, size);
  const std::size_t separator = text.find('\0');
  if (separator == std::string::npos) {
    // A header that makes most bytes reach the rows.
    text.insert(0, "id,name,alias,birth_date,document_type,document_issuer,document_number\n");
    records::CheckReader(records::Format::kCsv,
                         {.main = {"main", records::MakeMemorySource(std::move(text))}});
    return 0;
  }
  const auto mapping = records::CsvMapping::Parse(text.substr(0, separator));
  records::CheckReader(records::Format::kCsv,
                       {.main = {"main", records::MakeMemorySource(text.substr(separator + 1))}},
                       mapping ? &*mapping : nullptr);
  return 0;
}
