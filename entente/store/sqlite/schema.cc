#include "entente/store/sqlite/schema.h"

#include <array>
#include <string>

namespace entente::store {
namespace {

constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE peers (
  peer TEXT NOT NULL PRIMARY KEY,
  card BLOB NOT NULL,
  since INTEGER NOT NULL
) STRICT;

CREATE TABLE channels (
  peer TEXT NOT NULL PRIMARY KEY,
  epoch_out INTEGER NOT NULL,
  next_out INTEGER NOT NULL,
  epoch_in INTEGER NOT NULL,
  next_in INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acts (
  number INTEGER PRIMARY KEY,
  peer TEXT NOT NULL,
  direction INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  id BLOB NOT NULL,
  kind TEXT NOT NULL,
  time INTEGER NOT NULL,
  state INTEGER NOT NULL,
  leaf_index INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  answer BLOB NOT NULL,
  UNIQUE (peer, direction, epoch, sequence),
  UNIQUE (peer, id)
) STRICT;
CREATE INDEX acts_recent ON acts (peer, number);
CREATE INDEX acts_pending ON acts (peer, epoch, sequence) WHERE direction = 0 AND state = 0;

CREATE TABLE evidence (
  peer TEXT NOT NULL,
  number INTEGER NOT NULL,
  what TEXT NOT NULL,
  time INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (peer, number)
) STRICT;

CREATE TABLE ledger_entries (
  peer TEXT NOT NULL,
  position INTEGER NOT NULL,
  entry BLOB NOT NULL,
  PRIMARY KEY (peer, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_nodes (
  peer TEXT NOT NULL,
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (peer, level, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  peer TEXT NOT NULL,
  kind INTEGER NOT NULL,
  note BLOB NOT NULL,
  PRIMARY KEY (peer, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE projections (
  peer TEXT NOT NULL,
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (peer, name, key)
) STRICT;

CREATE TABLE imports (
  import INTEGER PRIMARY KEY AUTOINCREMENT,
  collection TEXT NOT NULL,
  origin INTEGER NOT NULL,
  state INTEGER NOT NULL,
  record_count INTEGER NOT NULL,
  last_number INTEGER NOT NULL,
  time INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX imports_current ON imports (collection) WHERE state = 1;

CREATE TABLE records (
  import INTEGER NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (import, number),
  UNIQUE (import, id)
) STRICT, WITHOUT ROWID;
)sql";

// Migration i makes version i + 1 out of version i. Published entries never change.
constexpr std::array kMigrations{kVersion1};
constexpr std::int64_t kSchemaVersion = kMigrations.size();

Result<std::int64_t> ReadInteger(Database& database, const char* sql) {
  ENTENTE_ASSIGN(Query query, database.Prepare(sql));
  ENTENTE_TRY(query.Next());
  return query.Integer(0);
}

// The version of the file, 0 for a new one.
Result<std::int64_t> Identify(Database& database) {
  ENTENTE_ASSIGN(const std::int64_t application, ReadInteger(database, "PRAGMA application_id"));
  ENTENTE_ASSIGN(const std::int64_t version, ReadInteger(database, "PRAGMA user_version"));
  ENTENTE_ASSIGN(const std::int64_t objects,
                 ReadInteger(database, "SELECT count(*) FROM sqlite_schema"));
  const bool is_new = application == 0 && version == 0 && objects == 0;
  if (!is_new && application != kApplicationId) {
    return Error{ErrorCode::kInvalidInput, "this file is not a store of Entente"};
  }
  if (version > kSchemaVersion) {
    return Error{ErrorCode::kInvalidInput,
                 "the store has schema " + std::to_string(version) + ", this Entente knows " +
                     std::to_string(kSchemaVersion) + ": run the newer Entente that wrote it"};
  }
  return version;
}

Status Migrate(Database& database, std::int64_t version) {
  std::string script = "BEGIN IMMEDIATE;";
  for (; version < kSchemaVersion; ++version) {
    script += kMigrations[static_cast<std::size_t>(version)];
  }
  script += "PRAGMA application_id = " + std::to_string(kApplicationId) + ";";
  script += "PRAGMA user_version = " + std::to_string(kSchemaVersion) + ";";
  return database.Execute(script + "COMMIT;");
}

}  // namespace

Status Prepare(Database& database) {
  ENTENTE_ASSIGN(const std::int64_t version, Identify(database));
  ENTENTE_ASSIGN(Query journal, database.Prepare("PRAGMA journal_mode = WAL"));
  ENTENTE_ASSIGN(const bool has_row, journal.Next());
  if (!has_row || journal.Text(0) != "wal") {
    return Error{ErrorCode::kUnavailable, "the store's file system does not allow a WAL"};
  }
  ENTENTE_TRY(journal.Run());
  // temp_store: sorting never spills records into /tmp. journal_size_limit: a large import does
  // not leave a large -wal file behind.
  ENTENTE_TRY(
      database.Execute("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                       "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
                       "PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864"));
  return version < kSchemaVersion ? Migrate(database, version) : Status();
}

}  // namespace entente::store
