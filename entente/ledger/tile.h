// Tiles and entry bundles: the tree and its entries as a finite set of static files.
//
// Source: C2SP tlog-tiles v0.1.0. A tile at level L holds up to 256 hashes, hash i of tile n being
// tree node (8·L, 256·n + i); a bundle holds the entries under one level-0 tile, each after its
// big-endian 16-bit length. The last tile of a level may be partial; an empty one does not exist.
// Tiles are made on demand from the tree's nodes. Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/ledger/merkle.h"

namespace entente::ledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr unsigned kTileWidth = 1U << kTileHeight;
// 2^63-1 entries need levels 0..7; the format itself allows 0..63.
inline constexpr unsigned kTileLevelMax = 63;
inline constexpr std::size_t kEntryBytesMax = 65'535;
inline constexpr std::size_t kTileBytesMax = kTileWidth * crypto::Digest::kSize;
inline constexpr std::size_t kBundleBytesMax = kTileWidth * (2 + kEntryBytesMax);

struct TileId {
  unsigned level = 0;
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  // 1..256; below 256 it is partial
  bool operator==(const TileId&) const = default;
};

struct BundleId {
  std::uint64_t index = 0;
  unsigned width = kTileWidth;
  bool operator==(const BundleId&) const = default;
};

// "tile/0/x001/x234/067.p/8" and "tile/entries/x001/x234/067.p/8".
std::string TilePath(const TileId& id);
std::string BundlePath(const BundleId& id);
// Accepts exactly what the two functions above write. Errors: kInvalidInput.
Result<std::variant<TileId, BundleId>> ParseTilePath(std::string_view path);

// How many hashes level `level` of a log of `size` entries has: size / 256^level.
std::uint64_t LevelSize(unsigned level, std::uint64_t size);
// The tiles of one level, the partial one last. Empty if the level has none.
std::uint64_t TileCount(unsigned level, std::uint64_t size);
// Requires index < TileCount(level, size).
TileId TileAt(unsigned level, std::uint64_t index, std::uint64_t size);
BundleId BundleAt(std::uint64_t index, std::uint64_t size);

// Errors: those of `reader`.
Result<Bytes> TileBytes(const TileId& id, const NodeReader& reader);
// The hashes of a tile of `width`. Errors: kInvalidInput if `bytes` is not width·32 long.
Result<std::vector<crypto::Digest>> ParseTile(ByteView bytes, unsigned width);
// The root of the complete subtree over `hashes`, whose count is a power of two.
crypto::Digest SubtreeRoot(std::vector<crypto::Digest> hashes);

// Errors: kLimitExceeded above kEntryBytesMax.
Status AppendToBundle(Bytes& bundle, ByteView entry);

// Reads a bundle entry by entry. `bundle` must outlive it and what Next() returns.
class BundleCursor {
 public:
  explicit BundleCursor(ByteView bundle) : rest_(bundle) {}
  bool AtEnd() const { return rest_.empty(); }
  // Errors: kInvalidInput if the bundle ends inside an entry.
  Result<ByteView> Next();

 private:
  ByteView rest_;
};

// All `width` entries, viewing into `bundle`.
// Errors: kInvalidInput unless it holds exactly `width` entries.
Result<std::vector<ByteView>> ParseBundle(ByteView bundle, unsigned width);

}  // namespace entente::ledger
