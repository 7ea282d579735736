// What the API serves: the node's modules, and the few things only apps/ can do for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/random.h"
#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/documents/documents.h"
#include "entente/exchange/exchange.h"
#include "entente/matching/matching.h"
#include "entente/node/peer_links.h"
#include "entente/store/store.h"

namespace entente::api {

// An upload of list files, read in the background once it is complete.
struct ImportRequest {
  std::string collection;
  store::Origin origin = store::Origin::kSynthetic;
  std::string format;   // records::FormatName, or empty: guess
  std::string mapping;  // records::CsvMapping text, or empty
  bool skip_bad = false;
  bool replace = false;  // a collection of the same name and origin may be replaced
  std::string main;      // file names, for messages; empty: not given
  std::string alt;
  std::string add;
};

struct ImportRowError {
  std::string file;
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  std::string reason;
};

enum class ImportState { kReceiving, kReading, kDone, kFailed };

struct ImportStatus {
  ImportState state = ImportState::kReceiving;
  std::uint64_t records = 0;
  std::uint64_t skipped = 0;           // entries that are not persons
  std::uint64_t rejected = 0;          // bad rows
  std::uint64_t rejects_left_out = 0;  // of these, too long to be kept (records::kEntryBytesMax)
  std::uint64_t bytes = 0;             // read so far
  std::uint64_t bytes_total = 0;
  std::vector<ImportRowError> errors;  // the first ones
  // Why it failed: one line and its code.
  std::string error;
  ErrorCode error_code = ErrorCode::kInvalidInput;
  std::optional<store::Collection> collection;
  std::optional<std::uint64_t> replaced;  // how many records the collection had before
};

// Threads: the node's owner thread.
class ImportService {
 public:
  virtual ~ImportService() = default;
  // Errors: kInvalidInput for a bad name, format or mapping; kConflict if the collection exists and
  // may not be replaced, or has another origin; kLimitExceeded for too many at once.
  virtual Result<std::uint64_t> Begin(const ImportRequest& request) = 0;
  // Appends to part "main", "alt" or "add" at `offset`, which must be what was received so far.
  // Returns how much is received now. Errors: kNotFound; kConflict for another offset or state;
  // kUnavailable if the disk is full.
  virtual Result<std::uint64_t> Receive(std::uint64_t import, const std::string& part,
                                        std::uint64_t offset, ByteView bytes) = 0;
  virtual Status Finish(std::uint64_t import) = 0;
  virtual Result<ImportStatus> Get(std::uint64_t import) const = 0;
  // The rejected rows from byte `offset` on, ready to be mended and imported: one piece, nothing at
  // the end. Pieces end anywhere, inside a character too. Errors: kNotFound; kConflict until the
  // import is over; kUnavailable if the disk fails.
  virtual Result<Bytes> Rejects(std::uint64_t import, std::uint64_t offset) const = 0;
  // Drops the import and its files, the rejected rows too. Errors: kNotFound.
  virtual Status Cancel(std::uint64_t import) = 0;
};

enum class BackupState { kNone, kCopying, kChecking, kDone, kFailed };
std::string_view BackupStateName(BackupState state);  // "none", "copying", …

struct BackupStatus {
  BackupState state = BackupState::kNone;
  std::string folder;
  std::uint64_t pages_done = 0;
  std::uint64_t pages_total = 0;
  std::string error;  // why it failed: one line
  ErrorCode error_code = ErrorCode::kInternal;
};

// Threads: the node's owner thread.
class BackupService {
 public:
  virtual ~BackupService() = default;
  // Begins a backup into `folder`, an absolute path that does not exist or is empty.
  // Errors: kInvalidInput for another path; kConflict if it is not empty or a backup runs.
  virtual Status Start(const std::string& folder) = 0;
  // Of the last one.
  virtual BackupStatus Get() const = 0;
};

// One thing that was looked at.
struct Finding {
  std::string check;           // a short name, such as "disk"
  std::optional<PeerId> peer;  // of which relation, if of one
  bool is_ok = true;
  std::string what;   // one line
  std::string to_do;  // one line; empty if all is well
};

// All references must outlive the API.
struct Services {
  exchange::Exchange& exchange;
  documents::Documents& documents;
  matching::Matching& matching;
  ImportService& imports;
  node::LinkService& links;
  Random& random;
  std::string version;
  // "http://127.0.0.1:PORT" once the console listens, or empty.
  std::function<std::string()> console_address;
  // What only apps/ can see: the disk, the head file. May be empty.
  std::function<std::vector<Finding>()> machine_findings = {};
  BackupService* backups = nullptr;  // null: kUnavailable
};

}  // namespace entente::api
