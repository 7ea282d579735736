#include "entente/exchange/journal.h"

#include <charconv>
#include <utility>

#include "entente/exchange/quota.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/witness.h"

namespace entente::exchange {
namespace {

ledger::VerifierKey LogKey(const act::Card& owner, const PeerId& peer) {
  return ledger::LogKey(owner.id(), peer, owner.keys.ledger);
}

ledger::VerifierKey WitnessKey(const act::Card& witness) {
  return ledger::WitnessKey(witness.id(), witness.keys.witness);
}

// The checkpoint inside a stored note that this node itself verified before it stored it.
Result<ledger::Checkpoint> StoredCheckpoint(ByteView note) {
  ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(AsText(note)));
  return ledger::ParseCheckpoint(parsed.text);
}

Result<ledger::Checkpoint> StoredOrEmpty(const store::Reader& reader, const PeerId& peer,
                                         store::CheckpointKind kind) {
  ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(peer, kind));
  if (!note) {
    return ledger::Checkpoint{{}, 0, ledger::EmptyRoot()};
  }
  return StoredCheckpoint(*note);
}

Bytes Reply(ledger::WitnessAnswer answer, std::string_view body) {
  return ToBytes(std::to_string(static_cast<int>(answer)) + "\n" + std::string(body));
}

}  // namespace

std::string LogVkey(const act::Card& owner, const PeerId& peer) {
  return ledger::FormatVerifierKey(LogKey(owner, peer));
}

std::string WitnessVkey(const act::Card& witness) {
  return ledger::FormatVerifierKey(WitnessKey(witness));
}

Result<std::uint64_t> Journal::Append(store::Transaction& transaction, const PeerId& peer,
                                      ledger::Leaf leaf) const {
  ENTENTE_ASSIGN(const auto seen,
                 transaction.GetCheckpoint(peer, store::CheckpointKind::kPeerCosigned));
  if (seen) {
    leaf.peer_checkpoint = crypto::Sha256(*seen);
  }
  ENTENTE_ASSIGN(const Bytes entry, ledger::EncodeLeaf(leaf));
  ENTENTE_ASSIGN(const std::uint64_t index, transaction.LedgerSize(peer));
  ENTENTE_ASSIGN(
      const std::vector<ledger::NewNode> nodes,
      ledger::AppendLeafHash(index, ledger::LeafHash(entry), StoredNodes(transaction, peer)));
  ENTENTE_TRY(transaction.AppendLedgerEntry(peer, index, entry));
  for (const ledger::NewNode& node : nodes) {
    ENTENTE_TRY(transaction.PutLedgerNode(peer, node.level, node.index, node.hash));
  }
  return index;
}

Status Journal::SignCheckpoint(store::Transaction& transaction, const PeerId& peer) const {
  ENTENTE_ASSIGN(const std::uint64_t size, transaction.LedgerSize(peer));
  ENTENTE_ASSIGN(const crypto::Digest root, ledger::Root(size, StoredNodes(transaction, peer)));
  ENTENTE_ASSIGN(
      const std::string note,
      ledger::SignCheckpoint({ledger::LogOrigin(own_.id(), peer), size, root}, ledger_signer_));
  return transaction.PutCheckpoint(peer, store::CheckpointKind::kOwnSigned, AsBytes(note));
}

Result<std::optional<Journal::Request>> Journal::CheckpointRequest(
    const store::Reader& reader, const PeerId& peer,
    std::optional<std::uint64_t> witnessed_size) const {
  ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(peer, store::CheckpointKind::kOwnSigned));
  if (!note) {
    return std::optional<Request>();
  }
  ENTENTE_ASSIGN(const ledger::Checkpoint current, StoredCheckpoint(*note));
  ENTENTE_ASSIGN(const ledger::Checkpoint settled,
                 StoredOrEmpty(reader, peer, store::CheckpointKind::kOwnSettled));
  if (settled.size == current.size) {
    return std::optional<Request>();
  }
  ledger::AddCheckpointRequest request;
  request.old_size = witnessed_size.value_or(settled.size);
  request.checkpoint = ToText(*note);
  if (request.old_size > 0) {  // the empty tree is consistent with every tree
    ENTENTE_ASSIGN(request.proof, ledger::ConsistencyProof(request.old_size, current.size,
                                                           StoredNodes(reader, peer)));
  }
  return std::optional<Request>(
      Request{ToBytes(ledger::FormatAddCheckpoint(request)), request.checkpoint});
}

Result<Bytes> Journal::Witness(store::Transaction& transaction, const act::Card& peer, UtcTime now,
                               ByteView request_body) const {
  const auto request = ledger::ParseAddCheckpoint(AsText(request_body));
  if (!request) {
    return Reply(ledger::WitnessAnswer::kMalformed, request.error().message);
  }
  ENTENTE_ASSIGN(const ledger::Checkpoint last,
                 StoredOrEmpty(transaction, peer.id(), store::CheckpointKind::kPeerCosigned));
  const ledger::WitnessState state{LogKey(peer, own_.id()), last.size, last.root};
  const ledger::WitnessDecision decision = ledger::Judge(state, *request);
  if (decision.is_evidence) {
    ENTENTE_TRY(CheckQuota(transaction, peer.id(), now));
    ENTENTE_TRY(CountKept(transaction, peer.id(), Kept::kEvidence, now));
    ENTENTE_TRY(transaction.AddEvidence(peer.id(), "fork of the peer's log", now, request_body));
  }
  if (decision.answer == ledger::WitnessAnswer::kStale) {
    return Reply(decision.answer, ledger::FormatStaleBody(last.size));
  }
  if (decision.answer != ledger::WitnessAnswer::kCosign) {
    return Reply(decision.answer, decision.reason);
  }
  ENTENTE_TRY(transaction.PutCheckpoint(peer.id(), store::CheckpointKind::kPeerCosigned,
                                        AsBytes(request->checkpoint)));
  ENTENTE_ASSIGN(
      const ledger::SignatureLine line,
      ledger::Cosign(decision.text, ledger::WitnessName(own_.id()), witness_signer_, now));
  return Reply(decision.answer, ledger::FormatSignatureLine(line));
}

Result<std::optional<std::uint64_t>> Journal::Settle(store::Transaction& transaction,
                                                     const act::Card& peer, std::string_view note,
                                                     ByteView reply) const {
  const std::string_view text = AsText(reply);
  const std::size_t line_end = text.find('\n');
  int status = 0;
  std::from_chars(text.data(), text.data() + std::min(line_end, text.size()), status);
  const std::string_view body =
      line_end == std::string_view::npos ? std::string_view() : text.substr(line_end + 1);
  if (status == static_cast<int>(ledger::WitnessAnswer::kCosign)) {
    ENTENTE_ASSIGN(const std::string settled, ledger::AddCosignature(note, body, WitnessKey(peer)));
    ENTENTE_TRY(
        transaction.PutCheckpoint(peer.id(), store::CheckpointKind::kOwnSettled, AsBytes(settled)));
    return std::optional<std::uint64_t>();
  }
  if (status == static_cast<int>(ledger::WitnessAnswer::kStale)) {
    auto size = ledger::ParseStaleBody(body);
    ENTENTE_ASSIGN(const std::uint64_t own_size, transaction.LedgerSize(peer.id()));
    if (size && *size <= own_size) {
      return std::optional<std::uint64_t>(*size);
    }
  }
  return Error{ErrorCode::kCorruptData,
               "the peer witnessed another log than this home holds (status " +
                   std::to_string(status) +
                   "): the home was rolled back or damaged; stop and compare with the peer"};
}

}  // namespace entente::exchange
