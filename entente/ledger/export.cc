#include "entente/ledger/export.h"

#include <variant>

namespace entente::ledger {

Result<LogFiles> LogFiles::Open(const NodeReader& nodes, const EntryReader& entries,
                                std::string_view checkpoint_note, const Trust& trust) {
  ENTENTE_ASSIGN(const SettledCheckpoint settled, OpenCheckpoint(checkpoint_note, trust));
  return LogFiles(nodes, entries, std::string(checkpoint_note), trust, settled.checkpoint.size);
}

std::vector<std::string> LogFiles::Paths() const {
  std::vector<std::string> paths;
  for (unsigned level = 0; TileCount(level, size_) != 0; ++level) {
    for (std::uint64_t i = 0; i < TileCount(level, size_); ++i) {
      paths.push_back(TilePath(TileAt(level, i, size_)));
    }
  }
  for (std::uint64_t i = 0; i < TileCount(0, size_); ++i) {
    paths.push_back(BundlePath(BundleAt(i, size_)));
  }
  paths.emplace_back(kPolicyPath);
  paths.emplace_back(kCheckpointPath);
  return paths;
}

Result<Bytes> LogFiles::File(std::string_view path) const {
  if (path == kCheckpointPath) {
    return ToBytes(note_);
  }
  if (path == kPolicyPath) {
    return ToBytes(FormatPolicy(trust_));
  }
  const auto holds = [this](unsigned level, std::uint64_t index, unsigned width) {
    return index < TileCount(level, size_) && width <= TileAt(level, index, size_).width;
  };
  if (const auto id = ParseTilePath(path)) {
    const auto* const tile = std::get_if<TileId>(&*id);
    if (tile != nullptr && holds(tile->level, tile->index, tile->width)) {
      return TileBytes(*tile, nodes_);
    }
    const auto* const bundle = std::get_if<BundleId>(&*id);
    if (bundle != nullptr && holds(0, bundle->index, bundle->width)) {
      return Bundle(*bundle);
    }
  }
  return Error{ErrorCode::kNotFound, "the settled ledger has no such file; list its files"};
}

Result<Bytes> LogFiles::Entry(std::uint64_t index) const {
  if (index >= size_) {
    return Error{ErrorCode::kNotFound, "the settled ledger has no such entry"};
  }
  return entries_.Entry(index);
}

Result<EntryProof> LogFiles::Proof(std::uint64_t index) const {
  ENTENTE_ASSIGN(Bytes entry, Entry(index));
  ENTENTE_ASSIGN(ProofHashes hashes, InclusionProof(index, size_, nodes_));
  return EntryProof{std::move(entry), index, std::move(hashes), note_};
}

Result<Bytes> LogFiles::Bundle(const BundleId& id) const {
  Bytes bundle;
  for (unsigned i = 0; i < id.width; ++i) {
    ENTENTE_ASSIGN(const Bytes entry, entries_.Entry(id.index * kTileWidth + i));
    ENTENTE_TRY(AppendToBundle(bundle, entry));
  }
  return bundle;
}

Status ExportLog(const NodeReader& nodes, const EntryReader& entries,
                 std::string_view checkpoint_note, const Trust& trust, const FileSink& sink) {
  ENTENTE_ASSIGN(const LogFiles files, LogFiles::Open(nodes, entries, checkpoint_note, trust));
  for (const std::string& path : files.Paths()) {
    ENTENTE_ASSIGN(const Bytes file, files.File(path));
    ENTENTE_TRY(sink(path, file));
  }
  return {};
}

}  // namespace entente::ledger
