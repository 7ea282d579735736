// What decodes is written back as it was: each kind of body and the frame, tried on the input
// itself and on a valid body into which it is spliced.
#include <string>

#include "entente/base/check.h"
#include "entente/matching/hits.h"
#include "entente/matching/match_bodies.h"

namespace entente::matching {
namespace {

std::string ValidText() {
  SideBody body{act::ActId{}, "terrorism", std::string(64, '0'), std::string(kCryptoSuite),
                RoundSide{"synthetic", 125, 431, {}}};
  wire::Json json = EncodeSide(body);
  json.update(EncodeResult({{}, RoundResult{1, 2, {}, {}}}));  // members of every kind
  return wire::WriteCanonicalJson(json);
}

void Try(std::string_view text) {
  if (const auto hit = DecodeHit(AsBytes(text))) {
    ENTENTE_CHECK(EncodeHit(*hit) == ToBytes(text));
  }
  const auto json = wire::ParseCanonicalJson(text);
  if (!json) {
    return;
  }
  if (const auto offer = DecodeOffer(*json)) {
    ENTENTE_CHECK(EncodeSide(*offer) == *json);
  }
  if (const auto accept = DecodeAccept(*json)) {
    ENTENTE_CHECK(EncodeSide(*accept) == *json);
  }
  if (const auto offer = DecodeDecline(*json)) {
    ENTENTE_CHECK(EncodeDecline(*offer) == *json);
  }
  if (const auto result = DecodeResult(*json)) {
    ENTENTE_CHECK(EncodeResult(*result) == *json);
  }
}

}  // namespace
}  // namespace entente::matching

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const entente::ByteView input(data, size);
  if (const auto frame = entente::matching::DecodeRoundFrame(input)) {
    ENTENTE_CHECK(entente::matching::EncodeRoundFrame(*frame) == entente::ToBytes(input));
  }
  static const std::string valid = entente::matching::ValidText();
  entente::matching::Try(entente::AsText(input));
  if (size >= 3) {
    const std::size_t at = (data[0] * std::size_t{256} + data[1]) % valid.size();
    entente::matching::Try(
        std::string(valid).replace(at, data[2] % 64U, entente::AsText(input.subspan(3))));
  }
  return 0;
}
