// What decodes is written back byte for byte; what does not is the peer's fault, never ours. Tried
// on the input itself and on a valid envelope it is spliced into.
#include <string>

#include "entente/act/envelope.h"
#include "entente/act/testing.h"
#include "entente/base/check.h"

namespace entente::act {
namespace {

void Try(std::string_view text) {
  const auto decoded = DecodeEnvelope(AsBytes(text));
  if (decoded) {
    ENTENTE_CHECK(Encode(*decoded) == ToBytes(text));
  } else {
    ENTENTE_CHECK(decoded.error().code == ErrorCode::kPeerViolation ||
                  decoded.error().code == ErrorCode::kLimitExceeded);
  }
}

const std::string& Valid() {
  static const std::string valid =
      ToText(Encode(*Sign(kActType, AsBytes("payload"), ExampleSigner(1))));
  return valid;
}

}  // namespace
}  // namespace entente::act

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = entente::AsText({data, size});
  entente::act::Try(input);
  if (size >= 3) {
    const std::string& valid = entente::act::Valid();
    const std::size_t at = (data[0] * std::size_t{256} + data[1]) % valid.size();
    entente::act::Try(std::string(valid).replace(at, data[2] % 64U, input.substr(3)));
  }
  return 0;
}
