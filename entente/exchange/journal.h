// The exchange log of each peer relation: appending, checkpoints, and witnessing the peer's log.
//
// Formats: docs/formats/ledger.md (C2SP tlog-tiles, tlog-checkpoint, cosignature/v1, tlog-witness).
// Every function runs inside a transaction of its caller, so a leaf, the state it tells of and the
// signed checkpoint stand or fall together. Threads: the node's owner thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "entente/act/card.h"
#include "entente/base/time.h"
#include "entente/crypto/signature.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/merkle.h"
#include "entente/ledger/note.h"
#include "entente/ledger/witness.h"
#include "entente/store/store.h"

namespace entente::exchange {

// The public halves as C2SP vkeys, for an export or an outside verifier.
std::string LogVkey(const act::Card& owner, const PeerId& peer, std::uint64_t epoch = 1);
std::string WitnessVkey(const act::Card& witness);

// The complete subtrees of one relation's log, read from the store.
class StoredNodes final : public ledger::NodeReader {
 public:
  StoredNodes(const store::Reader& reader, PeerId peer) : reader_(reader), peer_(std::move(peer)) {}
  Result<crypto::Digest> Node(unsigned level, std::uint64_t index) const override {
    return reader_.LedgerNode(peer_, level, index);
  }

 private:
  const store::Reader& reader_;
  PeerId peer_;
};

// A stored checkpoint and the epoch in its origin; size 0 and epoch 1 while there is none.
struct LogHead {
  std::uint64_t epoch = 1;
  ledger::Checkpoint checkpoint{{}, 0, ledger::EmptyRoot()};
};
// Errors: kCorruptData.
Result<LogHead> ReadLogHead(const store::Reader& reader, const PeerId& peer,
                            store::CheckpointKind kind);
// The latest epoch that the peer began, by an act or a checkpoint. Errors: those of the store.
Result<std::uint64_t> EpochOfPeer(const store::Reader& reader, const PeerId& peer);

class Journal {
 public:
  // The signers must outlive the journal.
  Journal(act::Card own, const crypto::Signer& ledger_signer, const crypto::Signer& witness_signer)
      : own_(std::move(own)), ledger_signer_(ledger_signer), witness_signer_(witness_signer) {}

  // Appends `leaf` (its peer_checkpoint is filled in here) and returns its index. The log then
  // needs SignCheckpoint before the transaction ends.
  Result<std::uint64_t> Append(store::Transaction& transaction, const PeerId& peer,
                               ledger::Leaf leaf) const;
  Status SignCheckpoint(store::Transaction& transaction, const PeerId& peer) const;

  // What to ask the peer to witness, or nothing if all is settled. `witnessed_size` is the size the
  // peer is known to have cosigned last; without it, that of our own settled checkpoint.
  struct Request {
    Bytes body;        // add-checkpoint
    std::string note;  // the checkpoint in it, for Settle
  };
  Result<std::optional<Request>> CheckpointRequest(
      const store::Reader& reader, const PeerId& peer,
      std::optional<std::uint64_t> witnessed_size) const;

  // Answers the peer's request as its witness: "<status>\n<body>" with the statuses of
  // tlog-witness. A checkpoint that grew is stored before the reply is returned, and counted
  // (quota.h); a fork is kept as evidence and ends the witnessing of that log (forked_log.h).
  // Errors: kLimitExceeded for either if the peer is suspended; those of the store.
  Result<Bytes> Witness(store::Transaction& transaction, const act::Card& peer, UtcTime now,
                        ByteView request) const;
  // The same reply if nothing has to be stored for it, otherwise nothing: a peer must not make
  // this node write by asking again.
  Result<std::optional<Bytes>> WitnessUnchanged(const store::Reader& reader, const act::Card& peer,
                                                UtcTime now, ByteView request) const;

  // Takes the peer's reply to a request for `note`. Returns the size to ask again from if the peer
  // had cosigned more than we knew (a reply was lost), nothing if the note is settled now.
  // Errors: kPeerViolation if the reply is malformed, its cosignature does not verify, or it says
  // that our request is (400, 403, 404); kCorruptData if the peer says that it cosigned a later log
  // of ours (409) or another one (422), as it would if this home was restored from a copy. The
  // reply is not signed, so it is a reason to compare and proves nothing.
  Result<std::optional<std::uint64_t>> Settle(store::Transaction& transaction,
                                              const act::Card& peer, std::string_view note,
                                              ByteView reply) const;

  // The peer's checkpoint that this node cosigned last, with the peer's signature and a cosignature
  // of `now`; nothing while it cosigned none, or if the log showed two histories. Errors: those of
  // the store and the signer.
  Result<std::optional<std::string>> WitnessedCheckpoint(const store::Reader& reader,
                                                         const PeerId& peer, UtcTime now) const;

 private:
  Result<Bytes> ReplyTo(const ledger::WitnessDecision& decision, UtcTime now) const;

  act::Card own_;
  const crypto::Signer& ledger_signer_;
  const crypto::Signer& witness_signer_;
};

}  // namespace entente::exchange
