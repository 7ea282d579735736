// What parses is written back byte for byte: a value has one form.
#include <algorithm>

#include "entente/base/check.h"
#include "entente/wire/cbor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const entente::ByteView bytes(data, size);
  if (const auto item = entente::wire::ParseCbor(bytes)) {
    const entente::Bytes again = entente::wire::WriteCbor(*item);
    ENTENTE_CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  }
  return 0;
}
