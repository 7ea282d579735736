// The keys under which items lie in the store, in a file of their own: destroying one erases its
// item, whatever copies of the item's bytes the disk still has.
//
// A key is 32 random bytes, used for one item. It is kept sealed under a wrapping key, which is
// random too and kept sealed under the home's root key; Rotate makes a new wrapping key, and
// Rewrap seals the item keys again until the old one can be destroyed. Sealing: crypto/aead.h, with
// the item's place as context. File: docs/formats/store.md. Writes gather in a transaction that the
// store flushes before its own, so an item that is durable has its key; a key without an item is
// harmless and is replaced when its place is used. A key that was destroyed leaves a mark at its
// place, for ever: an older copy of the item is not readable with this file, and what comes back to
// the place, from a backup or a peer, is not kept. Errors of every function: those of Query.
// Threads: one owner thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "entente/base/random.h"
#include "entente/crypto/aead.h"
#include "entente/store/sqlite/database.h"
#include "entente/store/store.h"

namespace entente::store {

// Where an item is: an act's place in its channel.
struct ItemPlace {
  const PeerId& peer;
  Direction direction;
  std::uint64_t epoch;
  std::uint64_t sequence;
};

// The marks of a key database, whose wrapping keys need not be known. Errors: those of `visit`.
Status ForEachDestroyed(Database& keys, const std::function<Status(const ItemPlace&)>& visit);
// Puts a mark in the place of the key, if there is one.
Status PutDestroyed(Database& keys, const ItemPlace& place);

class ItemKeys {
 public:
  // Opens the file, or creates it if it may: a new one in the place of one that was lost would take
  // keys of its own until the lost one is put back over it.
  // Errors: kNotPermitted if `root` is not the root key of this file; kCorruptData, saying what to
  // do, if it is missing or empty and may not be created; those of Database::Open and Prepare.
  static Result<std::unique_ptr<ItemKeys>> Open(const std::string& path, crypto::SealKey root,
                                                std::unique_ptr<Random> random, const char* vfs,
                                                bool may_create);

  // Seals `content` under a new key, which takes its place with Keep.
  struct Sealed {
    Bytes content;
    crypto::SealKey key;
  };
  Sealed Seal(const ItemPlace& place, ByteView content);
  // False, and the key is not kept, if the key of this place was destroyed.
  Result<bool> Keep(const ItemPlace& place, const crypto::SealKey& key);
  // Nothing if the key was destroyed. Errors: kCorruptData if the bytes were altered or there never
  // was a key.
  Result<std::optional<Bytes>> Unseal(const ItemPlace& place, ByteView sealed);

  // Makes durable what Keep gathered. Errors: kUnavailable: nothing of it was kept.
  Status Commit();
  void Rollback();
  // Errors: kUnavailable after a commit whose outcome is unknown.
  Status CheckNotLost() const { return database_->CheckNotLost(); }

  // Durable and gone from the file and its WAL when it returns; the mark stays. Not while Keep
  // gathers.
  Status Destroy(const ItemPlace& place);

  // A new wrapping key for what comes now. Durable.
  Status Rotate();
  // Seals at most `count_max` keys of older generations again; true while there are more. The last
  // call destroys the older wrapping keys.
  Result<bool> Rewrap(std::size_t count_max);

  Status CheckIntegrity();
  // For the online backup (sqlite_backup.h).
  Database& database() { return *database_; }

 private:
  ItemKeys(std::unique_ptr<Database> database, crypto::SealKey root, std::unique_ptr<Random> random)
      : database_(std::move(database)), random_(std::move(random)), root_(std::move(root)) {}

  struct Wrapped {
    PeerId peer;
    Direction direction;
    std::uint64_t epoch;
    std::uint64_t sequence;
    std::int64_t generation;
    Bytes sealed;
  };
  Status OpenWrappingKeys();
  Status Begin();
  Status Write(const std::function<Status()>& body);
  Status Truncate();
  Result<crypto::SealKey> Unwrap(const ItemPlace& place, std::int64_t generation,
                                 ByteView sealed) const;
  Result<std::vector<Wrapped>> OlderThanNow(std::size_t count_max);
  Status WrapAgain(const std::vector<Wrapped>& older, bool is_last);

  std::unique_ptr<Database> database_;
  std::unique_ptr<Random> random_;
  crypto::SealKey root_;
  std::int64_t generation_ = 0;
  std::unordered_map<std::int64_t, crypto::SealKey> wrapping_;  // by generation
  bool is_gathering_ = false;
};

}  // namespace entente::store
