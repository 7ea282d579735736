#include "entente/records/fuzz_property.h"

// Main, alias and address file, separated by NUL; and the whole as one person's remarks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace records = entente::records;
  const std::string text = records::FuzzText(data, size);
  const std::size_t first = std::min(text.find('\0'), text.size());
  const std::size_t second = std::min(text.find('\0', first + 1), text.size());
  const auto part = [&](std::size_t begin, std::size_t end) {
    return records::MakeMemorySource(begin < end ? text.substr(begin, end - begin) : "");
  };
  records::CheckReader(records::Format::kOfac, {{"main", part(0, first)},
                                                {"alt", part(first + 1, second)},
                                                {"add", part(second + 1, text.size())}});
  records::CheckReader(
      records::Format::kOfac,
      {.main = {"main", records::MakeMemorySource("1,A,individual,,,,,,,,,\"" + text + "\"\n")}});
  return 0;
}
