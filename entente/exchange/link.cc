#include "entente/exchange/link.h"

#include <algorithm>
#include <utility>

#include "entente/exchange/courier.h"

namespace entente::exchange {

using peer::FrameType;

Link::Link(Exchange& exchange, RoundPort& rounds, const act::Card& peer,
           const peer::ChannelBinding& binding)
    : exchange_(exchange),
      rounds_(rounds),
      peer_card_(peer),
      peer_(peer.id()),
      session_({exchange.identity().card, peer}, binding, *exchange.identity().message,
               *exchange.identity().encryption),
      comparison_(exchange, peer_, session_, [this] { return HasRoom(); }) {}

Link::~Link() {
  if (was_announced_) {
    rounds_.OnLinkDown(peer_);
  }
}

Status Link::Start() { return session_.Start(); }

Status Link::OnBytes(ByteView bytes) {
  ENTENTE_ASSIGN(const std::vector<wire::Frame> frames, session_.OnBytes(bytes));
  if (session_.is_established() && !was_greeted_) {
    was_greeted_ = true;
    if (Status status = exchange_.CheckStanding(peer_); !status) {
      session_.SendBye(status.error());
      return status;
    }
    ENTENTE_TRY(comparison_.Begin());
  }
  if (Status status = OnFrames(frames); !status) {
    session_.SendBye(status.error());
    return status;
  }
  return Pump();
}

void Link::CheckReady() {
  if (comparison_.is_ready() == was_announced_) {
    return;
  }
  was_announced_ = comparison_.is_ready();
  if (!was_announced_) {
    return rounds_.OnLinkDown(peer_);
  }
  // What was sent before was not answered: a side that does not sign drops it.
  next_to_send_ = 0;
  acts_in_flight_ = 0;
  checkpoint_in_flight_.reset();
  rounds_.OnLinkUp(peer_);
}

// Round messages count on what the acts before them did in memory, so they end a group; so do the
// frames that change whether this side signs.
Status Link::OnFrames(std::span<const wire::Frame> frames) {
  const auto is_alone = [](const wire::Frame& frame) {
    switch (static_cast<FrameType>(frame.type)) {
      case FrameType::kRound:
      case FrameType::kStanding:
      case FrameType::kRecall:
      case FrameType::kRecallEnd:
        return true;
      default:
        return false;
    }
  };
  while (!frames.empty()) {
    const auto end = std::ranges::find_if(frames, is_alone);
    const auto together = static_cast<std::size_t>(end - frames.begin());
    if (together > 0) {
      ENTENTE_TRY(OnTogether(frames.first(together)));
    } else {
      ENTENTE_TRY(OnAlone(frames.front()));
    }
    frames = frames.subspan(std::max<std::size_t>(together, 1));
  }
  return {};
}

Status Link::OnAlone(const wire::Frame& frame) {
  const auto type = static_cast<FrameType>(frame.type);
  if (type == FrameType::kRound) {
    return comparison_.is_ready() ? rounds_.OnRoundMessage(peer_, frame.payload) : Status();
  }
  ENTENTE_TRY(comparison_.OnFrame(type, frame.payload));
  CheckReady();
  return {};
}

// A frame that is refused ends the link; what came before it stands and is answered.
Status Link::OnTogether(std::span<const wire::Frame> frames) {
  std::vector<wire::Frame> replies;
  Status status;
  ENTENTE_TRY(exchange_.Group([&]() -> Status {
    for (std::size_t i = 0; i < frames.size() && status; ++i) {
      status = OnFrame(frames[i], replies);
    }
    return {};
  }));
  for (const wire::Frame& reply : replies) {
    session_.Send(static_cast<FrameType>(reply.type), reply.payload);
  }
  return status;
}

Status Link::OnFrame(const wire::Frame& frame, std::vector<wire::Frame>& replies) {
  const auto reply = [&](FrameType type, Bytes payload) {
    replies.push_back({static_cast<std::uint8_t>(type), std::move(payload)});
    return Status();
  };
  const auto type = static_cast<FrameType>(frame.type);
  if (!comparison_.has_heard()) {
    return Error{ErrorCode::kPeerViolation, "link: the peer did not say first what it holds"};
  }
  if (type == FrameType::kRecalled) {
    return comparison_.OnRecalled(frame.payload);
  }
  if (!comparison_.is_signing()) {
    return {};  // the peer sends it again when this side signs
  }
  switch (type) {
    case FrameType::kAct: {
      ENTENTE_ASSIGN(Bytes answer, OnAct(frame.payload));
      return reply(FrameType::kAnswer, std::move(answer));
    }
    case FrameType::kAnswer:
      return OnAnswer(frame.payload);
    case FrameType::kCheckpoint: {
      ENTENTE_ASSIGN(Bytes cosignature, OnCheckpoint(frame.payload));
      return reply(FrameType::kCosignature, std::move(cosignature));
    }
    case FrameType::kCosignature:
      return OnCosignature(frame.payload);
    default:
      break;
  }
  return Error{ErrorCode::kInternal, "link: the session let a control frame through"};
}

Result<Bytes> Link::OnAct(ByteView envelope) {
  ENTENTE_ASSIGN(Received received, exchange_.ReceiveAct(peer_, envelope));
  if (received.is_repeat) {
    ENTENTE_TRY(CountRepeat());
  }
  return std::move(received.answer);
}

// A repeat costs the peer nothing, and us a signature check and a look into the store. It may
// repeat what was in flight when the link broke, and once what came in parcels.
Status Link::CountRepeat() {
  if (repeats_left_ == 0 && !std::exchange(were_parcels_counted_, true)) {
    ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(repeats_left_, AnswersOwed(reader, peer_));
      return {};
    }));
  }
  if (repeats_left_ == 0) {
    return Error{ErrorCode::kPeerViolation,
                 "link: the peer repeats more answered acts than it may have had in flight"};
  }
  --repeats_left_;
  return {};
}

Status Link::OnAnswer(ByteView envelope) {
  if (acts_in_flight_ == 0) {
    return Error{ErrorCode::kPeerViolation, "link: an answer came although no act is open"};
  }
  --acts_in_flight_;
  return exchange_.ReceiveAnswer(peer_, envelope);
}

Result<Bytes> Link::OnCheckpoint(ByteView request) {
  return exchange_.AnswerWitness(peer_card_, request);
}

Status Link::Pump() {
  if (!session_.is_established()) {
    return {};
  }
  ENTENTE_TRY(comparison_.Pump());
  if (!comparison_.is_ready()) {
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
    // With none in flight all that is pending is to be sent, whatever its epoch.
    const std::uint64_t from = acts_in_flight_ == 0 ? 0 : next_to_send_;
    ENTENTE_ASSIGN(acts, reader.PendingActs(peer_, from, kActsInFlight - acts_in_flight_));
    return {};
  }));
  for (const store::ActRow& act : acts) {
    if (!HasRoom() || (acts_in_flight_ > 0 && act.epoch != epoch_in_flight_)) {
      break;
    }
    session_.Send(FrameType::kAct, act.envelope);
    epoch_in_flight_ = act.epoch;
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
