#include "tests/hostile/caller.h"

#include <utility>

#include "entente/act/sealed.h"

namespace entente::hostile {

using peer::FrameType;
using wire::Json;

namespace {

std::string_view SealedAs(FrameType type) {
  return type == FrameType::kAct ? act::kActType : act::kAnswerType;
}

bool IsSealed(FrameType type) { return type == FrameType::kAct || type == FrameType::kAnswer; }

}  // namespace

Bytes SealFor(Arena& arena, const Authority& as, FrameType type, ByteView envelope) {
  const act::Card& target = arena.target();
  return *act::Seal({SealedAs(type), as.id(), target.id()}, envelope, target.keys.encryption,
                    as.encryption());
}

Json MakeHello(const HelloText& text) {
  const crypto::Digest signed_digest = crypto::HashFields(
      "entente-link/1", {text.binding.view(), AsBytes(text.from.str()), AsBytes(text.to.str())});
  return {{"versions", text.versions},
          {"from", text.from.str()},
          {"to", text.to.str()},
          {"exercise", text.is_exercise},
          {"binding", Base64Encode(text.signer->Sign(signed_digest.view())->view())}};
}

Result<Caller> Caller::Connect(Arena& arena, const Authority& as) {
  ENTENTE_ASSIGN(Socket socket, Socket::Connect(arena.endpoint()));
  TlsOptions options;
  options.credentials = &as.credentials();
  ENTENTE_ASSIGN(TlsSocket tls,
                 TlsSocket::Create(std::move(socket), TlsSocket::Role::kDialer, options));
  if (!tls.Handshake()) {
    return Error{ErrorCode::kInternal, "the node under attack refuses a pinned peer"};
  }
  const std::optional<peer::ChannelBinding> binding = tls.exporter();
  if (!binding) {
    return Error{ErrorCode::kInternal, "the session exports no channel binding"};
  }
  return Caller(arena, as, std::move(tls), *binding);
}

Result<Caller> Caller::Link(Arena& arena, const Authority& as, const exchange::Standing& standing) {
  ENTENTE_ASSIGN(Caller caller, Connect(arena, as));
  caller.SayHello(caller.hello());
  if (!caller.Hear(FrameType::kHello)) {
    return Error{ErrorCode::kInternal, "the node under attack says no hello"};
  }
  caller.Say(FrameType::kStanding, exchange::EncodeStanding(standing));
  return caller;
}

HelloText Caller::hello() const {
  return {as_->id(), arena_->target().id(), binding_, &as_->message()};
}

void Caller::Say(FrameType type, ByteView payload) {
  SayFrame(type, IsSealed(type) ? SealFor(*arena_, *as_, type, payload) : ToBytes(payload));
}

void Caller::SayFrame(FrameType type, ByteView payload) {
  Bytes frame;
  wire::AppendFrame(frame, static_cast<std::uint8_t>(type), payload);
  tls_.Write(frame);
}

void Caller::SayHello(const HelloText& text) {
  Say(FrameType::kHello, wire::WriteCanonicalJson(MakeHello(text)));
}

std::optional<wire::Frame> Caller::Hear(FrameType type, std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    while (!heard_.empty()) {
      wire::Frame frame = std::move(heard_.front());
      heard_.erase(heard_.begin());
      if (frame.type == static_cast<std::uint8_t>(type)) {
        if (IsSealed(type)) {
          auto opened = act::OpenSealed({SealedAs(type), arena_->target().id(), as_->id()},
                                        frame.payload, as_->encryption());
          if (!opened) {
            return std::nullopt;
          }
          frame.payload = *std::move(opened);
        }
        return frame;
      }
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    Bytes bytes;
    const TlsSocket::Heard heard =
        has_ended_ ? TlsSocket::Heard::kEnd : tls_.Read(bytes, std::max(left, left.zero()));
    has_ended_ = heard == TlsSocket::Heard::kEnd;
    auto frames = decoder_.Feed(bytes);
    if (heard != TlsSocket::Heard::kBytes || !frames) {
      return std::nullopt;
    }
    heard_ = *std::move(frames);
  }
}

Seen Caller::HearBye() {
  const std::optional<wire::Frame> bye = Hear(FrameType::kBye);
  if (!bye) {
    return {Sign::kClosed, "", has_ended_ ? "closed without a bye" : "no bye and still open",
            as_->id()};
  }
  const auto json = wire::ParseCanonicalJson(AsText(bye->payload));
  if (!json || Hear(FrameType::kAct) || !has_ended_) {
    return {Sign::kBye, "", "a bye that is malformed, or the link stays open", as_->id()};
  }
  return {Sign::kBye, json->value("code", ""), json->value("message", ""), as_->id()};
}

Result<act::Answer> Caller::HearVerifiedAnswer() {
  const std::optional<wire::Frame> frame = Hear(FrameType::kAnswer);
  if (!frame) {
    return Error{ErrorCode::kInternal, "the node under attack does not answer the act"};
  }
  ENTENTE_ASSIGN(const act::Envelope envelope, act::DecodeEnvelope(frame->payload));
  ENTENTE_TRY(act::VerifySignedBy(envelope, act::kAnswerType, arena_->target().keys.message));
  return act::DecodeAnswer(envelope.payload);
}

Seen Caller::HearAnswer() {
  const auto answer = HearVerifiedAnswer();
  if (!answer) {
    return {Sign::kClosed, "", answer.error().message, as_->id()};
  }
  return answer->is_receipt ? Seen{Sign::kReceipt, "", "", as_->id()}
                            : Seen{Sign::kRefusal, answer->code, answer->reason, as_->id()};
}

Seen Caller::HearReply() {
  const std::optional<wire::Frame> frame = Hear(FrameType::kCosignature);
  if (!frame) {
    return {Sign::kClosed, "", "the node under attack does not reply", as_->id()};
  }
  const std::string text = ToText(frame->payload);
  const std::size_t end = text.find('\n');
  return {Sign::kReply, text.substr(0, end), end == std::string::npos ? "" : text.substr(end + 1),
          as_->id()};
}

act::Act MakeAct(Arena& arena, const Authority& as, std::string_view kind, std::uint64_t sequence,
                 Json body) {
  act::Act act;
  act.kind = std::string(kind);
  act.from = as.id();
  act.to = arena.target().id();
  act.sequence = sequence;
  act.time = arena.clock().Now();
  arena.random().Fill(act.salt.bytes);
  act.body = std::move(body);
  return act;
}

Bytes Sealed(std::string_view type, ByteView payload, const crypto::Signer& signer) {
  return act::Encode(*act::Sign(type, payload, signer));
}

Bytes Sealed(const Authority& as, const act::Act& act) {
  return Sealed(act::kActType, act::EncodeAct(act), as.message());
}

}  // namespace entente::hostile
