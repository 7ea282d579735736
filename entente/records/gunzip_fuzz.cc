#include <array>
#include <optional>

#include "entente/base/bytes.h"
#include "entente/records/fuzz_property.h"

namespace {

namespace records = entente::records;

// Everything the source gives when asked for `step` bytes at a time; nothing if it fails.
std::optional<std::string> ReadAll(const std::string& bytes, std::size_t step) {
  const auto source = records::MakeMaybeGunzip(records::MakeMemorySource(bytes));
  std::array<std::uint8_t, 4096> buffer{};
  std::string all;
  while (true) {
    const auto size = source->Read(std::span(buffer).first(step));
    if (!size) {
      return std::nullopt;
    }
    if (*size == 0) {
      return all;
    }
    all += entente::AsText(entente::ByteView(buffer).first(*size));
  }
}

}  // namespace

// Plain bytes come out as they went in, and the size of the reads never matters.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = records::FuzzText(data, size);
  const auto all = ReadAll(bytes, 4096);
  ENTENTE_CHECK(all == ReadAll(bytes, 7));
  ENTENTE_CHECK(bytes.starts_with("\x1F\x8B") || all == bytes);
  return 0;
}
