// A standing that decodes is the only spelling of itself.
#include <cstddef>
#include <cstdint>

#include "entente/base/check.h"
#include "entente/exchange/standing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace exchange = entente::exchange;
  const entente::ByteView bytes(data, size);
  if (const auto standing = exchange::DecodeStanding(bytes)) {
    ENTENTE_CHECK(exchange::EncodeStanding(*standing) == entente::ToBytes(bytes));
  }
  return 0;
}
