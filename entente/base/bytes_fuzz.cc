// What decodes as hex or base64 is exactly what encoding gives; what is encoded decodes to itself.
#include "entente/base/bytes.h"
#include "entente/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const entente::ByteView bytes(data, size);
  const std::string_view text = entente::AsText(bytes);
  if (const auto decoded = entente::HexDecode(text)) {
    ENTENTE_CHECK(entente::HexEncode(*decoded) == text);
  }
  if (const auto decoded = entente::Base64Decode(text)) {
    ENTENTE_CHECK(entente::Base64Encode(*decoded) == text);
  }
  ENTENTE_CHECK(*entente::HexDecode(entente::HexEncode(bytes)) == entente::ToBytes(bytes));
  ENTENTE_CHECK(*entente::Base64Decode(entente::Base64Encode(bytes)) == entente::ToBytes(bytes));
  return 0;
}
