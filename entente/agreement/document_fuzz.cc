// What decodes is written back byte for byte. What a template completes to decodes, and completing
// that again changes nothing. Tried on the input itself and on a valid document it is spliced into.
#include "entente/agreement/document.h"
#include "entente/agreement/testing.h"
#include "entente/base/check.h"

namespace entente::agreement {
namespace {

void Try(std::string_view text) {
  if (const auto document = DecodeDocument(AsBytes(text))) {
    ENTENTE_CHECK(EncodeDocument(*document) == ToBytes(text));
  }
  if (const auto bytes = CompleteTemplate(text, FakeValues())) {
    const auto document = DecodeDocument(*bytes);
    ENTENTE_CHECK(document.has_value());
    const std::optional<Terms>& terms = document->terms;
    ENTENTE_CHECK(!terms || terms->tier <= act::Tier::kT1);
    const auto again = CompleteTemplate(AsText(*bytes), FakeValues());
    ENTENTE_CHECK(again.has_value() && *again == *bytes);
  }
}

}  // namespace
}  // namespace entente::agreement

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::agreement::SmallAgreement;
  static const std::string valid = entente::wire::WriteCanonicalJson(SmallAgreement());
  const std::string_view input = entente::AsText({data, size});
  entente::agreement::Try(input);
  if (size >= 3) {
    const std::size_t at = (data[0] * std::size_t{256} + data[1]) % valid.size();
    entente::agreement::Try(std::string(valid).replace(at, data[2] % 64U, input.substr(3)));
  }
  return 0;
}
