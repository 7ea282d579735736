// The store as one SQLite file: the embedded default, for one node on one machine.
//
// Files: docs/formats/store.md; `<path>` and the key database `<path>.keys`, mode 0600, `-wal`
// files beside them while open. WAL with synchronous = FULL: a transaction is one flush of the
// store, after one of the key database if it holds new acts, so callers put what belongs together
// into one Write, and Writes that come together into one Group. One connection writes and
// checkpoints and holds the exclusive lock: no other process can read the file meanwhile. Erasure:
// deleted content is overwritten with zeros (secure_delete) when the WAL is checkpointed;
// Maintain's last call does that and empties the WAL. Cost: one flush and 0.24 ms of processor time
// to accept one act (docs/formats/store.md).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "entente/base/random.h"
#include "entente/base/time.h"
#include "entente/crypto/aead.h"
#include "entente/store/store.h"

namespace entente::store {

class Database;
class ItemKeys;
class SqliteTransaction;
struct DryRun;

// The key database of the store at `path`.
inline std::string KeysPath(const std::string& path) { return path + ".keys"; }

// What items are sealed with.
struct StoreKeys {
  crypto::SealKey root;  // the same for every Open of a store
  std::unique_ptr<Random> random;
};

inline constexpr UtcTime::duration kWrappingKeyLife = std::chrono::days(90);

class SqliteStore final : public Store {
 public:
  // Opens the file at `path` or creates it; its folder must exist. Drops imports left unfinished
  // and erases the first of their records.
  // Errors: kUnavailable if another process holds it, the folder is missing or the disk refuses;
  // kInvalidInput if the file is not a store or a newer Entente wrote it; kNotPermitted if the root
  // key is another one; kCorruptData if damaged, or if acts were sealed and the key database is
  // missing.
  // `vfs` names a registered SQLite VFS that holds the file instead of the machine's disk (sim/).
  static Result<std::unique_ptr<SqliteStore>> Open(const std::string& path, StoreKeys keys,
                                                   const char* vfs = nullptr);
  // Without the keys, of a store nobody has open; the files stay as they are.
  // What Open would do to an older file. Errors: as Open; kNotFound if there is none.
  static Result<DryRun> TryMigrations(const std::string& path);
  // Reads both files; the keys of a store of before schema 2 need not be there. Errors: as
  // CheckIntegrity; kNotFound; kUnavailable if a node has them open.
  static Status CheckFiles(const std::string& path);
  // Reads a key database. Errors: likewise; kInvalidInput if the file is none.
  static Status CheckKeys(const std::string& path);
  // Erases in the store at `path` all that was erased in the one to which the key database
  // `survivor` belongs: a backup that is put back must not bring back what was erased since. The
  // bytes go with the next Open. Errors: as Open; kInvalidInput if `survivor` is no key database.
  static Status EraseAgain(const std::string& path, const std::string& survivor);
  ~SqliteStore() override;

  Status Write(const std::function<Status(Transaction&)>& body) override;
  Status Group(const std::function<Status()>& body) override;
  Status Read(const std::function<Status(const Reader&)>& body) const override;
  Result<bool> Maintain(std::size_t record_count_max) override;

  // Reads the whole file and its indexes; seconds per GiB. Errors: kCorruptData if anything is
  // wrong; kUnavailable.
  Status CheckIntegrity() const;

  // A new wrapping key for item keys; Maintain then seals the older ones again and destroys the old
  // wrapping key.
  Status RotateWrappingKey();
  // The same if the wrapping key has served for kWrappingKeyLife; the first call starts the time.
  Status RotateWrappingKeyIfDue(UtcTime now);

 private:
  friend class SqliteBackup;
  SqliteStore(std::unique_ptr<Database> database, std::unique_ptr<ItemKeys> keys,
              crypto::SealKey subjects);

  Status InTransaction(const std::function<Status(SqliteTransaction&)>& body);
  Result<bool> MaintainActs();
  Result<bool> EraseRecords(std::size_t record_count_max);

  std::unique_ptr<Database> database_;
  std::unique_ptr<ItemKeys> keys_;
  crypto::SealKey subjects_;
};

}  // namespace entente::store
