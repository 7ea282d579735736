#include "entente/exchange/exchange.h"

#include <utility>

#include "entente/base/error_table.h"
#include "entente/base/utf8.h"
#include "entente/crypto/random.h"
#include "entente/exchange/cosign_lag.h"
#include "entente/exchange/forked_log.h"
#include "entente/exchange/guard.h"
#include "entente/exchange/quota.h"

namespace entente::exchange {
namespace {

constexpr std::chrono::hours kBudgetWindow{24};
constexpr std::chrono::seconds kAheadMax{300};
constexpr std::string_view kActorSaltKey = "actor-salt";
constexpr std::size_t kPseudonymBytes = 8;

bool IsOurTrouble(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kCorruptData ||
         code == ErrorCode::kInternal;
}

// A leaf's kind comes from the closed list, never from a peer's text.
std::string_view LeafKind(std::string_view act_kind) {
  return act::FindKind(act_kind) != nullptr ? act_kind : "unknown";
}

// A card is signed by its message key alone, so it could name another node's keys as its own.
Status CheckKeysAreItsOwn(const store::Reader& reader, const act::Card& own,
                          const act::Card& card) {
  const auto share_a_key = [](const act::CardKeys& a, const act::CardKeys& b) {
    return a.message == b.message || a.ledger == b.ledger || a.witness == b.witness ||
           a.tls == b.tls || a.encryption == b.encryption;
  };
  ENTENTE_ASSIGN(const std::vector<store::PeerRow> peers, reader.ListPeers());
  bool is_shared = share_a_key(own.keys, card.keys);
  for (const store::PeerRow& row : peers) {
    if (row.id != card.id()) {
      ENTENTE_ASSIGN(const act::Card other, act::OpenCard(row.card));
      is_shared = is_shared || share_a_key(other.keys, card.keys);
    }
  }
  return is_shared ? Status(Error{ErrorCode::kConflict,
                                  "the card uses a key of another node; ask its sender for the "
                                  "card of their own home"})
                   : Status();
}

// The next act of its epoch, or the first one of the next: what a peer sends after a restore.
Result<bool> IsNext(const store::Reader& reader, const act::Act& act,
                    const store::ChannelState& channel) {
  if (act.epoch <= channel.epoch_in || act.sequence != 1) {
    return act.epoch == channel.epoch_in && act.sequence == channel.next_in;
  }
  ENTENTE_ASSIGN(const std::uint64_t known, EpochOfPeer(reader, act.from));
  return act.epoch <= known + 1;
}

Error Violation(std::string why) { return {ErrorCode::kPeerViolation, std::move(why)}; }

}  // namespace

// An act on its way in, between its verification and its answer.
struct Exchange::Inbound {
  ByteView envelope;
  act::Act act;
  act::ActId id;
  agreement::Decision decision;
  act::Answer answer;
  Bytes answer_envelope;
  bool is_accepted = false;
};

Exchange::Exchange(Identity identity, store::Store& store, const Clock& clock, Random& random)
    : identity_(std::move(identity)),
      store_(store),
      clock_(clock),
      random_(random),
      journal_(identity_.card, *identity_.ledger, *identity_.witness),
      audit_(identity_.card, journal_, *identity_.ledger, random_),
      own_fingerprint_(act::FingerprintOf(identity_.card)) {}

void Exchange::Register(std::string_view kind, ActHandler& handler) {
  handlers_[std::string(kind)] = &handler;
}

void Exchange::SetSources(const AgreementSource& agreements, const BudgetSource& budgets) {
  agreements_ = &agreements;
  budgets_ = &budgets;
}

void Exchange::SetOnChange(std::function<void(const PeerId&)> on_change) {
  on_change_ = std::move(on_change);
}

void Exchange::Changed(const PeerId& peer) const {
  if (on_change_) {
    on_change_(peer);
  }
}

void Exchange::Alarm(const PeerId& peer, std::string_view event, std::string_view why) const {
  if (on_alarm_) {
    on_alarm_(peer, event, why);
  }
}

Status Exchange::Group(const std::function<Status()>& body) {
  if (group_) {
    return Error{ErrorCode::kInternal, "exchange: a group inside a group"};
  }
  group_.emplace();
  const Status status = store_.Group([&]() -> Status {
    ENTENTE_TRY(body());
    if (group_->grown.empty()) {
      return {};
    }
    return store_.Write([&](store::Transaction& transaction) -> Status {
      for (const PeerId& peer : group_->grown) {
        ENTENTE_TRY(journal_.SignCheckpoint(transaction, peer));
      }
      return {};
    });
  });
  const OpenGroup ended = std::exchange(group_, std::nullopt).value_or(OpenGroup{});
  if (status) {
    for (const auto& action : ended.committed) {
      action();
    }
  }
  return status;
}

Status Exchange::Checkpoint(store::Transaction& transaction, const PeerId& peer) {
  if (group_) {
    group_->grown.insert(peer);
    return {};
  }
  return journal_.SignCheckpoint(transaction, peer);
}

void Exchange::Committed(std::function<void()> action) {
  if (group_) {
    group_->committed.push_back(std::move(action));
  } else {
    action();
  }
}

Status Exchange::CommitAudit() {
  bool is_due = false;
  ENTENTE_TRY(store_.Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(is_due, audit_.IsDue(reader, clock_.Now()));
    return {};
  }));
  if (!is_due) {
    return {};
  }
  std::vector<PeerId> witnesses;
  const Status status = store_.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(witnesses, Witnesses(transaction));
    ENTENTE_TRY(audit_.Commit(transaction, witnesses, clock_.Now()));
    for (const PeerId& peer : witnesses) {
      ENTENTE_TRY(Checkpoint(transaction, peer));
    }
    return {};
  });
  for (const PeerId& peer : status ? witnesses : std::vector<PeerId>()) {
    Committed([this, peer] { Changed(peer); });
  }
  return status;
}

Result<Bytes> Exchange::AnswerWitness(const act::Card& peer, ByteView request) {
  const UtcTime now = clock_.Now();
  std::optional<Bytes> unchanged;
  ENTENTE_TRY(store_.Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(unchanged, journal_.WitnessUnchanged(reader, peer, now, request));
    return {};
  }));
  if (unchanged) {
    return *std::move(unchanged);
  }
  Bytes reply;
  bool is_new_fork = false;
  ENTENTE_TRY(store_.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const std::size_t before, CountForks(transaction, peer.id()));
    ENTENTE_ASSIGN(reply, journal_.Witness(transaction, peer, now, request));
    ENTENTE_ASSIGN(const std::size_t after, CountForks(transaction, peer.id()));
    is_new_fork = after > before;
    return {};
  }));
  if (is_new_fork) {
    Committed([this, id = peer.id()] {
      Alarm(id, "log.forked",
            "the peer's log showed two histories: it is not cosigned again; the proof is kept, "
            "`entente evidence`");
    });
  }
  return reply;
}

// The peers that have cosigned our log about them, which may be signed now.
Result<std::vector<PeerId>> Exchange::Witnesses(const store::Reader& reader) const {
  ENTENTE_ASSIGN(const auto peers, reader.ListPeers());
  std::vector<PeerId> witnesses;
  for (const store::PeerRow& peer : peers) {
    ENTENTE_ASSIGN(const auto settled,
                   reader.GetCheckpoint(peer.id, store::CheckpointKind::kOwnSettled));
    ENTENTE_ASSIGN(const Guard guard, ReadGuard(reader, peer.id));
    if (settled && guard.is_open()) {
      witnesses.push_back(peer.id);
    }
  }
  return witnesses;
}

ActHandler* Exchange::HandlerFor(std::string_view kind) const {
  const auto found = handlers_.find(kind);
  return found == handlers_.end() ? nullptr : found->second;
}

Result<act::Card> Exchange::AddPeer(ByteView signed_card) {
  ENTENTE_ASSIGN(act::Card card, act::OpenCard(signed_card));
  if (card.id() == identity_.card.id()) {
    return Error{ErrorCode::kInvalidInput, "this is the node's own card; import the peer's"};
  }
  if (card.is_exercise != identity_.card.is_exercise) {
    return Error{ErrorCode::kInvalidInput,
                 "a live node and an exercise node refuse each other: the card was made with "
                 "another --exercise setting"};
  }
  if (!crypto::CanSealTo(card.keys.encryption)) {
    return Error{ErrorCode::kInvalidInput,
                 "nobody can seal to the card's encryption key; ask its sender for the card of a "
                 "new home"};
  }
  ENTENTE_TRY(store_.Write([&](store::Transaction& transaction) -> Status {
    if (Status status = CheckKeysAreItsOwn(transaction, identity_.card, card); !status) {
      return status;
    }
    ENTENTE_ASSIGN(const auto known, transaction.GetPeer(card.id()));
    if (known) {
      ENTENTE_ASSIGN(const act::Card old, act::OpenCard(known->card));
      if (act::FingerprintOf(old) != act::FingerprintOf(card)) {
        return Error{ErrorCode::kConflict,
                     "a card with the same message key but another identity is already imported; "
                     "compare fingerprints with the peer by voice"};
      }
    }
    if (Status status = RecordPeer(transaction, card.id(), signed_card, known.has_value());
        !status) {
      return status;
    }
    if (Status status = ClearQuota(transaction, card.id()); !status) {
      return status;
    }
    return transaction.PutPeer({card.id(), ToBytes(signed_card), clock_.Now()});
  }));
  Changed(card.id());
  return card;
}

Status Exchange::RecordPeer(store::Transaction& transaction, const PeerId& peer,
                            ByteView signed_card, bool is_known) {
  const auto record = [&](std::string_view kind) {
    return audit_.Record(transaction, LeafFor(kind, ledger::Direction::kInternal, peer, 0, 0,
                                              crypto::Sha256(signed_card), std::nullopt));
  };
  ENTENTE_TRY(record(is_known ? "peer.renewed" : "peer.added"));
  if (!CheckQuota(transaction, peer, clock_.Now())) {
    ENTENTE_TRY(record("suspension.lifted"));
  }
  return {};
}

Result<const Exchange::KnownCard*> Exchange::CardOf(const store::Reader& reader,
                                                    const PeerId& peer) const {
  ENTENTE_ASSIGN(auto row, reader.GetPeer(peer));
  if (!row) {
    return Error{ErrorCode::kNotFound, "no such peer; run `entente card import` first"};
  }
  KnownCard& known = cards_[peer];
  if (known.signed_card != row->card) {
    ENTENTE_ASSIGN(known.card, act::OpenCard(row->card));
    known.fingerprint = act::FingerprintOf(known.card);
    known.signed_card = std::move(row->card);
  }
  return &known;
}

Result<act::Card> Exchange::PeerCard(const PeerId& peer) const {
  act::Card card;
  ENTENTE_TRY(store_.Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const KnownCard* const known, CardOf(reader, peer));
    card = known->card;
    return {};
  }));
  return card;
}

Status Exchange::CheckStanding(const PeerId& peer) const {
  return store_.Read([&](const store::Reader& reader) -> Status {
    ENTENTE_TRY(CheckStop(reader, peer));
    return CheckQuota(reader, peer, clock_.Now());
  });
}

Result<agreement::Facts> Exchange::FactsFor(const store::Reader& reader, const PeerId& peer,
                                            std::string_view kind,
                                            const std::optional<act::AgreementId>& id,
                                            Holder& holder) const {
  agreement::Facts facts;
  facts.now = clock_.Now();
  facts.is_exercise_node = identity_.card.is_exercise;
  facts.is_agreement_named = id.has_value();
  if (id && agreements_ != nullptr) {
    ENTENTE_ASSIGN(holder, agreements_->FindInForce(reader, peer, *id));
    if (holder) {
      facts.agreement = &*holder;
      ENTENTE_ASSIGN(const KnownCard* const known, CardOf(reader, peer));
      facts.cards = {own_fingerprint_, known->fingerprint};
      if (kind == act::kMatchOffer) {
        ENTENTE_ASSIGN(facts.rounds_today,
                       budgets_->RoundsSince(reader, peer, *id, facts.now - kBudgetWindow));
      }
    }
  }
  return facts;
}

ledger::Leaf Exchange::LeafFor(std::string_view kind, ledger::Direction direction,
                               const PeerId& peer, std::uint64_t epoch, std::uint64_t sequence,
                               const crypto::Digest& object,
                               const std::optional<act::AgreementId>& agreement) const {
  ledger::Leaf leaf;
  leaf.kind = std::string(kind);
  leaf.direction = direction;
  leaf.time = clock_.Now();
  leaf.agreement = agreement;
  leaf.object = object;
  leaf.peer = peer;
  leaf.epoch = epoch;
  leaf.sequence = sequence;
  return leaf;
}

Result<Submission> Exchange::Submit(const PeerId& peer, act::Draft draft) {
  ActHandler* const handler = HandlerFor(draft.kind);
  if (handler == nullptr) {
    return Error{ErrorCode::kInvalidInput, "unknown act kind " + OneLine(draft.kind, 40)};
  }
  Submission submission;
  act::Act act;
  ENTENTE_TRY(store_.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const auto known, transaction.GetPeer(peer));
    if (!known) {
      return Error{ErrorCode::kNotFound, "no such peer; run `entente card import` first"};
    }
    if (Status guard = CheckGuard(transaction, peer); !guard) {
      return guard;
    }
    Holder holder;
    ENTENTE_ASSIGN(const agreement::Facts facts,
                   FactsFor(transaction, peer, draft.kind, draft.agreement, holder));
    const agreement::Policy::Verdict verdict = agreement::Policy::Review(draft, facts);
    submission.decision = verdict.decision;
    if (!verdict.permitted) {
      return RecordRefusal(transaction, peer, draft, verdict.decision);
    }
    return CommitDraft(transaction, peer, *verdict.permitted, act, submission);
  }));
  if (submission.decision.is_permitted()) {
    Committed([this, handler, peer, act = std::move(act), id = submission.id] {
      handler->OnCommitted(peer, act, id, store::Direction::kOut);
      Changed(peer);
    });
  }
  return submission;
}

Result<agreement::Decision> Exchange::Preview(const PeerId& peer, const act::Draft& draft) const {
  agreement::Decision decision;
  ENTENTE_TRY(store_.Read([&](const store::Reader& reader) -> Status {
    Holder holder;
    ENTENTE_ASSIGN(const agreement::Facts facts,
                   FactsFor(reader, peer, draft.kind, draft.agreement, holder));
    decision = agreement::Policy::Review(draft, facts).decision;
    return {};
  }));
  return decision;
}

Result<agreement::Decision> Exchange::Review(const PeerId& peer, const act::Draft& draft) {
  ENTENTE_ASSIGN(agreement::Decision decision, Preview(peer, draft));
  if (!decision.is_permitted()) {
    ENTENTE_TRY(store_.Write([&](store::Transaction& transaction) {
      return RecordRefusal(transaction, peer, draft, decision);
    }));
  }
  return decision;
}

Status Exchange::RecordRefusal(store::Transaction& transaction, const PeerId& peer,
                               const act::Draft& draft, const agreement::Decision& decision) {
  ledger::Leaf leaf =
      LeafFor(LeafKind(draft.kind), ledger::Direction::kSent, peer, 0, 0, {}, draft.agreement);
  ENTENTE_ASSIGN(leaf.actor, Pseudonym(transaction, draft.actor));
  return audit_.RecordDecision(transaction, std::move(leaf), decision);
}

// A name for `actor` that only this node can resolve: keyed with a salt that never leaves it.
Result<Bytes> Exchange::Pseudonym(store::Transaction& transaction, const std::string& actor) {
  ENTENTE_ASSIGN(auto salt, transaction.GetMeta(kActorSaltKey));
  if (!salt) {
    salt = ToBytes(crypto::RandomBytes<act::Salt>(random_).view());
    ENTENTE_TRY(transaction.PutMeta(kActorSaltKey, *salt));
  }
  const crypto::Digest digest = crypto::HashFields("entente-actor/1", {*salt, AsBytes(actor)});
  return ToBytes(digest.view().first(kPseudonymBytes));
}

Status Exchange::CommitDraft(store::Transaction& transaction, const PeerId& peer,
                             const agreement::Permitted<act::Draft>& draft, act::Act& act,
                             Submission& submission) {
  ENTENTE_ASSIGN(const store::ChannelState channel, transaction.GetChannel(peer));
  act.kind = draft.value().kind;
  act.from = identity_.card.id();
  act.to = peer;
  act.agreement = draft.value().agreement;
  act.epoch = channel.epoch_out;
  act.sequence = channel.next_out;
  act.time = clock_.Now();
  act.is_exercise = identity_.card.is_exercise;
  act.salt = crypto::RandomBytes<act::Salt>(random_);
  act.body = draft.value().body;
  ActHandler* const handler = HandlerFor(act.kind);
  if (act.kind != act::kMatchResult) {  // a round that both accepted ends: nothing new begins
    ENTENTE_TRY(CheckCosignLag(transaction, peer, act.time));
  }
  ENTENTE_TRY(handler->Check(transaction, peer, act, store::Direction::kOut));

  const Bytes payload = act::EncodeAct(act);
  ENTENTE_ASSIGN(const act::Envelope envelope,
                 act::Sign(act::kActType, payload, *identity_.message));
  submission.id = act::IdOf(payload);
  submission.sequence = act.sequence;
  ledger::Leaf leaf = LeafFor(act.kind, ledger::Direction::kSent, peer, act.epoch, act.sequence,
                              submission.id, act.agreement);
  ENTENTE_ASSIGN(leaf.actor, Pseudonym(transaction, draft.value().actor));
  ENTENTE_TRY(audit_.RecordDecision(transaction, leaf, draft.decision()));
  ENTENTE_ASSIGN(submission.leaf_index, StoreOutbound(transaction, act, submission.id,
                                                      act::Encode(envelope), std::move(leaf)));
  return Checkpoint(transaction, peer);
}

Result<std::uint64_t> Exchange::StoreOutbound(store::Transaction& transaction, const act::Act& act,
                                              const act::ActId& id, Bytes envelope,
                                              ledger::Leaf leaf) {
  ENTENTE_ASSIGN(const std::uint64_t leaf_index,
                 journal_.Append(transaction, act.to, std::move(leaf)));
  const bool is_erased = envelope.empty();
  ENTENTE_TRY(transaction.InsertAct(act.to, {store::Direction::kOut,
                                             act.epoch,
                                             act.sequence,
                                             id,
                                             act.kind,
                                             act.time,
                                             store::ActState::kPending,
                                             leaf_index,
                                             std::move(envelope),
                                             {},
                                             is_erased}));
  ENTENTE_ASSIGN(store::ChannelState channel, transaction.GetChannel(act.to));
  channel.next_out = act.sequence + 1;
  ENTENTE_TRY(transaction.PutChannel(act.to, channel));
  if (!is_erased) {
    ENTENTE_TRY(HandlerFor(act.kind)->Apply(transaction, act.to, act, id, store::Direction::kOut));
  }
  return leaf_index;
}

void Exchange::KeepEvidence(const PeerId& peer, std::string_view what, ByteView bytes) {
  // Best effort: the link closes anyway, and neither a full disk nor a full quota must hide why.
  const Status kept = store_.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_TRY(CheckGuard(transaction, peer));
    ENTENTE_TRY(CheckQuota(transaction, peer, clock_.Now()));
    ENTENTE_TRY(CountKept(transaction, peer, Kept::kEvidence, clock_.Now()));
    ENTENTE_TRY(transaction.AddEvidence(peer, what, clock_.Now(), bytes));
    ENTENTE_TRY(journal_.Append(transaction, peer,
                                LeafFor("evidence", ledger::Direction::kEvidence, peer, 0, 0,
                                        crypto::Sha256(bytes), std::nullopt)));
    return Checkpoint(transaction, peer);
  });
  static_cast<void>(kept);
}

// The peer broke the one rule that everything rests on: an operator must look before it goes on.
Status Exchange::Stop(const PeerId& peer) {
  const std::string why = "it signed two acts under one number";
  ENTENTE_TRY(store_.Write([&](store::Transaction& transaction) {
    return PutStop(transaction, peer, {why, clock_.Now()});
  }));
  Alarm(peer, "peer.stopped", why);
  return {};
}

Result<Received> Exchange::ReceiveAct(const PeerId& peer, ByteView envelope_bytes) {
  ENTENTE_ASSIGN(const act::Card card, PeerCard(peer));
  ENTENTE_ASSIGN(const act::Envelope envelope, act::DecodeEnvelope(envelope_bytes));
  ENTENTE_TRY(act::VerifySignedBy(envelope, act::kActType, card.keys.message));
  auto decoded = act::DecodeAct(envelope.payload);
  if (!decoded || decoded->from != peer || decoded->to != identity_.card.id()) {
    KeepEvidence(peer, "malformed act", envelope_bytes);
    return decoded ? Violation("the act is addressed to or from somebody else")
                   : TakeError(std::move(decoded));
  }
  Inbound inbound;
  inbound.envelope = envelope_bytes;
  inbound.act = *std::move(decoded);
  inbound.id = act::IdOf(envelope.payload);

  store::ChannelState channel;
  bool is_next = false;
  std::optional<store::ActRow> known;
  ENTENTE_TRY(store_.Read([&](const store::Reader& reader) -> Status {
    if (Status guard = CheckGuard(reader, peer); !guard) {
      return guard;
    }
    if (Status stop = CheckStop(reader, peer); !stop) {
      return stop;
    }
    ENTENTE_ASSIGN(channel, reader.GetChannel(peer));
    ENTENTE_ASSIGN(is_next, IsNext(reader, inbound.act, channel));
    if (!is_next) {
      ENTENTE_ASSIGN(known, reader.GetAct(peer, store::Direction::kIn, inbound.act.epoch,
                                          inbound.act.sequence));
    }
    return {};
  }));
  if (known && known->id == inbound.id) {
    return Received{std::move(known->answer), /*is_repeat=*/true};
  }
  if (known) {
    KeepEvidence(peer, "equivocation: same sequence, other bytes", envelope_bytes);
    ENTENTE_TRY(Stop(peer));
    return Violation("the peer sent two different acts with the same sequence");
  }
  if (!is_next) {
    return Violation("the act is out of sequence: expected " + std::to_string(channel.next_in) +
                     " of epoch " + std::to_string(channel.epoch_in) + ", got " +
                     std::to_string(inbound.act.sequence) + " of epoch " +
                     std::to_string(inbound.act.epoch));
  }
  ENTENTE_TRY(store_.Write(
      [&](store::Transaction& transaction) { return AcceptInOrder(transaction, card, inbound); }));
  ActHandler* const handler = inbound.is_accepted ? HandlerFor(inbound.act.kind) : nullptr;
  Committed([this, handler, peer, act = std::move(inbound.act), id = inbound.id] {
    if (handler != nullptr) {
      handler->OnCommitted(peer, act, id, store::Direction::kIn);
    }
    Changed(peer);
  });
  return Received{std::move(inbound.answer_envelope), /*is_repeat=*/false};
}

Status Exchange::AcceptInOrder(store::Transaction& transaction, const act::Card& card,
                               Inbound& inbound) {
  const PeerId peer = card.id();
  const act::Act& act = inbound.act;
  ENTENTE_TRY(CheckQuota(transaction, peer, clock_.Now()));
  Holder holder;
  ENTENTE_ASSIGN(const agreement::Facts facts,
                 FactsFor(transaction, peer, act.kind, act.agreement, holder));
  inbound.decision = agreement::Decide(act.kind, act.is_exercise, act.body, facts);
  ActHandler* const handler = HandlerFor(act.kind);
  Status verdict;
  if (!inbound.decision.is_permitted()) {
    verdict = Error{ErrorCode::kNotPermitted, agreement::Describe(inbound.decision)};
  } else if (handler == nullptr) {
    verdict = Error{ErrorCode::kNotPermitted, "this node has no handler for the act's kind"};
  } else if (act.time > clock_.Now() + kAheadMax) {
    verdict = Error{ErrorCode::kInvalidInput,
                    "the act is dated more than 300 seconds ahead of this node's clock: set both "
                    "clocks right and send it anew"};
  } else {
    verdict = handler->Check(transaction, peer, act, store::Direction::kIn);
  }
  if (!verdict && IsOurTrouble(verdict.error().code)) {
    return verdict;
  }
  inbound.is_accepted = static_cast<bool>(verdict);
  ENTENTE_TRY(audit_.RecordDecision(transaction,
                                    LeafFor(LeafKind(act.kind), ledger::Direction::kReceived, peer,
                                            act.epoch, act.sequence, inbound.id, act.agreement),
                                    inbound.decision));
  ENTENTE_TRY(CountKept(transaction, peer, inbound.is_accepted ? Kept::kAct : Kept::kRefusedAct,
                        clock_.Now()));

  act::Answer& answer = inbound.answer;
  answer.is_receipt = inbound.is_accepted;
  answer.act = inbound.id;
  answer.from = identity_.card.id();
  answer.to = peer;
  answer.epoch = act.epoch;
  answer.sequence = act.sequence;
  answer.time = clock_.Now();
  if (!inbound.is_accepted) {
    answer.code = ErrorRowFor(verdict.error().code).name;
    answer.article = inbound.decision.article;
    answer.agreement = inbound.decision.agreement;
    answer.reason = OneLine(verdict.error().message, 380);
    // A conflict may be an honest race (both sides decline at once); the envelope itself stays in
    // the inbox, so the evidence only names it.
    if (verdict.error().code == ErrorCode::kNotPermitted ||
        verdict.error().code == ErrorCode::kPeerViolation) {
      ENTENTE_TRY(transaction.AddEvidence(peer, "refused act", clock_.Now(), inbound.id.view()));
    }
  }
  ENTENTE_ASSIGN(
      answer.leaf_index,
      journal_.Append(
          transaction, peer,
          LeafFor(LeafKind(act.kind),
                  inbound.is_accepted ? ledger::Direction::kReceived : ledger::Direction::kRefused,
                  peer, act.epoch, act.sequence, inbound.id, act.agreement)));
  const Bytes answer_payload = act::EncodeAnswer(answer);
  ENTENTE_ASSIGN(const act::Envelope signed_answer,
                 act::Sign(act::kAnswerType, answer_payload, *identity_.message));
  inbound.answer_envelope = act::Encode(signed_answer);
  ENTENTE_TRY(
      StoreInbound(transaction, act,
                   {store::Direction::kIn, act.epoch, act.sequence, inbound.id, act.kind, act.time,
                    inbound.is_accepted ? store::ActState::kAccepted : store::ActState::kRefused,
                    answer.leaf_index, ToBytes(inbound.envelope), inbound.answer_envelope}));
  return Checkpoint(transaction, peer);
}

Status Exchange::StoreInbound(store::Transaction& transaction, const act::Act& act,
                              const store::ActRow& row) {
  ENTENTE_TRY(transaction.InsertAct(act.from, row));
  ENTENTE_ASSIGN(store::ChannelState channel, transaction.GetChannel(act.from));
  channel.epoch_in = act.epoch;
  channel.next_in = act.sequence + 1;
  ENTENTE_TRY(transaction.PutChannel(act.from, channel));
  if (row.state != store::ActState::kAccepted || row.is_erased) {
    return {};
  }
  return HandlerFor(act.kind)->Apply(transaction, act.from, act, row.id, store::Direction::kIn);
}

Status Exchange::StoreAnswer(store::Transaction& transaction, const act::Act& own,
                             const act::Answer& answer, ByteView envelope, ByteView payload) {
  const PeerId& peer = own.to;
  ENTENTE_TRY(transaction.SetAnswer(
      peer, answer.act, answer.is_receipt ? store::ActState::kReceipted : store::ActState::kRefused,
      envelope));
  ENTENTE_TRY(journal_.Append(
      transaction, peer,
      LeafFor(answer.is_receipt ? "receipt" : "refusal", ledger::Direction::kReceived, peer,
              answer.epoch, answer.sequence, crypto::Sha256(payload), own.agreement)));
  ActHandler* const handler = HandlerFor(own.kind);  // none for an act that came back erased
  return handler == nullptr ? Status()
                            : handler->ApplyAnswer(transaction, peer, own, answer.act, answer);
}

Status Exchange::ReceiveAnswer(const PeerId& peer, ByteView envelope_bytes) {
  ENTENTE_ASSIGN(const act::Card card, PeerCard(peer));
  ENTENTE_ASSIGN(const act::Envelope envelope, act::DecodeEnvelope(envelope_bytes));
  ENTENTE_TRY(act::VerifySignedBy(envelope, act::kAnswerType, card.keys.message));
  ENTENTE_ASSIGN(const act::Answer answer, act::DecodeAnswer(envelope.payload));
  act::Act own;
  bool is_news = false;
  Status status = store_.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const auto row, transaction.FindAct(peer, answer.act));
    if (!row || row->direction != store::Direction::kOut || answer.from != peer ||
        answer.to != identity_.card.id() || answer.epoch != row->epoch ||
        answer.sequence != row->sequence) {
      return Violation("the answer belongs to no act this node sent");
    }
    if (row->state != store::ActState::kPending) {
      // The same act was resent and answered again: the stored answer stands.
      return row->answer == ToBytes(envelope_bytes)
                 ? Status()
                 : Violation("the peer answered one act in two ways");
    }
    ENTENTE_ASSIGN(const act::Envelope sent, act::DecodeEnvelope(row->envelope));
    ENTENTE_ASSIGN(own, act::DecodeAct(sent.payload));
    ENTENTE_TRY(StoreAnswer(transaction, own, answer, envelope_bytes, envelope.payload));
    is_news = true;
    return Checkpoint(transaction, peer);
  });
  if (!status) {
    if (status.error().code == ErrorCode::kPeerViolation) {
      KeepEvidence(peer, "answer that answers nothing", envelope_bytes);
    }
    return status;
  }
  if (is_news) {
    ActHandler* const handler = HandlerFor(own.kind);
    Committed([this, handler, peer, own = std::move(own), id = answer.act] {
      handler->OnCommitted(peer, own, id, store::Direction::kOut);
      Changed(peer);
    });
  }
  return {};
}

}  // namespace entente::exchange
