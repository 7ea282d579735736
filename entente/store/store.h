// What must survive a crash, and the only way to it.
//
// One interface, native implementations: store/sqlite today, PostgreSQL later; the conformance
// suite (store/conformance.h) is what both must pass unchanged. Everything that concerns a peer is
// keyed by peer: no operation reads two relations at once. Domain modules keep their state in named
// projection tables (rows of bytes) inside the same transaction as the act that caused it.
//
// Durability: when Write returns ok the transaction survives a power cut. Atomicity: if its body
// returns an error, nothing of it stays. Isolation: transactions are serial.
// Threads: one owner thread; an implementation refuses nothing but does not lock either.
// Errors common to all: kUnavailable (disk full, I/O error: nothing was written),
// kCorruptData (a row that does not decode, a failed integrity check).
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

struct Collection {
  std::string name;  // [a-z0-9-]{1,64}
  Origin origin = Origin::kSynthetic;
  std::uint64_t record_count = 0;
  UtcTime time;  // when this content became current
  bool operator==(const Collection&) const = default;
};

using ImportId = std::uint64_t;

struct RecordRow {
  std::uint64_t number = 0;  // position in the collection, from 1, ascending, stable until replaced
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
  virtual Result<ChannelState> GetChannel(const PeerId& peer) const = 0;

  virtual Result<std::optional<ActRow>> GetAct(const PeerId& peer, Direction direction,
                                               std::uint64_t epoch,
                                               std::uint64_t sequence) const = 0;
  virtual Result<std::optional<ActRow>> FindAct(const PeerId& peer, const act::ActId& id) const = 0;
  // Out acts still pending, in order, at most `count_max`, with sequence ≥ `from`.
  virtual Result<std::vector<ActRow>> PendingActs(const PeerId& peer, std::uint64_t from,
                                                  std::size_t count_max) const = 0;
  // The newest acts of both directions first.
  virtual Result<std::vector<ActRow>> RecentActs(const PeerId& peer,
                                                 std::size_t count_max) const = 0;
  virtual Result<std::vector<EvidenceRow>> ListEvidence(const PeerId& peer) const = 0;

  // The exchange log of one relation: entries, and hashes of complete subtrees.
  virtual Result<std::uint64_t> LedgerSize(const PeerId& peer) const = 0;
  // Errors: kNotFound outside the log.
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
  // Records with number > `after`, ascending, at most `count_max`. Errors: kNotFound for an unknown
  // collection.
  virtual Result<std::vector<RecordRow>> ReadRecords(std::string_view collection,
                                                     std::uint64_t after,
                                                     std::size_t count_max) const = 0;
  virtual Result<std::optional<RecordRow>> FindRecord(std::string_view collection,
                                                      std::string_view id) const = 0;
};

// Reading and writing, inside a transaction.
class Transaction : public Reader {
 public:
  virtual Status PutMeta(std::string_view key, ByteView value) = 0;

  virtual Status PutPeer(const PeerRow& peer) = 0;
  virtual Status PutChannel(const PeerId& peer, const ChannelState& channel) = 0;

  // Errors: kConflict if (direction, epoch, sequence) or the id is taken.
  virtual Status InsertAct(const PeerId& peer, const ActRow& row) = 0;
  // Errors: kNotFound.
  virtual Status SetAnswer(const PeerId& peer, const act::ActId& id, ActState state,
                           ByteView answer) = 0;
  // Gives the evidence its number.
  virtual Result<std::uint64_t> AddEvidence(const PeerId& peer, std::string_view what, UtcTime time,
                                            ByteView bytes) = 0;

  // Errors: kConflict unless `index` is the log's size.
  virtual Status AppendLedgerEntry(const PeerId& peer, std::uint64_t index, ByteView entry) = 0;
  virtual Status PutLedgerNode(const PeerId& peer, unsigned level, std::uint64_t index,
                               const crypto::Digest& hash) = 0;
  virtual Status PutCheckpoint(const PeerId& peer, CheckpointKind kind, ByteView note) = 0;

  virtual Status PutRow(std::string_view table, const PeerId& peer, std::string_view key,
                        ByteView value) = 0;
  virtual Status DeleteRow(std::string_view table, const PeerId& peer, std::string_view key) = 0;

  // An import is invisible until it is activated; activation replaces the collection at once.
  // Imports that were neither activated nor dropped are dropped when the store is opened.
  virtual Result<ImportId> BeginImport(std::string_view collection, Origin origin) = 0;
  // Appends in order. Errors: kConflict naming the first duplicate id (nothing is appended).
  virtual Status AppendRecords(ImportId import, std::span<const RecordRow> records) = 0;
  // Errors: kNotFound for an import that was dropped or activated.
  virtual Result<Collection> ActivateImport(ImportId import, UtcTime time) = 0;
  virtual Status DropImport(ImportId import) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Runs `body` in one durable transaction. Errors: what `body` returns, kUnavailable if the commit
  // fails (then nothing was written).
  virtual Status Write(const std::function<Status(Transaction&)>& body) = 0;
  // Runs `body` on a consistent snapshot.
  virtual Status Read(const std::function<Status(const Reader&)>& body) const = 0;
};

}  // namespace entente::store
