#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/records/record.h"

// What Decode accepts, Encode writes again byte for byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const entente::ByteView bytes(data, size);
  if (const auto record = entente::records::Decode(bytes)) {
    ENTENTE_CHECK(entente::records::Encode(*record) == entente::ToBytes(bytes));
  }
  return 0;
}
