#include "entente/exchange/courier.h"

#include <algorithm>

#include "entente/exchange/guard.h"
#include "entente/exchange/link.h"
#include "entente/exchange/recovery.h"
#include "entente/exchange/standing.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/witness.h"
#include "entente/wire/json.h"

namespace entente::exchange {
namespace {

using peer::ParcelItem;
using wire::Json;
using wire::JsonReader;

constexpr std::string_view kTable = "courier";
constexpr std::string_view kKey = "state";
constexpr std::size_t kPageSize = 64;

// An act of the peer: its epoch and sequence.
using ActNumber = std::pair<std::uint64_t, std::uint64_t>;

// A parcel of the peer: its epoch and number. A peer that was restored counts from an older number.
using ParcelNumber = std::pair<std::uint64_t, std::uint64_t>;

ParcelNumber NumberOf(const peer::Manifest& manifest) { return {manifest.epoch, manifest.number}; }

struct CourierState {
  std::uint64_t packed = 0;  // number of our last parcel
  std::optional<UtcTime> packed_at;
  ParcelNumber unpacked;     // the latest of the peer's
  std::set<ActNumber> owed;  // acts whose answers the peer waits for
};

// Runs of acts as [epoch, first, last]: acts mostly follow each other.
Json EncodeOwed(const std::set<ActNumber>& owed) {
  Json runs = Json::array();
  for (const auto& [epoch, sequence] : owed) {
    if (!runs.empty() && runs.back()[0] == epoch && runs.back()[2] == sequence - 1) {
      runs.back()[2] = sequence;
    } else {
      runs.push_back(Json::array({epoch, sequence, sequence}));
    }
  }
  return runs;
}

Result<std::set<ActNumber>> ParseOwed(const Json& runs) {
  const auto is_number = [](const Json& value) { return value.is_number_integer() && value >= 0; };
  std::set<ActNumber> owed;
  for (const Json& run : runs) {
    if (!run.is_array() || run.size() != 3 || !std::ranges::all_of(run, is_number)) {
      return Error{ErrorCode::kInvalidInput, "courier.owed: not a run"};
    }
    for (std::uint64_t sequence = run[1]; sequence <= run[2]; ++sequence) {
      owed.emplace_hint(owed.end(), run[0], sequence);
    }
  }
  return owed;
}

Status PutState(store::Transaction& transaction, const PeerId& peer, const CourierState& state) {
  const Json row{{"packed", state.packed},
                 {"packed_at", state.packed_at ? FormatRfc3339(*state.packed_at) : ""},
                 {"epoch", state.unpacked.first},
                 {"unpacked", state.unpacked.second},
                 {"owed", EncodeOwed(state.owed)}};
  return transaction.PutRow(kTable, peer, kKey, AsBytes(wire::WriteCanonicalJson(row)));
}

Result<CourierState> ParseState(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "courier");
  ENTENTE_ASSIGN(const std::int64_t packed, reader.Integer("packed", 0, peer::kParcelNumberMax));
  ENTENTE_ASSIGN(const std::string packed_at, reader.String("packed_at", 27));
  ENTENTE_ASSIGN(const std::int64_t epoch, reader.Integer("epoch", 0, peer::kParcelNumberMax));
  ENTENTE_ASSIGN(const std::int64_t unpacked,
                 reader.Integer("unpacked", 0, peer::kParcelNumberMax));
  ENTENTE_ASSIGN(const Json* owed, reader.Array("owed", peer::kParcelBytesMax));
  ENTENTE_TRY(reader.Finish());
  CourierState state;
  state.packed = static_cast<std::uint64_t>(packed);
  if (!packed_at.empty()) {
    ENTENTE_ASSIGN(state.packed_at, ParseRfc3339(packed_at));
  }
  state.unpacked = ParcelNumber(epoch, unpacked);
  ENTENTE_ASSIGN(state.owed, ParseOwed(*owed));
  return state;
}

Result<CourierState> ReadState(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto bytes, reader.GetRow(kTable, peer, kKey));
  if (!bytes) {
    return CourierState{};
  }
  auto state = ParseState(*bytes);
  if (!state) {
    return Error{ErrorCode::kCorruptData,
                 "what the courier noted does not decode: stop the node, restore a backup"};
  }
  return state;
}

// Something for the peer, and the leaf we wrote about it.
struct Outgoing {
  std::uint64_t leaf = 0;
  ParcelItem type = ParcelItem::kAct;
  Bytes payload;
};

Result<act::Answer> ReadAnswer(ByteView envelope) {
  ENTENTE_ASSIGN(const act::Envelope decoded, act::DecodeEnvelope(envelope));
  return act::DecodeAnswer(decoded.payload);
}

Result<ledger::Checkpoint> ReadCheckpoint(std::string_view note) {
  ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(note));
  return ledger::ParseCheckpoint(parsed.text);
}

constexpr std::size_t kItemsBesides = 3;  // a standing and two checkpoints

// A parcel that comes together.
struct Draft {
  std::size_t items_bytes_max = 0;
  Bytes items;
  std::uint64_t epoch = 1;
  Packed packed;

  void Add(ParcelItem type, ByteView payload) {
    wire::AppendFrame(items, static_cast<std::uint8_t>(type), payload);
  }
  bool HasRoomFor(ByteView payload) const {
    return items.size() + wire::kFrameHeaderBytes + payload.size() <= items_bytes_max &&
           packed.acts + packed.answers + kItemsBesides < peer::kParcelItemsMax;
  }
};

// Collects acts or answers, as far as they could fit.
class Collector {
 public:
  explicit Collector(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  // False if the parcel is full.
  bool Add(Outgoing item) {
    size_ += wire::kFrameHeaderBytes + item.payload.size();
    if (size_ > bytes_max_) {
      return false;
    }
    items_.push_back(std::move(item));
    return true;
  }
  std::vector<Outgoing> Take() { return std::move(items_); }

 private:
  std::size_t bytes_max_;
  std::size_t size_ = 0;
  std::vector<Outgoing> items_;
};

// The pending acts of the first epoch that has some, as on a link. False if more may wait.
Result<bool> CollectActs(const store::Reader& reader, const PeerId& peer, Collector& out) {
  std::optional<std::uint64_t> epoch;
  for (std::uint64_t from = 0;;) {
    ENTENTE_ASSIGN(std::vector<store::ActRow> acts, reader.PendingActs(peer, from, kPageSize));
    for (store::ActRow& act : acts) {
      if (act.epoch != epoch.value_or(act.epoch) ||
          !out.Add({act.leaf_index, ParcelItem::kAct, std::move(act.envelope)})) {
        return false;
      }
      epoch = act.epoch;
      from = act.sequence + 1;
    }
    if (acts.size() < kPageSize) {
      break;
    }
  }
  ENTENTE_ASSIGN(const store::ChannelState channel, reader.GetChannel(peer));
  return !epoch || epoch == channel.epoch_out;
}

Result<bool> CollectAnswers(const store::Reader& reader, const PeerId& peer,
                            const std::set<ActNumber>& owed, Collector& out) {
  for (const auto& [epoch, sequence] : owed) {
    ENTENTE_ASSIGN(auto act, reader.GetAct(peer, store::Direction::kIn, epoch, sequence));
    if (act && !out.Add({act->leaf_index, ParcelItem::kAnswer, std::move(act->answer)})) {
      return false;
    }
  }
  return true;
}

// Adds what fits, the oldest first. False if something was left out.
bool AddInOrder(std::vector<Outgoing> outgoing, Draft& draft) {
  std::ranges::stable_sort(outgoing, {}, &Outgoing::leaf);
  for (const Outgoing& item : outgoing) {
    if (!draft.HasRoomFor(item.payload)) {
      return false;
    }
    draft.Add(item.type, item.payload);
    ++(item.type == ParcelItem::kAct ? draft.packed.acts : draft.packed.answers);
  }
  return true;
}

Status AddItems(const Exchange& exchange, const store::Reader& reader, const PeerId& peer,
                const CourierState& state, Draft& draft) {
  const Journal& journal = exchange.journal();
  ENTENTE_ASSIGN(const Standing standing, ComposeStanding(reader, peer));
  draft.Add(ParcelItem::kStanding, EncodeStanding(standing));
  ENTENTE_ASSIGN(const auto cosigned,
                 journal.WitnessedCheckpoint(reader, peer, exchange.clock().Now()));
  if (cosigned) {
    draft.Add(ParcelItem::kCosigned, AsBytes(*cosigned));
  }
  ENTENTE_ASSIGN(const auto request, journal.CheckpointRequest(reader, peer, std::nullopt));
  if (request) {
    draft.Add(ParcelItem::kCheckpoint, request->body);
  }
  draft.packed.has_cosigned = cosigned.has_value();
  draft.packed.has_checkpoint = request.has_value();
  Collector acts(draft.items_bytes_max);
  Collector answers(draft.items_bytes_max);
  ENTENTE_ASSIGN(const bool has_all_acts, CollectActs(reader, peer, acts));
  ENTENTE_ASSIGN(const bool has_all_answers, CollectAnswers(reader, peer, state.owed, answers));
  std::vector<Outgoing> outgoing = acts.Take();
  std::ranges::move(answers.Take(), std::back_inserter(outgoing));
  draft.packed.is_complete =
      AddInOrder(std::move(outgoing), draft) && has_all_acts && has_all_answers;
  return {};
}

// What a parcel may be refused for before any of its items is looked at.
Status CheckManifest(const store::Reader& reader, const peer::Manifest& manifest) {
  ENTENTE_TRY(CheckGuard(reader, manifest.from));
  ENTENTE_ASSIGN(const std::uint64_t epoch, EpochOfPeer(reader, manifest.from));
  if (manifest.epoch < epoch) {
    return Error{ErrorCode::kConflict,
                 "the parcel is of before the peer's home was restored: have it packed again"};
  }
  return {};
}

}  // namespace

Result<Packed> PackParcel(Exchange& exchange, const PeerId& peer, std::size_t items_bytes_max) {
  ENTENTE_ASSIGN(const act::Card card, exchange.PeerCard(peer));
  ENTENTE_TRY(exchange.CheckStanding(peer));
  Draft draft{items_bytes_max, {}, 1, {}};
  ENTENTE_TRY(exchange.store().Write([&](store::Transaction& transaction) -> Status {
    if (Status guard = CheckGuard(transaction, peer); !guard) {
      return guard;
    }
    ENTENTE_ASSIGN(CourierState state, ReadState(transaction, peer));
    if (Status status = AddItems(exchange, transaction, peer, state, draft); !status) {
      return status;
    }
    ENTENTE_ASSIGN(const store::ChannelState channel, transaction.GetChannel(peer));
    draft.epoch = channel.epoch_out;
    draft.packed.number = ++state.packed;
    state.packed_at = exchange.clock().Now();
    return PutState(transaction, peer, state);
  }));
  const Identity& own = exchange.identity();
  const peer::Manifest manifest{own.card.id(), peer, draft.epoch, draft.packed.number,
                                exchange.clock().Now()};
  ENTENTE_ASSIGN(draft.packed.file,
                 peer::SealParcel(manifest, draft.items,
                                  {*own.message, *own.encryption, card.keys.encryption}));
  return std::move(draft.packed);
}

Result<std::size_t> AnswersOwed(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const CourierState state, ReadState(reader, peer));
  return state.owed.size();
}

Result<std::optional<UtcTime>> LastPacked(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const CourierState state, ReadState(reader, peer));
  return state.packed_at;
}

Result<Unpacking> Unpacking::Open(Exchange& exchange, ByteView file) {
  const Identity& own = exchange.identity();
  act::Card sender;
  ENTENTE_ASSIGN(peer::Parcel parcel, peer::OpenParcel(file, own.card.id(), *own.encryption,
                                                       [&](const PeerId& id) -> Result<act::Card> {
                                                         ENTENTE_ASSIGN(sender,
                                                                        exchange.PeerCard(id));
                                                         return sender;
                                                       }));
  ENTENTE_TRY(exchange.CheckStanding(sender.id()));
  ENTENTE_TRY(exchange.store().Read(
      [&](const store::Reader& reader) { return CheckManifest(reader, parcel.manifest); }));
  if (parcel.items.empty() ||
      parcel.items.front().type != static_cast<std::uint8_t>(ParcelItem::kStanding)) {
    return Error{ErrorCode::kPeerViolation, "courier: the peer did not say first what it holds"};
  }
  Unpacking unpacking(exchange, std::move(sender), std::move(parcel));
  unpacking.so_far_.manifest = unpacking.parcel_.manifest;
  return unpacking;
}

Result<bool> Unpacking::Step() {
  Status status = MayGoOn();
  Status durable = exchange_->Group([&]() -> Status {
    const std::size_t end = std::min(next_ + kActsInFlight, items());
    while (next_ < end && status) {
      status = Take(parcel_.items[next_++]);
    }
    return NoteOwed();
  });
  if (!durable || !status) {
    next_ = items();
    return TakeError(std::move(durable ? status : durable));
  }
  return next_ < items();
}

// Between two steps a link may have closed the guard, or the peer may have been shut out.
Status Unpacking::MayGoOn() const {
  ENTENTE_TRY(exchange_->CheckStanding(peer_.id()));
  return exchange_->store().Read(
      [&](const store::Reader& reader) { return CheckGuard(reader, peer_.id()); });
}

// The answers to the acts taken go into our next parcel. A newer parcel of the peer shows which
// ones it still lacks.
Status Unpacking::NoteOwed() {
  return exchange_->store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(CourierState state, ReadState(transaction, peer_.id()));
    const ParcelNumber number = NumberOf(parcel_.manifest);
    so_far_.is_late = number < state.unpacked;
    if (number > state.unpacked && so_far_.not_taken.empty()) {
      state.unpacked = number;
      state.owed.clear();
    }
    state.owed.merge(owed_);
    return PutState(transaction, peer_.id(), state);
  });
}

Status Unpacking::Take(const wire::Frame& item) {
  switch (static_cast<ParcelItem>(item.type)) {
    case ParcelItem::kAct:
      return TakeAct(item.payload);
    case ParcelItem::kAnswer:
      return TakeAnswer(item.payload);
    case ParcelItem::kCheckpoint:
      return TakeCheckpoint(item.payload);
    case ParcelItem::kCosigned:
      return TakeCosigned(item.payload);
    case ParcelItem::kStanding:
      return TakeStanding(item.payload);
  }
  return Error{ErrorCode::kInternal, "courier: a parcel of unknown items was opened"};
}

Status Unpacking::TakeAct(ByteView envelope) {
  ENTENTE_ASSIGN(const Received received, exchange_->ReceiveAct(peer_.id(), envelope));
  ENTENTE_ASSIGN(const act::Answer answer, ReadAnswer(received.answer));
  owed_.emplace(answer.epoch, answer.sequence);
  ++(received.is_repeat  ? so_far_.acts_repeated
     : answer.is_receipt ? so_far_.acts_accepted
                         : so_far_.acts_refused);
  return {};
}

Status Unpacking::TakeAnswer(ByteView envelope) {
  bool is_news = false;
  const auto answer = ReadAnswer(envelope);
  if (answer) {  // otherwise ReceiveAnswer says what is wrong
    ENTENTE_TRY(exchange_->store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const auto row, reader.FindAct(peer_.id(), answer->act));
      is_news = row && row->state == store::ActState::kPending;
      return {};
    }));
  }
  ENTENTE_TRY(exchange_->ReceiveAnswer(peer_.id(), envelope));
  ++(!is_news             ? so_far_.answers_repeated
     : answer->is_receipt ? so_far_.receipts
                          : so_far_.refusals);
  return {};
}

Status Unpacking::TakeCheckpoint(ByteView request) {
  ENTENTE_ASSIGN(const Bytes reply_bytes, exchange_->AnswerWitness(peer_, request));
  ENTENTE_ASSIGN(const ledger::WitnessReply reply, ledger::ParseWitnessReply(AsText(reply_bytes)));
  if (reply.answer == ledger::WitnessAnswer::kCosign) {
    ENTENTE_ASSIGN(const auto parsed, ledger::ParseAddCheckpoint(AsText(request)));
    ENTENTE_ASSIGN(const ledger::Checkpoint checkpoint, ReadCheckpoint(parsed.checkpoint));
    so_far_.cosigned = checkpoint.size;
  } else if (reply.answer == ledger::WitnessAnswer::kStale) {
    so_far_.not_cosigned = "another checkpoint of the peer's was cosigned since it was packed";
  } else {
    so_far_.not_cosigned = "the peer's checkpoint is refused with status " +
                           std::to_string(static_cast<int>(reply.answer)) +
                           ": see `entente evidence`";
  }
  return {};
}

Status Unpacking::TakeStanding(ByteView bytes) {
  if (next_ > 1) {
    return Error{ErrorCode::kPeerViolation, "courier: a second standing"};
  }
  ENTENTE_ASSIGN(const Standing standing, DecodeStanding(bytes));
  StandingVerdict verdict;
  ENTENTE_TRY(exchange_->store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(verdict, JudgeStanding(reader, peer_.id(), standing));
    return {};
  }));
  if (!verdict.own_trouble.empty()) {
    return CloseGuard(verdict.own_trouble);
  }
  if (!verdict.peer_trouble.empty()) {
    so_far_.not_taken =
        "the peer has told more since it packed this: the parcel is old, or the peer's home was "
        "restored from a copy";
    next_ = items();
  }
  return {};
}

// Returns what CheckGuard says from now on.
Status Unpacking::CloseGuard(std::string_view why) {
  ENTENTE_TRY(Recovery(*exchange_).Close(peer_.id(), GuardState::kRolledBack, why));
  return MayGoOn();
}

Status Unpacking::TakeCosigned(ByteView note) {
  bool is_held = false;
  ENTENTE_TRY(exchange_->store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(is_held, Settle(transaction, AsText(note)));
    return {};
  }));
  return is_held ? Status() : CloseGuard("the peer cosigned another log of this node");
}

// The cosignature stands on a note that came back, not on one this node waits for. So it is first
// shown to be ours and of this very log, then settled as on the link. False if it is ours, but of
// a log that this home does not hold.
Result<bool> Unpacking::Settle(store::Transaction& transaction, std::string_view note) {
  const Identity& own = exchange_->identity();
  const ledger::VerifierKey witness = ledger::WitnessKey(peer_.id(), peer_.keys.witness);
  ENTENTE_ASSIGN(const store::ChannelState channel, transaction.GetChannel(peer_.id()));
  const auto claimed = ReadCheckpoint(note);
  const std::uint64_t epoch =
      (claimed ? ledger::EpochOfOrigin(claimed->origin) : std::nullopt).value_or(channel.epoch_out);
  const auto opened = ledger::OpenCheckpoint(
      note, {ledger::LogKey(own.card.id(), peer_.id(), own.card.keys.ledger, epoch), {witness}, 1});
  if (!opened) {
    return Error{ErrorCode::kPeerViolation, "courier: a cosigned checkpoint that is none"};
  }
  const ledger::Checkpoint& cosigned = opened->checkpoint;
  ENTENTE_ASSIGN(const LogHead settled,
                 ReadLogHead(transaction, peer_.id(), store::CheckpointKind::kOwnSettled));
  if (epoch < channel.epoch_out ||
      (settled.epoch == epoch && settled.checkpoint.size >= cosigned.size)) {
    return true;
  }
  ENTENTE_ASSIGN(const std::uint64_t size, transaction.LedgerSize(peer_.id()));
  ENTENTE_ASSIGN(const crypto::Digest root,
                 ledger::Root(std::min(size, cosigned.size), StoredNodes(transaction, peer_.id())));
  if (epoch > channel.epoch_out || cosigned.size > size || root != cosigned.root) {
    return false;
  }
  ENTENTE_ASSIGN(const ledger::Note parsed, ledger::ParseNoteWithoutVerifying(note));
  std::string lines;
  for (const ledger::SignatureLine& line : parsed.signatures) {
    lines += line.IsFrom(witness) ? ledger::FormatSignatureLine(line) : "";
  }
  ENTENTE_ASSIGN(const std::string own_note, ledger::SignCheckpoint(cosigned, *own.ledger));
  ENTENTE_TRY(exchange_->journal().Settle(
      transaction, peer_, own_note,
      AsBytes(ledger::FormatWitnessReply(ledger::WitnessAnswer::kCosign, lines))));
  so_far_.settled = cosigned.size;
  return true;
}

}  // namespace entente::exchange
