// What the API and the console both ask the node for. Threads: the node's owner thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entente/act/card.h"
#include "entente/api/services.h"
#include "entente/exchange/audit.h"
#include "entente/exchange/guard.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/export.h"
#include "entente/ledger/leaf.h"

namespace entente::api {

inline constexpr std::size_t kPeerPrefixMin = 4;
inline constexpr std::size_t kIdPrefixMin = 6;
inline constexpr std::size_t kPendingActsMax = 1000;  // counted, above it says kPendingActsMax
inline constexpr std::size_t kLedgerEntriesMax = 50;  // of the newest
inline constexpr std::size_t kActsMax = 200;

// Names a peer by its id, a unique prefix of it, the country of exactly one peer, or "-" if there
// is exactly one. Errors: kNotFound; kInvalidInput if several answer to the name.
Result<PeerId> FindPeer(const Services& services, std::string_view name);
// By id or a unique prefix of it. Errors: likewise.
Result<documents::DocumentView> FindDocument(const Services& services, const PeerId& peer,
                                             std::string_view id);
Result<matching::RoundView> FindRound(const Services& services, const PeerId& peer,
                                      std::string_view id);

// Why two nodes whose cards have no endpoint never link.
inline constexpr std::string_view kNobodyListens =
    "neither card says where to call; one of the two needs --listen and --endpoint: give them to "
    "`entente init`, or set link.listen in entente.toml and endpoints in home.json, restart, and "
    "have the other side import the new card";

struct PeerSummary {
  act::Card card;
  UtcTime since;
  node::LinkStatus link;
  std::uint64_t pending_acts = 0;
  std::uint64_t ledger_size = 0;
  std::uint64_t settled_size = 0;
  std::optional<UtcTime> unsettled_since;  // the oldest leaf that the peer has not cosigned
  std::uint64_t evidence_count = 0;
  exchange::Guard guard;
  std::string stopped;       // why, empty if it is not
  std::string peer_trouble;  // likewise
  bool has_dead_acts = false;
  bool is_log_forked = false;  // the peer showed two histories of its log: it is not cosigned
};
Result<std::vector<PeerSummary>> ListPeers(const Services& services);

Result<std::vector<store::Collection>> ListCollections(const Services& services);
// Was the list that a round ran on replaced since? Then the record ids of its hits may name other
// persons in the present list, or nobody: show the id alone.
Result<bool> IsListReplaced(const Services& services, const matching::RoundRow& row);
// Errors: kNotFound for an unknown collection or record.
Result<Bytes> FindRecordBytes(const Services& services, const std::string& collection,
                              const std::string& id);

struct LedgerEntryView {
  std::uint64_t index = 0;
  ledger::Leaf leaf;
};
struct LedgerView {
  ledger::Checkpoint signed_checkpoint;   // size 0 while there is none
  ledger::Checkpoint settled_checkpoint;  // likewise
  std::string origin;
  std::string peer_origin;
  std::string log_vkey;
  std::string witness_vkey;              // the peer's
  std::vector<LedgerEntryView> entries;  // the newest, in the order of the log
};
Result<LedgerView> ViewLedger(const Services& services, const PeerId& peer);
std::string_view DirectionName(ledger::Direction direction);

// Shows `body` the log's files at the settled checkpoint.
// Errors: kConflict while nothing is settled; those of `body`.
Status WithLedgerFiles(const exchange::Exchange& exchange, const PeerId& peer,
                       const std::function<Status(const ledger::LogFiles&)>& body);

// The audit log: entries, the checkpoint of the last full hour, keys.
struct AuditView {
  ledger::Checkpoint checkpoint;  // size 0 while there is none
  std::uint64_t size = 0;
  std::string origin;
  std::string log_vkey;
  std::vector<LedgerEntryView> entries;  // the newest, in the order of the log
};
Result<AuditView> ViewAudit(const Services& services);
// Likewise of its files, at the checkpoint of the last full hour. Errors: kConflict while there is
// none.
Status WithAuditFiles(const exchange::Exchange& exchange,
                      const std::function<Status(const ledger::LogFiles&)>& body);
// What opens the leaves "audit" of the log about `peer`, from index `from` on, at most
// kLedgerEntriesMax.
Result<std::vector<ledger::AuditOpening>> ListAuditOpenings(const Services& services,
                                                            const PeerId& peer, std::uint64_t from);

Result<std::vector<store::ActRow>> ListActs(const Services& services, const PeerId& peer);
// By its id or, of the last kActsMax, a unique beginning of it. Errors: as FindDocument.
Result<store::ActRow> FindAct(const Services& services, const PeerId& peer, std::string_view id);

// The .tlog-proof of the leaf that this node wrote about the act, and about the answer it got.
// Errors, of both: kConflict while that leaf is not settled. Of the second: kNotFound for an act we
// received (its leaf is the receipt's), or if the leaf is not among the kAnswerLeafDistanceMax
// entries after the act's (export the ledger then).
inline constexpr std::uint64_t kAnswerLeafDistanceMax = std::uint64_t{1} << 15U;
Result<Bytes> ProofOfAct(const Services& services, const PeerId& peer, const store::ActRow& act);
// Of any entry. Errors: likewise.
Result<Bytes> ProofOfEntry(const Services& services, const PeerId& peer, std::uint64_t index);
Result<Bytes> ProofOfAnswer(const Services& services, const PeerId& peer, const store::ActRow& act);
Result<std::vector<store::EvidenceRow>> ListEvidence(const Services& services, const PeerId& peer);

// The names of match rules on the wire and, after "match_rule.", in the catalogue.
std::string_view RuleName(const match::RuleId& rule);

}  // namespace entente::api
