// A card that opens is well filled and signed by its own key. Tried on the input itself, on a
// signed card it is spliced into, and on a payload it is spliced into and that is signed again.
#include <string>

#include "entente/act/card.h"
#include "entente/act/testing.h"
#include "entente/base/check.h"

namespace entente::act {
namespace {

void Try(ByteView bytes) {
  if (const auto card = OpenCard(bytes)) {
    ENTENTE_CHECK(ValidateCard(*card).has_value());
    const auto envelope = DecodeEnvelope(bytes);
    ENTENTE_CHECK(envelope.has_value());
    ENTENTE_CHECK(VerifySignedBy(*envelope, kCardType, card->keys.message).has_value());
  }
}

void TrySplices(std::size_t at, std::size_t size, std::string_view input) {
  static const crypto::Ed25519Signer signer = ExampleSigner(1);
  static const Bytes valid = *SignCard(NorthCard(), signer);
  static const Bytes payload = DecodeEnvelope(valid)->payload;
  Try(AsBytes(ToText(valid).replace(at % valid.size(), size, input)));
  const std::string changed = ToText(payload).replace(at % payload.size(), size, input);
  Try(Encode(*Sign(kCardType, AsBytes(changed), signer)));
}

}  // namespace
}  // namespace entente::act

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  entente::act::Try({data, size});
  if (size >= 3) {
    entente::act::TrySplices(data[0] * std::size_t{256} + data[1], data[2] % 64U,
                             entente::AsText({data + 3, size - 3}));
  }
  return 0;
}
