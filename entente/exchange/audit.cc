#include "entente/exchange/audit.h"

#include <string>
#include <utility>

#include "entente/crypto/random.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/relation.h"
#include "entente/wire/json.h"

namespace entente::exchange {
namespace {

constexpr std::string_view kTable = "audit";
constexpr std::string_view kHourKey = "hour";
constexpr std::size_t kIndexDigits = 19;  // of 2^63-1

std::string HourOf(UtcTime now) {
  return std::to_string(std::chrono::floor<std::chrono::hours>(now.time_since_epoch()).count());
}

// Sorts as the number does.
std::string KeyOf(std::uint64_t index) {
  std::string digits = std::to_string(index);
  return std::string(kIndexDigits - digits.size(), '0') + digits;
}

Result<ledger::AuditOpening> Parse(ByteView bytes) {
  const auto json = wire::ParseCanonicalJson(AsText(bytes));
  auto opening =
      json ? ledger::ReadAuditOpening(*json) : Result<ledger::AuditOpening>(Error(json.error()));
  if (!opening) {
    return Error{ErrorCode::kCorruptData,
                 "a stored audit opening does not decode: stop the node, restore a backup"};
  }
  return opening;
}

}  // namespace

std::string AuditVkey(const act::Card& owner) {
  return ledger::FormatVerifierKey(ledger::AuditKey(owner.id(), owner.keys.ledger));
}

Status Audit::Record(store::Transaction& transaction, ledger::Leaf leaf) const {
  ENTENTE_TRY(journal_.Append(transaction, own_, std::move(leaf)));
  return {};
}

Status Audit::RecordDecision(store::Transaction& transaction, ledger::Leaf leaf,
                             const agreement::Decision& decision) const {
  leaf.rule = agreement::RuleName(decision.rule);
  leaf.article = decision.article;
  return Record(transaction, std::move(leaf));
}

Result<bool> Audit::IsDue(const store::Reader& reader, UtcTime now) const {
  ENTENTE_ASSIGN(const auto hour, reader.GetRow(kTable, own_, kHourKey));
  return !hour || AsText(*hour) != HourOf(now);
}

Status Audit::Commit(store::Transaction& transaction, std::span<const PeerId> peers,
                     UtcTime now) const {
  ledger::AuditOpening opening;
  ENTENTE_ASSIGN(opening.size, transaction.LedgerSize(own_));
  ENTENTE_ASSIGN(opening.root, ledger::Root(opening.size, StoredNodes(transaction, own_)));
  ENTENTE_ASSIGN(const std::string note,
                 ledger::SignCheckpoint({ledger::AuditOrigin(own_), opening.size, opening.root},
                                        ledger_signer_));
  ENTENTE_TRY(transaction.PutCheckpoint(own_, store::CheckpointKind::kOwnSigned, AsBytes(note)));
  for (const PeerId& peer : peers) {
    opening.salt = crypto::RandomBytes<ledger::AuditSalt>(random_);
    ledger::Leaf leaf;
    leaf.kind = ledger::kAuditKind;
    leaf.time = now;
    leaf.object = ledger::CommitmentOf(opening);
    leaf.peer = peer;
    ENTENTE_ASSIGN(opening.index, journal_.Append(transaction, peer, std::move(leaf)));
    const std::string json = wire::WriteCanonicalJson(ledger::ToJson(opening));
    ENTENTE_TRY(transaction.PutRow(kTable, peer, KeyOf(opening.index), AsBytes(json)));
  }
  return transaction.PutRow(kTable, own_, kHourKey, AsBytes(HourOf(now)));
}

Result<std::vector<ledger::AuditOpening>> AuditOpenings(const store::Reader& reader,
                                                        const PeerId& peer, std::uint64_t from,
                                                        std::size_t count_max) {
  const std::string after = from == 0 ? "" : KeyOf(from - 1);
  ENTENTE_ASSIGN(const auto rows, reader.ListRows(kTable, peer, after, count_max));
  std::vector<ledger::AuditOpening> openings;
  openings.reserve(rows.size());
  for (const store::Row& row : rows) {
    ENTENTE_ASSIGN(openings.emplace_back(), Parse(row.value));
  }
  return openings;
}

}  // namespace entente::exchange
