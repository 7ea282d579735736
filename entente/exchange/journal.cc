#include "entente/exchange/journal.h"

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

// What this node as a witness makes of a request; `reason` is the body of a refusal.
Result<ledger::WitnessDecision> JudgeRequest(const store::Reader& reader, const act::Card& peer,
                                             const PeerId& own, ByteView body) {
  const auto request = ledger::ParseAddCheckpoint(AsText(body));
  if (!request) {
    ledger::WitnessDecision malformed;
    malformed.reason = request.error().message;
    return malformed;
  }
  ENTENTE_ASSIGN(const ledger::Checkpoint last,
                 StoredOrEmpty(reader, peer.id(), store::CheckpointKind::kPeerCosigned));
  ledger::WitnessDecision decision =
      ledger::Judge({LogKey(peer, own), last.size, last.root}, *request);
  if (decision.answer == ledger::WitnessAnswer::kStale) {
    decision.reason = ledger::FormatStaleBody(last.size);
  }
  return decision;
}

// The peer says so; no signature does.
Error OtherLog(std::string_view which) {
  return {ErrorCode::kCorruptData,
          "the peer says it cosigned " + std::string(which) +
              " log of ours than this home holds: if this home was restored from a copy, stop the "
              "node and compare with the peer"};
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

Result<Bytes> Journal::ReplyTo(const ledger::WitnessDecision& decision, UtcTime now) const {
  std::string body = decision.reason;
  if (decision.answer == ledger::WitnessAnswer::kCosign) {
    ENTENTE_ASSIGN(
        const ledger::SignatureLine line,
        ledger::Cosign(decision.text, ledger::WitnessName(own_.id()), witness_signer_, now));
    body = ledger::FormatSignatureLine(line);
  }
  return ToBytes(ledger::FormatWitnessReply(decision.answer, body));
}

Result<std::optional<Bytes>> Journal::WitnessUnchanged(const store::Reader& reader,
                                                       const act::Card& peer, UtcTime now,
                                                       ByteView request) const {
  ENTENTE_ASSIGN(const ledger::WitnessDecision decision,
                 JudgeRequest(reader, peer, own_.id(), request));
  if (decision.is_growth || decision.is_evidence) {
    return std::optional<Bytes>();
  }
  ENTENTE_ASSIGN(Bytes reply, ReplyTo(decision, now));
  return std::optional<Bytes>(std::move(reply));
}

Result<Bytes> Journal::Witness(store::Transaction& transaction, const act::Card& peer, UtcTime now,
                               ByteView request) const {
  ENTENTE_ASSIGN(const ledger::WitnessDecision decision,
                 JudgeRequest(transaction, peer, own_.id(), request));
  if (decision.is_growth || decision.is_evidence) {
    ENTENTE_TRY(CheckQuota(transaction, peer.id(), now));
    ENTENTE_TRY(CountKept(transaction, peer.id(),
                          decision.is_growth ? Kept::kCheckpoint : Kept::kEvidence, now));
  }
  if (decision.is_evidence) {
    ENTENTE_TRY(transaction.AddEvidence(peer.id(), "fork of the peer's log", now, request));
  }
  if (decision.is_growth) {
    ENTENTE_TRY(transaction.PutCheckpoint(peer.id(), store::CheckpointKind::kPeerCosigned,
                                          AsBytes(decision.note)));
  }
  return ReplyTo(decision, now);
}

Result<std::optional<std::uint64_t>> Journal::Settle(store::Transaction& transaction,
                                                     const act::Card& peer, std::string_view note,
                                                     ByteView reply_bytes) const {
  ENTENTE_ASSIGN(const ledger::WitnessReply reply, ledger::ParseWitnessReply(AsText(reply_bytes)));
  switch (reply.answer) {
    case ledger::WitnessAnswer::kCosign: {
      ENTENTE_ASSIGN(const std::string settled,
                     ledger::AddCosignature(note, reply.body, WitnessKey(peer)));
      ENTENTE_TRY(transaction.PutCheckpoint(peer.id(), store::CheckpointKind::kOwnSettled,
                                            AsBytes(settled)));
      return std::optional<std::uint64_t>();
    }
    case ledger::WitnessAnswer::kStale: {
      const auto size = ledger::ParseStaleBody(reply.body);
      if (!size) {
        return Error{ErrorCode::kPeerViolation, "the witness's answer names no size"};
      }
      ENTENTE_ASSIGN(const std::uint64_t own_size, transaction.LedgerSize(peer.id()));
      if (*size > own_size) {
        return OtherLog("a later");
      }
      return std::optional<std::uint64_t>(*size);
    }
    case ledger::WitnessAnswer::kInconsistent:
      return OtherLog("another");
    case ledger::WitnessAnswer::kMalformed:
    case ledger::WitnessAnswer::kBadSignature:
    case ledger::WitnessAnswer::kUnknownLog:
      break;
  }
  return Error{ErrorCode::kPeerViolation, "the witness refuses our checkpoint with status " +
                                              std::to_string(static_cast<int>(reply.answer)) +
                                              ": compare the cards both nodes have of each other"};
}

Result<Bytes> Journal::AnswerWitness(store::Store& store, const act::Card& peer, UtcTime now,
                                     ByteView request) const {
  std::optional<Bytes> reply;
  ENTENTE_TRY(store.Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(reply, WitnessUnchanged(reader, peer, now, request));
    return {};
  }));
  if (!reply) {
    ENTENTE_TRY(store.Write([&](store::Transaction& transaction) -> Status {
      ENTENTE_ASSIGN(reply, Witness(transaction, peer, now, request));
      return {};
    }));
  }
  return *std::move(reply);
}

Result<std::optional<std::string>> Journal::WitnessedCheckpoint(const store::Reader& reader,
                                                                const PeerId& peer,
                                                                UtcTime now) const {
  ENTENTE_ASSIGN(const auto stored,
                 reader.GetCheckpoint(peer, store::CheckpointKind::kPeerCosigned));
  if (!stored) {
    return std::optional<std::string>();
  }
  ENTENTE_ASSIGN(ledger::Note note, ledger::ParseNoteWithoutVerifying(AsText(*stored)));
  ENTENTE_ASSIGN(ledger::SignatureLine line,
                 ledger::Cosign(note.text, ledger::WitnessName(own_.id()), witness_signer_, now));
  note.signatures.push_back(std::move(line));
  return std::optional<std::string>(ledger::FormatNote(note));
}

}  // namespace entente::exchange
