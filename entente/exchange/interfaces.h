// What exchange needs from the domain modules; apps/, sim/ and tests join them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "entente/act/act.h"
#include "entente/agreement/policy.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/store/store.h"

namespace entente::exchange {

// A domain module's part in the acts of its kinds. Threads: the node's owner thread.
class ActHandler {
 public:
  virtual ~ActHandler() = default;

  // Is this act meaningful now? It passed the policy; nothing is written yet.
  // Errors: an out act: to the caller. An in act: kUnavailable, kCorruptData and kInternal are our
  // trouble and close the link; every other error becomes a signed refusal with its code and
  // message, so the message must be fit for the peer.
  virtual Status Check(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                       store::Direction direction) const = 0;

  // The effect, in the very transaction that records the act. Must not fail where Check passed.
  virtual Status Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
                       const act::ActId& id, store::Direction direction) = 0;

  // The peer's answer to our own act, in the transaction that records it.
  virtual Status ApplyAnswer(store::Transaction& transaction, const PeerId& peer,
                             const act::Act& own, const act::ActId& id,
                             const act::Answer& answer) = 0;

  // This node was restored from an older copy and goes on. Whatever must not happen twice, and may
  // have happened since the copy was made, is ended here.
  virtual Status OnRestored(store::Transaction& /*transaction*/, const PeerId& /*peer*/) {
    return {};
  }

  // After the commit of Apply or ApplyAnswer: what lives in memory only.
  virtual void OnCommitted(const PeerId& peer, const act::Act& act, const act::ActId& id,
                           store::Direction direction) = 0;
};

// Which agreements both parties have co-signed.
class AgreementSource {
 public:
  virtual ~AgreementSource() = default;
  // Null if there is none. Asked for every act: what did not change is not decoded again.
  virtual Result<std::shared_ptr<const agreement::AgreementInForce>> FindInForce(
      const store::Reader& reader, const PeerId& peer, const agreement::DocumentId& id) const = 0;
};

// How much of an agreement's budget was used.
class BudgetSource {
 public:
  virtual ~BudgetSource() = default;
  // Rounds offered in either direction under `agreement` after `since`.
  virtual Result<std::uint64_t> RoundsSince(const store::Reader& reader, const PeerId& peer,
                                            const agreement::DocumentId& agreement,
                                            UtcTime since) const = 0;
};

// The messages of matching rounds that were accepted by an act.
class RoundPort {
 public:
  virtual ~RoundPort() = default;
  virtual void OnLinkUp(const PeerId& peer) = 0;
  virtual void OnLinkDown(const PeerId& peer) = 0;
  // Errors: any ends the link; kPeerViolation for a message that belongs to no accepted round.
  virtual Status OnRoundMessage(const PeerId& peer, ByteView message) = 0;
  // The next message for the peer, if there is one now.
  virtual std::optional<Bytes> NextRoundMessage(const PeerId& peer) = 0;
};

}  // namespace entente::exchange
