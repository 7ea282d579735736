#include "entente/exchange/cosign_lag.h"

#include "entente/exchange/courier.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/leaf.h"

namespace entente::exchange {

Result<std::optional<UtcTime>> UnsettledSince(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(peer, store::CheckpointKind::kOwnSettled));
  std::uint64_t settled = 0;
  if (note) {
    ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(AsText(*note)));
    ENTENTE_ASSIGN(const ledger::Checkpoint checkpoint, ledger::ParseCheckpoint(parsed.text));
    settled = checkpoint.size;
  }
  ENTENTE_ASSIGN(const std::uint64_t size, reader.LedgerSize(peer));
  if (settled >= size) {
    return std::optional<UtcTime>();
  }
  ENTENTE_ASSIGN(const Bytes entry, reader.LedgerEntry(peer, settled));
  ENTENTE_ASSIGN(const ledger::Leaf leaf, ledger::DecodeLeaf(entry));
  return std::optional(leaf.time);
}

Status CheckCosignLag(const store::Reader& reader, const PeerId& peer, UtcTime now) {
  ENTENTE_ASSIGN(const auto since, UnsettledSince(reader, peer));
  if (!since || now - *since <= kCosignLagMax) {
    return {};
  }
  ENTENTE_ASSIGN(const auto packed, LastPacked(reader, peer));
  const bool is_carried = packed && now - *packed <= kCarriedCosignLagMax;
  if (is_carried && now - *since <= kCarriedCosignLagMax) {
    return {};
  }
  return Error{ErrorCode::kUnavailable,
               "the peer has not cosigned our ledger since " + FormatRfc3339(*since) +
                   ": nothing new is sent until it does; `entente status` says why it is not "
                   "linked; where parcels are carried, pack one"};
}

}  // namespace entente::exchange
