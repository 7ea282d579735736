#include "entente/store/sqlite/sqlite_transaction.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

#include "entente/base/utf8.h"
#include "entente/store/sqlite/schema.h"

namespace entente::store {
namespace {

// The columns that ToAct reads.
#define ACT_COLUMNS_ \
  "direction, epoch, sequence, id, kind, time, state, leaf_index, envelope, answer, keyed"

// Stored values (docs/formats/store.md), some of them literals in the SQL below.
static_assert(static_cast<int>(Direction::kOut) == 0 && static_cast<int>(Direction::kIn) == 1);
static_assert(static_cast<int>(ActState::kPending) == 0 &&
              static_cast<int>(ActState::kReceipted) == 1 &&
              static_cast<int>(ActState::kRefused) == 2 &&
              static_cast<int>(ActState::kAccepted) == 3);
static_assert(static_cast<int>(Keyed::kClear) == 0 && static_cast<int>(Keyed::kSealed) == 1 &&
              static_cast<int>(Keyed::kErasing) == 2 && static_cast<int>(Keyed::kErased) == 3);
static_assert(static_cast<int>(CheckpointKind::kOwnSigned) == 0 &&
              static_cast<int>(CheckpointKind::kOwnSettled) == 1 &&
              static_cast<int>(CheckpointKind::kPeerCosigned) == 2);
static_assert(static_cast<int>(Origin::kSynthetic) == 0 &&
              static_cast<int>(Origin::kPublicList) == 1 &&
              static_cast<int>(Origin::kOperational) == 2);

Error Corrupt(std::string_view what) {
  return {ErrorCode::kCorruptData,
          "store: " + std::string(what) + " does not decode: stop the node, restore a backup"};
}

Error NotFound(std::string_view what) {
  return {ErrorCode::kNotFound, "store: there is no such " + std::string(what)};
}

// Integers of a column as an enum whose last enumerator is `last`.
template <typename Enum>
Result<Enum> ToEnum(std::int64_t value, Enum last, std::string_view what) {
  if (value < 0 || value > static_cast<std::int64_t>(last)) {
    return Corrupt(what);
  }
  return static_cast<Enum>(value);
}

Result<crypto::Digest> ToDigest(const Bytes& bytes, std::string_view what) {
  const auto digest = crypto::Digest::From(bytes);
  if (!digest) {
    return Corrupt(what);
  }
  return *digest;
}

Result<Bytes> ToBlob(const Query& query) { return query.Blob(0); }

Result<Row> ToRow(const Query& query) { return Row{query.Text(0), query.Blob(1)}; }

Result<PeerRow> ToPeer(const Query& query) {
  return PeerRow{PeerId(query.Text(0)), query.Blob(1), query.Time(2)};
}

Result<EvidenceRow> ToEvidence(const Query& query) {
  return EvidenceRow{query.Number(0), query.Text(1), query.Time(2), query.Blob(3)};
}

Result<RecordRow> ToRecord(const Query& query) {
  return RecordRow{query.Number(0), query.Text(1), query.Blob(2)};
}

Result<ChannelState> ToChannel(const Query& query) {
  return ChannelState{query.Number(0), query.Number(1), query.Number(2), query.Number(3)};
}

// All but the envelope.
Result<ActRow> ToActHead(const Query& query) {
  ActRow row;
  ENTENTE_ASSIGN(row.direction, ToEnum(query.Integer(0), Direction::kIn, "an act's direction"));
  row.epoch = query.Number(1);
  row.sequence = query.Number(2);
  ENTENTE_ASSIGN(row.id, ToDigest(query.Blob(3), "an act's id"));
  row.kind = query.Text(4);
  row.time = query.Time(5);
  ENTENTE_ASSIGN(row.state, ToEnum(query.Integer(6), ActState::kAccepted, "an act's state"));
  row.leaf_index = query.Number(7);
  row.answer = query.Blob(9);
  return row;
}

Result<act::ActId> ToActId(const Query& query) { return ToDigest(query.Blob(0), "an act's id"); }

Result<ActPlace> ToPlace(const Query& query) {
  ENTENTE_ASSIGN(const Direction direction,
                 ToEnum(query.Integer(2), Direction::kIn, "an act's direction"));
  return ActPlace{query.Number(0), PeerId(query.Text(1)), direction, query.Number(3),
                  query.Number(4)};
}

Result<Collection> ToCollection(const Query& query) {
  ENTENTE_ASSIGN(const Origin origin,
                 ToEnum(query.Integer(1), Origin::kOperational, "a collection's origin"));
  return Collection{query.Text(0), origin, query.Number(2), query.Time(3)};
}

// What `decode` makes of a row.
template <typename Decode>
using Decoded = typename std::invoke_result_t<Decode, const Query&>::value_type;

// All rows of `query`, decoded.
template <typename Decode>
Result<std::vector<Decoded<Decode>>> All(Result<Query> query, Decode decode) {
  if (!query) {
    return TakeError(std::move(query));
  }
  std::vector<Decoded<Decode>> rows;
  for (;;) {
    ENTENTE_ASSIGN(const bool has_row, query->Next());
    if (!has_row) {
      return rows;
    }
    ENTENTE_ASSIGN(auto row, decode(*query));
    rows.push_back(std::move(row));
  }
}

// The first row of `query`, decoded.
template <typename Decode>
Result<std::optional<Decoded<Decode>>> First(Result<Query> query, Decode decode) {
  if (!query) {
    return TakeError(std::move(query));
  }
  ENTENTE_ASSIGN(const bool has_row, query->Next());
  if (!has_row) {
    return std::optional<Decoded<Decode>>();
  }
  ENTENTE_ASSIGN(auto row, decode(*query));
  return std::optional<Decoded<Decode>>(std::move(row));
}

// The first number of an aggregate, which always has a row.
Result<std::uint64_t> NumberOf(Result<Query> query) {
  if (!query) {
    return TakeError(std::move(query));
  }
  ENTENTE_TRY(query->Next());
  return query->Number(0);
}

}  // namespace

std::int64_t Clamped(std::uint64_t value) {
  constexpr std::uint64_t kMax{std::numeric_limits<std::int64_t>::max()};
  return static_cast<std::int64_t>(std::min(value, kMax));
}

Status MarkErased(Database& database, const ItemPlace& place) {
  ENTENTE_TRY(
      database.Run("DELETE FROM subjects WHERE number = (SELECT number FROM acts WHERE peer = ?1 "
                   "AND direction = ?2 AND epoch = ?3 AND sequence = ?4)",
                   place.peer, place.direction, place.epoch, place.sequence));
  return Done(
      database.Run("UPDATE acts SET keyed = ?5 WHERE peer = ?1 AND direction = ?2 AND epoch = ?3 "
                   "AND sequence = ?4 AND keyed < ?5",
                   place.peer, place.direction, place.epoch, place.sequence, Keyed::kErasing));
}

Result<std::optional<Bytes>> SqliteTransaction::GetMeta(std::string_view key) const {
  return First(database_.Prepare("SELECT value FROM meta WHERE key = ?1", key), ToBlob);
}

Status SqliteTransaction::PutMeta(std::string_view key, ByteView value) {
  return Done(database_.Run("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", key, value));
}

Result<std::optional<PeerRow>> SqliteTransaction::GetPeer(const PeerId& peer) const {
  return First(database_.Prepare("SELECT peer, card, since FROM peers WHERE peer = ?1", peer),
               ToPeer);
}

Result<std::vector<PeerRow>> SqliteTransaction::ListPeers() const {
  return All(database_.Prepare("SELECT peer, card, since FROM peers ORDER BY peer"), ToPeer);
}

Status SqliteTransaction::PutPeer(const PeerRow& peer) {
  return Done(database_.Run("INSERT OR REPLACE INTO peers VALUES (?1, ?2, ?3)", peer.id, peer.card,
                            peer.since));
}

Result<ChannelState> SqliteTransaction::GetChannel(const PeerId& peer) const {
  ENTENTE_ASSIGN(
      const auto channel,
      First(
          database_.Prepare(
              "SELECT epoch_out, next_out, epoch_in, next_in FROM channels WHERE peer = ?1", peer),
          ToChannel));
  return channel.value_or(ChannelState{});
}

Status SqliteTransaction::PutChannel(const PeerId& peer, const ChannelState& channel) {
  return Done(database_.Run("INSERT OR REPLACE INTO channels VALUES (?1, ?2, ?3, ?4, ?5)", peer,
                            channel.epoch_out, channel.next_out, channel.epoch_in,
                            channel.next_in));
}

Result<ActRow> SqliteTransaction::ToAct(const PeerId& peer, const Query& query) const {
  ENTENTE_ASSIGN(ActRow row, ToActHead(query));
  ENTENTE_ASSIGN(const Keyed keyed, ToEnum(query.Integer(10), Keyed::kErased, "an act's keyed"));
  Bytes stored = query.Blob(8);
  switch (keyed) {
    case Keyed::kClear:
      row.envelope = std::move(stored);
      return row;
    case Keyed::kSealed: {
      ENTENTE_ASSIGN(auto envelope,
                     keys_.Unseal({peer, row.direction, row.epoch, row.sequence}, stored));
      row.is_erased = !envelope.has_value();
      row.envelope = std::move(envelope).value_or(Bytes());
      return row;
    }
    case Keyed::kErasing:
    case Keyed::kErased:
      break;
  }
  row.is_erased = true;
  return row;
}

Result<std::vector<ActRow>> SqliteTransaction::ToActs(const PeerId& peer,
                                                      Result<Query> query) const {
  return All(std::move(query), [&](const Query& row) { return ToAct(peer, row); });
}

Result<std::optional<ActRow>> SqliteTransaction::ToFirstAct(const PeerId& peer,
                                                            Result<Query> query) const {
  return First(std::move(query), [&](const Query& row) { return ToAct(peer, row); });
}

Result<std::optional<ActRow>> SqliteTransaction::GetAct(const PeerId& peer, Direction direction,
                                                        std::uint64_t epoch,
                                                        std::uint64_t sequence) const {
  return ToFirstAct(peer,
                    database_.Prepare("SELECT " ACT_COLUMNS_
                                      " FROM acts WHERE peer = ?1 AND direction = ?2 AND epoch = ?3"
                                      " AND sequence = ?4",
                                      peer, direction, Clamped(epoch), Clamped(sequence)));
}

Result<std::optional<ActRow>> SqliteTransaction::FindAct(const PeerId& peer,
                                                         const act::ActId& id) const {
  return ToFirstAct(
      peer,
      database_.Prepare("SELECT " ACT_COLUMNS_ " FROM acts WHERE peer = ?1 AND id = ?2", peer, id));
}

Result<std::vector<ActRow>> SqliteTransaction::PendingActs(const PeerId& peer, std::uint64_t from,
                                                           std::size_t count_max) const {
  // The literals of Direction::kOut and ActState::kPending let the index acts_pending serve.
  return ToActs(peer, database_.Prepare("SELECT " ACT_COLUMNS_
                                        " FROM acts WHERE peer = ?1 AND direction = 0 AND state = 0"
                                        " AND sequence >= ?2 ORDER BY epoch, sequence LIMIT ?3",
                                        peer, Clamped(from), Clamped(count_max)));
}

Result<std::vector<ActRow>> SqliteTransaction::RecentActs(const PeerId& peer,
                                                          std::size_t count_max) const {
  return ToActs(peer, database_.Prepare("SELECT " ACT_COLUMNS_
                                        " FROM acts WHERE peer = ?1 ORDER BY number DESC LIMIT ?2",
                                        peer, Clamped(count_max)));
}

Status SqliteTransaction::InsertAct(const PeerId& peer, const ActRow& row) {
  const ItemPlace place{peer, row.direction, row.epoch, row.sequence};
  const ItemKeys::Sealed sealed = keys_.Seal(place, row.envelope);
  const auto inserted =
      database_.Run("INSERT INTO acts (peer, " ACT_COLUMNS_
                    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                    peer, row.direction, row.epoch, row.sequence, row.id, row.kind, row.time,
                    row.state, row.leaf_index, row.is_erased ? Bytes() : sealed.content, row.answer,
                    row.is_erased ? Keyed::kErased : Keyed::kSealed);
  if (!inserted && inserted.error().code == ErrorCode::kConflict) {
    return Error{ErrorCode::kConflict, "store: an act with sequence " +
                                           std::to_string(row.sequence) +
                                           " or with this id is recorded already"};
  }
  // Only now: a refused act must not take the key of the one that is there.
  ENTENTE_TRY(Done(inserted));
  return row.is_erased ? Status() : KeepKey(place, sealed.key);
}

// An act that was erased here and comes back stays erased.
Status SqliteTransaction::KeepKey(const ItemPlace& place, const crypto::SealKey& key) {
  ENTENTE_ASSIGN(const bool is_kept, keys_.Keep(place, key));
  return is_kept ? Status() : MarkErased(database_, place);
}

crypto::SealKey SqliteTransaction::SubjectDigest(std::string_view subject) const {
  return crypto::DeriveKey(subjects_.view(), subject);
}

Result<std::vector<act::ActId>> SqliteTransaction::FindSubject(const PeerId& peer,
                                                               std::string_view subject) const {
  return All(database_.Prepare("SELECT acts.id FROM subjects JOIN acts USING (number) "
                               "WHERE subjects.peer = ?1 AND subject = ?2 ORDER BY number",
                               peer, SubjectDigest(subject).view()),
             ToActId);
}

Status SqliteTransaction::IndexSubject(const PeerId& peer, const act::ActId& id,
                                       std::string_view subject) {
  ENTENTE_ASSIGN(const std::uint64_t count,
                 NumberOf(database_.Prepare("SELECT count(*) FROM acts WHERE peer = ?1 AND id = ?2",
                                            peer, id)));
  if (count == 0) {
    return NotFound("act");
  }
  return Done(
      database_.Run("INSERT OR IGNORE INTO subjects SELECT peer, ?3, number FROM acts "
                    "WHERE peer = ?1 AND id = ?2 AND keyed < 2",
                    peer, id, SubjectDigest(subject).view()));
}

Status SqliteTransaction::EraseAct(const PeerId& peer, const act::ActId& id) {
  ENTENTE_ASSIGN(const auto head, First(database_.Prepare("SELECT " ACT_COLUMNS_
                                                          " FROM acts WHERE peer = ?1 AND id = ?2",
                                                          peer, id),
                                        ToActHead));
  if (!head) {
    return NotFound("act");
  }
  if (head->state == ActState::kPending) {
    return Error{ErrorCode::kConflict, "store: an act that waits for its answer cannot be erased"};
  }
  return MarkErased(database_, {peer, head->direction, head->epoch, head->sequence});
}

Result<std::vector<ActPlace>> SqliteTransaction::ActsToErase(std::size_t count_max) const {
  return All(database_.Prepare("SELECT number, peer, direction, epoch, sequence FROM acts "
                               "WHERE keyed = 2 ORDER BY number LIMIT ?1",
                               Clamped(count_max)),
             ToPlace);
}

Status SqliteTransaction::PutTombstones(std::span<const ActPlace> acts) {
  for (const ActPlace& act : acts) {
    ENTENTE_TRY(
        database_.Run("UPDATE acts SET envelope = x'', keyed = 3 WHERE number = ?1", act.number));
  }
  return {};
}

Result<bool> SqliteTransaction::SealClearActs(std::size_t count_max) {
  ENTENTE_ASSIGN(const std::vector<ActPlace> acts,
                 All(database_.Prepare("SELECT number, peer, direction, epoch, sequence FROM acts "
                                       "WHERE keyed = 0 ORDER BY number LIMIT ?1",
                                       Clamped(count_max)),
                     ToPlace));
  for (const ActPlace& act : acts) {
    const ItemPlace place{act.peer, act.direction, act.epoch, act.sequence};
    ENTENTE_ASSIGN(
        const auto clear,
        First(database_.Prepare("SELECT envelope FROM acts WHERE number = ?1", act.number),
              ToBlob));
    const ItemKeys::Sealed sealed = keys_.Seal(place, clear.value_or(Bytes()));
    ENTENTE_ASSIGN(const bool is_kept, keys_.Keep(place, sealed.key));
    ENTENTE_TRY(database_.Run("UPDATE acts SET envelope = ?2, keyed = ?3 WHERE number = ?1",
                              act.number, sealed.content,
                              is_kept ? Keyed::kSealed : Keyed::kErasing));
  }
  return acts.size() == count_max;
}

Status SqliteTransaction::SetAnswer(const PeerId& peer, const act::ActId& id, ActState state,
                                    ByteView answer) {
  ENTENTE_ASSIGN(
      const std::uint64_t changed,
      database_.Run("UPDATE acts SET state = ?3, answer = ?4 WHERE peer = ?1 AND id = ?2", peer, id,
                    state, answer));
  return changed == 0 ? Status(NotFound("act")) : Status();
}

Result<std::uint64_t> SqliteTransaction::AddEvidence(const PeerId& peer, std::string_view what,
                                                     UtcTime time, ByteView bytes) {
  ENTENTE_ASSIGN(const std::uint64_t number,
                 NumberOf(database_.Prepare(
                     "SELECT coalesce(max(number), 0) + 1 FROM evidence WHERE peer = ?1", peer)));
  ENTENTE_TRY(database_.Run("INSERT INTO evidence VALUES (?1, ?2, ?3, ?4, ?5)", peer, number, what,
                            time, bytes));
  return number;
}

Result<std::vector<EvidenceRow>> SqliteTransaction::ListEvidence(const PeerId& peer) const {
  return All(
      database_.Prepare(
          "SELECT number, what, time, bytes FROM evidence WHERE peer = ?1 ORDER BY number", peer),
      ToEvidence);
}

Result<std::uint64_t> SqliteTransaction::CountEvidence(const PeerId& peer) const {
  return NumberOf(database_.Prepare("SELECT count(*) FROM evidence WHERE peer = ?1", peer));
}

Result<std::uint64_t> SqliteTransaction::LedgerSize(const PeerId& peer) const {
  return NumberOf(database_.Prepare(
      "SELECT coalesce(max(position) + 1, 0) FROM ledger_entries WHERE peer = ?1", peer));
}

Result<Bytes> SqliteTransaction::LedgerEntry(const PeerId& peer, std::uint64_t index) const {
  ENTENTE_ASSIGN(
      auto entry,
      First(database_.Prepare("SELECT entry FROM ledger_entries WHERE peer = ?1 AND position = ?2",
                              peer, Clamped(index)),
            ToBlob));
  if (!entry) {
    return NotFound("ledger entry");
  }
  return *std::move(entry);
}

Result<crypto::Digest> SqliteTransaction::LedgerNode(const PeerId& peer, unsigned level,
                                                     std::uint64_t index) const {
  ENTENTE_ASSIGN(
      const auto hash,
      First(database_.Prepare(
                "SELECT hash FROM ledger_nodes WHERE peer = ?1 AND level = ?2 AND position = ?3",
                peer, std::uint64_t{level}, Clamped(index)),
            ToBlob));
  if (!hash) {
    return NotFound("ledger node");
  }
  return ToDigest(*hash, "a ledger node");
}

Status SqliteTransaction::AppendLedgerEntry(const PeerId& peer, std::uint64_t index,
                                            ByteView entry) {
  ENTENTE_ASSIGN(const std::uint64_t size, LedgerSize(peer));
  if (index != size) {
    return Error{ErrorCode::kConflict, "store: the next ledger entry is " + std::to_string(size) +
                                           ", not " + std::to_string(index)};
  }
  return Done(database_.Run("INSERT INTO ledger_entries VALUES (?1, ?2, ?3)", peer, index, entry));
}

Status SqliteTransaction::PutLedgerNode(const PeerId& peer, unsigned level, std::uint64_t index,
                                        const crypto::Digest& hash) {
  ENTENTE_ASSIGN(
      const std::uint64_t inserted,
      database_.Run("INSERT INTO ledger_nodes VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING", peer,
                    std::uint64_t{level}, index, hash));
  if (inserted == 0) {
    ENTENTE_ASSIGN(const crypto::Digest present, LedgerNode(peer, level, index));
    if (present != hash) {
      return Error{ErrorCode::kConflict, "store: a ledger node of another hash stands there"};
    }
  }
  return {};
}

Result<std::optional<Bytes>> SqliteTransaction::GetCheckpoint(const PeerId& peer,
                                                              CheckpointKind kind) const {
  return First(
      database_.Prepare("SELECT note FROM checkpoints WHERE peer = ?1 AND kind = ?2", peer, kind),
      ToBlob);
}

Status SqliteTransaction::PutCheckpoint(const PeerId& peer, CheckpointKind kind, ByteView note) {
  return Done(
      database_.Run("INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2, ?3)", peer, kind, note));
}

Result<std::optional<Bytes>> SqliteTransaction::GetRow(std::string_view table, const PeerId& peer,
                                                       std::string_view key) const {
  return First(
      database_.Prepare("SELECT value FROM projections WHERE peer = ?1 AND name = ?2 AND key = ?3",
                        peer, table, key),
      ToBlob);
}

Result<std::vector<Row>> SqliteTransaction::ListRows(std::string_view table, const PeerId& peer,
                                                     std::string_view after,
                                                     std::size_t count_max) const {
  return All(database_.Prepare("SELECT key, value FROM projections WHERE peer = ?1 AND name = ?2"
                               " AND key > ?3 ORDER BY key LIMIT ?4",
                               peer, table, after, Clamped(count_max)),
             ToRow);
}

Status SqliteTransaction::PutRow(std::string_view table, const PeerId& peer, std::string_view key,
                                 ByteView value) {
  if (key.empty()) {
    return Error{ErrorCode::kInvalidInput, "store: the key of a row is empty"};
  }
  return Done(
      database_.Run("INSERT INTO projections VALUES (?1, ?2, ?3, ?4)"
                    " ON CONFLICT DO UPDATE SET value = excluded.value",
                    peer, table, key, value));
}

Status SqliteTransaction::DeleteRow(std::string_view table, const PeerId& peer,
                                    std::string_view key) {
  return Done(database_.Run("DELETE FROM projections WHERE peer = ?1 AND name = ?2 AND key = ?3",
                            peer, table, key));
}

Result<std::optional<Collection>> SqliteTransaction::GetCollection(std::string_view name) const {
  return First(database_.Prepare("SELECT collection, origin, record_count, time FROM imports"
                                 " WHERE collection = ?1 AND state = 1",
                                 name),
               ToCollection);
}

Result<std::vector<Collection>> SqliteTransaction::ListCollections() const {
  return All(database_.Prepare("SELECT collection, origin, record_count, time FROM imports"
                               " WHERE state = 1 ORDER BY collection"),
             ToCollection);
}

Result<ImportId> SqliteTransaction::CurrentImport(std::string_view collection) const {
  ENTENTE_ASSIGN(Query query,
                 database_.Prepare("SELECT import FROM imports WHERE collection = ?1 AND state = 1",
                                   collection));
  ENTENTE_ASSIGN(const bool has_row, query.Next());
  if (!has_row) {
    return NotFound("collection");
  }
  return query.Number(0);
}

Result<std::vector<RecordRow>> SqliteTransaction::ReadRecords(std::string_view collection,
                                                              std::uint64_t after,
                                                              std::size_t count_max) const {
  ENTENTE_ASSIGN(const ImportId import, CurrentImport(collection));
  return All(database_.Prepare("SELECT number, id, bytes FROM records WHERE import = ?1"
                               " AND number > ?2 ORDER BY number LIMIT ?3",
                               import, Clamped(after), Clamped(count_max)),
             ToRecord);
}

Result<std::optional<RecordRow>> SqliteTransaction::FindRecord(std::string_view collection,
                                                               std::string_view id) const {
  ENTENTE_ASSIGN(const ImportId import, CurrentImport(collection));
  return First(
      database_.Prepare("SELECT number, id, bytes FROM records WHERE import = ?1 AND id = ?2",
                        import, id),
      ToRecord);
}

Result<ImportId> SqliteTransaction::BeginImport(std::string_view collection, Origin origin) {
  ENTENTE_TRY(ValidateCollectionName(collection));
  ENTENTE_TRY(
      database_.Run("INSERT INTO imports (collection, origin, state, record_count,"
                    " last_number, time) VALUES (?1, ?2, ?3, 0, 0, 0)",
                    collection, origin, ImportState::kStaged));
  return static_cast<ImportId>(database_.LastInsertId());
}

Result<std::uint64_t> SqliteTransaction::LastNumber(ImportId import) const {
  ENTENTE_ASSIGN(Query query, database_.Prepare("SELECT last_number FROM imports"
                                                " WHERE import = ?1 AND state = 0",
                                                Clamped(import)));
  ENTENTE_ASSIGN(const bool has_row, query.Next());
  if (!has_row) {
    return NotFound("import");
  }
  return query.Number(0);
}

Status SqliteTransaction::AppendRecords(ImportId import, std::span<const RecordRow> records) {
  // The savepoint takes back the records before a duplicate, so that the body may go on.
  ENTENTE_TRY(database_.Run("SAVEPOINT append"));
  Status inserted = InsertRecords(import, records);
  if (!inserted) {
    ENTENTE_TRY(database_.Run("ROLLBACK TO append"));
  }
  ENTENTE_TRY(database_.Run("RELEASE append"));
  return inserted;
}

Status SqliteTransaction::InsertRecords(ImportId import, std::span<const RecordRow> records) {
  ENTENTE_ASSIGN(std::uint64_t number, LastNumber(import));
  for (const RecordRow& record : records) {
    if (record.number <= number) {
      return Error{ErrorCode::kInvalidInput, "store: record number " +
                                                 std::to_string(record.number) +
                                                 " does not come after " + std::to_string(number)};
    }
    number = record.number;
    const auto inserted = database_.Run("INSERT INTO records VALUES (?1, ?2, ?3, ?4)", import,
                                        record.number, record.id, record.bytes);
    if (!inserted && inserted.error().code == ErrorCode::kConflict) {
      return Error{ErrorCode::kConflict, "the record id " + OneLine(record.id) +
                                             " appears twice: each record needs its own"};
    }
    ENTENTE_TRY(Done(inserted));
  }
  return Done(
      database_.Run("UPDATE imports SET record_count = record_count + ?2,"
                    " last_number = ?3 WHERE import = ?1",
                    import, std::uint64_t{records.size()}, number));
}

Result<Collection> SqliteTransaction::ActivateImport(ImportId import, UtcTime time) {
  ENTENTE_TRY(
      database_.Run("UPDATE imports SET state = 2 WHERE state = 1 AND collection ="
                    " (SELECT collection FROM imports WHERE import = ?1 AND state = 0)",
                    Clamped(import)));
  ENTENTE_ASSIGN(
      auto collection,
      First(database_.Prepare("UPDATE imports SET state = 1, time = ?2 WHERE import = ?1 AND"
                              " state = 0 RETURNING collection, origin, record_count, time",
                              Clamped(import), time),
            ToCollection));
  if (!collection) {
    return NotFound("import");
  }
  return *std::move(collection);
}

Status SqliteTransaction::DropImport(ImportId import) {
  ENTENTE_ASSIGN(const std::uint64_t changed,
                 database_.Run("UPDATE imports SET state = 2 WHERE import = ?1 AND state = 0",
                               Clamped(import)));
  return changed == 0 ? Status(NotFound("import")) : Status();
}

Status SqliteTransaction::DropCollection(std::string_view name) {
  ENTENTE_ASSIGN(
      const std::uint64_t changed,
      database_.Run("UPDATE imports SET state = 2 WHERE collection = ?1 AND state = 1", name));
  return changed == 0 ? Status(NotFound("collection")) : Status();
}

#undef ACT_COLUMNS_

}  // namespace entente::store
