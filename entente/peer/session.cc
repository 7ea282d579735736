#include "entente/peer/session.h"

#include <algorithm>
#include <utility>

#include "entente/act/sealed.h"
#include "entente/base/check.h"
#include "entente/base/error_table.h"
#include "entente/base/utf8.h"
#include "entente/ledger/note.h"
#include "entente/wire/json.h"

namespace entente::peer {
namespace {

using wire::Json;
using wire::JsonReader;

// What an act's envelope and an add-checkpoint request hold besides the payload and the note.
constexpr std::size_t kAroundBytesMax = 4096;
// An answer's texts have 528 bytes, 3,168 if all are escaped; with eight signatures that is 6,500.
constexpr std::size_t kReplyBytesMax = 8192;
constexpr std::size_t kControlBytesMax = 4096;
constexpr std::size_t kSizesBytes = 8;  // of the two parts of a recalled act
constexpr std::string_view kRecalledType = "application/vnd.entente.recalled";

// What a hello's binding signs: this connection, spoken by `from` to `to`.
crypto::Digest BindingDigest(const ChannelBinding& binding, const PeerId& from, const PeerId& to) {
  return crypto::HashFields("entente-link/1",
                            {binding.view(), AsBytes(from.str()), AsBytes(to.str())});
}

Error Violation(std::string why) { return {ErrorCode::kPeerViolation, "link: " + std::move(why)}; }

// As what a frame's payload is sealed; empty if it crosses as it is.
std::string_view SealedAs(FrameType type) {
  switch (type) {
    case FrameType::kAct:
      return act::kActType;
    case FrameType::kAnswer:
      return act::kAnswerType;
    case FrameType::kRecalled:
      return kRecalledType;
    default:
      return {};
  }
}

// Why the peer closes, by its code only: a peer's own words do not enter our logs.
Error ByeError(ByteView payload) {
  const auto json = wire::ParseJson(AsText(payload));
  std::optional<ErrorCode> code;
  if (json && json->is_object() && json->contains("code") && (*json)["code"].is_string()) {
    code = ErrorCodeFromName((*json)["code"].get<std::string>());
  }
  std::string why = "gave no reason we know";
  if (code == ErrorCode::kPeerViolation) {
    why = "says this node broke the protocol (peer_violation)";
  } else if (code == ErrorCode::kNotPermitted) {
    why = "does not permit it (not_permitted): version, exercise setting or agreement do not fit";
  } else if (code == ErrorCode::kLimitExceeded) {
    why =
        "suspended this node for a day (limit_exceeded): too many of its acts were refused, or "
        "too many sent";
  } else if (code) {
    why = "has trouble of its own (" + std::string(ErrorRowFor(*code).name) + ")";
  }
  return {ErrorCode::kUnavailable, "the peer closed the link and " + why};
}

}  // namespace

std::size_t PayloadBytesMax(FrameType type) {
  switch (type) {
    case FrameType::kAct:
      return (act::kPayloadBytesMax + 2) / 3 * 4 + kAroundBytesMax + act::kSealExtraBytes;
    case FrameType::kAnswer:
      return kReplyBytesMax + act::kSealExtraBytes;
    case FrameType::kCosignature:
    case FrameType::kRecallEnd:
      return kReplyBytesMax;
    case FrameType::kRecalled:
      return PayloadBytesMax(FrameType::kAct) + PayloadBytesMax(FrameType::kAnswer) + kSizesBytes;
    case FrameType::kCheckpoint:
      return ledger::kNoteBytesMax + kAroundBytesMax;
    case FrameType::kRound:
      return wire::kFramePayloadBytesMax;
    case FrameType::kHello:
    case FrameType::kBye:
    case FrameType::kStanding:
    case FrameType::kRecall:
      break;
  }
  return kControlBytesMax;
}

Session::Session(SessionParties parties, const ChannelBinding& binding,
                 const crypto::Signer& message_signer, const crypto::BoxKey& encryption)
    : parties_(std::move(parties)),
      binding_(binding),
      message_signer_(message_signer),
      encryption_(encryption),
      decoder_([](std::uint8_t type) { return PayloadBytesMax(static_cast<FrameType>(type)); }) {}

Status Session::Start() {
  const PeerId own = parties_.own.id();
  const PeerId peer = parties_.peer.id();
  ENTENTE_ASSIGN(const crypto::Signature signature,
                 message_signer_.Sign(BindingDigest(binding_, own, peer).view()));
  const Json hello{{"versions", Json::array({kProtocolVersion})},
                   {"from", own.str()},
                   {"to", peer.str()},
                   {"exercise", parties_.own.is_exercise},
                   {"binding", Base64Encode(signature.view())}};
  Queue(FrameType::kHello, AsBytes(wire::WriteCanonicalJson(hello)));
  return {};
}

Result<std::vector<wire::Frame>> Session::OnBytes(ByteView bytes) {
  auto frames = Handle(bytes);
  if (!frames && frames.error().code != ErrorCode::kUnavailable) {
    SendBye(frames.error());
  }
  return frames;
}

Result<std::vector<wire::Frame>> Session::Handle(ByteView bytes) {
  ENTENTE_ASSIGN(std::vector<wire::Frame> frames, decoder_.Feed(bytes));
  std::vector<wire::Frame> out;
  for (wire::Frame& frame : frames) {
    const auto type = static_cast<FrameType>(frame.type);
    if (type == FrameType::kBye) {
      return ByeError(frame.payload);
    }
    if (type == FrameType::kHello) {
      ENTENTE_TRY(OnHello(frame.payload));
    } else if (!is_established_) {
      return Violation("the first frame was not a hello");
    } else if (frame.type > static_cast<std::uint8_t>(FrameType::kRecallEnd) || frame.type == 0) {
      return Violation("unknown frame type " + std::to_string(frame.type));
    } else {
      ENTENTE_TRY(Open(frame));
      out.push_back(std::move(frame));
    }
  }
  return out;
}

Status Session::Open(wire::Frame& frame) const {
  const std::string_view payload_type = SealedAs(static_cast<FrameType>(frame.type));
  if (!payload_type.empty()) {
    ENTENTE_ASSIGN(frame.payload,
                   act::OpenSealed({payload_type, parties_.peer.id(), parties_.own.id()},
                                   frame.payload, encryption_));
  }
  return {};
}

Status Session::OnHello(ByteView payload) {
  if (is_established_) {
    return Violation("unexpected hello");
  }
  const auto json = wire::ParseCanonicalJson(AsText(payload));
  if (!json) {
    return Violation("the hello is malformed: " + json.error().message);
  }
  const auto read = [&]() -> Status {
    JsonReader reader(*json, "hello");
    ENTENTE_ASSIGN(const Json* versions, reader.Array("versions", 16));
    ENTENTE_ASSIGN(const std::string from, reader.String("from", 64));
    ENTENTE_ASSIGN(const std::string to, reader.String("to", 64));
    ENTENTE_ASSIGN(const bool is_exercise, reader.Boolean("exercise"));
    ENTENTE_ASSIGN(const Bytes binding, reader.Base64("binding", crypto::Signature::kSize));
    ENTENTE_TRY(reader.Finish());
    ENTENTE_ASSIGN(const crypto::Signature signature, crypto::Signature::From(binding));
    const PeerId own = parties_.own.id();
    const PeerId peer = parties_.peer.id();
    if (from != peer.str() || to != own.str() ||
        !crypto::Verify(parties_.peer.keys.message, BindingDigest(binding_, peer, own).view(),
                        signature)) {
      return Violation("the hello does not prove the key of the peer's card on this connection");
    }
    if (std::find(versions->begin(), versions->end(), Json(kProtocolVersion)) == versions->end()) {
      return Error{ErrorCode::kNotPermitted,
                   "link: no common protocol version; this node speaks version 2"};
    }
    if (is_exercise != parties_.own.is_exercise) {
      return Error{ErrorCode::kNotPermitted,
                   "link: a live node and an exercise node refuse each other; use a home made with "
                   "the same --exercise setting"};
    }
    if (!crypto::CanSealTo(parties_.peer.keys.encryption)) {
      return Violation("nobody can seal to the encryption key of the peer's card");
    }
    return {};
  };
  Status status = read();
  if (!status && status.error().code == ErrorCode::kInvalidInput) {
    return Violation(status.error().message);
  }
  is_established_ = static_cast<bool>(status);
  return status;
}

void Session::Send(FrameType type, ByteView payload) {
  ENTENTE_CHECK(is_established_);
  Queue(type, payload);
}

void Session::Queue(FrameType type, ByteView payload) {
  const auto number = static_cast<std::uint8_t>(type);
  if (tap_) {
    tap_(number, payload);
  }
  const std::string_view payload_type = SealedAs(type);
  if (payload_type.empty()) {
    return wire::AppendFrame(output_, number, payload);
  }
  const act::Card& peer = parties_.peer;
  const auto sealed = act::Seal({payload_type, parties_.own.id(), peer.id()}, payload,
                                peer.keys.encryption, encryption_);
  ENTENTE_CHECK(sealed.has_value());  // the hello was refused otherwise
  wire::AppendFrame(output_, number, *sealed);
}

void Session::SendBye(const Error& error) {
  // Our own trouble is none of the peer's business beyond its kind.
  const bool is_about_peer = error.code == ErrorCode::kPeerViolation ||
                             error.code == ErrorCode::kNotPermitted ||
                             error.code == ErrorCode::kLimitExceeded;
  const Json bye{{"code", ErrorRowFor(error.code).name},
                 {"message", is_about_peer ? OneLine(error.message, 400) : "internal trouble"}};
  Queue(FrameType::kBye, AsBytes(wire::WriteCanonicalJson(bye)));
}

Bytes Session::TakeOutput() { return std::exchange(output_, {}); }

}  // namespace entente::peer
