#include "entente/records/fuzz_property.h"

// The bytes as a whole file, and as the inside of a person.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace records = entente::records;
  const std::string text = records::FuzzText(data, size);
  for (const std::string& file :
       {text, R"(<CONSOLIDATED_LIST><INDIVIDUAL><REFERENCE_NUMBER>1</REFERENCE_NUMBER>)" + text +
                  R"(</INDIVIDUAL></CONSOLIDATED_LIST>)"}) {
    records::CheckReader(records::Format::kUn, {.main = {"main", records::MakeMemorySource(file)}});
  }
  return 0;
}
