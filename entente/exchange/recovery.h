// How a node that was restored from an older copy finds its way back, one peer at a time.
//
//   guard closes (start, standing)  →  an operator: Begin  →  the link asks the peer for what this
//   home lacks  →  Take, item by item  →  Finish: next epoch, next log, guard open
//
// Take believes signatures only: our own acts are signed by us and answered by the peer, the peer's
// acts are signed by the peer and were answered by us; that answer is stored as it is, for an act
// must never be answered twice differently. Each item takes effect through the handlers, in one
// transaction. Of an act that the peer has erased its answer comes back: a tombstone is stored, and
// it has no effect. That an act was ours is then the peer's claim, and the ledger says so; a log
// that we signed must bound it: no epoch above the log's, no more claims than the log has leaves.
// Decisions 0016, 0025. Threads: the node's owner thread.
#pragma once

#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/exchange/exchange.h"
#include "entente/exchange/guard.h"
#include "entente/exchange/recall.h"
#include "entente/exchange/standing.h"

namespace entente::exchange {

// A view: make one where it is needed.
class Recovery {
 public:
  // `exchange` must outlive the object.
  explicit Recovery(Exchange& exchange) : exchange_(exchange) {}

  // Errors, of all: those of the store.
  Result<Guard> GuardOf(const PeerId& peer) const;
  Result<Bytes> OwnStanding(const PeerId& peer) const;
  // Judges what the peer says it holds: closes the guard if this home lacks some of it, opens an
  // unverified one if not, and notes trouble of the peer's. True if both sides sign: acts and
  // checkpoints may go. Alarms: guard.closed, peer.behind. Errors: kPeerViolation if it is
  // malformed.
  Result<bool> TakeStanding(const PeerId& peer, ByteView standing);
  // Nothing is signed for `peer` any more. Alarm: guard.closed.
  Status Close(const PeerId& peer, GuardState state, std::string_view why);

  // The operator says that the home was restored and is to be completed.
  // Errors: kConflict if the guard is open: there is nothing to recover.
  Status Begin(const PeerId& peer);
  // The operator lifts the stop of a peer that signed two acts under one number.
  // Errors: kConflict if the peer is not stopped.
  Status Resume(const PeerId& peer);

  // What to ask for.
  Result<Bytes> Request(const PeerId& peer) const;
  // Errors: kPeerViolation if nothing was asked for, a signature does not verify, an item is out of
  // order, or no log of ours bounds a claim; kConflict if this home signed another act under the
  // number: it was used after the restore and must be restored again; kCorruptData if the act has
  // no handler here.
  Status Take(const PeerId& peer, ByteView recalled);
  // Errors: kPeerViolation if nothing was asked for, or a log is not what it must be.
  Status Finish(const PeerId& peer, ByteView end);

 private:
  struct Item;
  Result<Item> Open(const act::Card& peer, ByteView recalled) const;
  Status TakeOwn(store::Transaction& transaction, const PeerId& peer, const Item& item);
  Status CountClaim(store::Transaction& transaction, const PeerId& peer, const Item& item);
  Status TakePeers(store::Transaction& transaction, const PeerId& peer, const Item& item);
  Status KeepLogs(store::Transaction& transaction, const act::Card& peer, const RecallEnd& end);
  Status StartAnew(store::Transaction& transaction, const PeerId& peer, const RecallEnd& end);

  Exchange& exchange_;
};

}  // namespace entente::exchange
