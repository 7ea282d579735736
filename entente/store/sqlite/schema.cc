#include "entente/store/sqlite/schema.h"

#include <array>
#include <string>

namespace entente::store {
namespace {

constexpr const char* kStoreVersion1 = R"sql(
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

// Envelopes under item keys, erasure, and the blind index.
constexpr const char* kStoreVersion2 = R"sql(
ALTER TABLE acts ADD COLUMN keyed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX acts_unsealed ON acts (keyed, number) WHERE keyed = 0 OR keyed = 2;

CREATE TABLE subjects (
  peer TEXT NOT NULL,
  subject BLOB NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (peer, subject, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX subjects_of_act ON subjects (number);
)sql";

constexpr const char* kKeysVersion1 = R"sql(
CREATE TABLE wrapping_keys (
  generation INTEGER PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE item_keys (
  peer TEXT NOT NULL,
  direction INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (peer, direction, epoch, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_keys_by_generation ON item_keys (generation);
)sql";

constexpr std::array kStoreMigrations{kStoreVersion1, kStoreVersion2};
constexpr std::array kKeysMigrations{kKeysVersion1};

std::int64_t VersionOf(const Schema& schema) {
  return static_cast<std::int64_t>(schema.migrations.size());
}

Result<std::int64_t> ReadInteger(Database& database, const char* sql) {
  ENTENTE_ASSIGN(Query query, database.Prepare(sql));
  ENTENTE_TRY(query.Next());
  return query.Integer(0);
}

// The version of the file, 0 for a new one.
Result<std::int64_t> Identify(Database& database, const Schema& schema) {
  ENTENTE_ASSIGN(const std::int64_t application, ReadInteger(database, "PRAGMA application_id"));
  ENTENTE_ASSIGN(const std::int64_t version, ReadInteger(database, "PRAGMA user_version"));
  ENTENTE_ASSIGN(const std::int64_t objects,
                 ReadInteger(database, "SELECT count(*) FROM sqlite_schema"));
  const bool is_new = application == 0 && version == 0 && objects == 0;
  const std::string name(schema.name);
  if (!is_new && application != schema.application_id) {
    return Error{ErrorCode::kInvalidInput, "this file is not a " + name + " of Entente"};
  }
  if (version > VersionOf(schema)) {
    return Error{ErrorCode::kInvalidInput, "the " + name + " has schema " +
                                               std::to_string(version) + ", this Entente knows " +
                                               std::to_string(VersionOf(schema)) +
                                               ": run the newer Entente that wrote it"};
  }
  return version;
}

// Runs what is missing in one transaction, which `end` commits or rolls back.
Status Migrate(Database& database, const Schema& schema, std::int64_t version,
               std::string_view end) {
  std::string script = "BEGIN IMMEDIATE;";
  for (; version < VersionOf(schema); ++version) {
    script += schema.migrations[static_cast<std::size_t>(version)];
  }
  script += "PRAGMA application_id = " + std::to_string(schema.application_id) + ";";
  script += "PRAGMA user_version = " + std::to_string(VersionOf(schema)) + ";";
  Status status = database.Execute(script);
  status = status ? database.Execute(std::string(end)) : status;
  if (!status) {
    static_cast<void>(database.Execute("ROLLBACK"));  // fails if SQLite has done it
  }
  return status;
}

}  // namespace

const Schema kStoreSchema{0x456E7431, "store", kStoreMigrations};       // "Ent1"
const Schema kKeysSchema{0x456E4B31, "key database", kKeysMigrations};  // "EnK1"

Result<DryRun> TryMigrations(Database& database, const Schema& schema) {
  DryRun run;
  ENTENTE_ASSIGN(run.version, Identify(database, schema));
  run.next = VersionOf(schema);
  ENTENTE_TRY(Migrate(database, schema, run.version, "ROLLBACK"));
  return run;
}

Status Prepare(Database& database, const Schema& schema) {
  ENTENTE_ASSIGN(const std::int64_t version, Identify(database, schema));
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
  return version < VersionOf(schema) ? Migrate(database, schema, version, "COMMIT") : Status();
}

}  // namespace entente::store
