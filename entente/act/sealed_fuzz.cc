// Whatever is sealed comes out again; whatever else arrives, and every box with a bit flipped, is
// the peer's fault, never ours.
#include "entente/act/sealed.h"
#include "entente/act/testing.h"
#include "entente/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::act::OpenSealed;
  using entente::act::Seal;
  static const entente::crypto::BoxKey north(entente::act::ExampleSeed(5));
  static const entente::crypto::BoxKey south(entente::act::ExampleSeed(15));
  static const entente::act::SealContext context{
      entente::act::kActType, entente::act::NorthCard().id(), entente::act::SouthCard().id()};
  const entente::ByteView input(data, size);
  const auto refused = [&](entente::ByteView sealed) {
    const auto opened = OpenSealed(context, sealed, south);
    return !opened && opened.error().code == entente::ErrorCode::kPeerViolation;
  };
  ENTENTE_CHECK(refused(input));
  // A box that opens, with what a stranger chose inside.
  if (const auto opened = OpenSealed(context, *north.Seal(south.public_key(), input), south)) {
    ENTENTE_CHECK(size == opened->size() + entente::crypto::Digest::kSize);
  }
  entente::Bytes sealed = *Seal(context, input, south.public_key(), north);
  ENTENTE_CHECK(*OpenSealed(context, sealed, south) == entente::ToBytes(input));
  if (size > 1) {
    sealed[(data[0] * std::size_t{256} + data[1]) % sealed.size()] ^= 1U;
    ENTENTE_CHECK(refused(sealed));
  }
  return 0;
}
