// Whatever decodes encodes to the same bytes.
#include "entente/base/check.h"
#include "entente/psi/round_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const entente::ByteView bytes(data, size);
  const auto message = entente::psi::DecodeRoundMessage(bytes);
  if (message) {
    ENTENTE_CHECK(entente::psi::EncodeRoundMessage(*message) == entente::ToBytes(bytes));
  }
  return 0;
}
