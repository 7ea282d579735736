// Backups of a home: a folder of files and a signed manifest that lists them
// (docs/formats/backup.md).
//
//   create   Backup, inside the running node: the store in slices, then Complete in the background
//   restore  RestoreBackup, into an empty home, without a node
//   drill    DrillBackup: restores into a temporary folder and recomputes what can be recomputed
//
// A backup never holds the head file. The store in it is marked as a copy, so a node that is
// started from it signs nothing until it was recovered (entente/exchange/head.h). Threads: free
// functions; none touches a running node's store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/entente/home.h"
#include "entente/act/card.h"
#include "entente/base/secret.h"
#include "entente/base/time.h"
#include "entente/crypto/aead.h"
#include "entente/crypto/hash.h"
#include "entente/crypto/signature.h"
#include "entente/store/store.h"

namespace entente::app {

inline constexpr std::string_view kBackupType = "application/vnd.entente.backup+json";
inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kStoreName = "node.db";
inline constexpr std::string_view kKeysName = "node.db.keys";

struct BackupFile {
  std::string name;  // relative to the folder
  std::uint64_t size = 0;
  crypto::Digest sha256;
  bool operator==(const BackupFile&) const = default;
};

// One relation as the copy of the store has it.
struct BackupRelation {
  PeerId peer;
  std::uint64_t epoch_out = 1;
  std::uint64_t next_out = 1;
  std::uint64_t log_size = 0;
  crypto::Digest log_root;
  std::uint64_t settled_size = 0;  // cosigned by the peer
  bool operator==(const BackupRelation&) const = default;
};

struct BackupManifest {
  UtcTime created;
  Bytes card;  // of the node, signed
  std::vector<BackupFile> files;
  std::vector<BackupRelation> relations;
  bool operator==(const BackupManifest&) const = default;
};

// The signed manifest: a DSSE envelope of canonical JSON.
Result<Bytes> SealManifest(const BackupManifest& manifest, const crypto::Signer& message_signer);
// Errors: kCorruptData if it is malformed or not signed by the message key of the card in it.
Result<BackupManifest> OpenManifest(ByteView envelope);

// What Complete needs of the node; the signer must outlive the call.
struct BackupOrigin {
  HomePaths home;
  Bytes card;
  UtcTime now;
  crypto::SealKey store_root;
};

// Copies the small files, marks the copied store as a copy, and tells what the manifest must say.
// Seconds per GiB: call it in the background. Errors: those of the files and the store;
// kCorruptData if the copy is damaged.
Result<BackupManifest> CompleteBackup(BackupOrigin origin, const std::string& folder);

// Checks every file against the manifest, then makes the home. `survivor` is the key database of
// the home that is put back, as far as it could be saved, or empty: what was erased there since the
// backup was made is erased in the new home too. Returns the manifest.
// Errors: kConflict if the home is not empty; kCorruptData naming the first file that differs;
// kNotFound if one is missing; kInvalidInput if `survivor` is no key database; nothing is made
// then.
Result<BackupManifest> RestoreBackup(const std::string& folder, const HomePaths& home,
                                     const std::string& survivor);

struct DrillResult {
  BackupManifest manifest;
  std::uint64_t acts = 0;      // all unsealed, or erased
  std::uint64_t leaves = 0;    // all recomputed
  std::uint64_t cosigned = 0;  // logs whose root equals one the peer cosigned
};
// Restores into a temporary folder, opens the keys, reads the whole store, unseals every act,
// recomputes the root of every log from its entries and compares it with the stored tree, the
// manifest and the checkpoint the peer cosigned last. Errors: as RestoreBackup; kNotPermitted if
// the passphrase is another one; kCorruptData naming the relation and what differs.
Result<DrillResult> DrillBackup(const std::string& folder, const SecretText& passphrase,
                                const Clock& clock);

}  // namespace entente::app
