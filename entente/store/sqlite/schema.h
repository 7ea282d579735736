// The tables of a store (docs/formats/store.md) and how an older file becomes a current one.
#pragma once

#include "entente/base/result.h"
#include "entente/store/sqlite/database.h"

namespace entente::store {

inline constexpr std::int64_t kApplicationId = 0x456E7431;  // "Ent1"

// What imports.state says.
enum class ImportState { kStaged = 0, kCurrent = 1, kDropped = 2 };

// Makes a file that Database::Open gave ready for use: identity, migrations in one transaction,
// WAL with synchronous = FULL and secure deletion.
// Errors: kInvalidInput if the file is not a store or a newer Entente wrote it; kUnavailable if it
// is held by another process or the disk refuses; kCorruptData.
Status Prepare(Database& database);

}  // namespace entente::store
