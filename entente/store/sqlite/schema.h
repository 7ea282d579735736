// The tables of a store's two files (docs/formats/store.md) and how an older file becomes a current
// one.
#pragma once

#include <span>
#include <string_view>

#include "entente/base/result.h"
#include "entente/store/sqlite/database.h"

namespace entente::store {

// What imports.state says.
enum class ImportState { kStaged = 0, kCurrent = 1, kDropped = 2 };

// What acts.keyed says.
enum class Keyed {
  kClear = 0,    // written by schema 1; Maintain seals it
  kSealed = 1,   // under the item's key
  kErasing = 2,  // no longer given; Maintain destroys the key, then the bytes
  kErased = 3,   // a tombstone: no bytes, no key
};

// One kind of file: what it is and how it came to be.
struct Schema {
  std::int64_t application_id;
  std::string_view name;                    // for errors
  std::span<const char* const> migrations;  // [i] makes version i + 1 out of i; never changed
};
extern const Schema kStoreSchema;
extern const Schema kKeysSchema;

// The version of kStoreSchema since which a store has a key database.
inline constexpr std::int64_t kKeyedSince = 2;

// Makes a file that Database::Open gave ready for use: identity, migrations in one transaction,
// WAL with synchronous = FULL and secure deletion.
// Errors: kInvalidInput if the file is of another kind or a newer Entente wrote it; kUnavailable if
// it is held by another process or the disk refuses; kCorruptData.
Status Prepare(Database& database, const Schema& schema);

// What Prepare would do to the file at `path`, which it does not change: the migrations are run and
// undone. Returns the version it has and the one it would have.
// Errors: as Prepare; those of Database::Open.
struct DryRun {
  std::int64_t version = 0;
  std::int64_t next = 0;
};
Result<DryRun> TryMigrations(Database& database, const Schema& schema);

}  // namespace entente::store
