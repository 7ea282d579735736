#include "entente/records/fuzz_property.h"

// The bytes as a whole file, and as the inside of a person's properties.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace records = entente::records;
  const std::string text = records::FuzzText(data, size);
  for (const std::string& file :
       {text, R"({"id":"1","schema":"Person","properties":{)" + text + R"(}})"}) {
    records::CheckReader(records::Format::kFtm,
                         {.main = {"main", records::MakeMemorySource(file)}});
  }
  return 0;
}
