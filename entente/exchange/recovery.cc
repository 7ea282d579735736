#include "entente/exchange/recovery.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "entente/ledger/checkpoint.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/relation.h"

namespace entente::exchange {
namespace {

Error Violation(std::string why) { return {ErrorCode::kPeerViolation, std::move(why)}; }

Status RequireRecovering(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const Guard guard, ReadGuard(reader, peer));
  return guard.state == GuardState::kRecovering
             ? Status()
             : Status(Violation("link: an act came back that nobody asked for"));
}

// Whether `position` comes right behind `last`.
bool Follows(const Position& position, const Position& last) {
  return position == Position{last.epoch, last.sequence + 1} ||
         (position.epoch > last.epoch && position.sequence == 1);
}

Result<ledger::Checkpoint> CheckpointIn(ByteView note) {
  ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(AsText(note)));
  return ledger::ParseCheckpoint(parsed.text);
}

// What an answer tells of an act that its other holder has erased.
act::Act Remains(const act::Answer& answer) {
  act::Act act;
  act.kind = "unknown";
  act.from = answer.to;
  act.to = answer.from;
  act.epoch = answer.epoch;
  act.sequence = answer.sequence;
  act.time = answer.time;
  return act;
}

// A log's note that must carry the log's signature: its epoch and size.
Result<LogHead> OpenLog(ByteView note, const PeerId& owner, const PeerId& peer,
                        const crypto::PublicKey& key) {
  LogHead head;
  ENTENTE_ASSIGN(head.checkpoint, CheckpointIn(note));
  head.epoch = ledger::EpochOfOrigin(head.checkpoint.origin).value_or(1);
  const std::array<ledger::VerifierKey, 1> known{ledger::LogKey(owner, peer, key, head.epoch)};
  if (head.checkpoint.origin != known[0].name) {
    return Error{ErrorCode::kCorruptData, "the note is of another log"};
  }
  ENTENTE_TRY(ledger::OpenNote(AsText(note), known));
  return head;
}

}  // namespace

// An act and its answer, both verified. Of an act the peer has erased there is what the answer
// tells: who, which number, which id; its kind is "unknown".
struct Recovery::Item {
  Bytes act_envelope;  // empty: erased
  Bytes log;           // ours, if it is erased; not verified
  Bytes answer_envelope;
  Bytes answer_payload;
  act::Act act;
  act::ActId id;
  act::Answer answer;

  Position position() const { return {act.epoch, act.sequence}; }
  bool is_erased() const { return act_envelope.empty(); }
};

Result<Guard> Recovery::GuardOf(const PeerId& peer) const {
  Guard guard;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(guard, ReadGuard(reader, peer));
    return {};
  }));
  return guard;
}

Result<Bytes> Recovery::OwnStanding(const PeerId& peer) const {
  Bytes bytes;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const Standing standing, ComposeStanding(reader, peer));
    bytes = EncodeStanding(standing);
    return {};
  }));
  return bytes;
}

Status Recovery::Close(const PeerId& peer, GuardState state, std::string_view why) {
  bool is_news = false;
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const Guard guard, ReadGuard(transaction, peer));
    is_news = guard.is_open() || guard.state == GuardState::kUnverified;
    return is_news ? PutGuard(transaction, peer, {state, std::string(why), exchange_.clock().Now()})
                   : Status();
  }));
  if (is_news) {
    exchange_.Alarm(peer, "guard.closed", why);
  }
  return {};
}

Result<bool> Recovery::TakeStanding(const PeerId& peer, ByteView bytes) {
  ENTENTE_ASSIGN(const Standing standing, DecodeStanding(bytes));
  StandingVerdict verdict;
  Guard guard;
  std::optional<Remark> known;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(verdict, JudgeStanding(reader, peer, standing));
    ENTENTE_ASSIGN(guard, ReadGuard(reader, peer));
    ENTENTE_ASSIGN(known, ReadPeerTrouble(reader, peer));
    return {};
  }));
  if (!verdict.own_trouble.empty()) {
    ENTENTE_TRY(Close(peer, GuardState::kRolledBack, verdict.own_trouble));
    ENTENTE_ASSIGN(guard, GuardOf(peer));
  }
  const bool is_confirmed = guard.state == GuardState::kUnverified && verdict.own_trouble.empty();
  const std::string noted = known ? known->why : std::string();
  if (is_confirmed || noted != verdict.peer_trouble) {
    const std::optional<Remark> remark =
        verdict.peer_trouble.empty()
            ? std::nullopt
            : std::optional(Remark{verdict.peer_trouble, exchange_.clock().Now()});
    Status noted_down = exchange_.store().Write([&](store::Transaction& transaction) -> Status {
      if (is_confirmed) {
        ENTENTE_TRY(PutGuard(transaction, peer, {}));
      }
      return PutPeerTrouble(transaction, peer, remark);
    });
    ENTENTE_TRY(noted_down);
    if (remark) {
      exchange_.Alarm(peer, "peer.behind", remark->why);
    }
  }
  return (guard.is_open() || is_confirmed) && verdict.peer_trouble.empty();
}

Status Recovery::Begin(const PeerId& peer) {
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(Guard guard, ReadGuard(transaction, peer));
    if (guard.is_open()) {
      return Error{ErrorCode::kConflict,
                   "there is nothing to recover: this home holds all that the peer knows of"};
    }
    guard.state = GuardState::kRecovering;
    return PutGuard(transaction, peer, guard);
  }));
  exchange_.Changed(peer);
  return {};
}

Status Recovery::Resume(const PeerId& peer) {
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const auto stop, ReadStop(transaction, peer));
    return stop ? LiftStop(transaction, peer)
                : Status(Error{ErrorCode::kConflict, "the peer is not stopped"});
  }));
  exchange_.Changed(peer);
  return {};
}

Result<Bytes> Recovery::Request(const PeerId& peer) const {
  RecallRequest request;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(request.mine, LastAnswered(reader, peer));
    ENTENTE_ASSIGN(request.yours, LastIn(reader, peer));
    return {};
  }));
  return EncodeRecallRequest(request);
}

Result<Recovery::Item> Recovery::Open(const act::Card& peer, ByteView recalled) const {
  ENTENTE_ASSIGN(Recalled bytes, DecodeRecalled(recalled));
  const act::Card& own = exchange_.identity().card;
  ENTENTE_ASSIGN(const act::Envelope answer_envelope, act::DecodeEnvelope(bytes.answer));
  Item item;
  ENTENTE_ASSIGN(item.answer, act::DecodeAnswer(answer_envelope.payload));
  const bool is_own = item.answer.to == own.id();
  const act::Card& author = is_own ? own : peer;
  const act::Card& reader = is_own ? peer : own;
  ENTENTE_TRY(act::VerifySignedBy(answer_envelope, act::kAnswerType, reader.keys.message));
  if (bytes.act.empty()) {
    item.act = Remains(item.answer);
    item.id = item.answer.act;
  } else {
    ENTENTE_ASSIGN(const act::Envelope act_envelope, act::DecodeEnvelope(bytes.act));
    ENTENTE_TRY(act::VerifySignedBy(act_envelope, act::kActType, author.keys.message));
    ENTENTE_ASSIGN(item.act, act::DecodeAct(act_envelope.payload));
    item.id = act::IdOf(act_envelope.payload);
  }
  if (item.act.from != author.id() || item.act.to != reader.id() || item.answer.act != item.id ||
      item.answer.from != reader.id() || item.answer.to != author.id() ||
      item.answer.epoch != item.act.epoch || item.answer.sequence != item.act.sequence) {
    return Violation("link: an act came back with an answer to something else");
  }
  item.act_envelope = std::move(bytes.act);
  item.log = std::move(bytes.log);
  item.answer_envelope = std::move(bytes.answer);
  item.answer_payload = answer_envelope.payload;
  return item;
}

Status Recovery::Take(const PeerId& peer, ByteView recalled) {
  ENTENTE_ASSIGN(const act::Card card, exchange_.PeerCard(peer));
  auto item = Open(card, recalled);
  if (!item) {
    return Violation("link: a recalled act does not verify: " + item.error().message);
  }
  const bool has_effect = item->answer.is_receipt && !item->is_erased();
  if (has_effect && exchange_.HandlerFor(item->act.kind) == nullptr) {
    return Error{ErrorCode::kCorruptData,
                 "a recalled act is of a kind this program does not know: run the one that signed "
                 "it"};
  }
  const bool is_own = item->act.to == peer;
  Status taken = exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_TRY(RequireRecovering(transaction, peer));
    return is_own ? TakeOwn(transaction, peer, *item) : TakePeers(transaction, peer, *item);
  });
  ENTENTE_TRY(taken);
  exchange_.Committed([this_exchange = &exchange_, peer, act = item->act, id = item->id, is_own] {
    if (ActHandler* const handler = this_exchange->HandlerFor(act.kind)) {
      handler->OnCommitted(peer, act, id, is_own ? store::Direction::kOut : store::Direction::kIn);
    }
  });
  return {};
}

Status Recovery::TakeOwn(store::Transaction& transaction, const PeerId& peer, const Item& item) {
  const Position at = item.position();
  ENTENTE_ASSIGN(const auto row,
                 transaction.GetAct(peer, store::Direction::kOut, at.epoch, at.sequence));
  if (row && row->id != item.id) {
    return Error{ErrorCode::kConflict,
                 "this home signed another act under a number the peer holds: it was used after it "
                 "was restored; restore the copy again and recover before anything else"};
  }
  if (row && row->state != store::ActState::kPending) {
    return row->answer == item.answer_envelope
               ? Status()
               : Status(Violation("the peer answered one act in two ways"));
  }
  if (!row) {
    ENTENTE_ASSIGN(const Position last, LastOut(transaction, peer));
    if (!Follows(at, last)) {
      return Violation("link: the peer leaves out some of our acts");
    }
    if (item.is_erased()) {
      ENTENTE_TRY(CountClaim(transaction, peer, item));
    }
    if (at.epoch != last.epoch) {
      ENTENTE_TRY(BeginEpoch(transaction, peer, at.epoch));
    }
    ledger::Leaf leaf = exchange_.LeafFor(item.act.kind, ledger::Direction::kSent, peer, at.epoch,
                                          at.sequence, item.id, item.act.agreement);
    if (item.is_erased()) {
      leaf.kind = "claimed";
      leaf.direction = ledger::Direction::kInternal;
    }
    ENTENTE_TRY(exchange_.StoreOutbound(transaction, item.act, item.id, item.act_envelope,
                                        std::move(leaf)));
  }
  act::Act own = item.act;
  if (item.is_erased() && row && !row->is_erased) {  // at the peer; it waits for its answer here
    ENTENTE_ASSIGN(const act::Envelope sent, act::DecodeEnvelope(row->envelope));
    ENTENTE_ASSIGN(own, act::DecodeAct(sent.payload));
  }
  return exchange_.StoreAnswer(transaction, own, item.answer, item.answer_envelope,
                               item.answer_payload);
}

// The peer alone says that the act was ours, so it may not say more than we have signed of our log:
// each act of ours has a leaf there.
Status Recovery::CountClaim(store::Transaction& transaction, const PeerId& peer, const Item& item) {
  const act::Card& own = exchange_.identity().card;
  const auto head = OpenLog(item.log, own.id(), peer, own.keys.ledger);
  if (!head || item.act.epoch > head->epoch) {
    return Violation("link: the peer claims an act of ours of an epoch no log of ours reaches");
  }
  ENTENTE_ASSIGN(const std::uint64_t claims, ReadClaims(transaction, peer));
  if (claims >= head->checkpoint.size) {
    return Violation("link: the peer claims more acts of ours than our log has leaves");
  }
  return PutClaims(transaction, peer, claims + 1);
}

Status Recovery::TakePeers(store::Transaction& transaction, const PeerId& peer, const Item& item) {
  const Position at = item.position();
  ENTENTE_ASSIGN(const auto row,
                 transaction.GetAct(peer, store::Direction::kIn, at.epoch, at.sequence));
  if (row) {
    return row->id == item.id && row->answer == item.answer_envelope
               ? Status()
               : Status(Violation("the peer shows another act or answer than this home holds"));
  }
  ENTENTE_ASSIGN(const Position last, LastIn(transaction, peer));
  if (!Follows(at, last)) {
    return Violation("link: the peer leaves out some of its acts");
  }
  const bool is_accepted = item.answer.is_receipt;
  ledger::Leaf leaf = exchange_.LeafFor(
      item.act.kind, is_accepted ? ledger::Direction::kReceived : ledger::Direction::kRefused, peer,
      at.epoch, at.sequence, item.id, item.act.agreement);
  if (act::FindKind(item.act.kind) == nullptr) {
    leaf.kind = "unknown";
  }
  ENTENTE_ASSIGN(const std::uint64_t leaf_index,
                 exchange_.journal().Append(transaction, peer, std::move(leaf)));
  return exchange_.StoreInbound(
      transaction, item.act,
      {store::Direction::kIn, at.epoch, at.sequence, item.id, item.act.kind, item.act.time,
       is_accepted ? store::ActState::kAccepted : store::ActState::kRefused, leaf_index,
       item.act_envelope, item.answer_envelope, item.is_erased()});
}

Status Recovery::Finish(const PeerId& peer, ByteView bytes) {
  ENTENTE_ASSIGN(const act::Card card, exchange_.PeerCard(peer));
  ENTENTE_ASSIGN(const RecallEnd end, DecodeRecallEnd(bytes));
  Status finished = exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_TRY(RequireRecovering(transaction, peer));
    ENTENTE_TRY(KeepLogs(transaction, card, end));
    return StartAnew(transaction, peer, end);
  });
  ENTENTE_TRY(finished);
  exchange_.Alarm(peer, "guard.opened", "the home is complete again and signs in a new epoch");
  exchange_.Changed(peer);
  return {};
}

// What this node cosigned of the peer's log, and what the peer cosigned of ours.
Status Recovery::KeepLogs(store::Transaction& transaction, const act::Card& peer,
                          const RecallEnd& end) {
  const act::Card& own = exchange_.identity().card;
  if (!end.my_log.empty()) {
    const auto head = OpenLog(end.my_log, peer.id(), own.id(), peer.keys.ledger);
    ENTENTE_ASSIGN(ledger::Note note, ledger::ParseNoteWithoutVerifying(AsText(end.my_log)));
    const ledger::VerifierKey witness = ledger::WitnessKey(own.id(), own.keys.witness);
    const bool is_cosigned =
        std::any_of(note.signatures.begin(), note.signatures.end(), [&](const auto& line) {
          return line.IsFrom(witness) &&
                 ledger::VerifyCosignature(line, note.text, own.keys.witness);
        });
    if (!head || !is_cosigned) {
      return Violation("link: the peer's log does not carry both signatures");
    }
    ENTENTE_ASSIGN(const LogHead known,
                   ReadLogHead(transaction, peer.id(), store::CheckpointKind::kPeerCosigned));
    if (std::pair(head->epoch, head->checkpoint.size) >
        std::pair(known.epoch, known.checkpoint.size)) {
      const ledger::VerifierKey log =
          ledger::LogKey(peer.id(), own.id(), peer.keys.ledger, head->epoch);
      std::erase_if(note.signatures, [&](const auto& line) { return !line.IsFrom(log); });
      ENTENTE_TRY(transaction.PutCheckpoint(peer.id(), store::CheckpointKind::kPeerCosigned,
                                            AsBytes(ledger::FormatNote(note))));
    }
  }
  if (!end.your_log.empty()) {
    if (!OpenLog(end.your_log, own.id(), peer.id(), own.keys.ledger)) {
      return Violation("link: the peer shows a log of ours that this node did not sign");
    }
    ENTENTE_TRY(transaction.AddEvidence(peer.id(), "this node's log before it was restored",
                                        exchange_.clock().Now(), end.your_log));
  }
  return {};
}

// The next epoch of our acts and of our log: no number is used twice.
Status Recovery::StartAnew(store::Transaction& transaction, const PeerId& peer,
                           const RecallEnd& end) {
  ENTENTE_ASSIGN(const Position last, LastOut(transaction, peer));
  std::uint64_t epoch = last.epoch + 1;
  if (!end.your_log.empty()) {
    ENTENTE_ASSIGN(const ledger::Checkpoint cosigned, CheckpointIn(end.your_log));
    epoch = std::max(epoch, ledger::EpochOfOrigin(cosigned.origin).value_or(1) + 1);
  }
  ENTENTE_TRY(BeginEpoch(transaction, peer, epoch));
  ENTENTE_TRY(exchange_.journal().Append(
      transaction, peer,
      exchange_.LeafFor("restore", ledger::Direction::kInternal, peer, epoch, 0,
                        crypto::Sha256(end.your_log), std::nullopt)));
  std::set<ActHandler*> handlers;
  for (const auto& [kind, handler] : exchange_.handlers_) {
    handlers.insert(handler);
  }
  for (ActHandler* const handler : handlers) {
    ENTENTE_TRY(handler->OnRestored(transaction, peer));
  }
  ENTENTE_TRY(PutClaims(transaction, peer, 0));
  ENTENTE_TRY(PutGuard(transaction, peer, {}));
  return exchange_.Checkpoint(transaction, peer);
}

}  // namespace entente::exchange
