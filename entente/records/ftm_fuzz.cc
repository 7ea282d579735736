#include "entente/records/fuzz_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace records = entente::records;
  records::CheckReader(
      records::Format::kFtm,
      {.main = {"main", records::MakeMemorySource(records::FuzzText(data, size))}});
  return 0;
}
