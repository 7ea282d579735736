// What decodes is encoded again byte for byte.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/leaf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  const entente::ByteView bytes(data, size);
  if (const auto leaf = ledger::DecodeLeaf(bytes)) {
    const auto again = ledger::EncodeLeaf(*leaf);
    ENTENTE_CHECK(again && entente::AsText(*again) == entente::AsText(bytes));
  }
  return 0;
}
