// What opens is packed again byte for byte; what does not is refused by a typed error. Tried on the
// input as a file, as what stands in the box, and as items that the sender signed.
#include "entente/base/check.h"
#include "entente/peer/parcel.h"
#include "entente/peer/testing.h"

namespace entente::peer {
namespace {

const FakeNode& Rabat() {
  static const FakeNode node("MA", 1);
  return node;
}
const FakeNode& Berlin() {
  static const FakeNode node("DE", 2);
  return node;
}

Result<Parcel> Open(ByteView file) {
  return OpenParcel(file, Berlin().card.id(), Berlin().encryption,
                    [](const PeerId& id) -> Result<act::Card> {
                      if (id != Rabat().card.id()) {
                        return Error{ErrorCode::kNotFound, "no such peer"};
                      }
                      return Rabat().card;
                    });
}

}  // namespace
}  // namespace entente::peer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::peer::Berlin;
  using entente::peer::Rabat;
  static const std::string_view magic = "entente-parcel/1\n";
  static const entente::peer::Manifest manifest{Rabat().card.id(), Berlin().card.id(), 1, 7, {}};
  const entente::ByteView input(data, size);
  ENTENTE_CHECK(!entente::peer::Open(input));

  entente::Bytes sealed = entente::ToBytes(magic);
  entente::Append(sealed, *Rabat().encryption.Seal(Berlin().card.keys.encryption, input));
  ENTENTE_CHECK(!entente::peer::Open(sealed));

  const entente::peer::ParcelKeys keys{Rabat().message, Rabat().encryption,
                                       Berlin().card.keys.encryption};
  const entente::Bytes file = *entente::peer::SealParcel(manifest, input, keys);
  const auto parcel = entente::peer::Open(file);
  if (!parcel) {
    ENTENTE_CHECK(parcel.error().code == entente::ErrorCode::kPeerViolation);
    return 0;
  }
  entente::Bytes items;
  for (const entente::wire::Frame& item : parcel->items) {
    entente::wire::AppendFrame(items, item.type, item.payload);
  }
  ENTENTE_CHECK(*entente::peer::SealParcel(parcel->manifest, items, keys) == file);
  return 0;
}
