#include "tests/interop/ledger/flips.h"

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "apps/entente-verify/evidence.h"
#include "entente/act/testing.h"
#include "entente/base/check.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/export.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/testing.h"
#include "entente/ledger/tile.h"
#include "entente/ledger/verify.h"

namespace entente::ledger {
namespace {

using Files = std::map<std::string, Bytes>;
using verify::NamedFile;

constexpr std::uint8_t kNorthSeed = 1;
constexpr std::uint8_t kSouthSeed = 11;

template <typename T>
T Must(Result<T> made) {
  ENTENTE_CHECK(made.has_value());
  return *std::move(made);
}

crypto::Ed25519Signer Signer(int seed) {
  return act::ExampleSigner(static_cast<std::uint8_t>(seed));
}

// North's log about South. In the middle of it North sends the example act and gets its receipt.
class Relation final : public EntryReader {
 public:
  explicit Relation(std::uint64_t entry_count) : act_index_(entry_count / 2) {
    for (std::uint64_t i = 0; i < entry_count; ++i) {
      entries_.push_back(Must(EncodeLeaf(LeafAt(i))));
      ENTENTE_CHECK(nodes_.Append(LeafHash(entries_.back())).has_value());
    }
    note_ = Settle();
  }

  Result<Bytes> Entry(std::uint64_t index) const override { return entries_.at(index); }

  // By their paths in the export.
  Files Tree() const {
    Files files;
    ENTENTE_CHECK(ExportLog(nodes_, *this, note_, Trusted(),
                            [&files](const std::string& path, ByteView bytes) {
                              files[path] = ToBytes(bytes);
                              return Status();
                            })
                      .has_value());
    return files;
  }
  Files Receipt() const {
    return {{"act.json", Signed(act::kActType, ActPayload(), kNorthSeed)},
            {"answer.json", Signed(act::kAnswerType, AnswerPayload(), kSouthSeed)},
            {"act.tlog-proof", ProofOf(act_index_)},
            {"answer.tlog-proof", ProofOf(act_index_ + 1)},
            {"north.card", Must(act::SignCard(north_, Signer(kNorthSeed)))},
            {"south.card", Must(act::SignCard(south_, Signer(kSouthSeed)))}};
  }
  verify::Cards cards() const { return {north_, south_}; }

 private:
  static Bytes ActPayload() { return act::EncodeAct(act::ExampleAct()); }
  static Bytes Signed(std::string_view type, ByteView payload, std::uint8_t seed) {
    return act::Encode(Must(act::Sign(type, payload, Signer(seed))));
  }
  static Bytes AnswerPayload() { return act::EncodeAnswer(act::ExampleReceipt()); }

  Leaf LeafAt(std::uint64_t index) const {
    Leaf leaf = LeafForTests(index);
    const bool is_act = index == act_index_;
    if (is_act || index == act_index_ + 1) {
      leaf.kind = is_act ? act::ExampleAct().kind : "receipt";
      leaf.direction = is_act ? Direction::kSent : Direction::kReceived;
      leaf.object = crypto::Sha256(is_act ? ActPayload() : AnswerPayload());
      leaf.peer = south_.id();
      leaf.epoch = act::ExampleAct().epoch;
      leaf.sequence = act::ExampleAct().sequence;
    }
    return leaf;
  }
  Trust Trusted() const {
    return Must(verify::TrustFor(cards(), LogOrigin(north_.id(), south_.id())));
  }
  std::string Settle() const {
    const Checkpoint checkpoint{LogOrigin(north_.id(), south_.id()), nodes_.size(),
                                Must(Root(nodes_.size(), nodes_))};
    const SignatureLine line = Must(Cosign(FormatCheckpoint(checkpoint), WitnessName(south_.id()),
                                           Signer(kSouthSeed + 2), LogForTests::kCosignedAt));
    return Must(AddCosignature(Must(SignCheckpoint(checkpoint, Signer(kNorthSeed + 1))),
                               FormatSignatureLine(line), Trusted().witnesses.front()));
  }
  Bytes ProofOf(std::uint64_t index) const {
    return ToBytes(FormatProof(
        {entries_.at(index), index, Must(InclusionProof(index, nodes_.size(), nodes_)), note_}));
  }

  act::Card north_ = act::NorthCard();
  act::Card south_ = act::SouthCard();
  std::uint64_t act_index_;
  NodeStore nodes_;
  std::vector<Bytes> entries_;
  std::string note_;
};

class MemoryFiles final : public FileReader {
 public:
  explicit MemoryFiles(const Files& files) : files_(files) {}
  Result<Bytes> Read(const std::string& path, std::size_t /*size_bytes_max*/) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) {
      return Error{ErrorCode::kNotFound, "the file is missing"};
    }
    return found->second;
  }

 private:
  const Files& files_;
};

NamedFile Get(const Files& files, const std::string& name) { return {name, files.at(name)}; }

// The entry that byte `offset` of a tile or bundle belongs to; nothing in other files.
std::optional<std::uint64_t> EntryAt(const std::string& path, ByteView bytes, std::size_t offset) {
  const auto id = ParseTilePath(path);
  if (!id) {
    return std::nullopt;
  }
  if (const auto* const tile = std::get_if<TileId>(&*id)) {
    const std::uint64_t index = tile->index * kTileWidth + offset / crypto::Digest::kSize;
    return index << (tile->level * kTileHeight);
  }
  std::uint64_t index = std::get<BundleId>(*id).index * kTileWidth;
  std::size_t end = 0;
  for (BundleCursor cursor(bytes); !cursor.AtEnd(); ++index) {
    end += 2 + Must(cursor.Next()).size();
    if (offset < end) {
      break;
    }
  }
  return index;
}

using Judge = std::function<Status(const Files&)>;

FlipCounts Flip(Files files, const FlipRange& range, const Judge& judge) {
  ENTENTE_CHECK(judge(files).has_value());
  FlipCounts counts;
  std::uint64_t bit = 0;  // of all files
  for (auto& [path, bytes] : files) {
    for (std::size_t i = 0; i < bytes.size() * 8; ++i, ++bit) {
      if (bit % range.step != range.first) {
        continue;
      }
      const auto entry = EntryAt(path, bytes, i / 8);
      const auto mask = static_cast<std::uint8_t>(1U << i % 8);
      bytes[i / 8] ^= mask;
      const Status judged = judge(files);
      bytes[i / 8] ^= mask;
      const bool is_detected = !judged && judged.error().code == ErrorCode::kCorruptData;
      const std::string message = is_detected ? judged.error().message : "";
      ++counts.flips;
      counts.detected += is_detected ? 1 : 0;
      counts.named += message.starts_with(path + ": ") ? 1 : 0;
      if (entry) {
        ++counts.placeable;
        const std::string place = path + ": entry " + std::to_string(*entry) + ": ";
        counts.placed += message.starts_with(place) ? 1 : 0;
      }
    }
  }
  return counts;
}

}  // namespace

FlipCounts& FlipCounts::operator+=(const FlipCounts& other) {
  flips += other.flips;
  detected += other.detected;
  named += other.named;
  placeable += other.placeable;
  placed += other.placed;
  return *this;
}

FlipCounts FlipTree(std::uint64_t entry_count, FlipRange range) {
  const Relation relation(entry_count);
  return Flip(relation.Tree(), range, [cards = relation.cards()](const Files& files) -> Status {
    const std::string name(kCheckpointPath);
    ENTENTE_ASSIGN(const Trust trust,
                   verify::TrustForCheckpoint(cards, name, AsText(files.at(name))));
    ENTENTE_TRY(VerifyLog(MemoryFiles(files), trust, EntryCheck::kLeaves));
    return {};
  });
}

FlipCounts FlipProof(std::uint64_t entry_count, FlipRange range) {
  const Relation relation(entry_count);
  const std::string name = "act.tlog-proof";
  const Files files{{name, relation.Receipt().at(name)}};
  return Flip(files, range, [&, cards = relation.cards()](const Files& flipped) -> Status {
    const NamedFile file = Get(flipped, name);
    ENTENTE_ASSIGN(const EntryProof proof, verify::ReadProof(file));
    ENTENTE_ASSIGN(const Trust trust, verify::TrustForCheckpoint(cards, name, proof.checkpoint));
    ENTENTE_TRY(verify::OpenProof(file, trust));
    return {};
  });
}

FlipCounts FlipReceipt(std::uint64_t entry_count, FlipRange range) {
  return Flip(Relation(entry_count).Receipt(), range, [](const Files& files) -> Status {
    ENTENTE_ASSIGN(const verify::Cards cards,
                   verify::OpenCards(Get(files, "north.card"), Get(files, "south.card")));
    ENTENTE_ASSIGN(const verify::ProvenAnswer proven,
                   verify::OpenAnswer(Get(files, "answer.json"), Get(files, "act.json"), cards));
    ENTENTE_TRY(verify::OpenProofOf(Get(files, "act.tlog-proof"), proven, cards));
    ENTENTE_TRY(verify::OpenProofOf(Get(files, "answer.tlog-proof"), proven, cards));
    return {};
  });
}

}  // namespace entente::ledger
