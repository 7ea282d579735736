// A whole node whose frames an attack alters on their way out: it knows all the rules up to the
// moment in which it breaks one. Threads: one owner.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "entente/base/background.h"
#include "entente/base/log.h"
#include "entente/base/temporary_folder.h"
#include "entente/exchange/link.h"
#include "entente/node/node.h"
#include "entente/psi/round_message.h"
#include "entente/store/store.h"
#include "tests/hostile/caller.h"

namespace entente::hostile {

// A puppet is called by hand, see Puppet::Run.
class NoNetwork final : public node::Network {
 public:
  void Dial(const std::string& /*endpoint*/, const crypto::Digest& /*spki*/,
            OnResult /*on_result*/) override {}
  std::unique_ptr<node::PendingCall> After(std::chrono::milliseconds /*delay*/,
                                           std::function<void()> /*task*/) override {
    return nullptr;
  }
  void Post(std::function<void()> /*task*/) override {}
};

// The matching agreement of a puppet and the node under attack.
struct AgreementTerms {
  UtcTime valid_until;
  std::uint64_t rounds_per_day_max = 2;
};

class Puppet {
 public:
  // What leaves in the place of a frame.
  using Tap = std::function<std::vector<wire::Frame>(wire::Frame)>;

  // Linked once: an agreement is co-signed, and the puppet holds a list of two persons.
  static Result<std::unique_ptr<Puppet>> Open(Arena& arena, const AgreementTerms& terms);

  const Authority& as() const { return as_; }
  const act::AgreementId& agreement() const { return agreement_; }

  // Serves one connection until `stop`, or until the node under attack ends it.
  // Errors: kDeadlineExceeded after kPatience twice; that of the link that ended.
  Status Run(const std::function<bool()>& stop, const Tap& tap = nullptr);
  // A round that the node under attack has accepted and that waits for its first message.
  Result<act::ActId> AgreeOnRound();
  Result<act::ActId> Offer();
  // What the node under attack says about a round: its state and why it failed.
  Result<Seen> RoundAt(const act::ActId& offer);
  // The same, once the round is over.
  Result<Seen> AwaitEndOf(const act::ActId& offer);
  // An act under the agreement with the next sequence, signed without the puppet's own policy.
  Result<Bytes> Forge(std::string_view kind, wire::Json body);
  // A link by hand of a peer that lost nothing.
  Result<Caller> LinkByHand();
  // The body of an offer that the agreement permits.
  wire::Json GoodOffer() const;

 private:
  Puppet(Arena& arena, const Authority& as, std::unique_ptr<TemporaryFolder> folder,
         std::unique_ptr<store::Store> store);
  Status Sign(const AgreementTerms& terms);
  Status Fill();
  Status Send(exchange::Link& link, Caller& caller, wire::FrameDecoder& frames, const Tap& tap);

  Arena& arena_;
  const Authority& as_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<store::Store> store_;
  QueuedBackground background_;
  NoNetwork network_;
  Log log_;
  node::Node node_;
  act::AgreementId agreement_;
};

}  // namespace entente::hostile
