// The peer link spoken by hand: every frame is what the attack makes it. Threads: one owner.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entente/act/act.h"
#include "entente/exchange/standing.h"
#include "entente/peer/session.h"
#include "entente/wire/frame.h"
#include "entente/wire/json.h"
#include "tests/hostile/arena.h"
#include "tests/hostile/attack.h"
#include "tests/hostile/tls_socket.h"

namespace entente::hostile {

// What a hello says, to change before it is signed or sent.
struct HelloText {
  PeerId from;
  PeerId to;
  peer::ChannelBinding binding;
  const crypto::Signer* signer = nullptr;
  bool is_exercise = true;
  wire::Json versions = wire::Json::array({peer::kProtocolVersion});
};
wire::Json MakeHello(const HelloText& text);

class Caller {
 public:
  // TLS with the keys of `as`, no hello yet. Errors: kInternal if the node does not take the call.
  static Result<Caller> Connect(Arena& arena, const Authority& as);
  // The hellos of both sides exchanged, and what the attacker says it holds: of a new peer nothing.
  static Result<Caller> Link(Arena& arena, const Authority& as,
                             const exchange::Standing& standing = {});
  Caller(Arena& arena, const Authority& as, TlsSocket tls, const peer::ChannelBinding& binding)
      : arena_(&arena), as_(&as), tls_(std::move(tls)), binding_(binding) {}

  const Authority& as() const { return *as_; }
  const peer::ChannelBinding& binding() const { return binding_; }
  TlsSocket& tls() { return tls_; }
  // What a right hello on this connection says.
  HelloText hello() const;

  // Acts and answers cross sealed to the node.
  void Say(peer::FrameType type, ByteView payload);
  void Say(peer::FrameType type, std::string_view payload) { Say(type, AsBytes(payload)); }
  void SayHello(const HelloText& text);
  // A frame as it is: nothing is sealed.
  void SayFrame(peer::FrameType type, ByteView payload);
  // Bytes as they are, below the frames.
  void SayRaw(ByteView bytes) { tls_.Write(bytes); }

  // The next frame of `type`, its seal opened; frames of other types are left out. Nothing if there
  // is none in `patience` or before the end of the connection.
  std::optional<wire::Frame> Hear(peer::FrameType type, std::chrono::milliseconds patience);
  std::optional<wire::Frame> Hear(peer::FrameType type) { return Hear(type, kPatience); }
  bool has_ended() const { return has_ended_; }

  // The node's bye, and that it closes after it; or what came in its place.
  Seen HearBye();
  // The node's answer to an act, its signature checked.
  Seen HearAnswer();
  Result<act::Answer> HearVerifiedAnswer();
  // The node's reply as a witness.
  Seen HearReply();

 private:
  Arena* arena_;
  const Authority* as_;
  TlsSocket tls_;
  peer::ChannelBinding binding_;
  wire::FrameDecoder decoder_;
  std::vector<wire::Frame> heard_;
  bool has_ended_ = false;
};

// An act of `as` to the node under attack with the next sequence, to change before it is signed.
act::Act MakeAct(Arena& arena, const Authority& as, std::string_view kind, std::uint64_t sequence,
                 wire::Json body = wire::Json::object());
// An envelope as a frame of `type` holds it: sealed by `as` to the node under attack.
Bytes SealFor(Arena& arena, const Authority& as, peer::FrameType type, ByteView envelope);
// The envelope of `payload`, signed by `signer` or by the message key of `as`.
Bytes Sealed(std::string_view type, ByteView payload, const crypto::Signer& signer);
Bytes Sealed(const Authority& as, const act::Act& act);

}  // namespace entente::hostile
