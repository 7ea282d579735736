// The Merkle tree of a log: RFC 6962 §2.1 (= RFC 9162 §2.1) over SHA-256.
//
//   level 2          (2,0)               a node is the hash of a COMPLETE subtree:
//   level 1      (1,0)   (1,1)           (level, index) covers the entries
//   level 0     0     1 2     3  4       [index·2^level, (index+1)·2^level)
//
// The tree is read through NodeReader and grows by NewNode rows, so that whoever stores the nodes
// can do so in the transaction that stores the entry. A log of n entries has at most 2n-1 nodes.
// Cost: appending one entry hashes 1 leaf and on average 1 node; a proof reads at most 63² nodes
// and typically log2(n). Limits: kTreeSizeMax entries, so proofs have at most kProofHashesMax
// hashes. Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"

namespace entente::ledger {

inline constexpr std::uint64_t kTreeSizeMax = (std::uint64_t{1} << 63U) - 1;
inline constexpr std::size_t kProofHashesMax = 63;

using ProofHashes = std::vector<crypto::Digest>;

class NodeReader {
 public:
  virtual ~NodeReader() = default;
  // The hash of a complete subtree. Errors: kNotFound if the log does not have it (yet).
  virtual Result<crypto::Digest> Node(unsigned level, std::uint64_t index) const = 0;
};

struct NewNode {
  unsigned level = 0;
  std::uint64_t index = 0;
  crypto::Digest hash;
  bool operator==(const NewNode&) const = default;
};

crypto::Digest LeafHash(ByteView entry);
crypto::Digest NodeHash(const crypto::Digest& left, const crypto::Digest& right);
// The root of the tree without entries.
crypto::Digest EmptyRoot();

// The nodes that become complete when `leaf_hash` is appended to a log of `size` entries, the leaf
// itself first. Errors: those of `reader`; kLimitExceeded at kTreeSizeMax.
Result<std::vector<NewNode>> AppendLeafHash(std::uint64_t size, const crypto::Digest& leaf_hash,
                                            const NodeReader& reader);

// The root of the first `size` entries. Errors: those of `reader`; kLimitExceeded.
Result<crypto::Digest> Root(std::uint64_t size, const NodeReader& reader);

// The hashes from the entry's sibling up to the root's child.
// Errors: kInvalidInput unless index < size; kLimitExceeded; those of `reader`.
Result<ProofHashes> InclusionProof(std::uint64_t index, std::uint64_t size,
                                   const NodeReader& reader);
// Errors: kInvalidInput unless 0 < old_size ≤ size; kLimitExceeded; those of `reader`.
Result<ProofHashes> ConsistencyProof(std::uint64_t old_size, std::uint64_t size,
                                     const NodeReader& reader);

// Errors: kInvalidInput unless index < size; kCorruptData if the proof is too long, too short or
// does not give `root`.
Status VerifyInclusion(std::uint64_t index, std::uint64_t size, const crypto::Digest& leaf_hash,
                       std::span<const crypto::Digest> proof, const crypto::Digest& root);
// Errors: kInvalidInput unless 0 < old_size ≤ size (the empty tree is consistent with any, which a
// proof cannot show); kCorruptData if the proof is too long, too short or does not give both roots.
Status VerifyConsistency(std::uint64_t old_size, std::uint64_t size,
                         std::span<const crypto::Digest> proof, const crypto::Digest& old_root,
                         const crypto::Digest& root);

// The nodes of one log in memory, for tests, benches and tools. Threads: not thread-safe.
class NodeStore final : public NodeReader {
 public:
  // Errors: kLimitExceeded at kTreeSizeMax.
  Status Append(const crypto::Digest& leaf_hash);
  std::uint64_t size() const { return size_; }
  Result<crypto::Digest> Node(unsigned level, std::uint64_t index) const override;

 private:
  std::vector<std::vector<crypto::Digest>> levels_;
  std::uint64_t size_ = 0;
};

}  // namespace entente::ledger
