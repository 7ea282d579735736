// Private matching between two authorities: rounds as acts.
//
//   proposer                                     acceptor
//   Offer: policy preview, match set  -- match.offer -->   policy, then a human decides
//                                     <-- match.accept --  Accept: match set   (or match.decline)
//   psi::Round over the link (RoundPort), both ways
//   match.result (signed digest)      <------------->      match.result, must be equal
//
// Hits name this node's own records and the rules that matched, nothing of the other side's.
// A dropped link or a restart begins a new attempt (fresh keys, same committed inputs), at most
// kAttemptsMax, and only as long as this node has revealed no tag: one acceptance, at most one
// reveal. One attempt runs with a peer at a time; if both sides begin one at once, the one with the
// lower offer id goes on and the other is begun again after it. Keys are erased when the round
// ends. What each side learns: docs/design/psi.md.
// State: projection tables "rounds", "round_entries", "hits". Threads: the node's owner thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "entente/base/background.h"
#include "entente/base/random.h"
#include "entente/exchange/exchange.h"
#include "entente/exchange/interfaces.h"
#include "entente/matching/hits.h"
#include "entente/matching/match_bodies.h"
#include "entente/matching/match_set.h"
#include "entente/matching/round_row.h"
#include "entente/psi/round.h"

namespace entente::matching {

// A round that is not complete so long after its offer ends, and its keys are erased.
inline constexpr std::chrono::hours kRoundLifetime{7 * 24};

struct RoundView {
  RoundRow row;
  std::optional<psi::Progress> progress;  // while an attempt runs
  std::uint64_t records_keyed = 0;        // while the match set is built
};

struct OfferRequest {
  std::string collection;
  std::string purpose;
  std::optional<act::AgreementId> agreement;
};

class Matching final : public exchange::ActHandler,
                       public exchange::BudgetSource,
                       public exchange::RoundPort {
 public:
  using Done = std::function<void(Result<exchange::Submission>)>;

  // All references must outlive the object, and so must `exchange` every task in `background`.
  // `on_round_output` is called when a round has something to send to a peer.
  Matching(exchange::Exchange& exchange, Background& background, Random& random,
           std::function<void(const PeerId&)> on_round_output);

  // Both compute the match set in the background, then submit; `done` is called once. A refusal by
  // the policy comes before any key is computed.
  // Errors: those of BuildMatchSet and Exchange::Submit; kConflict if a match set is being built
  // already or the round is not one to accept.
  void Offer(const PeerId& peer, OfferRequest request, std::string actor, Done done);
  void Accept(const PeerId& peer, const act::ActId& offer, const std::string& collection,
              std::string actor, Done done);
  // Declines the peer's offer or withdraws from an open round.
  Result<exchange::Submission> Decline(const PeerId& peer, const act::ActId& offer,
                                       std::string actor);

  // Ends every open round over kRoundLifetime, of whatever peer. Call it now and then; a link that
  // comes up does so for its peer.
  void EndExpired();

  Result<std::vector<RoundView>> List(const PeerId& peer) const;
  // Errors: kNotFound.
  Result<RoundView> Get(const PeerId& peer, const act::ActId& offer) const;
  // Own records hit, by record id. Errors: kNotFound; kConflict while there is no result.
  Result<std::vector<Hit>> Hits(const PeerId& peer, const act::ActId& offer) const;

  // exchange::BudgetSource
  Result<std::uint64_t> RoundsSince(const store::Reader& reader, const PeerId& peer,
                                    const agreement::DocumentId& agreement,
                                    UtcTime since) const override;
  // exchange::ActHandler
  Status Check(const store::Reader& reader, const PeerId& peer, const act::Act& act,
               store::Direction direction) const override;
  Status Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
               const act::ActId& id, store::Direction direction) override;
  Status ApplyAnswer(store::Transaction& transaction, const PeerId& peer, const act::Act& own,
                     const act::ActId& id, const act::Answer& answer) override;
  // Tags may have left since the copy was made: an accepted round is not run again.
  Status OnRestored(store::Transaction& transaction, const PeerId& peer) override;
  void OnCommitted(const PeerId& peer, const act::Act& act, const act::ActId& id,
                   store::Direction direction) override;
  // exchange::RoundPort
  void OnLinkUp(const PeerId& peer) override;
  void OnLinkDown(const PeerId& peer) override;
  Status OnRoundMessage(const PeerId& peer, ByteView message) override;
  std::optional<Bytes> NextRoundMessage(const PeerId& peer) override;

 private:
  // The attempt that runs with one peer; at most one at a time.
  struct Active {
    act::ActId offer;
    std::uint32_t attempt = 0;
    std::uint64_t generation = 0;  // tells a late task from a current one
    psi::Round round;
    std::vector<Entry> entries;
    std::size_t tasks_out = 0;
    UtcTime started;
    bool is_revealed = false;  // we have sent tags
  };
  // What an act under submission puts in; Apply stores it.
  struct Pending {
    MatchSet set;
    std::vector<Hit> hits;
    std::uint64_t run_ms = 0;
  };

  // `draft` lacks its body, `body` what the match set tells.
  void BuildAndSubmit(const PeerId& peer, const std::string& collection, act::Draft draft,
                      SideBody body, Done done);
  Result<agreement::Decision> PreviewSide(const PeerId& peer, const std::string& collection,
                                          act::Draft draft, SideBody body) const;
  Status CheckAnswerTo(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                       store::Direction direction) const;
  Status ApplyOffer(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
                    const act::ActId& id, store::Direction direction);
  Status ApplyAccept(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
                     const act::ActId& id, RoundRow row, store::Direction direction);
  Status ApplySide(store::Transaction& transaction, const PeerId& peer, RoundRow row,
                   RoundSide side, store::Direction direction);
  Status ApplyResult(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
                     RoundRow row, store::Direction direction);

  RoundView ViewOf(const PeerId& peer, RoundRow row) const;
  void EndExpired(const PeerId& peer);
  void StartNext(const PeerId& peer);
  Result<bool> BeginAsAsked(const PeerId& peer, const RoundFrame& frame);
  Status StartAttempt(const PeerId& peer, RoundRow row, std::uint32_t attempt);
  void Drive(const PeerId& peer);
  void OnTaskDone(const PeerId& peer, std::uint64_t generation, psi::Work work);
  void Conclude(const PeerId& peer);
  Status CheckAge(const RoundRow& row) const;
  Status MayRun(const PeerId& peer, const RoundRow& row) const;
  Status NoteReveal(const PeerId& peer, Active& active);
  void Fail(const PeerId& peer, act::ActId offer, Error why);

  exchange::Exchange& exchange_;
  Background& background_;
  Random& random_;
  std::function<void(const PeerId&)> on_round_output_;
  bool is_building_ = false;
  std::uint64_t records_keyed_ = 0;
  Pending pending_;
  std::uint64_t generations_ = 0;
  bool is_starting_ = false;
  std::map<PeerId, Active> active_;
  std::set<PeerId> linked_;
  std::map<PeerId, Bytes> restart_requests_;  // an acceptor's wish for a new attempt
};

}  // namespace entente::matching
