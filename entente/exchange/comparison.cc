#include "entente/exchange/comparison.h"

#include <utility>

namespace entente::exchange {
namespace {

using peer::FrameType;

Error Violation(std::string_view why) {
  return {ErrorCode::kPeerViolation, "link: " + std::string(why)};
}

}  // namespace

Comparison::Comparison(Exchange& exchange, PeerId peer, peer::Session& session,
                       std::function<bool()> has_room)
    : exchange_(exchange),
      peer_(std::move(peer)),
      session_(session),
      has_room_(std::move(has_room)) {}

Status Comparison::Begin() {
  const Recovery recovery(exchange_);
  ENTENTE_ASSIGN(const Guard guard, recovery.GuardOf(peer_));
  ENTENTE_ASSIGN(const Bytes standing, recovery.OwnStanding(peer_));
  said_signing_ = guard.is_open();
  session_.Send(FrameType::kStanding, standing);
  return {};
}

Status Comparison::OnFrame(FrameType type, ByteView payload) {
  if (type == FrameType::kStanding) {
    heard_ = ToBytes(payload);
    return Judge(payload);
  }
  if (!heard_) {
    return Violation("the peer did not say first what it holds");
  }
  if (type == FrameType::kRecall) {
    return OnRecall(payload);
  }
  if (!has_asked_) {
    return Violation("nothing was recalled");
  }
  ENTENTE_TRY(Recovery(exchange_).Finish(peer_, payload));
  return Judge(*heard_);
}

// What both standings mean now; says ours again if it is no longer true.
Status Comparison::Judge(ByteView heard) {
  Recovery recovery(exchange_);
  ENTENTE_ASSIGN(is_ready_, recovery.TakeStanding(peer_, heard));
  ENTENTE_ASSIGN(const Guard guard, recovery.GuardOf(peer_));
  return guard.is_open() == said_signing_ ? Status() : Begin();
}

Status Comparison::OnRecalled(ByteView payload) {
  return has_asked_ ? Recovery(exchange_).Take(peer_, payload)
                    : Status(Violation("nothing was recalled"));
}

Status Comparison::OnRecall(ByteView payload) {
  if (std::exchange(was_asked_, true)) {
    return Violation("the peer recalls twice on one connection");
  }
  ENTENTE_ASSIGN(const RecallRequest request, DecodeRecallRequest(payload));
  return exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(recall_, Recall::Open(reader, peer_, request));
    return {};
  });
}

Status Comparison::Pump() {
  if (recall_) {
    ENTENTE_TRY(PumpRecall());
  }
  if (is_ready_ || has_asked_ || !heard_) {
    return {};
  }
  const Recovery recovery(exchange_);
  ENTENTE_ASSIGN(const Guard guard, recovery.GuardOf(peer_));
  if (guard.state == GuardState::kRecovering) {
    ENTENTE_ASSIGN(const Bytes request, recovery.Request(peer_));
    session_.Send(FrameType::kRecall, request);
    has_asked_ = true;
  }
  return {};
}

Status Comparison::PumpRecall() {
  return exchange_.store().Read([&](const store::Reader& reader) -> Status {
    while (recall_ && has_room_()) {
      ENTENTE_ASSIGN(const auto item, recall_->Next(reader));
      if (item) {
        session_.Send(FrameType::kRecalled, EncodeRecalled(*item));
      } else {
        ENTENTE_ASSIGN(const RecallEnd end, recall_->End(reader));
        session_.Send(FrameType::kRecallEnd, EncodeRecallEnd(end));
        recall_.reset();
      }
    }
    return {};
  });
}

}  // namespace entente::exchange
