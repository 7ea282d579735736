#include "entente/exchange/forked_log.h"

#include "entente/ledger/fork.h"

namespace entente::exchange {
namespace {

constexpr std::string_view kTable = "fork";

}  // namespace

Status KeepFork(store::Transaction& transaction, const PeerId& peer, std::string_view origin,
                std::string_view note, UtcTime now) {
  ENTENTE_ASSIGN(const auto cosigned,
                 transaction.GetCheckpoint(peer, store::CheckpointKind::kPeerCosigned));
  if (!cosigned) {
    return Error{ErrorCode::kInternal, "a fork of a log of which nothing was cosigned"};
  }
  const std::string fork = ledger::FormatFork({ToText(*cosigned), std::string(note)});
  ENTENTE_TRY(transaction.AddEvidence(peer, "fork of the peer's log", now, AsBytes(fork)));
  return transaction.PutRow(kTable, peer, origin, AsBytes(FormatRfc3339(now)));
}

Result<bool> IsForked(const store::Reader& reader, const PeerId& peer, std::string_view origin) {
  ENTENTE_ASSIGN(const auto row, reader.GetRow(kTable, peer, origin));
  return row.has_value();
}

Result<std::size_t> CountForks(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto rows, reader.ListRows(kTable, peer, "", kForksCounted));
  return rows.size();
}

}  // namespace entente::exchange
