#include "entente/api/queries.h"

#include <algorithm>
#include <array>

#include "entente/exchange/cosign_lag.h"
#include "entente/exchange/dead_letters.h"
#include "entente/exchange/forked_log.h"
#include "entente/exchange/journal.h"
#include "entente/ledger/note.h"
#include "entente/ledger/relation.h"

namespace entente::api {
namespace {

// In the order of ledger::Direction.
constexpr std::array<std::string_view, 5> kDirectionNames{"internal", "sent", "received", "refused",
                                                          "evidence"};

// The one of `ids` that begins with `prefix`.
Result<std::size_t> FindByPrefix(const std::vector<std::string>& ids, std::string_view prefix,
                                 std::size_t size_min, std::string_view what) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < ids.size() && prefix.size() >= size_min; ++i) {
    if (!ids[i].starts_with(prefix)) {
      continue;
    }
    if (found) {
      return Error{ErrorCode::kInvalidInput, "several " + std::string(what) +
                                                 "s have this beginning of an id: give more of it"};
    }
    found = i;
  }
  if (!found) {
    return Error{ErrorCode::kNotFound, "no such " + std::string(what) +
                                           ": give its id, or at least " +
                                           std::to_string(size_min) + " first digits of it"};
  }
  return *found;
}

Result<std::vector<store::PeerRow>> PeerRows(const Services& services) {
  std::vector<store::PeerRow> rows;
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(rows, reader.ListPeers());
    return {};
  }));
  return rows;
}

std::string ListCountries(const std::vector<act::Card>& cards) {
  std::string list;
  for (const act::Card& card : cards) {
    list += (list.empty() ? "" : ", ") + card.country;
  }
  return list;
}

Result<ledger::Checkpoint> StoredCheckpoint(const store::Reader& reader, const PeerId& peer,
                                            store::CheckpointKind kind) {
  ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(peer, kind));
  if (!note) {
    return ledger::Checkpoint();
  }
  ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(AsText(*note)));
  return ledger::ParseCheckpoint(parsed.text);
}

Status Summarize(const store::Reader& reader, UtcTime now, PeerSummary& summary) {
  const PeerId peer = summary.card.id();
  ENTENTE_ASSIGN(const auto pending, reader.PendingActs(peer, 0, kPendingActsMax));
  summary.pending_acts = pending.size();
  summary.has_dead_acts = !pending.empty() && exchange::IsDead(pending.front().time, now);
  ENTENTE_ASSIGN(summary.ledger_size, reader.LedgerSize(peer));
  ENTENTE_ASSIGN(const ledger::Checkpoint settled,
                 StoredCheckpoint(reader, peer, store::CheckpointKind::kOwnSettled));
  summary.settled_size = settled.size;
  ENTENTE_ASSIGN(summary.unsettled_since, exchange::UnsettledSince(reader, peer));
  ENTENTE_ASSIGN(const std::size_t forks, exchange::CountForks(reader, peer));
  summary.is_log_forked = forks > 0;
  ENTENTE_ASSIGN(summary.evidence_count, reader.CountEvidence(peer));
  ENTENTE_ASSIGN(summary.guard, exchange::ReadGuard(reader, peer));
  ENTENTE_ASSIGN(const auto stop, exchange::ReadStop(reader, peer));
  ENTENTE_ASSIGN(const auto trouble, exchange::ReadPeerTrouble(reader, peer));
  summary.stopped = stop ? stop->why : std::string();
  summary.peer_trouble = trouble ? trouble->why : std::string();
  return {};
}

class StoredEntries final : public ledger::EntryReader {
 public:
  StoredEntries(const store::Reader& reader, PeerId peer)
      : reader_(reader), peer_(std::move(peer)) {}
  Result<Bytes> Entry(std::uint64_t index) const override {
    return reader_.LedgerEntry(peer_, index);
  }

 private:
  const store::Reader& reader_;
  PeerId peer_;
};

// The newest leaves of one log.
Result<std::vector<LedgerEntryView>> NewestEntries(const store::Reader& reader,
                                                   const PeerId& about) {
  ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(about));
  std::vector<LedgerEntryView> entries;
  for (std::uint64_t i = size - std::min<std::uint64_t>(size, kLedgerEntriesMax); i < size; ++i) {
    ENTENTE_ASSIGN(const Bytes entry, reader.LedgerEntry(about, i));
    ENTENTE_ASSIGN(ledger::Leaf leaf, ledger::DecodeLeaf(entry));
    entries.push_back({i, std::move(leaf)});
  }
  return entries;
}

using FindLeaf = std::function<Result<std::uint64_t>(const ledger::LogFiles&)>;
Result<Bytes> ProofOfLeaf(const Services& services, const PeerId& peer, const FindLeaf& find) {
  Bytes bytes;
  ENTENTE_TRY(
      WithLedgerFiles(services.exchange, peer, [&](const ledger::LogFiles& files) -> Status {
        ENTENTE_ASSIGN(const std::uint64_t index, find(files));
        if (index >= files.size()) {
          return Error{ErrorCode::kConflict,
                       "the leaf is not settled yet: the peer must be linked to witness it"};
        }
        ENTENTE_ASSIGN(const ledger::EntryProof proof, files.Proof(index));
        bytes = ToBytes(ledger::FormatProof(proof));
        return {};
      }));
  return bytes;
}

}  // namespace

Result<PeerId> FindPeer(const Services& services, std::string_view name) {
  ENTENTE_ASSIGN(const auto rows, PeerRows(services));
  std::vector<std::string> ids;
  std::vector<act::Card> cards;
  for (const store::PeerRow& row : rows) {
    ids.push_back(row.id.str());
    ENTENTE_ASSIGN(act::Card card, act::OpenCard(row.card));
    cards.push_back(std::move(card));
  }
  if (rows.empty()) {
    return Error{ErrorCode::kNotFound, "no peer is known yet: run `entente card import` first"};
  }
  std::vector<std::size_t> named;
  for (std::size_t i = 0; i < cards.size(); ++i) {
    if (name == "-" || name == cards[i].country) {
      named.push_back(i);
    }
  }
  if (named.size() > 1) {
    return Error{ErrorCode::kInvalidInput, "several peers answer to this name (" +
                                               ListCountries(cards) + "): give the peer's id"};
  }
  if (named.size() == 1) {
    return rows[named.front()].id;
  }
  ENTENTE_ASSIGN(const std::size_t found, FindByPrefix(ids, name, kPeerPrefixMin, "peer"));
  return rows[found].id;
}

Result<documents::DocumentView> FindDocument(const Services& services, const PeerId& peer,
                                             std::string_view id) {
  ENTENTE_ASSIGN(const auto heads, services.documents.List(peer));
  std::vector<std::string> ids;
  ids.reserve(heads.size());
  for (const documents::DocumentHead& head : heads) {
    ids.push_back(head.id.Hex());
  }
  ENTENTE_ASSIGN(const std::size_t found, FindByPrefix(ids, id, kIdPrefixMin, "document"));
  return services.documents.Get(peer, heads[found].id);
}

Result<matching::RoundView> FindRound(const Services& services, const PeerId& peer,
                                      std::string_view id) {
  ENTENTE_ASSIGN(auto views, services.matching.List(peer));
  std::vector<std::string> ids;
  ids.reserve(views.size());
  for (const matching::RoundView& view : views) {
    ids.push_back(view.row.offer.Hex());
  }
  ENTENTE_ASSIGN(const std::size_t found, FindByPrefix(ids, id, kIdPrefixMin, "round"));
  return std::move(views[found]);
}

Result<std::vector<PeerSummary>> ListPeers(const Services& services) {
  ENTENTE_ASSIGN(const auto rows, PeerRows(services));
  std::vector<PeerSummary> peers;
  for (const store::PeerRow& row : rows) {
    PeerSummary summary;
    summary.since = row.since;
    summary.link = services.links.StatusOf(row.id);
    ENTENTE_ASSIGN(summary.card, act::OpenCard(row.card));
    if (!summary.link.is_linked && summary.card.endpoints.empty() &&
        services.exchange.identity().card.endpoints.empty()) {
      summary.link.error = kNobodyListens;
    }
    ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) {
      return Summarize(reader, services.exchange.clock().Now(), summary);
    }));
    peers.push_back(std::move(summary));
  }
  return peers;
}

Result<std::vector<store::Collection>> ListCollections(const Services& services) {
  std::vector<store::Collection> collections;
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(collections, reader.ListCollections());
    return {};
  }));
  return collections;
}

Result<bool> IsListReplaced(const Services& services, const matching::RoundRow& row) {
  const Status status = services.exchange.store().Read(
      [&](const store::Reader& reader) { return matching::CheckCollection(reader, row); });
  if (!status && status.error().code != ErrorCode::kConflict) {
    return status.error();
  }
  return !status;
}

Result<Bytes> FindRecordBytes(const Services& services, const std::string& collection,
                              const std::string& id) {
  std::optional<store::RecordRow> row;
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(row, reader.FindRecord(collection, id));
    return {};
  }));
  if (!row) {
    return Error{ErrorCode::kNotFound, "no record with this id is in collection " + collection};
  }
  return std::move(row->bytes);
}

Result<LedgerView> ViewLedger(const Services& services, const PeerId& peer) {
  ENTENTE_ASSIGN(const act::Card peer_card, services.exchange.PeerCard(peer));
  const act::Card& own = services.exchange.identity().card;
  LedgerView view;
  view.witness_vkey = exchange::WitnessVkey(peer_card);
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
    ENTENTE_ASSIGN(const exchange::LogHead witnessed,
                   exchange::ReadLogHead(reader, peer, store::CheckpointKind::kPeerCosigned));
    view.origin = ledger::LogOrigin(own.id(), peer, channel.epoch_out);
    view.peer_origin = ledger::LogOrigin(peer, own.id(), witnessed.epoch);
    view.log_vkey = exchange::LogVkey(own, peer, channel.epoch_out);
    ENTENTE_ASSIGN(view.signed_checkpoint,
                   StoredCheckpoint(reader, peer, store::CheckpointKind::kOwnSigned));
    ENTENTE_ASSIGN(view.settled_checkpoint,
                   StoredCheckpoint(reader, peer, store::CheckpointKind::kOwnSettled));
    ENTENTE_ASSIGN(view.entries, NewestEntries(reader, peer));
    return {};
  }));
  return view;
}

Result<AuditView> ViewAudit(const Services& services) {
  const act::Card& own = services.exchange.identity().card;
  AuditView view;
  view.origin = ledger::AuditOrigin(own.id());
  view.log_vkey = exchange::AuditVkey(own);
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(view.checkpoint,
                   StoredCheckpoint(reader, own.id(), store::CheckpointKind::kOwnSigned));
    ENTENTE_ASSIGN(view.size, reader.LedgerSize(own.id()));
    ENTENTE_ASSIGN(view.entries, NewestEntries(reader, own.id()));
    return {};
  }));
  return view;
}

Status WithAuditFiles(const exchange::Exchange& exchange,
                      const std::function<Status(const ledger::LogFiles&)>& body) {
  const act::Card& own = exchange.identity().card;
  const ledger::VerifierKey log = ledger::AuditKey(own.id(), own.keys.ledger);
  return exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto note,
                   reader.GetCheckpoint(own.id(), store::CheckpointKind::kOwnSigned));
    if (!note) {
      return Error{ErrorCode::kConflict,
                   "the audit log has no checkpoint yet: it is signed at each full hour"};
    }
    const exchange::StoredNodes nodes(reader, own.id());
    const StoredEntries entries(reader, own.id());
    ENTENTE_ASSIGN(const ledger::LogFiles files,
                   ledger::LogFiles::Open(nodes, entries, AsText(*note), {log, {}, 0}));
    return body(files);
  });
}

Result<std::vector<ledger::AuditOpening>> ListAuditOpenings(const Services& services,
                                                            const PeerId& peer,
                                                            std::uint64_t from) {
  std::vector<ledger::AuditOpening> openings;
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(openings, exchange::AuditOpenings(reader, peer, from, kLedgerEntriesMax));
    return {};
  }));
  return openings;
}

std::string_view DirectionName(ledger::Direction direction) {
  return kDirectionNames[static_cast<std::size_t>(direction)];
}

Status WithLedgerFiles(const exchange::Exchange& exchange, const PeerId& peer,
                       const std::function<Status(const ledger::LogFiles&)>& body) {
  ENTENTE_ASSIGN(const act::Card peer_card, exchange.PeerCard(peer));
  const act::Card& own = exchange.identity().card;
  ENTENTE_ASSIGN(const ledger::VerifierKey witness,
                 ledger::ParseVerifierKey(exchange::WitnessVkey(peer_card)));
  return exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(peer, store::CheckpointKind::kOwnSettled));
    if (!note) {
      return Error{ErrorCode::kConflict,
                   "nothing is settled yet: the peer must be linked once to witness the ledger"};
    }
    ENTENTE_ASSIGN(const exchange::LogHead settled,
                   exchange::ReadLogHead(reader, peer, store::CheckpointKind::kOwnSettled));
    const ledger::VerifierKey log = ledger::LogKey(own.id(), peer, own.keys.ledger, settled.epoch);
    const exchange::StoredNodes nodes(reader, peer);
    const StoredEntries entries(reader, peer);
    ENTENTE_ASSIGN(const ledger::LogFiles files,
                   ledger::LogFiles::Open(nodes, entries, AsText(*note), {log, {witness}, 1}));
    return body(files);
  });
}

Result<std::vector<store::ActRow>> ListActs(const Services& services, const PeerId& peer) {
  std::vector<store::ActRow> acts;
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(acts, reader.RecentActs(peer, kActsMax));
    return {};
  }));
  return acts;
}

Result<store::ActRow> FindAct(const Services& services, const PeerId& peer, std::string_view id) {
  std::optional<store::ActRow> row;
  if (const auto whole = crypto::Digest::FromHex(id)) {
    ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(row, reader.FindAct(peer, *whole));
      return {};
    }));
  }
  if (row) {
    return *std::move(row);
  }
  ENTENTE_ASSIGN(auto acts, ListActs(services, peer));
  std::vector<std::string> ids;
  ids.reserve(acts.size());
  for (const store::ActRow& act : acts) {
    ids.push_back(act.id.Hex());
  }
  ENTENTE_ASSIGN(const std::size_t found, FindByPrefix(ids, id, kIdPrefixMin, "act"));
  return std::move(acts[found]);
}

Result<Bytes> ProofOfAct(const Services& services, const PeerId& peer, const store::ActRow& act) {
  return ProofOfLeaf(services, peer, [&](const ledger::LogFiles& /*files*/) {
    return Result<std::uint64_t>(act.leaf_index);
  });
}

Result<Bytes> ProofOfEntry(const Services& services, const PeerId& peer, std::uint64_t index) {
  return ProofOfLeaf(services, peer, [index](const ledger::LogFiles& /*files*/) {
    return Result<std::uint64_t>(index);
  });
}

Result<Bytes> ProofOfAnswer(const Services& services, const PeerId& peer,
                            const store::ActRow& act) {
  if (act.direction != store::Direction::kOut || act.answer.empty()) {
    return Error{ErrorCode::kNotFound, "this node got no answer to the act"};
  }
  ENTENTE_ASSIGN(const act::Envelope answer, act::DecodeEnvelope(act.answer));
  const crypto::Digest object = crypto::Sha256(answer.payload);
  return ProofOfLeaf(services, peer, [&](const ledger::LogFiles& files) -> Result<std::uint64_t> {
    const std::uint64_t first = act.leaf_index + 1;
    const std::uint64_t end = std::min(files.size(), first + kAnswerLeafDistanceMax);
    for (std::uint64_t i = first; i < end; ++i) {
      ENTENTE_ASSIGN(const Bytes entry, files.Entry(i));
      ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(entry));
      if (leaf.object == object) {
        return i;
      }
    }
    return end == files.size()
               ? Result<std::uint64_t>(end)
               : Error{ErrorCode::kNotFound,
                       "the answer's leaf lies too far behind the act's: export the ledger"};
  });
}

Result<std::vector<store::EvidenceRow>> ListEvidence(const Services& services, const PeerId& peer) {
  std::vector<store::EvidenceRow> evidence;
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(evidence, reader.ListEvidence(peer));
    return {};
  }));
  return evidence;
}

std::string_view RuleName(const match::RuleId& rule) {
  switch (rule) {
    case match::RuleId::kFullDate:
      return "name_full_date";
    case match::RuleId::kYear:
      return "three_names_year";
    case match::RuleId::kWrittenYear:
      return "same_spelling_year";
    case match::RuleId::kWrittenMonth:
      return "same_spelling_month";
    case match::RuleId::kWrittenDay:
      return "same_spelling_day";
    case match::RuleId::kDocument:
      return "document";
  }
  return "";
}

}  // namespace entente::api
