#include "entente/exchange/link.h"

#include <utility>

namespace entente::exchange {

using peer::FrameType;

Link::Link(Exchange& exchange, RoundPort& rounds, const act::Card& peer,
           const peer::ChannelBinding& binding)
    : exchange_(exchange),
      rounds_(rounds),
      peer_card_(peer),
      peer_(peer.id()),
      session_({exchange.identity().card, peer}, binding, *exchange.identity().message) {}

Link::~Link() {
  if (was_announced_) {
    rounds_.OnLinkDown(peer_);
  }
}

Status Link::Start() { return session_.Start(); }

Status Link::OnBytes(ByteView bytes) {
  ENTENTE_ASSIGN(const std::vector<wire::Frame> frames, session_.OnBytes(bytes));
  if (session_.is_established() && !was_announced_) {
    if (Status status = exchange_.CheckStanding(peer_); !status) {
      session_.SendBye(status.error());
      return status;
    }
    was_announced_ = true;
    rounds_.OnLinkUp(peer_);
  }
  for (const wire::Frame& frame : frames) {
    if (Status status = OnFrame(frame); !status) {
      session_.SendBye(status.error());
      return status;
    }
  }
  return Pump();
}

Status Link::OnFrame(const wire::Frame& frame) {
  switch (static_cast<FrameType>(frame.type)) {
    case FrameType::kAct:
      return OnAct(frame.payload);
    case FrameType::kAnswer:
      return OnAnswer(frame.payload);
    case FrameType::kCheckpoint:
      return OnCheckpoint(frame.payload);
    case FrameType::kCosignature:
      return OnCosignature(frame.payload);
    case FrameType::kRound:
      return rounds_.OnRoundMessage(peer_, frame.payload);
    case FrameType::kHello:
    case FrameType::kBye:
      break;
  }
  return Error{ErrorCode::kInternal, "link: the session let a control frame through"};
}

Status Link::OnAct(ByteView envelope) {
  ENTENTE_ASSIGN(const Received received, exchange_.ReceiveAct(peer_, envelope));
  // A repeat costs the peer nothing, and us a signature check and a look into the store.
  if (received.is_repeat && repeats_left_-- == 0) {
    return Error{ErrorCode::kPeerViolation,
                 "link: the peer repeats more answered acts than it may have had in flight"};
  }
  session_.Send(FrameType::kAnswer, received.answer);
  return {};
}

Status Link::OnAnswer(ByteView envelope) {
  if (acts_in_flight_ == 0) {
    return Error{ErrorCode::kPeerViolation, "link: an answer came although no act is open"};
  }
  --acts_in_flight_;
  return exchange_.ReceiveAnswer(peer_, envelope);
}

Status Link::OnCheckpoint(ByteView request) {
  const Journal& journal = exchange_.journal();
  const UtcTime now = exchange_.clock().Now();
  Bytes reply;
  bool is_unchanged = false;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(auto unchanged, journal.WitnessUnchanged(reader, peer_card_, now, request));
    is_unchanged = unchanged.has_value();
    reply = std::move(unchanged).value_or(Bytes());
    return {};
  }));
  if (!is_unchanged) {
    ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
      ENTENTE_ASSIGN(reply, journal.Witness(transaction, peer_card_, now, request));
      return {};
    }));
  }
  session_.Send(FrameType::kCosignature, reply);
  return {};
}

Status Link::Pump() {
  if (!session_.is_established()) {
    return {};
  }
  ENTENTE_TRY(PumpActs());
  ENTENTE_TRY(PumpCheckpoint());
  while (HasRoom()) {
    const std::optional<Bytes> message = rounds_.NextRoundMessage(peer_);
    if (!message) {
      break;
    }
    session_.Send(FrameType::kRound, *message);
  }
  return {};
}

Status Link::PumpActs() {
  if (acts_in_flight_ >= kActsInFlight || !HasRoom()) {
    return {};
  }
  std::vector<store::ActRow> acts;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(acts, reader.PendingActs(peer_, next_to_send_, kActsInFlight - acts_in_flight_));
    return {};
  }));
  for (const store::ActRow& act : acts) {
    if (!HasRoom()) {
      break;
    }
    session_.Send(FrameType::kAct, act.envelope);
    next_to_send_ = act.sequence + 1;
    ++acts_in_flight_;
  }
  return {};
}

Status Link::OnCosignature(ByteView reply) {
  if (!checkpoint_in_flight_) {
    return Error{ErrorCode::kPeerViolation, "link: a cosignature nobody asked for"};
  }
  const std::string note = std::exchange(checkpoint_in_flight_, std::nullopt).value_or("");
  const bool was_told_the_size = witnessed_size_.has_value();
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(witnessed_size_,
                   exchange_.journal().Settle(transaction, peer_card_, note, reply));
    return {};
  }));
  if (witnessed_size_ && was_told_the_size) {
    return Error{ErrorCode::kPeerViolation, "link: the witness refuses the size it named itself"};
  }
  return {};
}

Status Link::PumpCheckpoint() {
  if (checkpoint_in_flight_ || !HasRoom()) {
    return {};
  }
  std::optional<Journal::Request> request;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(request, exchange_.journal().CheckpointRequest(reader, peer_, witnessed_size_));
    return {};
  }));
  if (request) {
    session_.Send(FrameType::kCheckpoint, request->body);
    checkpoint_in_flight_ = request->note;
  }
  return {};
}

}  // namespace entente::exchange
