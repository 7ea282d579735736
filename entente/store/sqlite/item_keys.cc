#include "entente/store/sqlite/item_keys.h"

#include <algorithm>
#include <utility>

#include "entente/crypto/random.h"
#include "entente/store/sqlite/schema.h"

namespace entente::store {
namespace {

// Stands for the wrapping key in the row of a key that was destroyed.
constexpr std::int64_t kDestroyed = 0;
constexpr std::string_view kWrappingContext = "entente/wrapping-key/1 ";

crypto::SealKey NewKey(Random& random) {
  crypto::SealKey key;
  random.Fill(key.mutable_view());
  return key;
}

Bytes ContextOf(const ItemPlace& place) {
  return ToBytes("entente/item/1 " + place.peer.str() + " " +
                 std::to_string(static_cast<int>(place.direction)) + " " +
                 std::to_string(place.epoch) + " " + std::to_string(place.sequence));
}

Bytes WrappingContext(std::int64_t generation) {
  return ToBytes(std::string(kWrappingContext) + std::to_string(generation));
}

Error Damaged() {
  return {ErrorCode::kCorruptData,
          "the key database is damaged: stop the node, keep its files, restore a backup"};
}

Direction ToDirection(std::int64_t stored) {
  return stored == 0 ? Direction::kOut : Direction::kIn;
}

}  // namespace

Status ForEachDestroyed(Database& keys, const std::function<Status(const ItemPlace&)>& visit) {
  ENTENTE_ASSIGN(Query query, keys.Prepare("SELECT peer, direction, epoch, sequence FROM item_keys "
                                           "WHERE generation = 0"));
  for (;;) {
    ENTENTE_ASSIGN(const bool has_row, query.Next());
    if (!has_row) {
      return {};
    }
    const PeerId peer(query.Text(0));
    ENTENTE_TRY(visit({peer, ToDirection(query.Integer(1)), query.Number(2), query.Number(3)}));
  }
}

Status PutDestroyed(Database& keys, const ItemPlace& place) {
  return Done(keys.Run("INSERT OR REPLACE INTO item_keys VALUES (?1, ?2, ?3, ?4, ?5, x'')",
                       place.peer, place.direction, place.epoch, place.sequence, kDestroyed));
}

Result<std::unique_ptr<ItemKeys>> ItemKeys::Open(const std::string& path, crypto::SealKey root,
                                                 std::unique_ptr<Random> random, const char* vfs,
                                                 bool may_create) {
  ENTENTE_ASSIGN(auto database, Database::Open(path, vfs));
  if (!may_create) {
    ENTENTE_ASSIGN(const DryRun run, TryMigrations(*database, kKeysSchema));
    if (run.version == 0) {
      return Error{ErrorCode::kCorruptData,
                   "the key database is missing, without which no act can be read: put the file "
                   "node.db.keys of this home back, over the empty one, or restore a backup"};
    }
  }
  ENTENTE_TRY(Prepare(*database, kKeysSchema));
  std::unique_ptr<ItemKeys> keys(
      new ItemKeys(std::move(database), std::move(root), std::move(random)));
  ENTENTE_TRY(keys->OpenWrappingKeys());
  if (keys->generation_ == 0) {
    ENTENTE_TRY(keys->Rotate());
  }
  return keys;
}

Status ItemKeys::OpenWrappingKeys() {
  ENTENTE_ASSIGN(Query query, database_->Prepare("SELECT generation, sealed FROM wrapping_keys"));
  for (;;) {
    ENTENTE_ASSIGN(const bool has_row, query.Next());
    if (!has_row) {
      return {};
    }
    const std::int64_t generation = query.Integer(0);
    crypto::SealKey key;
    if (!crypto::UnsealInto(root_, query.Blob(1), WrappingContext(generation),
                            key.mutable_view())) {
      return Error{ErrorCode::kNotPermitted,
                   "the key database does not open: it belongs to another home or passphrase"};
    }
    wrapping_.insert_or_assign(generation, std::move(key));
    generation_ = std::max(generation_, generation);
  }
}

Status ItemKeys::Begin() {
  if (!is_gathering_) {
    ENTENTE_TRY(database_->Begin());
    is_gathering_ = true;
  }
  return {};
}

Status ItemKeys::Commit() {
  if (!is_gathering_) {
    return {};
  }
  const Status status = database_->Commit();
  if (!status) {
    database_->Rollback();
  }
  is_gathering_ = false;
  return status;
}

void ItemKeys::Rollback() {
  if (std::exchange(is_gathering_, false)) {
    database_->Rollback();
  }
}

ItemKeys::Sealed ItemKeys::Seal(const ItemPlace& place, ByteView content) {
  crypto::SealKey key = NewKey(*random_);
  Bytes sealed = crypto::Seal(key, content, ContextOf(place), *random_);
  return {std::move(sealed), std::move(key)};
}

Result<bool> ItemKeys::Keep(const ItemPlace& place, const crypto::SealKey& key) {
  ENTENTE_TRY(Begin());
  const Bytes sealed =
      crypto::Seal(wrapping_.at(generation_), key.view(), ContextOf(place), *random_);
  ENTENTE_ASSIGN(
      const std::uint64_t kept,
      database_->Run("INSERT INTO item_keys VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE "
                     "SET generation = excluded.generation, sealed = excluded.sealed "
                     "WHERE generation > 0",
                     place.peer, place.direction, place.epoch, place.sequence, generation_,
                     sealed));
  return kept > 0;
}

Result<std::optional<Bytes>> ItemKeys::Unseal(const ItemPlace& place, ByteView sealed) {
  ENTENTE_ASSIGN(Query query,
                 database_->Prepare("SELECT generation, sealed FROM item_keys WHERE peer = ?1 AND "
                                    "direction = ?2 AND epoch = ?3 AND sequence = ?4",
                                    place.peer, place.direction, place.epoch, place.sequence));
  ENTENTE_ASSIGN(const bool has_row, query.Next());
  if (!has_row) {
    return Error{ErrorCode::kCorruptData,
                 "the key of an act is missing: the key database is not the store's; stop the "
                 "node, restore a backup of both files"};
  }
  if (query.Integer(0) == kDestroyed) {
    return std::optional<Bytes>();
  }
  ENTENTE_ASSIGN(const crypto::SealKey key, Unwrap(place, query.Integer(0), query.Blob(1)));
  auto content = crypto::Unseal(key, sealed, ContextOf(place));
  if (!content) {
    return Error{ErrorCode::kCorruptData,
                 "an act was altered in the store: stop the node, restore a backup"};
  }
  return std::optional<Bytes>(*std::move(content));
}

Result<crypto::SealKey> ItemKeys::Unwrap(const ItemPlace& place, std::int64_t generation,
                                         ByteView sealed) const {
  const auto wrapping = wrapping_.find(generation);
  crypto::SealKey key;
  if (wrapping == wrapping_.end() ||
      !crypto::UnsealInto(wrapping->second, sealed, ContextOf(place), key.mutable_view())) {
    return Damaged();
  }
  return key;
}

Status ItemKeys::Write(const std::function<Status()>& body) {
  ENTENTE_TRY(Begin());
  Status status = body();
  if (!status) {
    Rollback();
    return status;
  }
  return Commit();
}

// Deleted content is zeroed in the file and stands in the WAL until that is cut.
Status ItemKeys::Truncate() { return database_->Execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

Status ItemKeys::Destroy(const ItemPlace& place) {
  ENTENTE_TRY(Write([&] { return PutDestroyed(*database_, place); }));
  return Truncate();
}

Status ItemKeys::Rotate() {
  crypto::SealKey key = NewKey(*random_);
  const std::int64_t next = generation_ + 1;
  ENTENTE_TRY(Write([&] {
    return Done(database_->Run("INSERT INTO wrapping_keys VALUES (?1, ?2)", next,
                               crypto::Seal(root_, key.view(), WrappingContext(next), *random_)));
  }));
  wrapping_.insert_or_assign(next, std::move(key));
  generation_ = next;
  return {};
}

Result<std::vector<ItemKeys::Wrapped>> ItemKeys::OlderThanNow(std::size_t count_max) {
  ENTENTE_ASSIGN(
      Query query,
      database_->Prepare("SELECT peer, direction, epoch, sequence, generation, sealed "
                         "FROM item_keys WHERE generation > 0 AND generation < ?1 LIMIT ?2",
                         generation_, static_cast<std::int64_t>(count_max)));
  std::vector<Wrapped> out;
  for (;;) {
    ENTENTE_ASSIGN(const bool has_row, query.Next());
    if (!has_row) {
      return out;
    }
    out.push_back({PeerId(query.Text(0)), ToDirection(query.Integer(1)), query.Number(2),
                   query.Number(3), query.Integer(4), query.Blob(5)});
  }
}

Status ItemKeys::WrapAgain(const std::vector<Wrapped>& older, bool is_last) {
  for (const Wrapped& item : older) {
    const ItemPlace place{item.peer, item.direction, item.epoch, item.sequence};
    ENTENTE_ASSIGN(const crypto::SealKey key, Unwrap(place, item.generation, item.sealed));
    ENTENTE_TRY(Keep(place, key));
  }
  return is_last
             ? Done(database_->Run("DELETE FROM wrapping_keys WHERE generation < ?1", generation_))
             : Status();
}

Result<bool> ItemKeys::Rewrap(std::size_t count_max) {
  if (wrapping_.size() <= 1) {
    return false;
  }
  ENTENTE_ASSIGN(const std::vector<Wrapped> older, OlderThanNow(count_max));
  const bool is_last = older.size() < count_max;
  ENTENTE_TRY(Write([&] { return WrapAgain(older, is_last); }));
  if (!is_last) {
    return true;
  }
  ENTENTE_TRY(Truncate());
  std::erase_if(wrapping_, [&](const auto& entry) { return entry.first < generation_; });
  return false;
}

Status ItemKeys::CheckIntegrity() { return database_->CheckIntegrity(); }

}  // namespace entente::store
