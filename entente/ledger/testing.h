// A small log with keys, a witness and an export in memory. Tests, benches and test tools only.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "entente/base/check.h"
#include "entente/base/random.h"
#include "entente/crypto/signature.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/export.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/merkle.h"
#include "entente/ledger/verify.h"
#include "entente/ledger/witness.h"

namespace entente::ledger {

inline crypto::Ed25519Signer SignerForTests(std::uint64_t seed) {
  SeededRandomForTests random(seed);
  return crypto::Ed25519Signer(crypto::NewSeed(random));
}

inline Leaf LeafForTests(std::uint64_t number) {
  Leaf leaf;
  leaf.kind = number % 3 == 0 ? "receipt" : "request.information";
  leaf.direction = number % 2 == 0 ? Direction::kSent : Direction::kReceived;
  leaf.time = UtcTime(std::chrono::seconds(1'790'000'000 + number));
  leaf.agreement = crypto::Sha256(AsBytes("an agreement"));
  leaf.actor = ToBytes("actor-7");
  leaf.object = crypto::Sha256(AsBytes("act " + std::to_string(number)));
  leaf.peer = PeerId(crypto::Sha256(AsBytes("peer")).Hex());
  leaf.epoch = 1;
  leaf.sequence = number;
  if (number % 5 == 0) {
    leaf.peer_checkpoint = crypto::Sha256(AsBytes("peer checkpoint"));
  }
  return leaf;
}

class LogForTests final : public EntryReader {
 public:
  static constexpr const char* kOrigin = "node-a.example/entente/ledger";
  static constexpr const char* kWitness = "node-b.example/entente/witness";
  static constexpr UtcTime kCosignedAt{std::chrono::seconds(1'800'000'000)};

  explicit LogForTests(std::uint64_t size) {
    trust_.log = {kOrigin, KeyType::kEd25519, log_.public_key()};
    trust_.witnesses = {{kWitness, KeyType::kCosignatureV1, witness_.public_key()}};
    trust_.quorum = 1;
    for (std::uint64_t i = 0; i < size; ++i) {
      Append(*EncodeLeaf(LeafForTests(i)));
    }
  }

  void Append(Bytes entry) {
    ENTENTE_CHECK(nodes_.Append(LeafHash(entry)).has_value());
    entries_.push_back(std::move(entry));
  }

  std::uint64_t size() const { return nodes_.size(); }
  const NodeStore& nodes() const { return nodes_; }
  const Trust& trust() const { return trust_; }
  const crypto::Signer& log_signer() const { return log_; }
  const crypto::Signer& witness_signer() const { return witness_; }

  Result<Bytes> Entry(std::uint64_t index) const override {
    if (index >= entries_.size()) {
      return Error{ErrorCode::kNotFound, "no such entry"};
    }
    return entries_[index];
  }

  Checkpoint CheckpointAt(std::uint64_t size) const { return {kOrigin, size, *Root(size, nodes_)}; }
  // Signed by the log only.
  std::string SignedAt(std::uint64_t size) const {
    return *SignCheckpoint(CheckpointAt(size), log_);
  }
  // And cosigned.
  std::string SettledAt(std::uint64_t size) const {
    const SignatureLine line =
        *Cosign(FormatCheckpoint(CheckpointAt(size)), kWitness, witness_, kCosignedAt);
    return *AddCosignature(SignedAt(size), FormatSignatureLine(line), trust_.witnesses.front());
  }

 private:
  crypto::Ed25519Signer log_ = SignerForTests(1);
  crypto::Ed25519Signer witness_ = SignerForTests(2);
  Trust trust_;
  NodeStore nodes_;
  std::vector<Bytes> entries_;
};

class FilesForTests final : public FileReader {
 public:
  explicit FilesForTests(const LogForTests& log) {
    ENTENTE_CHECK(ExportLog(log.nodes(), log, log.SettledAt(log.size()), log.trust(),
                            [this](const std::string& path, ByteView bytes) {
                              files[path] = ToBytes(bytes);
                              return Status();
                            })
                      .has_value());
  }

  Result<Bytes> Read(const std::string& path, std::size_t size_bytes_max) const override {
    const auto found = files.find(path);
    if (found == files.end()) {
      return Error{ErrorCode::kNotFound, "the file is missing"};
    }
    if (found->second.size() > size_bytes_max) {
      return Error{ErrorCode::kLimitExceeded, "the file is too large"};
    }
    return found->second;
  }

  std::map<std::string, Bytes> files;
};

}  // namespace entente::ledger
