#include "entente/exchange/journal.h"

#include <algorithm>
#include <utility>

#include "entente/exchange/forked_log.h"
#include "entente/exchange/guard.h"
#include "entente/exchange/quota.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/witness.h"

namespace entente::exchange {
namespace {

ledger::VerifierKey LogKey(const act::Card& owner, const PeerId& peer, std::uint64_t epoch) {
  return ledger::LogKey(owner.id(), peer, owner.keys.ledger, epoch);
}

ledger::VerifierKey WitnessKey(const act::Card& witness) {
  return ledger::WitnessKey(witness.id(), witness.keys.witness);
}

// The checkpoint inside a stored note that this node itself verified before it stored it.
Result<ledger::Checkpoint> StoredCheckpoint(ByteView note) {
  ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(AsText(note)));
  return ledger::ParseCheckpoint(parsed.text);
}

// What the log whose checkpoint is asked for has shown so far. A peer that was restored from a copy
// goes on in the log of its next epoch, of which nothing was shown yet.
Result<LogHead> WitnessedHead(const store::Reader& reader, const PeerId& peer,
                              std::string_view checkpoint) {
  ENTENTE_ASSIGN(LogHead head, ReadLogHead(reader, peer, store::CheckpointKind::kPeerCosigned));
  const std::string_view origin = checkpoint.substr(0, checkpoint.find('\n'));
  const std::uint64_t epoch = ledger::EpochOfOrigin(origin).value_or(head.epoch);
  if (epoch <= head.epoch) {
    return head;
  }
  ENTENTE_ASSIGN(const std::uint64_t known, EpochOfPeer(reader, peer));
  return epoch <= known + 1 ? LogHead{epoch} : head;
}

// What this node as a witness makes of a request; `reason` is the body of a refusal.
Result<ledger::WitnessDecision> JudgeRequest(const store::Reader& reader, const act::Card& peer,
                                             const PeerId& own, ByteView body) {
  ENTENTE_TRY(CheckGuard(reader, peer.id()));
  const auto request = ledger::ParseAddCheckpoint(AsText(body));
  if (!request) {
    ledger::WitnessDecision malformed;
    malformed.reason = request.error().message;
    return malformed;
  }
  ENTENTE_ASSIGN(const LogHead last, WitnessedHead(reader, peer.id(), request->checkpoint));
  ledger::WitnessDecision decision = ledger::Judge(
      {LogKey(peer, own, last.epoch), last.checkpoint.size, last.checkpoint.root}, *request);
  if (decision.answer == ledger::WitnessAnswer::kStale) {
    decision.reason = ledger::FormatStaleBody(last.checkpoint.size);
  }
  return decision;
}

// The peer began a log of a new epoch: where the old one stood when we cosigned it last.
Status KeepGivenUpLog(store::Transaction& transaction, const PeerId& peer, std::string_view origin,
                      UtcTime now) {
  ENTENTE_ASSIGN(const auto note,
                 transaction.GetCheckpoint(peer, store::CheckpointKind::kPeerCosigned));
  if (!note || AsText(*note).substr(0, origin.size() + 1) == std::string(origin) + "\n") {
    return {};
  }
  ENTENTE_TRY(CountKept(transaction, peer, Kept::kEvidence, now));
  ENTENTE_TRY(transaction.AddEvidence(peer, "the peer's log before it was restored", now, *note));
  return {};
}

// The peer says so; no signature does.
Error OtherLog(std::string_view which) {
  return {ErrorCode::kCorruptData,
          "the peer says it cosigned " + std::string(which) +
              " log of ours than this home holds: if this home was restored from a copy, stop the "
              "node and compare with the peer"};
}

// What JudgeRequest makes of it, unless the log showed two histories: then it is never cosigned
// again.
Result<ledger::WitnessDecision> JudgeUnlessForked(const store::Reader& reader,
                                                  const act::Card& peer, const PeerId& own,
                                                  ByteView body) {
  ENTENTE_ASSIGN(ledger::WitnessDecision decision, JudgeRequest(reader, peer, own, body));
  ENTENTE_ASSIGN(const bool is_forked, IsForked(reader, peer.id(), decision.checkpoint.origin));
  if (is_forked) {
    decision = {};
    decision.answer = ledger::WitnessAnswer::kInconsistent;
    decision.reason = "this log showed two histories; its witness keeps the proof";
  }
  return decision;
}

Result<LogHead> HeadOf(ByteView note) {
  LogHead head;
  ENTENTE_ASSIGN(head.checkpoint, StoredCheckpoint(note));
  head.epoch = ledger::EpochOfOrigin(head.checkpoint.origin).value_or(1);
  return head;
}

}  // namespace

std::string LogVkey(const act::Card& owner, const PeerId& peer, std::uint64_t epoch) {
  return ledger::FormatVerifierKey(LogKey(owner, peer, epoch));
}

std::string WitnessVkey(const act::Card& witness) {
  return ledger::FormatVerifierKey(WitnessKey(witness));
}

Result<LogHead> ReadLogHead(const store::Reader& reader, const PeerId& peer,
                            store::CheckpointKind kind) {
  ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(peer, kind));
  return note ? HeadOf(*note) : LogHead();
}

Result<std::uint64_t> EpochOfPeer(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const LogHead log,
                 ReadLogHead(reader, peer, store::CheckpointKind::kPeerCosigned));
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  return std::max(log.epoch, channel.epoch_in);
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
  ENTENTE_ASSIGN(const store::ChannelState channel, transaction.GetChannel(peer));
  ENTENTE_ASSIGN(
      const std::string note,
      ledger::SignCheckpoint({ledger::LogOrigin(own_.id(), peer, channel.epoch_out), size, root},
                             ledger_signer_));
  return transaction.PutCheckpoint(peer, store::CheckpointKind::kOwnSigned, AsBytes(note));
}

Result<std::optional<Journal::Request>> Journal::CheckpointRequest(
    const store::Reader& reader, const PeerId& peer,
    std::optional<std::uint64_t> witnessed_size) const {
  ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(peer, store::CheckpointKind::kOwnSigned));
  ENTENTE_ASSIGN(const Guard guard, ReadGuard(reader, peer));
  if (!note || !guard.is_open()) {
    return std::optional<Request>();
  }
  ENTENTE_ASSIGN(const ledger::Checkpoint current, StoredCheckpoint(*note));
  ENTENTE_ASSIGN(const LogHead last, ReadLogHead(reader, peer, store::CheckpointKind::kOwnSettled));
  // Of the log of another epoch the peer has cosigned nothing.
  const std::uint64_t settled = last.checkpoint.origin == current.origin ? last.checkpoint.size : 0;
  if (settled == current.size) {
    return std::optional<Request>();
  }
  ledger::AddCheckpointRequest request;
  request.old_size = witnessed_size.value_or(settled);
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
                 JudgeUnlessForked(reader, peer, own_.id(), request));
  if (decision.is_growth || decision.is_evidence) {
    return std::optional<Bytes>();
  }
  ENTENTE_ASSIGN(Bytes reply, ReplyTo(decision, now));
  return std::optional<Bytes>(std::move(reply));
}

Result<Bytes> Journal::Witness(store::Transaction& transaction, const act::Card& peer, UtcTime now,
                               ByteView request) const {
  ENTENTE_ASSIGN(const ledger::WitnessDecision decision,
                 JudgeUnlessForked(transaction, peer, own_.id(), request));
  if (decision.is_growth || decision.is_evidence) {
    ENTENTE_TRY(CheckQuota(transaction, peer.id(), now));
    ENTENTE_TRY(CountKept(transaction, peer.id(),
                          decision.is_growth ? Kept::kCheckpoint : Kept::kEvidence, now));
  }
  if (decision.is_evidence) {
    ENTENTE_ASSIGN(const auto shown, ledger::ParseAddCheckpoint(AsText(request)));
    ENTENTE_TRY(
        KeepFork(transaction, peer.id(), decision.checkpoint.origin, shown.checkpoint, now));
  }
  if (decision.is_growth) {
    ENTENTE_TRY(KeepGivenUpLog(transaction, peer.id(), decision.checkpoint.origin, now));
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
      ENTENTE_ASSIGN(const LogHead held,
                     ReadLogHead(transaction, peer.id(), store::CheckpointKind::kOwnSettled));
      ENTENTE_ASSIGN(const LogHead taken, HeadOf(AsBytes(settled)));
      if (std::pair(taken.epoch, taken.checkpoint.size) <
          std::pair(held.epoch, held.checkpoint.size)) {
        return std::optional<std::uint64_t>();  // a parcel was faster than the link
      }
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

Result<std::optional<std::string>> Journal::WitnessedCheckpoint(const store::Reader& reader,
                                                                const PeerId& peer,
                                                                UtcTime now) const {
  ENTENTE_ASSIGN(const auto stored,
                 reader.GetCheckpoint(peer, store::CheckpointKind::kPeerCosigned));
  if (!stored) {
    return std::optional<std::string>();
  }
  ENTENTE_ASSIGN(ledger::Note note, ledger::ParseNoteWithoutVerifying(AsText(*stored)));
  ENTENTE_ASSIGN(const bool is_forked,
                 IsForked(reader, peer, note.text.substr(0, note.text.find('\n'))));
  if (is_forked) {
    return std::optional<std::string>();
  }
  ENTENTE_ASSIGN(ledger::SignatureLine line,
                 ledger::Cosign(note.text, ledger::WitnessName(own_.id()), witness_signer_, now));
  note.signatures.push_back(std::move(line));
  return std::optional<std::string>(ledger::FormatNote(note));
}

}  // namespace entente::exchange
