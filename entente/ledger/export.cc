#include "entente/ledger/export.h"

#include "entente/ledger/tile.h"

namespace entente::ledger {
namespace {

Status ExportTiles(std::uint64_t size, const NodeReader& nodes, const FileSink& sink) {
  for (unsigned level = 0; TileCount(level, size) != 0; ++level) {
    for (std::uint64_t i = 0; i < TileCount(level, size); ++i) {
      const TileId id = TileAt(level, i, size);
      ENTENTE_ASSIGN(const Bytes tile, TileBytes(id, nodes));
      ENTENTE_TRY(sink(TilePath(id), tile));
    }
  }
  return {};
}

Status ExportBundles(std::uint64_t size, const EntryReader& entries, const FileSink& sink) {
  for (std::uint64_t i = 0; i < TileCount(0, size); ++i) {
    const BundleId id = BundleAt(i, size);
    Bytes bundle;
    for (unsigned j = 0; j < id.width; ++j) {
      ENTENTE_ASSIGN(const Bytes entry, entries.Entry(i * kTileWidth + j));
      ENTENTE_TRY(AppendToBundle(bundle, entry));
    }
    ENTENTE_TRY(sink(BundlePath(id), bundle));
  }
  return {};
}

}  // namespace

Status ExportLog(const NodeReader& nodes, const EntryReader& entries,
                 std::string_view checkpoint_note, const Trust& trust, const FileSink& sink) {
  ENTENTE_ASSIGN(const SettledCheckpoint settled, OpenCheckpoint(checkpoint_note, trust));
  const std::uint64_t size = settled.checkpoint.size;
  ENTENTE_TRY(ExportTiles(size, nodes, sink));
  ENTENTE_TRY(ExportBundles(size, entries, sink));
  ENTENTE_TRY(sink(std::string(kPolicyPath), AsBytes(FormatPolicy(trust))));
  return sink(std::string(kCheckpointPath), AsBytes(checkpoint_note));
}

}  // namespace entente::ledger
