// The link by hand: what this node has for a peer goes into a parcel (peer/parcel.h), and what
// comes in one goes through the very functions of the link. Air gaps and diodes are crossed so.
//
//   Pack:      {number} → all that is unanswered, sealed
//   Unpacking: open and verify → Step, Step, … each a Group of the exchange
//
// A parcel begins with what we hold of the peer (standing.h), as a link does: a home that was
// restored from an older copy notices it. Behind that it holds, in the order of our log, the
// pending acts and the answers that the peer waits for (it has not got them while its parcels still
// carry the acts); our checkpoint to be cosigned; and the peer's, as cosigned last. So a parcel
// that is lost costs time only: the next one holds everything that is still open. One that comes
// twice, late, or after the link has done its work changes nothing. Rounds are not carried, nor is
// a recovery: they need a link. A standing that was carried may be old: it closes the guard but
// never opens it, and of a parcel whose sender knew less than it has told since, nothing more is
// taken; the next one holds what is still open. State: projection table "courier", one row per
// peer. Threads: the node's owner thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entente/act/card.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/exchange/exchange.h"
#include "entente/peer/parcel.h"

namespace entente::exchange {

struct Packed {
  Bytes file;
  std::uint64_t number = 0;
  std::size_t acts = 0;
  std::size_t answers = 0;
  bool has_checkpoint = false;  // the peer is asked for a cosignature
  bool has_cosigned = false;    // the peer gets ours
  bool is_complete = true;      // false: more waits than a parcel holds
};

// Packs what there is for `peer`, which may be nothing. What is packed is not gone: the next parcel
// holds it again until the peer's answer is unpacked, or comes by link.
// `items_bytes_max` bounds all items together, frame headers included.
// Errors: kNotFound for an unknown peer; those of Exchange::CheckStanding and CheckGuard;
// kUnavailable, kCorruptData from the store.
Result<Packed> PackParcel(Exchange& exchange, const PeerId& peer,
                          std::size_t items_bytes_max = peer::kParcelItemsBytesMax);

// How many acts of the peer came in parcels whose answers have not gone back in one yet. Errors:
// kCorruptData.
Result<std::size_t> AnswersOwed(const store::Reader& reader, const PeerId& peer);

// When this node last packed one for `peer`; nothing if never. Errors: kCorruptData.
Result<std::optional<UtcTime>> LastPacked(const store::Reader& reader, const PeerId& peer);

// What became of the items taken so far.
struct Unpacked {
  peer::Manifest manifest;
  bool is_late = false;   // a later parcel of the peer was unpacked before
  std::string not_taken;  // why none of the items was: one line
  std::size_t acts_accepted = 0;
  std::size_t acts_refused = 0;
  std::size_t acts_repeated = 0;  // known before
  std::size_t receipts = 0;       // of acts that waited for one
  std::size_t refusals = 0;
  std::size_t answers_repeated = 0;
  std::optional<std::uint64_t> settled;   // our log, now cosigned up to this size
  std::optional<std::uint64_t> cosigned;  // the peer's log, now cosigned up to this size
  std::string not_cosigned;               // why its checkpoint was not: one line
};

// A parcel that is being taken in.
class Unpacking {
 public:
  // `exchange` must outlive the object. Errors: those of peer::OpenParcel; kNotFound for a sender
  // whose card is not imported; kConflict for a parcel of before the sender's home was restored;
  // kPeerViolation unless it begins with a standing; those of Exchange::CheckStanding and
  // CheckGuard.
  static Result<Unpacking> Open(Exchange& exchange, ByteView file);

  std::size_t items() const { return parcel_.items.size(); }
  const Unpacked& so_far() const { return so_far_; }

  // Takes the next items, at most kActsInFlight, durable together. True while more are left.
  // After an error no more are taken; what came before the item at fault stands.
  // Errors: those of Exchange::ReceiveAct, Exchange::ReceiveAnswer and Exchange::AnswerWitness;
  // kPeerViolation for a cosigned checkpoint or a standing that is none or out of place; those of
  // Exchange::CheckStanding; those of CheckGuard, also if the peer holds what this home lacks: it
  // was restored from a copy, and the guard closes; kUnavailable if the store cannot commit.
  Result<bool> Step();

 private:
  Unpacking(Exchange& exchange, act::Card peer, peer::Parcel parcel)
      : exchange_(&exchange), peer_(std::move(peer)), parcel_(std::move(parcel)) {}
  Status Take(const wire::Frame& item);
  Status TakeAct(ByteView envelope);
  Status TakeAnswer(ByteView envelope);
  Status TakeCheckpoint(ByteView request);
  Status TakeCosigned(ByteView note);
  Result<bool> Settle(store::Transaction& transaction, std::string_view note);
  Status TakeStanding(ByteView bytes);
  Status MayGoOn() const;
  Status CloseGuard(std::string_view why);
  Status NoteOwed();

  Exchange* exchange_;
  act::Card peer_;
  peer::Parcel parcel_;
  std::size_t next_ = 0;
  std::set<std::pair<std::uint64_t, std::uint64_t>> owed_;  // epoch and sequence of the acts taken
  Unpacked so_far_;
};

}  // namespace entente::exchange
