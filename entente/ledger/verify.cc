#include "entente/ledger/verify.h"

#include <utility>
#include <vector>

#include "entente/ledger/export.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/tile.h"

namespace entente::ledger {
namespace {

using Hashes = std::vector<crypto::Digest>;

Error Corrupt(const std::string& path, const std::string& why) {
  return {ErrorCode::kCorruptData, path + ": " + why};
}

Error CorruptEntry(const std::string& path, std::uint64_t index, const std::string& why) {
  return Corrupt(path, "entry " + std::to_string(index) + ": " + why);
}

// The tree as derived from the entries: all hashes of tile levels 1 and up, and the level-0 hashes
// under the last bundle if that is partial. Enough for the root of the whole log.
class DerivedTree final : public NodeReader {
 public:
  explicit DerivedTree(std::uint64_t size) : size_(size) {}

  void AddBundle(Hashes leaf_hashes) {
    if (levels_.empty()) {
      levels_.emplace_back();
    }
    if (leaf_hashes.size() == kTileWidth) {
      AddFullTile(1, SubtreeRoot(std::move(leaf_hashes)));
    } else {
      levels_[0] = std::move(leaf_hashes);
    }
  }

  const crypto::Digest& Hash(unsigned level, std::uint64_t index) const {
    return levels_[level][index - (level == 0 ? size_ / kTileWidth * kTileWidth : 0)];
  }

  Result<crypto::Digest> Node(unsigned level, std::uint64_t index) const override {
    const unsigned tile_level = level / kTileHeight;
    const std::uint64_t count = std::uint64_t{1} << level % kTileHeight;
    Hashes hashes;
    for (std::uint64_t i = index * count; i < (index + 1) * count; ++i) {
      hashes.push_back(Hash(tile_level, i));
    }
    return SubtreeRoot(std::move(hashes));
  }

 private:
  void AddFullTile(unsigned level, const crypto::Digest& root) {
    if (level == levels_.size()) {
      levels_.emplace_back();
    }
    Hashes& hashes = levels_[level];
    hashes.push_back(root);
    if (hashes.size() % kTileWidth == 0) {
      AddFullTile(level + 1, SubtreeRoot(Hashes(hashes.end() - kTileWidth, hashes.end())));
    }
  }

  std::uint64_t size_;
  std::vector<Hashes> levels_;
};

class Verifier {
 public:
  Verifier(const FileReader& files, EntryCheck check, SettledCheckpoint settled)
      : files_(files),
        check_(check),
        checkpoint_(settled.checkpoint),
        tree_(settled.checkpoint.size) {
    summary_.checkpoint = std::move(settled.checkpoint);
    summary_.cosigned_at = settled.cosigned_at;
  }

  Result<LogSummary> Run() {
    for (std::uint64_t i = 0; i < TileCount(0, checkpoint_.size); ++i) {
      ENTENTE_TRY(CheckBundle(i));
    }
    for (unsigned level = 1; TileCount(level, checkpoint_.size) != 0; ++level) {
      for (std::uint64_t i = 0; i < TileCount(level, checkpoint_.size); ++i) {
        ENTENTE_TRY(CheckTile(TileAt(level, i, checkpoint_.size)));
      }
    }
    ENTENTE_TRY(CheckRoot());
    return std::move(summary_);
  }

 private:
  // The first place where a tile and the hashes derived from the entries differ.
  struct Difference {
    std::string tile_path;
    std::string bundle_path;  // empty above level 0
    std::uint64_t entry = 0;
  };

  Result<Bytes> Read(const std::string& path, std::size_t size_bytes_max) const {
    auto bytes = files_.Read(path, size_bytes_max);
    if (!bytes && bytes.error().code != ErrorCode::kUnavailable) {
      return Corrupt(path, bytes.error().message);
    }
    return bytes;
  }

  Result<Hashes> ReadTile(const TileId& id) const {
    const std::string path = TilePath(id);
    ENTENTE_ASSIGN(const Bytes bytes, Read(path, kTileBytesMax));
    auto hashes = ParseTile(bytes, id.width);
    if (!hashes) {
      return Corrupt(path, hashes.error().message);
    }
    return hashes;
  }

  Status CheckBundle(std::uint64_t bundle_index) {
    const BundleId id = BundleAt(bundle_index, checkpoint_.size);
    const std::string path = BundlePath(id);
    const TileId tile_id = TileAt(0, bundle_index, checkpoint_.size);
    ENTENTE_ASSIGN(const Hashes tile, ReadTile(tile_id));
    ENTENTE_ASSIGN(const Bytes bundle, Read(path, kBundleBytesMax));
    BundleCursor cursor(bundle);
    Hashes hashes;
    for (std::uint64_t i = 0; i < id.width; ++i) {
      const std::uint64_t index = bundle_index * kTileWidth + i;
      const auto entry = cursor.Next();
      if (!entry) {
        return CorruptEntry(path, FirstBad(path, index), entry.error().message);
      }
      hashes.push_back(LeafHash(*entry));
      if (hashes.back() == tile[i]) {
        ENTENTE_TRY(CountLeaf(path, index, *entry));
      } else if (!difference_) {
        difference_ = {TilePath(tile_id), path, index};
      }
    }
    if (!cursor.AtEnd()) {
      return CorruptEntry(path, FirstBad(path, bundle_index * kTileWidth + id.width - 1),
                          "bytes follow the last entry");
    }
    tree_.AddBundle(std::move(hashes));
    return {};
  }

  // A changed length is noticed late: the first entry that differed is where it began.
  std::uint64_t FirstBad(const std::string& bundle_path, std::uint64_t index) const {
    return difference_ && difference_->bundle_path == bundle_path ? difference_->entry : index;
  }

  Status CountLeaf(const std::string& path, std::uint64_t index, ByteView entry) {
    if (check_ == EntryCheck::kOpaque) {
      return {};
    }
    auto leaf = DecodeLeaf(entry);
    if (!leaf) {
      return CorruptEntry(path, index, leaf.error().message);
    }
    ++summary_.kinds[leaf->kind];
    return {};
  }

  Status CheckTile(const TileId& id) {
    ENTENTE_ASSIGN(const Hashes tile, ReadTile(id));
    for (unsigned i = 0; i < id.width && !difference_; ++i) {
      const std::uint64_t index = id.index * kTileWidth + i;
      if (tile[i] != tree_.Hash(id.level, index)) {
        difference_ = {TilePath(id), "", index << (id.level * kTileHeight)};
      }
    }
    return {};
  }

  // The signed root tells which of two differing files is the original.
  Status CheckRoot() const {
    ENTENTE_ASSIGN(const crypto::Digest root, Root(checkpoint_.size, tree_));
    if (!difference_) {
      return root == checkpoint_.root
                 ? Status()
                 : Corrupt(std::string(kCheckpointPath), "its root is not that of the entries");
    }
    const bool is_bundle = root != checkpoint_.root && !difference_->bundle_path.empty();
    return is_bundle ? CorruptEntry(difference_->bundle_path, difference_->entry,
                                    "its bytes are not those the log committed to")
                     : CorruptEntry(difference_->tile_path, difference_->entry,
                                    "its hash is not the one derived from the entries");
  }

  const FileReader& files_;
  EntryCheck check_;
  Checkpoint checkpoint_;
  DerivedTree tree_;
  LogSummary summary_;
  std::optional<Difference> difference_;
};

// Logs that we did not export have no such file.
Status CheckPolicy(const FileReader& files, const Trust& trust) {
  const std::string path(kPolicyPath);
  const auto policy = files.Read(path, kPolicyBytesMax);
  if (policy ? AsText(*policy) == FormatPolicy(trust)
             : policy.error().code == ErrorCode::kNotFound) {
    return {};
  }
  if (!policy && policy.error().code == ErrorCode::kUnavailable) {
    return policy.error();
  }
  return Corrupt(path, "it does not name exactly the keys given: compare it with the agreement");
}

}  // namespace

Result<LogSummary> VerifyLog(const FileReader& files, const Trust& trust, EntryCheck check) {
  ENTENTE_TRY(ValidateTrust(trust));
  ENTENTE_TRY(CheckPolicy(files, trust));
  const std::string path(kCheckpointPath);
  const auto note = files.Read(path, kNoteBytesMax);
  if (!note && note.error().code == ErrorCode::kUnavailable) {
    return note.error();
  }
  if (!note) {
    return Corrupt(path, note.error().message);
  }
  auto settled = OpenCheckpoint(AsText(*note), trust);
  if (!settled) {
    return Corrupt(path, settled.error().message);
  }
  return Verifier(files, check, *std::move(settled)).Run();
}

}  // namespace entente::ledger
