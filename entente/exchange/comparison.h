// The part of a link in which both sides compare what they hold of each other, before anything is
// signed, and in which a restored node gets back what it lacks.
//
//   standing ->  <- standing     both sign: the link is ready
//   standing (signing: false) -> the other side sends nothing and waits
//   recall   ->  <- recalled …, recall end      the restored node's operator said `recover`
//   standing (signing: true)  -> ready
//
// A standing is said again when what it says of signing has changed. One recall per connection;
// what it gives is composed only while there is room. Threads: the node's owner thread.
#pragma once

#include <functional>
#include <optional>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/exchange/recovery.h"
#include "entente/peer/session.h"

namespace entente::exchange {

class Comparison {
 public:
  // Both references must outlive the object. `has_room` tells whether more may be composed.
  Comparison(Exchange& exchange, PeerId peer, peer::Session& session,
             std::function<bool()> has_room);

  // Says our standing; call when the session is established.
  Status Begin();
  // Both sides hold what the other knows of, and sign: ours may go.
  bool is_ready() const { return is_ready_; }
  // This side signs: what the peer sends may be answered.
  bool is_signing() const { return said_signing_; }
  // The peer has said its standing: only then may it say anything else.
  bool has_heard() const { return heard_.has_value(); }

  // Frames kStanding, kRecall, kRecallEnd; not inside a group. Errors: kPeerViolation for any that
  // is malformed or out of place; those of Recovery.
  Status OnFrame(peer::FrameType type, ByteView payload);
  // Errors: those of Recovery::Take.
  Status OnRecalled(ByteView payload);
  // Asks and answers while there is room. Errors: those of the store.
  Status Pump();

 private:
  Status Judge(ByteView heard);
  Status OnRecall(ByteView payload);
  Status PumpRecall();

  Exchange& exchange_;
  PeerId peer_;
  peer::Session& session_;
  std::function<bool()> has_room_;
  bool is_ready_ = false;
  bool said_signing_ = true;
  std::optional<Bytes> heard_;  // the peer's last standing
  bool has_asked_ = false;
  bool was_asked_ = false;
  std::optional<Recall> recall_;  // what the peer asked for and has not got yet
};

}  // namespace entente::exchange
