// Paths and bundles that parse are written back byte for byte.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/tile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  const entente::ByteView bytes(data, size);
  if (const auto id = ledger::ParseTilePath(entente::AsText(bytes))) {
    const auto* tile = std::get_if<ledger::TileId>(&*id);
    const std::string path = tile != nullptr ? ledger::TilePath(*tile)
                                             : ledger::BundlePath(std::get<ledger::BundleId>(*id));
    ENTENTE_CHECK(path == entente::AsText(bytes));
  }
  if (size == 0) {
    return 0;
  }
  const unsigned width = data[0] + 1U;
  if (const auto entries = ledger::ParseBundle(bytes.subspan(1), width)) {
    entente::Bytes again;
    for (const entente::ByteView entry : *entries) {
      ENTENTE_CHECK(ledger::AppendToBundle(again, entry).has_value());
    }
    ENTENTE_CHECK(entente::AsText(again) == entente::AsText(bytes.subspan(1)));
  }
  if (const auto hashes = ledger::ParseTile(bytes.subspan(1), width)) {
    ENTENTE_CHECK(hashes->size() == width);
  }
  return 0;
}
