// A row of a store that came from somewhere else, as a restored one does: what reads is written
// back byte for byte.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/matching/round_row.h"

namespace entente::matching {
namespace {

void Try(ByteView bytes) {
  if (const auto row = DecodeRow(bytes)) {
    ENTENTE_CHECK(EncodeRow(*row) == ToBytes(bytes));
  }
}

const std::string& Valid() {
  static const std::string valid = [] {
    RoundRow row;
    row.accept.emplace();
    row.own = row.peer = RoundSide{"synthetic", 125, 431, {}};
    row.own_result = row.peer_result = RoundResult{1, 2, {}, {}};
    return ToText(EncodeRow(row));
  }();
  return valid;
}

}  // namespace
}  // namespace entente::matching

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::matching::Valid;
  const entente::ByteView input(data, size);
  entente::matching::Try(input);
  if (size >= 3) {
    const std::size_t at = (data[0] * std::size_t{256} + data[1]) % Valid().size();
    entente::matching::Try(entente::AsBytes(
        std::string(Valid()).replace(at, data[2] % 64U, entente::AsText(input.subspan(3)))));
  }
  return 0;
}
