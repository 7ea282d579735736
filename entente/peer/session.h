// The authenticated session between two nodes: hello, then typed frames.
//
//   this node                                             peer
//   Start()           -- hello {versions, ids, binding} -->
//                     <-- hello ------------------------
//   is_established()  <-- standing, act | answer | checkpoint | cosignature | round | bye -->
//
// TLS 1.3 already proved that the peer holds the TLS key its card pins. The hello proves that the
// holder of the card's *message* key is at the other end of this very connection: it signs the TLS
// exporter (RFC 9266) together with both node ids, so a hello cannot be relayed or replayed.
// Acts and answers cross sealed to the encryption key of the receiver's card (act/sealed.h): what
// comes out of OnBytes is opened, what goes into Send is sealed here.
// Format: docs/formats/peer-link.md. Sans-I/O. Threads: one owner.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "entente/act/card.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/box.h"
#include "entente/crypto/signature.h"
#include "entente/wire/frame.h"

namespace entente::peer {

enum class FrameType : std::uint8_t {
  kHello = 1,
  kAct = 2,          // an act's envelope
  kAnswer = 3,       // an answer's envelope
  kCheckpoint = 4,   // an add-checkpoint request for the sender's log
  kCosignature = 5,  // the witness's reply
  kRound = 6,        // a message of an accepted matching round
  kBye = 7,          // why the sender closes
  kStanding = 8,     // what the sender holds of the receiver
  kRecall = 9,       // asks for acts that a restored node lacks
  kRecalled = 10,    // one of them, with its answer
  kRecallEnd = 11,   // all were sent
};

// Payload bytes a frame of `type` may have, told from its header alone, before anything is kept or
// parsed: kAct the largest sealed envelope; kAnswer likewise; kCosignature and kRecallEnd 8,192;
// kRecalled a sealed act and its answer; kCheckpoint the largest note and its proof; kRound all
// that a frame may have; any other type, unknown ones too, 4,096.
std::size_t PayloadBytesMax(FrameType type);

// The exporter of the TLS connection, 32 bytes.
using ChannelBinding = FixedBytes<32, struct ChannelBindingTag>;

inline constexpr int kProtocolVersion = 2;

struct SessionParties {
  act::Card own;
  act::Card peer;  // as imported and pinned
};

class Session {
 public:
  // Looks at a frame that this side is about to send.
  using Tap = std::function<void(std::uint8_t type, ByteView payload)>;

  // Both keys are those of the own card and must outlive the session.
  Session(SessionParties parties, const ChannelBinding& binding,
          const crypto::Signer& message_signer, const crypto::BoxKey& encryption);

  // Queues our hello. Call once. Errors: what the signer returns.
  Status Start();

  // The frames, kHello and kBye excluded, that `bytes` completes. After an error the session is
  // over: flush TakeOutput(), which may hold a bye, and close.
  // Errors: kPeerViolation for malformed, unexpected, oversized or forged frames, a seal that does
  // not open, or a card nobody can seal to; kNotPermitted if
  // one node is live and the other an exercise node, or there is no common version; kUnavailable
  // with the peer's code if the peer said bye.
  Result<std::vector<wire::Frame>> OnBytes(ByteView bytes);

  bool is_established() const { return is_established_; }
  const act::Card& peer() const { return parties_.peer; }

  // Shows `tap` every frame that is queued from now on, before it is sealed.
  void SetTap(Tap tap) { tap_ = std::move(tap); }
  // Queues a frame. Requires is_established().
  void Send(FrameType type, ByteView payload);
  // Queues a bye with the error's code and message.
  void SendBye(const Error& error);

  std::size_t output_bytes() const { return output_.size(); }
  // Everything queued, once.
  Bytes TakeOutput();

 private:
  Status OnHello(ByteView payload);
  Result<std::vector<wire::Frame>> Handle(ByteView bytes);
  Status Open(wire::Frame& frame) const;
  void Queue(FrameType type, ByteView payload);

  SessionParties parties_;
  ChannelBinding binding_;
  const crypto::Signer& message_signer_;
  const crypto::BoxKey& encryption_;
  Tap tap_;
  wire::FrameDecoder decoder_;
  Bytes output_;
  bool is_established_ = false;
};

}  // namespace entente::peer
