// What decodes of the three frames of a recall is the only spelling of itself.
#include <cstddef>
#include <cstdint>

#include "entente/base/check.h"
#include "entente/exchange/recall.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::ToBytes;
  namespace exchange = entente::exchange;
  const entente::ByteView bytes(data, size);
  if (const auto request = exchange::DecodeRecallRequest(bytes)) {
    ENTENTE_CHECK(exchange::EncodeRecallRequest(*request) == ToBytes(bytes));
  }
  if (const auto item = exchange::DecodeRecalled(bytes)) {
    ENTENTE_CHECK(exchange::EncodeRecalled(*item) == ToBytes(bytes));
  }
  if (const auto end = exchange::DecodeRecallEnd(bytes)) {
    ENTENTE_CHECK(exchange::EncodeRecallEnd(*end) == ToBytes(bytes));
  }
  return 0;
}
