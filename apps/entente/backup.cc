#include "apps/entente/backup.h"

#include <array>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "apps/entente/files.h"
#include "entente/act/envelope.h"
#include "entente/crypto/random.h"
#include "entente/exchange/head.h"
#include "entente/exchange/journal.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/relation.h"
#include "entente/store/sqlite/sqlite_store.h"
#include "entente/wire/json.h"

namespace entente::app {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::int64_t kNumberMax = (std::int64_t{1} << 53U) - 1;
constexpr std::size_t kManifestBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kCountMax = 10'000;
constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kSmallFileBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kErasedPerStep = 20'000;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

// What a home needs besides its store.
std::vector<std::string> SmallFiles() {
  return {"home.json",        "entente.toml", "keys/message.key",   "keys/ledger.key",
          "keys/witness.key", "keys/tls.key", "keys/encryption.key"};
}

Error Damaged(const std::string& what) { return {ErrorCode::kCorruptData, "backup: " + what}; }

Result<std::uint64_t> ReadNumber(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const std::int64_t number, reader.Integer(member, 0, kNumberMax));
  return static_cast<std::uint64_t>(number);
}

Result<crypto::Digest> ReadDigest(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const std::string hex, reader.String(member, 2 * crypto::Digest::kSize));
  return crypto::Digest::FromHex(hex);
}

// No path leads out of the folder.
bool IsPlainName(const std::string& name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-/";
  return !name.empty() && name.find_first_not_of(kAllowed) == std::string::npos &&
         name.find("..") == std::string::npos && name.front() != '/' && name.back() != '/';
}

Result<BackupFile> ParseFile(const Json& json) {
  JsonReader reader(json, "files");
  BackupFile file;
  ENTENTE_ASSIGN(file.name, reader.String("name", kNameBytesMax));
  ENTENTE_ASSIGN(file.size, ReadNumber(reader, "size"));
  ENTENTE_ASSIGN(file.sha256, ReadDigest(reader, "sha256"));
  ENTENTE_TRY(reader.Finish());
  return IsPlainName(file.name) ? Result<BackupFile>(std::move(file))
                                : Damaged("the manifest names a file outside of it");
}

Result<BackupRelation> ParseRelation(const Json& json) {
  JsonReader reader(json, "relations");
  BackupRelation relation;
  ENTENTE_ASSIGN(const std::string peer, reader.String("peer", 2 * crypto::Digest::kSize));
  relation.peer = PeerId(peer);
  ENTENTE_ASSIGN(relation.epoch_out, ReadNumber(reader, "epoch"));
  ENTENTE_ASSIGN(relation.next_out, ReadNumber(reader, "next"));
  ENTENTE_ASSIGN(relation.log_size, ReadNumber(reader, "size"));
  ENTENTE_ASSIGN(relation.log_root, ReadDigest(reader, "root"));
  ENTENTE_ASSIGN(relation.settled_size, ReadNumber(reader, "settled"));
  ENTENTE_TRY(reader.Finish());
  return relation;
}

Result<BackupManifest> ParseManifest(ByteView payload) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(payload)));
  JsonReader reader(json, "manifest");
  BackupManifest manifest;
  ENTENTE_TRY(reader.Integer("v", 1, 1));
  ENTENTE_ASSIGN(const std::string created, reader.String("created", 27));
  ENTENTE_ASSIGN(manifest.created, ParseRfc3339(created));
  ENTENTE_ASSIGN(manifest.card, reader.Base64("card", kSmallFileBytesMax));
  ENTENTE_ASSIGN(const Json* files, reader.Array("files", kCountMax));
  ENTENTE_ASSIGN(const Json* relations, reader.Array("relations", kCountMax));
  ENTENTE_TRY(reader.Finish());
  for (const Json& file : *files) {
    ENTENTE_ASSIGN(BackupFile parsed, ParseFile(file));
    manifest.files.push_back(std::move(parsed));
  }
  for (const Json& relation : *relations) {
    ENTENTE_ASSIGN(BackupRelation parsed, ParseRelation(relation));
    manifest.relations.push_back(std::move(parsed));
  }
  return manifest;
}

// A file's size and hash, read in pieces; `copy` takes them too if it is given.
Result<BackupFile> ReadWhole(const std::string& folder, const std::string& name, NewFile* copy) {
  const std::string path = folder + "/" + name;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{ErrorCode::kNotFound, "backup: " + path + " is missing or cannot be read"};
  }
  BackupFile file{name, 0, {}};
  crypto::Sha256Stream hash;
  Bytes piece(kPieceBytes);
  while (in) {
    in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    const ByteView got = ByteView(piece).first(static_cast<std::size_t>(in.gcount()));
    hash.Update(got);
    file.size += got.size();
    if (copy != nullptr) {
      ENTENTE_TRY(copy->Append(got));
    }
  }
  if (in.bad()) {
    return Error{ErrorCode::kUnavailable, "backup: " + path + " cannot be read to its end"};
  }
  file.sha256 = hash.Current();
  return file;
}

Status MakeFolderFor(const std::string& path) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(parent, error);
  if (!error) {
    std::filesystem::permissions(parent, std::filesystem::perms::owner_all, error);
  }
  return error ? Status(Error{ErrorCode::kUnavailable, path + ": " + error.message()}) : Status();
}

// Copies one file and tells what it was.
Result<BackupFile> CopyFile(const std::string& from, const std::string& name,
                            const std::string& to) {
  ENTENTE_TRY(MakeFolderFor(to + "/" + name));
  ENTENTE_ASSIGN(NewFile copy, NewFile::Create(to + "/" + name));
  ENTENTE_ASSIGN(BackupFile file, ReadWhole(from, name, &copy));
  ENTENTE_TRY(copy.Commit());
  return file;
}

Status Flush(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_flushed = file >= 0 && fsync(file) == 0;
  if (file >= 0) {
    close(file);
  }
  return is_flushed ? Status()
                    : Status(Error{ErrorCode::kUnavailable, path + ": cannot be flushed"});
}

Result<std::unique_ptr<store::SqliteStore>> OpenStore(const std::string& path,
                                                      crypto::SealKey root) {
  return store::SqliteStore::Open(path,
                                  {std::move(root), std::make_unique<crypto::SystemRandom>()});
}

Result<BackupRelation> RelationIn(const store::Reader& reader, const PeerId& peer) {
  BackupRelation relation;
  relation.peer = peer;
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  relation.epoch_out = channel.epoch_out;
  relation.next_out = channel.next_out;
  ENTENTE_ASSIGN(relation.log_size, reader.LedgerSize(peer));
  ENTENTE_ASSIGN(relation.log_root,
                 ledger::Root(relation.log_size, exchange::StoredNodes(reader, peer)));
  ENTENTE_ASSIGN(const exchange::LogHead settled,
                 exchange::ReadLogHead(reader, peer, store::CheckpointKind::kOwnSettled));
  relation.settled_size = settled.checkpoint.size;
  return relation;
}

Result<std::vector<BackupRelation>> RelationsIn(const store::Store& store) {
  std::vector<BackupRelation> relations;
  ENTENTE_TRY(store.Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto peers, reader.ListPeers());
    for (const store::PeerRow& peer : peers) {
      ENTENTE_ASSIGN(BackupRelation relation, RelationIn(reader, peer.id));
      relations.push_back(std::move(relation));
    }
    return {};
  }));
  return relations;
}

// Whether the entry is an act's; if so, the act is in the store and its key opens it, or it is
// erased.
Result<bool> CheckAct(const store::Reader& reader, const PeerId& peer, ByteView entry) {
  ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(entry));
  const bool is_sent = leaf.direction == ledger::Direction::kSent;
  const bool is_inbound = leaf.direction == ledger::Direction::kReceived ||
                          leaf.direction == ledger::Direction::kRefused;
  if (!(is_sent || is_inbound) || leaf.kind == "receipt" || leaf.kind == "refusal") {
    return false;
  }
  ENTENTE_ASSIGN(const auto act,
                 reader.GetAct(peer, is_sent ? store::Direction::kOut : store::Direction::kIn,
                               leaf.epoch, leaf.sequence));
  return act && act->id == leaf.object
             ? Result<bool>(true)
             : Damaged("the ledger names an act that is not in the store");
}

// Recomputes one log from its entries and counts its acts. Returns whether a peer's cosignature
// stands on its root.
Result<bool> CheckLog(const store::Reader& reader, const act::Card& own,
                      const BackupRelation& relation, std::uint64_t& acts) {
  const std::string name = "the ledger about " + relation.peer.str().substr(0, 12);
  ENTENTE_ASSIGN(const exchange::LogHead settled,
                 exchange::ReadLogHead(reader, relation.peer, store::CheckpointKind::kOwnSettled));
  ledger::NodeStore tree;
  for (std::uint64_t index = 0;; ++index) {
    if (index == settled.checkpoint.size) {
      ENTENTE_ASSIGN(const crypto::Digest root, ledger::Root(index, tree));
      if (root != settled.checkpoint.root) {
        return Damaged(name + " has not the root the peer cosigned");
      }
    }
    if (index == relation.log_size) {
      break;
    }
    ENTENTE_ASSIGN(const Bytes entry, reader.LedgerEntry(relation.peer, index));
    ENTENTE_TRY(tree.Append(ledger::LeafHash(entry)));
    ENTENTE_ASSIGN(const bool is_act, CheckAct(reader, relation.peer, entry));
    acts += is_act ? 1 : 0;
  }
  ENTENTE_ASSIGN(const crypto::Digest root, ledger::Root(relation.log_size, tree));
  if (root != relation.log_root) {
    return Damaged(name + " has not the root the manifest names");
  }
  ENTENTE_ASSIGN(const auto note,
                 reader.GetCheckpoint(relation.peer, store::CheckpointKind::kOwnSettled));
  if (!note) {
    return false;
  }
  ENTENTE_ASSIGN(const auto row, reader.GetPeer(relation.peer));
  if (!row) {
    return Damaged("a relation has no card");
  }
  ENTENTE_ASSIGN(const act::Card card, act::OpenCard(row->card));
  ENTENTE_TRY(ledger::OpenCheckpoint(
      AsText(*note), {ledger::LogKey(own.id(), card.id(), own.keys.ledger, settled.epoch),
                      {ledger::WitnessKey(card.id(), card.keys.witness)},
                      1}));
  return true;
}

class ScratchFolder {
 public:
  static Result<ScratchFolder> Make() {
    std::string path = (std::filesystem::temp_directory_path() / "entente-drill-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      return Error{ErrorCode::kUnavailable, "no temporary folder can be made: see TMPDIR"};
    }
    return ScratchFolder(std::move(path));
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
      std::filesystem::remove_all(path_, ignored);
    }
  }
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace

Result<Bytes> SealManifest(const BackupManifest& manifest, const crypto::Signer& message_signer) {
  Json files = Json::array();
  for (const BackupFile& file : manifest.files) {
    files.push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256.Hex()}});
  }
  Json relations = Json::array();
  for (const BackupRelation& relation : manifest.relations) {
    relations.push_back({{"peer", relation.peer.str()},
                         {"epoch", relation.epoch_out},
                         {"next", relation.next_out},
                         {"size", relation.log_size},
                         {"root", relation.log_root.Hex()},
                         {"settled", relation.settled_size}});
  }
  const Json json{{"v", 1},
                  {"created", FormatRfc3339(manifest.created)},
                  {"card", Base64Encode(manifest.card)},
                  {"files", std::move(files)},
                  {"relations", std::move(relations)}};
  ENTENTE_ASSIGN(const act::Envelope envelope,
                 act::Sign(kBackupType, ToBytes(wire::WriteCanonicalJson(json)), message_signer));
  return act::Encode(envelope);
}

Result<BackupManifest> OpenManifest(ByteView bytes) {
  const auto open = [&]() -> Result<BackupManifest> {
    ENTENTE_ASSIGN(const act::Envelope envelope, act::DecodeEnvelope(bytes));
    ENTENTE_ASSIGN(BackupManifest manifest, ParseManifest(envelope.payload));
    ENTENTE_ASSIGN(const act::Card card, act::OpenCard(manifest.card));
    ENTENTE_TRY(act::VerifySignedBy(envelope, kBackupType, card.keys.message));
    return manifest;
  };
  auto manifest = open();
  return manifest ? std::move(manifest)
                  : Damaged("the manifest is damaged or not signed: " + manifest.error().message);
}

Result<BackupManifest> CompleteBackup(BackupOrigin origin, const std::string& folder) {
  BackupManifest manifest{origin.now, std::move(origin.card), {}, {}};
  {
    ENTENTE_ASSIGN(const auto store,
                   OpenStore(folder + "/" + std::string(kStoreName), std::move(origin.store_root)));
    ENTENTE_TRY(store->Write([](store::Transaction& transaction) {
      return transaction.PutMeta(exchange::kIncarnationKey, AsBytes(exchange::kCopyIncarnation));
    }));
    // What was to be erased when the copy was made is not in it.
    for (bool has_more = true; has_more;) {
      ENTENTE_ASSIGN(has_more, store->Maintain(kErasedPerStep));
    }
    ENTENTE_TRY(store->CheckIntegrity());
    ENTENTE_ASSIGN(manifest.relations, RelationsIn(*store));
  }
  for (const std::string_view name : {kStoreName, kKeysName}) {
    ENTENTE_TRY(Flush(folder + "/" + std::string(name)));
    ENTENTE_ASSIGN(BackupFile file, ReadWhole(folder, std::string(name), nullptr));
    manifest.files.push_back(std::move(file));
  }
  for (const std::string& name : SmallFiles()) {
    ENTENTE_ASSIGN(BackupFile file, CopyFile(origin.home.root, name, folder));
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

Result<BackupManifest> RestoreBackup(const std::string& folder, const HomePaths& home,
                                     const std::string& survivor) {
  ENTENTE_ASSIGN(const Bytes sealed,
                 ReadFile(folder + "/" + std::string(kManifestName), kManifestBytesMax));
  ENTENTE_ASSIGN(BackupManifest manifest, OpenManifest(sealed));
  for (const BackupFile& expected : manifest.files) {
    ENTENTE_ASSIGN(const BackupFile file, ReadWhole(folder, expected.name, nullptr));
    if (file != expected) {
      return Damaged(expected.name + " is not the file of the manifest");
    }
  }
  if (!survivor.empty()) {
    ENTENTE_TRY(store::SqliteStore::CheckKeys(survivor));
  }
  ENTENTE_TRY(MakePrivateFolder(home.root));
  for (const BackupFile& expected : manifest.files) {
    ENTENTE_TRY(CopyFile(folder, expected.name, home.root));
  }
  if (!survivor.empty()) {
    ENTENTE_TRY(store::SqliteStore::EraseAgain(home.store(), survivor));
  }
  return manifest;
}

Result<DrillResult> DrillBackup(const std::string& folder, const SecretText& passphrase,
                                const Clock& clock) {
  ENTENTE_ASSIGN(const ScratchFolder scratch, ScratchFolder::Make());
  const HomePaths home(scratch.path() + "/home");
  DrillResult result;
  ENTENTE_ASSIGN(result.manifest, RestoreBackup(folder, home, /*survivor=*/""));
  ENTENTE_ASSIGN(const act::Card own, act::OpenCard(result.manifest.card));
  ENTENTE_ASSIGN(const NodeKeys keys, NodeKeys::Open(home, passphrase, clock));
  if (keys.identity().card.id() != own.id()) {
    return Damaged("the keys are not those of the card that signed the manifest");
  }
  ENTENTE_ASSIGN(const auto store, OpenStore(home.store(), keys.store_root()));
  ENTENTE_TRY(store->CheckIntegrity());
  ENTENTE_ASSIGN(const std::vector<BackupRelation> relations, RelationsIn(*store));
  if (relations != result.manifest.relations) {
    return Damaged("the relations in the store are not those of the manifest");
  }
  ENTENTE_TRY(store->Read([&](const store::Reader& reader) -> Status {
    for (const BackupRelation& relation : relations) {
      ENTENTE_ASSIGN(const bool is_cosigned, CheckLog(reader, own, relation, result.acts));
      result.leaves += relation.log_size;
      result.cosigned += is_cosigned ? 1 : 0;
    }
    return {};
  }));
  return result;
}

}  // namespace entente::app
