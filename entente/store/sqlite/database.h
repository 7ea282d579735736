// One SQLite connection as the store uses it: statements prepared once, errors in Entente's words,
// at most one transaction at a time, and a transaction that met a failing disk never commits.
//
// Source: the SQLite C interface, 3.40 and later. Threads: one owner thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <sqlite3.h>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"

namespace entente::store {

class Database;

// A running statement. It goes back to the cache, reset, when it goes out of scope.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query();

  // Moves to the next row; false behind the last one.
  // Errors: kConflict for a broken UNIQUE; kInvalidInput for a number above 2^63-1; kUnavailable,
  // kCorruptData.
  Result<bool> Next();
  // Runs to the end. Errors: as Next.
  Status Run();

  // Columns of the current row.
  std::int64_t Integer(int column) const;
  std::uint64_t Number(int column) const { return static_cast<std::uint64_t>(Integer(column)); }
  UtcTime Time(int column) const { return UtcTime(std::chrono::microseconds(Integer(column))); }
  Bytes Blob(int column) const;
  std::string Text(int column) const;

 private:
  friend class Database;
  Query(Database& database, sqlite3_stmt* statement);

  void Note(int bind_result);
  void Bind(int at, std::int64_t value);
  void Bind(int at, std::uint64_t value);
  void Bind(int at, std::string_view value);
  void Bind(int at, ByteView value);
  void Bind(int at, const PeerId& value) { Bind(at, std::string_view(value.str())); }
  void Bind(int at, UtcTime value) { Bind(at, std::int64_t{value.time_since_epoch().count()}); }
  template <std::size_t Size, typename Tag>
  void Bind(int at, const FixedBytes<Size, Tag>& value) {
    Bind(at, value.view());
  }
  template <typename Enum>
    requires std::is_enum_v<Enum>
  void Bind(int at, Enum value) {
    Bind(at, static_cast<std::int64_t>(value));
  }

  Database& database_;
  sqlite3_stmt* statement_;
  int bind_result_ = SQLITE_OK;
};

class Database {
 public:
  // Opens or creates the file with mode 0600 and takes the exclusive lock; the caller then checks
  // and configures. `vfs` names a registered SQLite VFS, null the disk of the machine.
  // Errors: kUnavailable if another process holds it or the disk refuses.
  static Result<std::unique_ptr<Database>> Open(const std::string& path, const char* vfs = nullptr);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements without results. Errors: as Query::Next.
  Status Execute(const std::string& script);
  // `sql` must be a literal: the compiled statement is kept under its address. Values are copied.
  // Errors: what failed earlier in this transaction; kUnavailable, kCorruptData.
  template <typename... Values>
  Result<Query> Prepare(const char* sql, const Values&... values) {
    ENTENTE_ASSIGN(sqlite3_stmt* const statement, Statement(sql));
    Query query(*this, statement);
    int at = 0;
    (query.Bind(++at, values), ...);
    return query;
  }
  // Prepares and runs a statement without rows; how many rows it changed. Errors: as Query::Next.
  template <typename... Values>
  Result<std::uint64_t> Run(const char* sql, const Values&... values) {
    ENTENTE_ASSIGN(Query query, Prepare(sql, values...));
    ENTENTE_TRY(query.Run());
    return static_cast<std::uint64_t>(sqlite3_changes64(connection_));
  }

  // A transaction, or a part of the group that is open. Each is ended by Commit or Rollback.
  // Errors: kInternal inside a transaction; kUnavailable after a commit whose outcome is unknown.
  Status Begin();
  // A transaction of parts. Errors: as Begin.
  Status BeginGroup();
  // Errors: the first kUnavailable, kCorruptData or kInternal met since the transaction began, even
  // if a body hid it; kUnavailable if the disk refuses. In each case the caller rolls back.
  Status Commit();
  void Rollback();
  // Errors: kUnavailable after a commit whose outcome is unknown.
  Status CheckNotLost() const;
  bool is_in_part() const { return level_ == Level::kPart; }
  bool is_in_group() const { return level_ == Level::kGroup || level_ == Level::kPart; }

  // Reads the whole file and its indexes; seconds per GiB. Errors: kCorruptData if anything is
  // wrong; kUnavailable.
  Status CheckIntegrity();

  // For the online backup (sqlite_backup.h).
  sqlite3* connection() { return connection_; }
  std::int64_t LastInsertId() const { return sqlite3_last_insert_rowid(connection_); }

 private:
  friend class Query;
  // What is open. A part is a savepoint of its group.
  enum class Level { kNone, kTransaction, kGroup, kPart };
  explicit Database(sqlite3* connection) : connection_(connection) {}

  Status Enter(const char* sql, Level level);
  Result<sqlite3_stmt*> Statement(const char* sql);
  // The error of a result code; remembered for the transaction unless a caller may go on after it.
  Error Fail(int result);

  sqlite3* connection_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
  Level level_ = Level::kNone;
  std::optional<Error> failure_;
  bool is_lost_ = false;
};

// A statement's result when the count of changed rows does not matter.
inline Status Done(const Result<std::uint64_t>& changed) {
  return changed ? Status() : Status(changed.error());
}

}  // namespace entente::store
