// The operations of the store as SQL statements on one Database, which is inside a transaction.
#pragma once

#include "entente/store/sqlite/database.h"
#include "entente/store/sqlite/item_keys.h"
#include "entente/store/store.h"

namespace entente::store {

// Where an act is, for maintenance.
struct ActPlace {
  std::uint64_t number;
  PeerId peer;
  Direction direction;
  std::uint64_t epoch;
  std::uint64_t sequence;
};

// A count or position from a caller as SQLite takes it: its integers end at 2^63-1.
std::int64_t Clamped(std::uint64_t value);

// From here on nobody gets the envelope of the act at `place`, if there is one; Maintain does the
// rest.
Status MarkErased(Database& database, const ItemPlace& place);

class SqliteTransaction final : public Transaction {
 public:
  // All must outlive the object. `subjects` keys the blind index.
  SqliteTransaction(Database& database, ItemKeys& keys, const crypto::SealKey& subjects)
      : database_(database), keys_(keys), subjects_(subjects) {}

  // For Maintain. Acts that were erased and have their key still, at most `count_max`.
  Result<std::vector<ActPlace>> ActsToErase(std::size_t count_max) const;
  Status PutTombstones(std::span<const ActPlace> acts);
  // Seals at most `count_max` acts that schema 1 wrote; true if there may be more.
  Result<bool> SealClearActs(std::size_t count_max);

  Result<std::optional<Bytes>> GetMeta(std::string_view key) const override;
  Result<std::optional<PeerRow>> GetPeer(const PeerId& peer) const override;
  Result<std::vector<PeerRow>> ListPeers() const override;
  Result<ChannelState> GetChannel(const PeerId& peer) const override;
  Result<std::optional<ActRow>> GetAct(const PeerId& peer, Direction direction, std::uint64_t epoch,
                                       std::uint64_t sequence) const override;
  Result<std::optional<ActRow>> FindAct(const PeerId& peer, const act::ActId& id) const override;
  Result<std::vector<ActRow>> PendingActs(const PeerId& peer, std::uint64_t from,
                                          std::size_t count_max) const override;
  Result<std::vector<ActRow>> RecentActs(const PeerId& peer, std::size_t count_max) const override;
  Result<std::vector<act::ActId>> FindSubject(const PeerId& peer,
                                              std::string_view subject) const override;
  Result<std::vector<EvidenceRow>> ListEvidence(const PeerId& peer) const override;
  Result<std::uint64_t> CountEvidence(const PeerId& peer) const override;
  Result<std::uint64_t> LedgerSize(const PeerId& peer) const override;
  Result<Bytes> LedgerEntry(const PeerId& peer, std::uint64_t index) const override;
  Result<crypto::Digest> LedgerNode(const PeerId& peer, unsigned level,
                                    std::uint64_t index) const override;
  Result<std::optional<Bytes>> GetCheckpoint(const PeerId& peer,
                                             CheckpointKind kind) const override;
  Result<std::optional<Bytes>> GetRow(std::string_view table, const PeerId& peer,
                                      std::string_view key) const override;
  Result<std::vector<Row>> ListRows(std::string_view table, const PeerId& peer,
                                    std::string_view after, std::size_t count_max) const override;
  Result<std::optional<Collection>> GetCollection(std::string_view name) const override;
  Result<std::vector<Collection>> ListCollections() const override;
  Result<std::vector<RecordRow>> ReadRecords(std::string_view collection, std::uint64_t after,
                                             std::size_t count_max) const override;
  Result<std::optional<RecordRow>> FindRecord(std::string_view collection,
                                              std::string_view id) const override;

  Status PutMeta(std::string_view key, ByteView value) override;
  Status PutPeer(const PeerRow& peer) override;
  Status PutChannel(const PeerId& peer, const ChannelState& channel) override;
  Status InsertAct(const PeerId& peer, const ActRow& row) override;
  Status SetAnswer(const PeerId& peer, const act::ActId& id, ActState state,
                   ByteView answer) override;
  Status IndexSubject(const PeerId& peer, const act::ActId& id, std::string_view subject) override;
  Status EraseAct(const PeerId& peer, const act::ActId& id) override;
  Result<std::uint64_t> AddEvidence(const PeerId& peer, std::string_view what, UtcTime time,
                                    ByteView bytes) override;
  Status AppendLedgerEntry(const PeerId& peer, std::uint64_t index, ByteView entry) override;
  Status PutLedgerNode(const PeerId& peer, unsigned level, std::uint64_t index,
                       const crypto::Digest& hash) override;
  Status PutCheckpoint(const PeerId& peer, CheckpointKind kind, ByteView note) override;
  Status PutRow(std::string_view table, const PeerId& peer, std::string_view key,
                ByteView value) override;
  Status DeleteRow(std::string_view table, const PeerId& peer, std::string_view key) override;
  Result<ImportId> BeginImport(std::string_view collection, Origin origin) override;
  Status AppendRecords(ImportId import, std::span<const RecordRow> records) override;
  Result<Collection> ActivateImport(ImportId import, UtcTime time) override;
  Status DropImport(ImportId import) override;
  Status DropCollection(std::string_view name) override;

 private:
  // The import that is the collection's content. Errors: kNotFound.
  Result<ImportId> CurrentImport(std::string_view collection) const;
  // The number of the last record appended to a staged import, 0 before the first.
  // Errors: kNotFound.
  Result<std::uint64_t> LastNumber(ImportId import) const;
  Status InsertRecords(ImportId import, std::span<const RecordRow> records);
  // The act of the query's row, unsealed.
  Result<ActRow> ToAct(const PeerId& peer, const Query& query) const;
  Result<std::vector<ActRow>> ToActs(const PeerId& peer, Result<Query> query) const;
  Result<std::optional<ActRow>> ToFirstAct(const PeerId& peer, Result<Query> query) const;
  crypto::SealKey SubjectDigest(std::string_view subject) const;
  Status KeepKey(const ItemPlace& place, const crypto::SealKey& key);

  Database& database_;
  ItemKeys& keys_;
  const crypto::SealKey& subjects_;
};

}  // namespace entente::store
