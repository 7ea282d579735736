// What must survive a crash, and the only way to it.
//
// One interface, native implementations: store/sqlite today, PostgreSQL later; the conformance
// suite (store/conformance_testing.h) is what both must pass unchanged. Everything that concerns a
// peer is keyed by peer: no operation reads two relations at once. Domain modules keep their state
// in named projection tables (rows of bytes) inside the same transaction as the act that caused it.
//
// Durability: when Write returns ok the transaction survives a power cut; inside a Group, when that
// one returns ok. Atomicity: if its body returns an error or throws, nothing of it stays.
// Isolation: transactions are serial.
// A call that fails with kConflict, kNotFound or kInvalidInput has changed nothing and the body may
// go on; after kUnavailable, kCorruptData or kInternal the transaction is lost and Write returns
// that error even if the body does not.
// At rest: each act's envelope is sealed under a key of its own, which is kept apart from it,
// sealed under a wrapping key that can be changed. Erasing an act destroys its key. Limits: numbers
// ≤ 2^63-1, otherwise kInvalidInput. Keys, names of tables and kinds are UTF-8 without NUL. What a
// peer may make us keep is bounded by the caller, not here. Threads: one owner thread; an
// implementation refuses nothing but does not lock either. Errors common to all: kUnavailable (disk
// full, I/O error: nothing was written), kCorruptData (a row that does not decode, a damaged file:
// stop and restore).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "entente/act/act.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"
#include "entente/crypto/hash.h"

namespace entente::store {

enum class Direction { kOut, kIn };

// Where an act stands. Out: pending → receipted | refused. In: accepted | refused.
enum class ActState { kPending, kReceipted, kRefused, kAccepted };

struct ActRow {
  Direction direction = Direction::kOut;
  std::uint64_t epoch = 1;
  std::uint64_t sequence = 0;
  act::ActId id;
  std::string kind;
  UtcTime time;
  ActState state = ActState::kPending;
  std::uint64_t leaf_index = 0;  // of our exchange log
  Bytes envelope;                // exactly the bytes sent or received
  Bytes answer;                  // the signed answer's envelope, empty while there is none
  bool is_erased = false;        // the envelope is gone for good, and empty
  bool operator==(const ActRow&) const = default;
};

// What the next act in each direction must carry.
struct ChannelState {
  std::uint64_t epoch_out = 1;
  std::uint64_t next_out = 1;
  std::uint64_t epoch_in = 1;
  std::uint64_t next_in = 1;
  bool operator==(const ChannelState&) const = default;
};

struct PeerRow {
  PeerId id;
  Bytes card;  // the signed card as imported
  UtcTime since;
  bool operator==(const PeerRow&) const = default;
};

// Bytes a peer sent that prove it broke a rule (equivocation, forged receipt, refused act).
struct EvidenceRow {
  std::uint64_t number = 0;  // given by the store, from 1 per peer
  std::string what;          // an ErrorCode's wire name and a short word, no personal data
  UtcTime time;
  Bytes bytes;
  bool operator==(const EvidenceRow&) const = default;
};

// The checkpoints kept per peer relation (each a signed note).
enum class CheckpointKind {
  kOwnSigned,     // our log, our signature
  kOwnSettled,    // our log, cosigned by the peer
  kPeerCosigned,  // the peer's log, the last one we cosigned
};

struct Row {
  std::string key;
  Bytes value;
  bool operator==(const Row&) const = default;
};

enum class Origin { kSynthetic, kPublicList, kOperational };
std::string_view OriginName(Origin origin);  // "synthetic", "public-list", "operational"
// Errors: kInvalidInput listing the three names.
Result<Origin> ParseOrigin(std::string_view name);

inline constexpr std::size_t kCollectionNameBytesMax = 64;
// Errors: kInvalidInput unless the name is [a-z0-9-]{1,64}.
Status ValidateCollectionName(std::string_view name);

struct Collection {
  std::string name;
  Origin origin = Origin::kSynthetic;
  std::uint64_t record_count = 0;
  UtcTime time;  // when this content became current
  bool operator==(const Collection&) const = default;
};

using ImportId = std::uint64_t;

struct RecordRow {
  std::uint64_t number = 0;  // position, ≥ 1, ascending, gaps allowed; stable until replaced
  std::string id;            // the list's own id, unique in the collection
  Bytes bytes;               // records::Encode
  bool operator==(const RecordRow&) const = default;
};

// Reading, inside a transaction.
class Reader {
 public:
  virtual ~Reader() = default;

  virtual Result<std::optional<Bytes>> GetMeta(std::string_view key) const = 0;

  virtual Result<std::optional<PeerRow>> GetPeer(const PeerId& peer) const = 0;
  virtual Result<std::vector<PeerRow>> ListPeers() const = 0;
  // ChannelState{} while nothing was put.
  virtual Result<ChannelState> GetChannel(const PeerId& peer) const = 0;

  virtual Result<std::optional<ActRow>> GetAct(const PeerId& peer, Direction direction,
                                               std::uint64_t epoch,
                                               std::uint64_t sequence) const = 0;
  virtual Result<std::optional<ActRow>> FindAct(const PeerId& peer, const act::ActId& id) const = 0;
  // Out acts still pending with sequence ≥ `from`, by epoch and then sequence, at most `count_max`.
  virtual Result<std::vector<ActRow>> PendingActs(const PeerId& peer, std::uint64_t from,
                                                  std::size_t count_max) const = 0;
  // Acts of both directions, the last one inserted first.
  virtual Result<std::vector<ActRow>> RecentActs(const PeerId& peer,
                                                 std::size_t count_max) const = 0;
  // The acts that IndexSubject put under `subject`, in order of arrival. Erased acts are under
  // none.
  virtual Result<std::vector<act::ActId>> FindSubject(const PeerId& peer,
                                                      std::string_view subject) const = 0;
  virtual Result<std::vector<EvidenceRow>> ListEvidence(const PeerId& peer) const = 0;
  // How many ListEvidence would give, without reading them.
  virtual Result<std::uint64_t> CountEvidence(const PeerId& peer) const = 0;

  // The exchange log of one relation: entries, and hashes of complete subtrees (level 0: leaves).
  virtual Result<std::uint64_t> LedgerSize(const PeerId& peer) const = 0;
  // Errors, of both: kNotFound outside the log.
  virtual Result<Bytes> LedgerEntry(const PeerId& peer, std::uint64_t index) const = 0;
  virtual Result<crypto::Digest> LedgerNode(const PeerId& peer, unsigned level,
                                            std::uint64_t index) const = 0;
  virtual Result<std::optional<Bytes>> GetCheckpoint(const PeerId& peer,
                                                     CheckpointKind kind) const = 0;

  // Projection tables, named by the module that owns them ("documents", "rounds", …).
  virtual Result<std::optional<Bytes>> GetRow(std::string_view table, const PeerId& peer,
                                              std::string_view key) const = 0;
  // In key order, keys > `after`, at most `count_max`.
  virtual Result<std::vector<Row>> ListRows(std::string_view table, const PeerId& peer,
                                            std::string_view after,
                                            std::size_t count_max) const = 0;

  virtual Result<std::optional<Collection>> GetCollection(std::string_view name) const = 0;
  virtual Result<std::vector<Collection>> ListCollections() const = 0;
  // Records with number > `after`, ascending, at most `count_max`. Pages read in several Reads may
  // straddle an activation: compare Collection::time. Errors: kNotFound for an unknown collection.
  virtual Result<std::vector<RecordRow>> ReadRecords(std::string_view collection,
                                                     std::uint64_t after,
                                                     std::size_t count_max) const = 0;
  // Errors: kNotFound for an unknown collection.
  virtual Result<std::optional<RecordRow>> FindRecord(std::string_view collection,
                                                      std::string_view id) const = 0;
};

// Reading and writing, inside a transaction.
class Transaction : public Reader {
 public:
  virtual Status PutMeta(std::string_view key, ByteView value) = 0;

  virtual Status PutPeer(const PeerRow& peer) = 0;
  virtual Status PutChannel(const PeerId& peer, const ChannelState& channel) = 0;

  // An act whose key was destroyed, and which comes back from a backup or a peer, is erased at
  // once. Errors: kConflict if (direction, epoch, sequence) or the id is taken.
  virtual Status InsertAct(const PeerId& peer, const ActRow& row) = 0;
  // Errors: kNotFound.
  virtual Status SetAnswer(const PeerId& peer, const act::ActId& id, ActState state,
                           ByteView answer) = 0;
  // Lets FindSubject find the act under `subject`, of which only a keyed digest is kept (blind
  // index). Putting it again does nothing, nor does it for an erased act. Errors: kNotFound.
  virtual Status IndexSubject(const PeerId& peer, const act::ActId& id,
                              std::string_view subject) = 0;
  // From here on nobody gets the act's envelope, nor finds it by subject; its place, id, kind,
  // time, state and answer stay, as a tombstone. Maintain destroys the act's key and then its
  // bytes. Erasing it again does nothing. Errors: kNotFound; kConflict while it waits for its
  // answer.
  virtual Status EraseAct(const PeerId& peer, const act::ActId& id) = 0;
  // Gives the evidence its number and returns it.
  virtual Result<std::uint64_t> AddEvidence(const PeerId& peer, std::string_view what, UtcTime time,
                                            ByteView bytes) = 0;

  // Errors: kConflict unless `index` is the log's size.
  virtual Status AppendLedgerEntry(const PeerId& peer, std::uint64_t index, ByteView entry) = 0;
  // Errors: kConflict if another hash stands there: a complete subtree never changes.
  virtual Status PutLedgerNode(const PeerId& peer, unsigned level, std::uint64_t index,
                               const crypto::Digest& hash) = 0;
  virtual Status PutCheckpoint(const PeerId& peer, CheckpointKind kind, ByteView note) = 0;

  // Errors: kInvalidInput for an empty key.
  virtual Status PutRow(std::string_view table, const PeerId& peer, std::string_view key,
                        ByteView value) = 0;
  // A row that is not there is fine.
  virtual Status DeleteRow(std::string_view table, const PeerId& peer, std::string_view key) = 0;

  // An import is invisible until it is activated; activation replaces the collection at once,
  // whatever its size (Maintain deletes the old records). Imports that were neither activated nor
  // dropped are dropped when the store is opened. Several may be staged for one collection.
  // Errors: as ValidateCollectionName.
  virtual Result<ImportId> BeginImport(std::string_view collection, Origin origin) = 0;
  // Appends in order, all or nothing. Errors: kConflict naming the first duplicate id;
  // kInvalidInput unless the numbers go on ascending; kNotFound as ActivateImport.
  virtual Status AppendRecords(ImportId import, std::span<const RecordRow> records) = 0;
  // Errors, of both: kNotFound for an import that was dropped or activated.
  virtual Result<Collection> ActivateImport(ImportId import, UtcTime time) = 0;
  virtual Status DropImport(ImportId import) = 0;
  // Removes the collection at once (Maintain deletes its records). Errors: kNotFound.
  virtual Status DropCollection(std::string_view name) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Runs `body` in one durable transaction. Errors: what `body` returns; kUnavailable if the commit
  // fails: nothing was written, or, when the disk failed while flushing, the outcome is known only
  // after a restart and every later call fails with kUnavailable too; kInternal inside another
  // body.
  virtual Status Write(const std::function<Status(Transaction&)>& body) = 0;
  // Makes the Writes in `body` one durable transaction (group commit): they share one flush. None
  // of them is durable before Group returns ok, so nothing may be said to anybody until then, and
  // if it fails all of them are undone. A Write whose own body fails is undone alone.
  // Errors: those of Write; kInternal also for a Group or a Maintain inside `body`.
  virtual Status Group(const std::function<Status()>& body) = 0;
  // Runs `body` on a consistent snapshot. Errors: what `body` returns; kInternal likewise.
  virtual Status Read(const std::function<Status(const Reader&)>& body) const = 0;

  // Destroys the keys and bytes of some erased acts, and at most `record_count_max` records of
  // dropped and replaced imports, in transactions of its own; true while there are more. Call it
  // when idle, until it returns false: only then is
  // everything deleted so far, rows included, gone from the disk.
  virtual Result<bool> Maintain(std::size_t record_count_max) = 0;
};

}  // namespace entente::store
