// The one way in and the one way out.
//
//   Submit:      compose → policy (Permitted<Draft>) → {sequence + sign + outbox + leaf + effect}
//   ReceiveAct:  verify → sequence → own policy → handler's check → {inbox + effect + leaf +
//   answer} ReceiveAnswer: verify → {outbox state + leaf + effect}
// each in ONE store transaction, or several of them in a Group's. Exactly-once effect: gap-free
// sequence per peer, idempotent by id, a duplicate gets the stored answer again. Bytes that prove a
// peer broke a rule become evidence. How much of a peer is kept in a day is bounded: quota.h. To
// a peer that does not cosign our ledger Submit sends nothing new, kUnavailable: cosign_lag.h. No
// I/O of its own. Threads: the node's owner thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "entente/act/act.h"
#include "entente/act/card.h"
#include "entente/agreement/policy.h"
#include "entente/base/random.h"
#include "entente/base/time.h"
#include "entente/crypto/box.h"
#include "entente/exchange/audit.h"
#include "entente/exchange/interfaces.h"
#include "entente/exchange/journal.h"
#include "entente/store/store.h"

namespace entente::exchange {

// The node itself. The keys must outlive every Exchange that uses them.
struct Identity {
  act::Card card;
  Bytes signed_card;
  const crypto::Signer* message = nullptr;
  const crypto::Signer* ledger = nullptr;
  const crypto::Signer* witness = nullptr;
  const crypto::BoxKey* encryption = nullptr;
};

// What became of a submission. A refused one left no trace but the decision, in the audit log.
struct Submission {
  agreement::Decision decision;
  act::ActId id;                 // if permitted
  std::uint64_t sequence = 0;    // if permitted
  std::uint64_t leaf_index = 0;  // if permitted
};

// An act that was taken, and what to say to it.
struct Received {
  Bytes answer;            // the answer's envelope
  bool is_repeat = false;  // it was answered before
};

class Exchange {
 public:
  // All references must outlive the exchange.
  Exchange(Identity identity, store::Store& store, const Clock& clock, Random& random);

  void Register(std::string_view kind, ActHandler& handler);
  void SetSources(const AgreementSource& agreements, const BudgetSource& budgets);
  // Called after a commit that gives the link to `peer` something to send.
  // Both this and the handlers' OnCommitted wait for the end of a Group.
  void SetOnChange(std::function<void(const PeerId&)> on_change);
  // Called when something happened that an operator must see: a log event's name, and why.
  using OnAlarm = std::function<void(const PeerId&, std::string_view event, std::string_view why)>;
  void SetOnAlarm(OnAlarm on_alarm) { on_alarm_ = std::move(on_alarm); }

  const Identity& identity() const { return identity_; }
  store::Store& store() const { return store_; }
  const Clock& clock() const { return clock_; }
  const Journal& journal() const { return journal_; }

  // Imports a peer's signed card. Errors: kInvalidInput if it is not valid, is our own, has an
  // encryption key nobody can seal to, or belongs to a node of the other exercise setting;
  // kConflict if another card with the same id but other keys is known, or the card uses a key of
  // another node. Lifts a suspension of the peer.
  Result<act::Card> AddPeer(ByteView signed_card);
  // Errors: kNotFound.
  Result<act::Card> PeerCard(const PeerId& peer) const;

  // Errors: kNotFound for an unknown peer; kInvalidInput, kConflict… from the handler's check;
  // kUnavailable if the store cannot commit, or while the rollback guard is closed (guard.h). A
  // refusal by the policy is not an error.
  Result<Submission> Submit(const PeerId& peer, act::Draft draft);

  // Group commit: what `body` submits and receives becomes durable together, with one checkpoint
  // for each log that grew. Until Group returns ok nothing of it may be told to anybody, answers
  // included; if it fails all of it is undone. A call in `body` that fails is undone alone.
  // Errors: what `body` returns; kUnavailable if the store cannot commit; kInternal inside another
  // Group.
  Status Group(const std::function<Status()>& body);

  // The hourly word about the audit log (audit.h), if it is due. Call it about once a minute.
  // Errors: those of the store and the signer: call it again.
  Status CommitAudit();

  // Answers an add-checkpoint request as the witness of `peer`: Journal::WitnessUnchanged, or else
  // Journal::Witness, durable before the reply is returned (in a Group: before it ends). Alarms
  // "log.forked" when a log of the peer first shows two histories. Errors: those of both.
  Result<Bytes> AnswerWitness(const act::Card& peer, ByteView request);

  // What the policy would decide now; sends nothing. Errors: kNotFound; kUnavailable.
  Result<agreement::Decision> Preview(const PeerId& peer, const act::Draft& draft) const;
  // Likewise, of an act that somebody ordered: a refusal is recorded in the audit log.
  Result<agreement::Decision> Review(const PeerId& peer, const act::Draft& draft);

  // Takes an act's envelope. After an error the link must close.
  // Errors: kPeerViolation (forged, out of sequence, equivocation: kept as evidence where signed);
  // kLimitExceeded for a new act of a suspended peer, kNotPermitted of a stopped one, nothing is
  // kept; kUnavailable (the rollback guard is closed, too), kCorruptData, kInternal: our own
  // trouble, nothing was accepted. An act dated more than 300 s ahead of our clock is refused.
  Result<Received> ReceiveAct(const PeerId& peer, ByteView envelope);
  // Errors: kPeerViolation for an answer that is forged or answers nothing we sent.
  Status ReceiveAnswer(const PeerId& peer, ByteView envelope);
  // Errors: those of CheckQuota and CheckStop: a link with this peer must close.
  Status CheckStanding(const PeerId& peer) const;

 private:
  friend class DeadLetters;
  friend class Recovery;
  struct Inbound;
  struct KnownCard {
    Bytes signed_card;
    act::Card card;
    act::CardFingerprint fingerprint;
  };
  using Holder = std::shared_ptr<const agreement::AgreementInForce>;
  // A card that was decoded is kept beside its bytes: every act needs it. Errors: kNotFound.
  Result<const KnownCard*> CardOf(const store::Reader& reader, const PeerId& peer) const;
  // `holder` keeps what the facts point to.
  Result<agreement::Facts> FactsFor(const store::Reader& reader, const PeerId& peer,
                                    std::string_view kind,
                                    const std::optional<act::AgreementId>& id,
                                    Holder& holder) const;
  Status CommitDraft(store::Transaction& transaction, const PeerId& peer,
                     const agreement::Permitted<act::Draft>& draft, act::Act& act,
                     Submission& submission);
  Status AcceptInOrder(store::Transaction& transaction, const act::Card& peer, Inbound& inbound);
  // The act's row, its number and its effect; returns its leaf. Without an envelope the act is
  // erased: a tombstone, no effect.
  Result<std::uint64_t> StoreOutbound(store::Transaction& transaction, const act::Act& act,
                                      const act::ActId& id, Bytes envelope, ledger::Leaf leaf);
  // `row` holds the answer; the effect follows if it is a receipt and the act is not erased.
  Status StoreInbound(store::Transaction& transaction, const act::Act& act,
                      const store::ActRow& row);
  Status StoreAnswer(store::Transaction& transaction, const act::Act& own,
                     const act::Answer& answer, ByteView envelope, ByteView payload);
  // Ends a transaction in which the log of `peer` grew.
  Status Checkpoint(store::Transaction& transaction, const PeerId& peer);
  // Runs `action` once what was just written is durable.
  void Committed(std::function<void()> action);
  Status Stop(const PeerId& peer);
  void KeepEvidence(const PeerId& peer, std::string_view what, ByteView bytes);
  ledger::Leaf LeafFor(std::string_view kind, ledger::Direction direction, const PeerId& peer,
                       std::uint64_t epoch, std::uint64_t sequence, const crypto::Digest& object,
                       const std::optional<act::AgreementId>& agreement) const;
  Result<Bytes> Pseudonym(store::Transaction& transaction, const std::string& actor);
  Status RecordRefusal(store::Transaction& transaction, const PeerId& peer, const act::Draft& draft,
                       const agreement::Decision& decision);
  Status RecordPeer(store::Transaction& transaction, const PeerId& peer, ByteView signed_card,
                    bool is_known);
  Result<std::vector<PeerId>> Witnesses(const store::Reader& reader) const;
  ActHandler* HandlerFor(std::string_view kind) const;
  void Changed(const PeerId& peer) const;
  void Alarm(const PeerId& peer, std::string_view event, std::string_view why) const;

  Identity identity_;
  store::Store& store_;
  const Clock& clock_;
  Random& random_;
  Journal journal_;
  Audit audit_;
  std::map<std::string, ActHandler*, std::less<>> handlers_;
  act::CardFingerprint own_fingerprint_;
  mutable std::map<PeerId, KnownCard> cards_;
  const AgreementSource* agreements_ = nullptr;
  const BudgetSource* budgets_ = nullptr;
  std::function<void(const PeerId&)> on_change_;
  OnAlarm on_alarm_;
  struct OpenGroup {
    std::set<PeerId> grown;  // logs without a checkpoint of what was appended
    std::vector<std::function<void()>> committed;
  };
  std::optional<OpenGroup> group_;
};

}  // namespace entente::exchange
