#include "entente/ledger/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

namespace entente::ledger {
namespace {

constexpr std::array<std::uint8_t, 1> kLeafPrefix{0};
constexpr std::array<std::uint8_t, 1> kNodePrefix{1};

Status CheckSize(std::uint64_t size) {
  if (size > kTreeSizeMax) {
    return Error{ErrorCode::kLimitExceeded, "a log has at most 2^63-1 entries"};
  }
  return {};
}

// The largest power of two below `size`, which is at least 2 (RFC 6962 §2.1: k).
std::uint64_t SplitPoint(std::uint64_t size) { return std::bit_floor(size - 1); }

// The hash of the entries [begin, end), where `begin` is a multiple of the smallest power of two
// that is not below end - begin: every range that RFC 6962 splits off is of this form.
Result<crypto::Digest> RangeRoot(std::uint64_t begin, std::uint64_t end, const NodeReader& reader) {
  const std::uint64_t size = end - begin;
  if (std::has_single_bit(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return reader.Node(level, begin >> level);
  }
  const std::uint64_t middle = begin + SplitPoint(size);
  ENTENTE_ASSIGN(const crypto::Digest left, RangeRoot(begin, middle, reader));
  ENTENTE_ASSIGN(const crypto::Digest right, RangeRoot(middle, end, reader));
  return NodeHash(left, right);
}

Error BadProof() { return {ErrorCode::kCorruptData, "the Merkle proof does not give the root"}; }

}  // namespace

crypto::Digest LeafHash(ByteView entry) { return crypto::Sha256({kLeafPrefix, entry}); }

crypto::Digest NodeHash(const crypto::Digest& left, const crypto::Digest& right) {
  return crypto::Sha256({kNodePrefix, left.view(), right.view()});
}

crypto::Digest EmptyRoot() { return crypto::Sha256(ByteView()); }

Result<std::vector<NewNode>> AppendLeafHash(std::uint64_t size, const crypto::Digest& leaf_hash,
                                            const NodeReader& reader) {
  if (size >= kTreeSizeMax) {
    return Error{ErrorCode::kLimitExceeded, "the log is full"};
  }
  std::vector<NewNode> added{{0, size, leaf_hash}};
  // A right child completes its parent; its left sibling is there already.
  while (added.back().index % 2 == 1) {
    const NewNode& right = added.back();
    ENTENTE_ASSIGN(const crypto::Digest left, reader.Node(right.level, right.index - 1));
    added.push_back({right.level + 1, right.index / 2, NodeHash(left, right.hash)});
  }
  return added;
}

Result<crypto::Digest> Root(std::uint64_t size, const NodeReader& reader) {
  ENTENTE_TRY(CheckSize(size));
  if (size == 0) {
    return EmptyRoot();
  }
  return RangeRoot(0, size, reader);
}

Result<ProofHashes> InclusionProof(std::uint64_t index, std::uint64_t size,
                                   const NodeReader& reader) {
  ENTENTE_TRY(CheckSize(size));
  if (index >= size) {
    return Error{ErrorCode::kInvalidInput, "the entry is not in the log of this size"};
  }
  ProofHashes proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  // RFC 6962 §2.1.1 PATH, from the root down; the proof is read from the leaf up.
  while (end - begin > 1) {
    const std::uint64_t middle = begin + SplitPoint(end - begin);
    const bool is_left = index < middle;
    ENTENTE_ASSIGN(const crypto::Digest sibling,
                   is_left ? RangeRoot(middle, end, reader) : RangeRoot(begin, middle, reader));
    proof.push_back(sibling);
    (is_left ? end : begin) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<ProofHashes> ConsistencyProof(std::uint64_t old_size, std::uint64_t size,
                                     const NodeReader& reader) {
  ENTENTE_TRY(CheckSize(size));
  if (old_size == 0 || old_size > size) {
    return Error{ErrorCode::kInvalidInput, "a consistency proof needs 0 < old size <= size"};
  }
  ProofHashes proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  // RFC 6962 §2.1.2 SUBPROOF, from the root down, until [begin, end) ends where the old tree ends.
  while (old_size != end) {
    const std::uint64_t middle = begin + SplitPoint(end - begin);
    const bool is_left = old_size <= middle;
    ENTENTE_ASSIGN(const crypto::Digest sibling,
                   is_left ? RangeRoot(middle, end, reader) : RangeRoot(begin, middle, reader));
    proof.push_back(sibling);
    (is_left ? end : begin) = middle;
  }
  if (begin != 0) {  // b = false: the verifier does not hold this subtree as the old root
    ENTENTE_ASSIGN(const crypto::Digest last, RangeRoot(begin, end, reader));
    proof.push_back(last);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Status VerifyInclusion(std::uint64_t index, std::uint64_t size, const crypto::Digest& leaf_hash,
                       std::span<const crypto::Digest> proof, const crypto::Digest& root) {
  if (index >= size) {
    return Error{ErrorCode::kInvalidInput, "the entry is not in the log of this size"};
  }
  // RFC 9162 §2.1.3.2
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  crypto::Digest hash = leaf_hash;
  for (const crypto::Digest& sibling : proof) {
    if (sn == 0) {
      return BadProof();
    }
    if (fn % 2 == 1 || fn == sn) {
      hash = NodeHash(sibling, hash);
      while (fn % 2 == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  if (sn != 0 || hash != root) {
    return BadProof();
  }
  return {};
}

Status VerifyConsistency(std::uint64_t old_size, std::uint64_t size,
                         std::span<const crypto::Digest> proof, const crypto::Digest& old_root,
                         const crypto::Digest& root) {
  if (old_size == 0 || old_size > size) {
    return Error{ErrorCode::kInvalidInput, "a consistency proof needs 0 < old size <= size"};
  }
  if (old_size == size) {
    return proof.empty() && old_root == root ? Status() : BadProof();
  }
  // RFC 9162 §2.1.4.2
  std::vector<crypto::Digest> path(proof.begin(), proof.end());
  if (std::has_single_bit(old_size)) {
    path.insert(path.begin(), old_root);
  }
  if (path.empty()) {
    return BadProof();
  }
  std::uint64_t fn = old_size - 1;
  std::uint64_t sn = size - 1;
  while (fn % 2 == 1) {
    fn >>= 1U;
    sn >>= 1U;
  }
  crypto::Digest old_hash = path.front();
  crypto::Digest hash = path.front();
  for (const crypto::Digest& sibling : std::span(path).subspan(1)) {
    if (sn == 0) {
      return BadProof();
    }
    if (fn % 2 == 1 || fn == sn) {
      old_hash = NodeHash(sibling, old_hash);
      hash = NodeHash(sibling, hash);
      while (fn % 2 == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  if (sn != 0 || old_hash != old_root || hash != root) {
    return BadProof();
  }
  return {};
}

Status NodeStore::Append(const crypto::Digest& leaf_hash) {
  ENTENTE_ASSIGN(const std::vector<NewNode> added, AppendLeafHash(size_, leaf_hash, *this));
  for (const NewNode& node : added) {
    if (node.level == levels_.size()) {
      levels_.emplace_back();
    }
    levels_[node.level].push_back(node.hash);
  }
  ++size_;
  return {};
}

Result<crypto::Digest> NodeStore::Node(unsigned level, std::uint64_t index) const {
  if (level >= levels_.size() || index >= levels_[level].size()) {
    return Error{ErrorCode::kNotFound, "the log has no node at level " + std::to_string(level) +
                                           ", index " + std::to_string(index)};
  }
  return levels_[level][index];
}

}  // namespace entente::ledger
