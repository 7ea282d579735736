#include "entente/ledger/tile.h"

#include <algorithm>
#include <bit>

#include "entente/base/check.h"
#include "entente/base/utf8.h"
#include "entente/ledger/text.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kTilePrefix = "tile/";
constexpr std::string_view kEntriesLevel = "entries";
constexpr std::string_view kPartialMark = ".p/";

// 1234067 → "x001/x234/067"
std::string IndexPath(std::uint64_t index) {
  std::string path;
  bool is_last = true;
  do {
    const std::string digits = std::to_string(index % 1000);
    path.insert(0, (is_last ? "" : "x") + std::string(3 - digits.size(), '0') + digits +
                       (is_last ? "" : "/"));
    is_last = false;
    index /= 1000;
  } while (index != 0);
  return path;
}

std::string WithWidth(std::string path, unsigned width) {
  return width == kTileWidth ? path : path + std::string(kPartialMark) + std::to_string(width);
}

// Lenient about the form: ParseTilePath compares with what IndexPath writes.
Result<std::uint64_t> ParseIndex(std::string_view text) {
  std::uint64_t index = 0;
  for (const char c : text) {
    if (c == 'x' || c == '/') {
      continue;
    }
    if (c < '0' || c > '9' || index > kTreeSizeMax / 10) {
      return Error{ErrorCode::kInvalidInput, "not a tile index"};
    }
    index = index * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return index;
}

}  // namespace

std::string TilePath(const TileId& id) {
  return WithWidth(std::string(kTilePrefix) + std::to_string(id.level) + "/" + IndexPath(id.index),
                   id.width);
}

std::string BundlePath(const BundleId& id) {
  return WithWidth(
      std::string(kTilePrefix) + std::string(kEntriesLevel) + "/" + IndexPath(id.index), id.width);
}

Result<std::variant<TileId, BundleId>> ParseTilePath(std::string_view path) {
  const Error bad{ErrorCode::kInvalidInput, "\"" + OneLine(path, 60) + "\" is not a tile path"};
  if (!path.starts_with(kTilePrefix)) {
    return bad;
  }
  std::string_view rest = path.substr(kTilePrefix.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) {
    return bad;
  }
  const std::string_view level_text = rest.substr(0, slash);
  rest.remove_prefix(slash + 1);
  const std::size_t mark = rest.find(kPartialMark);
  const auto width = mark == std::string_view::npos
                         ? Result<std::uint64_t>(kTileWidth)
                         : ParseDecimal(rest.substr(mark + kPartialMark.size()));
  const auto index = ParseIndex(rest.substr(0, mark));
  if (!width || !index || *width == 0 || *width > kTileWidth) {
    return bad;
  }
  std::variant<TileId, BundleId> id = BundleId{*index, static_cast<unsigned>(*width)};
  if (level_text != kEntriesLevel) {
    const auto level = ParseDecimal(level_text);
    if (!level || *level > kTileLevelMax) {
      return bad;
    }
    id = TileId{static_cast<unsigned>(*level), *index, static_cast<unsigned>(*width)};
  }
  // One path per tile: the groups of digits and the width have one form only.
  const std::string written = std::holds_alternative<TileId>(id)
                                  ? TilePath(std::get<TileId>(id))
                                  : BundlePath(std::get<BundleId>(id));
  if (written != path) {
    return bad;
  }
  return id;
}

std::uint64_t LevelSize(unsigned level, std::uint64_t size) {
  return level * kTileHeight >= 64 ? 0 : size >> (level * kTileHeight);
}

std::uint64_t TileCount(unsigned level, std::uint64_t size) {
  const std::uint64_t hashes = LevelSize(level, size);
  return hashes / kTileWidth + (hashes % kTileWidth != 0 ? 1 : 0);
}

TileId TileAt(unsigned level, std::uint64_t index, std::uint64_t size) {
  const std::uint64_t left = LevelSize(level, size) - index * kTileWidth;
  return {level, index, static_cast<unsigned>(std::min<std::uint64_t>(left, kTileWidth))};
}

BundleId BundleAt(std::uint64_t index, std::uint64_t size) {
  return {index, TileAt(0, index, size).width};
}

Result<Bytes> TileBytes(const TileId& id, const NodeReader& reader) {
  Bytes bytes;
  bytes.reserve(id.width * crypto::Digest::kSize);
  for (unsigned i = 0; i < id.width; ++i) {
    ENTENTE_ASSIGN(const crypto::Digest hash,
                   reader.Node(id.level * kTileHeight, id.index * kTileWidth + i));
    Append(bytes, hash.view());
  }
  return bytes;
}

Result<std::vector<crypto::Digest>> ParseTile(ByteView bytes, unsigned width) {
  if (bytes.size() != width * crypto::Digest::kSize) {
    return Error{ErrorCode::kInvalidInput, "a tile of width " + std::to_string(width) + " has " +
                                               std::to_string(bytes.size()) + " bytes"};
  }
  std::vector<crypto::Digest> hashes(width);
  for (unsigned i = 0; i < width; ++i) {
    const ByteView hash = bytes.subspan(i * crypto::Digest::kSize, crypto::Digest::kSize);
    std::copy(hash.begin(), hash.end(), hashes[i].bytes.begin());
  }
  return hashes;
}

crypto::Digest SubtreeRoot(std::vector<crypto::Digest> hashes) {
  ENTENTE_CHECK(std::has_single_bit(hashes.size()));
  for (std::size_t count = hashes.size() / 2; count != 0; count /= 2) {
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = NodeHash(hashes[2 * i], hashes[2 * i + 1]);
    }
  }
  return hashes.front();
}

Status AppendToBundle(Bytes& bundle, ByteView entry) {
  if (entry.size() > kEntryBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "an entry is larger than 65535 bytes"};
  }
  bundle.push_back(static_cast<std::uint8_t>(entry.size() >> 8U));
  bundle.push_back(static_cast<std::uint8_t>(entry.size()));
  Append(bundle, entry);
  return {};
}

Result<ByteView> BundleCursor::Next() {
  const Error cut{ErrorCode::kInvalidInput, "the bundle ends inside an entry"};
  if (rest_.size() < 2) {
    return cut;
  }
  const std::size_t size = static_cast<std::size_t>(rest_[0]) << 8U | rest_[1];
  if (rest_.size() - 2 < size) {
    return cut;
  }
  const ByteView entry = rest_.subspan(2, size);
  rest_ = rest_.subspan(2 + size);
  return entry;
}

Result<std::vector<ByteView>> ParseBundle(ByteView bundle, unsigned width) {
  std::vector<ByteView> entries;
  BundleCursor cursor(bundle);
  for (unsigned i = 0; i < width; ++i) {
    ENTENTE_ASSIGN(const ByteView entry, cursor.Next());
    entries.push_back(entry);
  }
  if (!cursor.AtEnd()) {
    return Error{ErrorCode::kInvalidInput, "bytes follow the last entry of the bundle"};
  }
  return entries;
}

}  // namespace entente::ledger
