// One session at work: drives the outbox, answers, checkpoints and round messages of one peer over
// one connection.
//
// Outbox: pending acts are sent in order, at most kActsInFlight unanswered; after a reconnect every
// pending act is sent again, byte for byte. So on one connection a peer may repeat as many answered
// acts as it may have had in flight, and no more. Nothing is sent or answered before both sides
// have compared what they hold (comparison.h). Back-pressure: nothing is composed while more than
// kOutputBytesMax wait for the connection. Group commit: the acts, answers and checkpoints that
// arrive together are committed together, and answered when they are durable. Sans-I/O: the owner
// moves bytes and calls Pump(). Threads: the node's owner thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "entente/exchange/comparison.h"
#include "entente/exchange/exchange.h"
#include "entente/peer/session.h"

namespace entente::exchange {

inline constexpr std::size_t kActsInFlight = 128;
inline constexpr std::size_t kOutputBytesMax = std::size_t{512} << 10U;

class Link {
 public:
  // `exchange` and `rounds` must outlive the link.
  Link(Exchange& exchange, RoundPort& rounds, const act::Card& peer,
       const peer::ChannelBinding& binding);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // As Session's.
  void SetTap(peer::Session::Tap tap) { session_.SetTap(std::move(tap)); }
  // Queues the hello. Errors: what the message signer returns.
  Status Start();
  // Takes bytes of the peer. After an error: flush TakeOutput(), close, destroy the link.
  // Errors: those of peer::Session and of what the frames are for; kPeerViolation for an answer or
  // a cosignature nobody asked for, and for too many repeated acts; kLimitExceeded if the peer is
  // suspended (quota.h): try again, at the usual pace.
  Status OnBytes(ByteView bytes);
  // Composes what there is to send while there is room. Call after the exchange changed, after
  // OnBytes and whenever output was flushed.
  // Errors: kUnavailable, kCorruptData from the store: close the link.
  Status Pump();
  // Says why this side closes.
  void Close(const Error& why) { session_.SendBye(why); }

  bool is_established() const { return session_.is_established(); }
  const PeerId& peer() const { return peer_; }
  std::size_t output_bytes() const { return session_.output_bytes(); }
  Bytes TakeOutput() { return session_.TakeOutput(); }

 private:
  // Whether both sides sign now; tells the rounds when that changes.
  void CheckReady();
  Status OnFrames(std::span<const wire::Frame> frames);
  Status OnAlone(const wire::Frame& frame);
  Status OnTogether(std::span<const wire::Frame> frames);
  // What there is to say to `frame` is added to `replies`, for when it is durable.
  Status OnFrame(const wire::Frame& frame, std::vector<wire::Frame>& replies);
  Result<Bytes> OnAct(ByteView envelope);
  Status CountRepeat();
  Status OnAnswer(ByteView envelope);
  Result<Bytes> OnCheckpoint(ByteView request);
  Status PumpActs();
  Status PumpCheckpoint();
  Status OnCosignature(ByteView reply);
  bool HasRoom() const { return session_.output_bytes() < kOutputBytesMax; }

  Exchange& exchange_;
  RoundPort& rounds_;
  act::Card peer_card_;
  PeerId peer_;
  peer::Session session_;
  Comparison comparison_;
  bool was_greeted_ = false;
  bool was_announced_ = false;
  std::uint64_t next_to_send_ = 0;     // sequence
  std::uint64_t epoch_in_flight_ = 1;  // of the acts sent last
  std::uint64_t acts_in_flight_ = 0;
  std::size_t repeats_left_ = kActsInFlight;
  bool were_parcels_counted_ = false;
  std::optional<std::string> checkpoint_in_flight_;  // the note sent to the witness
  std::optional<std::uint64_t> witnessed_size_;      // what the peer says it cosigned last
};

}  // namespace entente::exchange
