#include "entente/store/sqlite/database.h"

#include <cerrno>
#include <limits>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::store {
namespace {

constexpr mode_t kFileMode = 0600;

Error Unavailable(std::string message) { return {ErrorCode::kUnavailable, std::move(message)}; }

// The file exists afterwards and only its owner may read it. SQLite gives the -wal the same mode.
// An existing file is never opened here: closing it would drop SQLite's POSIX locks.
Status SecureFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, kFileMode);
  if (file >= 0) {
    ::close(file);
  } else if (errno != EEXIST) {
    return Unavailable("the store cannot be created: check that its folder exists and is writable");
  }
  if (::chmod(path.c_str(), kFileMode) != 0) {
    return Unavailable("the store's file mode cannot be set: it must belong to the node's user");
  }
  return {};
}

Error ErrorOf(int result) {
  switch (result & 0xFF) {
    case SQLITE_CONSTRAINT:
      return {ErrorCode::kConflict, "store: a row with this key exists"};
    case SQLITE_RANGE:
      return {ErrorCode::kInvalidInput, "store: a number is above 2^63-1"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Unavailable("the store is held by another process: stop that one first");
    case SQLITE_FULL:
      return Unavailable("the disk is full, nothing was written: free space, then try again");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
      return Unavailable(std::string("the store cannot be read or written (") +
                         sqlite3_errstr(result) + "): check disk, memory and permissions");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::kCorruptData,
              "the store's file is damaged: stop the node, keep the file, restore a backup"};
    default:
      return {ErrorCode::kInternal, std::string("store: ") + sqlite3_errstr(result)};
  }
}

}  // namespace

Query::Query(Database& database, sqlite3_stmt* statement)
    : database_(database), statement_(statement) {}

Query::Query(Query&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_result_(other.bind_result_) {}

Query::~Query() {
  if (statement_ != nullptr) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);  // no personal data stays behind in the cache
  }
}

Result<bool> Query::Next() {
  if (bind_result_ != SQLITE_OK) {
    return database_.Fail(bind_result_);
  }
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) {
    return true;
  }
  if (result == SQLITE_DONE) {
    return false;
  }
  return database_.Fail(result);
}

Status Query::Run() {
  bool has_row = true;
  while (has_row) {
    ENTENTE_ASSIGN(has_row, Next());
  }
  return {};
}

std::int64_t Query::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

Bytes Query::Blob(int column) const {
  const auto* const data =
      static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, data + sqlite3_column_bytes(statement_, column)};
}

std::string Query::Text(int column) const { return ToText(Blob(column)); }

void Query::Note(int bind_result) {
  if (bind_result_ == SQLITE_OK) {
    bind_result_ = bind_result;
  }
}

void Query::Bind(int at, std::int64_t value) { Note(sqlite3_bind_int64(statement_, at, value)); }

void Query::Bind(int at, std::uint64_t value) {
  if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return Note(SQLITE_RANGE);
  }
  Bind(at, static_cast<std::int64_t>(value));
}

void Query::Bind(int at, std::string_view value) {
  // A null pointer would bind NULL, not the empty text.
  const char* const data = value.empty() ? "" : value.data();
  Note(sqlite3_bind_text64(statement_, at, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Query::Bind(int at, ByteView value) {
  const void* const data = value.empty() ? static_cast<const void*>("") : value.data();
  Note(sqlite3_bind_blob64(statement_, at, data, value.size(), SQLITE_TRANSIENT));
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& path, const char* vfs) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (vfs == nullptr) {
    ENTENTE_TRY(SecureFile(path));
  } else {
    flags |= SQLITE_OPEN_CREATE;
  }
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &connection, flags, vfs);
  std::unique_ptr<Database> database(new Database(connection));
  if (result != SQLITE_OK) {
    return ErrorOf(result);
  }
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // Before anything is read: an exclusive connection keeps the WAL index in its own memory, and
  // nobody else can open the file, which also rules out SQLite's WAL-reset defect (< 3.51.3).
  ENTENTE_TRY(database->Execute("PRAGMA locking_mode = EXCLUSIVE"));
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(connection_);
}

Status Database::Execute(const std::string& script) {
  const int result = sqlite3_exec(connection_, script.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? Status() : Status(Fail(result));
}

Result<sqlite3_stmt*> Database::Statement(const char* sql) {
  if (failure_) {
    return *failure_;  // SQLite may have rolled back: what follows must not run outside
  }
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int result =
        sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (result != SQLITE_OK) {
      return Fail(result);
    }
  }
  return statement;
}

Error Database::Fail(int result) {
  Error error = ErrorOf(result);
  if (level_ != Level::kNone && !failure_ && error.code != ErrorCode::kConflict &&
      error.code != ErrorCode::kInvalidInput) {
    failure_ = error;
  }
  return error;
}

Status Database::CheckNotLost() const {
  return is_lost_ ? Unavailable(
                        "the disk failed during a commit: restart the node to read what it holds")
                  : Status();
}

Status Database::Enter(const char* sql, Level level) {
  ENTENTE_TRY(CheckNotLost());
  ENTENTE_TRY(Run(sql));
  level_ = level;
  return {};
}

Status Database::Begin() {
  switch (level_) {
    case Level::kNone:
      return Enter("BEGIN IMMEDIATE", Level::kTransaction);
    case Level::kGroup:
      return Enter("SAVEPOINT part", Level::kPart);
    case Level::kTransaction:
    case Level::kPart:
      break;
  }
  return Error{ErrorCode::kInternal, "store: a transaction is open already"};
}

Status Database::BeginGroup() {
  if (level_ != Level::kNone) {
    return Error{ErrorCode::kInternal, "store: a transaction is open already"};
  }
  return Enter("BEGIN IMMEDIATE", Level::kGroup);
}

Status Database::Commit() {
  if (failure_) {
    return *failure_;
  }
  if (level_ == Level::kPart) {
    ENTENTE_TRY(Run("RELEASE part"));
    level_ = Level::kGroup;
    return {};
  }
  ENTENTE_ASSIGN(Query commit, Prepare("COMMIT"));
  const auto has_row = commit.Next();
  if (!has_row) {
    // A failed write or flush leaves open whether the commit record reached the disk.
    is_lost_ = (sqlite3_extended_errcode(connection_) & 0xFF) == SQLITE_IOERR;
    return has_row.error();
  }
  level_ = Level::kNone;
  return {};
}

void Database::Rollback() {
  if (level_ == Level::kPart) {
    level_ = Level::kGroup;
    // After a failure the group is lost as a whole, and its Rollback undoes this too.
    if (!failure_ && Run("ROLLBACK TO part")) {
      static_cast<void>(Run("RELEASE part"));  // if it fails, Commit says so
    }
    return;
  }
  failure_.reset();
  level_ = Level::kNone;
  if (sqlite3_get_autocommit(connection_) == 0 && !Run("ROLLBACK")) {
    is_lost_ = true;
  }
}

Status Database::CheckIntegrity() {
  ENTENTE_ASSIGN(Query query, Prepare("PRAGMA integrity_check(1)"));
  ENTENTE_ASSIGN(const bool has_row, query.Next());
  if (!has_row || query.Text(0) != "ok") {
    return ErrorOf(SQLITE_CORRUPT);
  }
  return {};
}

}  // namespace entente::store
