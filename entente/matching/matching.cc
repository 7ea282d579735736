#include "entente/matching/matching.h"

#include <algorithm>
#include <utility>

#include "entente/base/check.h"
#include "entente/base/utf8.h"

namespace entente::matching {
namespace {

// What a collection adds to an offer or an acceptance.
SideBody Complete(SideBody body, const store::Collection& collection) {
  body.side.origin = store::OriginName(collection.origin);
  body.side.records = RecordsClass(collection.record_count);
  body.scheme_digest = match::SchemeDigest().Hex();
  body.suite = kCryptoSuite;
  return body;
}

}  // namespace

Matching::Matching(exchange::Exchange& exchange, Background& background, Random& random,
                   std::function<void(const PeerId&)> on_round_output)
    : exchange_(exchange),
      background_(background),
      random_(random),
      on_round_output_(std::move(on_round_output)) {
  for (const std::string_view kind :
       {act::kMatchOffer, act::kMatchAccept, act::kMatchDecline, act::kMatchResult}) {
    exchange_.Register(kind, *this);
  }
}

void Matching::Offer(const PeerId& peer, OfferRequest request, std::string actor, Done done) {
  SideBody body;
  body.purpose = std::move(request.purpose);
  BuildAndSubmit(peer, request.collection,
                 {std::string(act::kMatchOffer), request.agreement, {}, std::move(actor)},
                 std::move(body), std::move(done));
}

void Matching::Accept(const PeerId& peer, const act::ActId& offer, const std::string& collection,
                      std::string actor, Done done) {
  const Result<RoundView> view = Get(peer, offer);
  if (!view) {
    return done(view.error());
  }
  const RoundRow& row = view->row;
  if (row.role != psi::Role::kAcceptor || row.state != RoundState::kOffered) {
    return done(Error{ErrorCode::kConflict, "this round does not wait for our acceptance; it is " +
                                                std::string(StateName(row.state))});
  }
  SideBody body;
  body.offer = offer;
  body.purpose = row.purpose;
  BuildAndSubmit(peer, collection,
                 {std::string(act::kMatchAccept), row.agreement, {}, std::move(actor)},
                 std::move(body), std::move(done));
}

Result<agreement::Decision> Matching::PreviewSide(const PeerId& peer, const std::string& collection,
                                                  act::Draft draft, SideBody body) const {
  std::optional<store::Collection> found;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(found, reader.GetCollection(collection));
    return {};
  }));
  if (!found) {
    return Error{ErrorCode::kNotFound, "no collection of that name; see `entente list show`"};
  }
  body.side.size_class = psi::kSizeClassMin;  // the real one is known when the keys are
  draft.body = EncodeSide(Complete(std::move(body), *found));
  return exchange_.Review(peer, draft);
}

void Matching::BuildAndSubmit(const PeerId& peer, const std::string& collection, act::Draft draft,
                              SideBody body, Done done) {
  if (is_building_) {
    return done(Error{ErrorCode::kConflict,
                      "another match set is being computed; try again when it is done"});
  }
  const Result<agreement::Decision> decision = PreviewSide(peer, collection, draft, body);
  if (!decision) {
    return done(decision.error());
  }
  if (!decision->is_permitted()) {
    return done(exchange::Submission{*decision, {}, 0, 0});
  }
  is_building_ = true;
  records_keyed_ = 0;
  BuildMatchSet(
      {exchange_.store(), background_, random_}, collection,
      [this](std::uint64_t records_done) { records_keyed_ = records_done; },
      [this, peer, draft = std::move(draft), body = std::move(body),
       done = std::move(done)](Result<MatchSet> set) mutable {
        is_building_ = false;
        if (!set) {
          return done(set.error());
        }
        body.side.size_class = set->size_class;
        body.side.commitment = set->commitment;
        draft.body = EncodeSide(Complete(std::move(body), set->collection));
        pending_.set = *std::move(set);
        Result<exchange::Submission> submission = exchange_.Submit(peer, std::move(draft));
        pending_ = {};
        done(std::move(submission));
      });
}

Result<exchange::Submission> Matching::Decline(const PeerId& peer, const act::ActId& offer,
                                               std::string actor) {
  ENTENTE_ASSIGN(const RoundView view, Get(peer, offer));
  return exchange_.Submit(peer, {std::string(act::kMatchDecline), view.row.agreement,
                                 EncodeDecline(offer), std::move(actor)});
}

RoundView Matching::ViewOf(const PeerId& peer, RoundRow row) const {
  RoundView view{std::move(row), std::nullopt, is_building_ ? records_keyed_ : 0};
  const auto active = active_.find(peer);
  if (active != active_.end() && active->second.offer == view.row.offer) {
    view.progress = active->second.round.progress();
  }
  return view;
}

Result<std::vector<RoundView>> Matching::List(const PeerId& peer) const {
  std::vector<RoundRow> rows;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(rows, ListRounds(reader, peer));
    return {};
  }));
  std::sort(rows.begin(), rows.end(),
            [](const RoundRow& a, const RoundRow& b) { return a.time > b.time; });
  std::vector<RoundView> views;
  views.reserve(rows.size());
  for (RoundRow& row : rows) {
    views.push_back(ViewOf(peer, std::move(row)));
  }
  return views;
}

Result<RoundView> Matching::Get(const PeerId& peer, const act::ActId& offer) const {
  RoundRow row;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(row, RequireRound(reader, peer, offer));
    return {};
  }));
  return ViewOf(peer, std::move(row));
}

Result<std::vector<Hit>> Matching::Hits(const PeerId& peer, const act::ActId& offer) const {
  std::vector<Hit> hits;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const RoundRow row, RequireRound(reader, peer, offer));
    if (!row.own_result) {
      return Error{ErrorCode::kConflict,
                   "the round has no result yet; it is " + std::string(StateName(row.state))};
    }
    ENTENTE_ASSIGN(hits, LoadHits(reader, peer, offer, row.hit_count));
    return {};
  }));
  return hits;
}

Result<std::uint64_t> Matching::RoundsSince(const store::Reader& reader, const PeerId& peer,
                                            const agreement::DocumentId& agreement,
                                            UtcTime since) const {
  ENTENTE_ASSIGN(const std::vector<RoundRow> rows, ListRounds(reader, peer));
  return static_cast<std::uint64_t>(std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.agreement == agreement && row.time > since;
  }));
}

Status Matching::CheckAnswerTo(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                               store::Direction direction) const {
  ENTENTE_ASSIGN(const act::ActId offer, OfferOf(act.body));
  ENTENTE_ASSIGN(const RoundRow row, RequireRound(reader, peer, offer));
  if (act.agreement != row.agreement) {
    return Error{ErrorCode::kInvalidInput, "the act names another agreement than the offer"};
  }
  if (act.kind == act::kMatchDecline) {
    ENTENTE_TRY(DecodeDecline(act.body));
    // From the peer it may cross the end of the round; from us it may tell of a failure.
    const bool is_late = direction == store::Direction::kIn || row.state == RoundState::kFailed ||
                         row.state == RoundState::kDisputed;
    return row.IsOpen() || is_late ? Status()
                                   : Error{ErrorCode::kConflict, "the round is already over"};
  }
  if (act.kind == act::kMatchResult) {
    ENTENTE_TRY(DecodeResult(act.body));
    const auto& stated = direction == store::Direction::kIn ? row.peer_result : row.own_result;
    return row.state == RoundState::kAccepted && !stated
               ? Status()
               : Error{ErrorCode::kConflict, "the round is not running or its result is stated"};
  }
  ENTENTE_ASSIGN(const SideBody body, DecodeAccept(act.body));
  const bool is_acceptor =
      (row.role == psi::Role::kAcceptor) == (direction == store::Direction::kOut);
  if (!is_acceptor || row.state != RoundState::kOffered || body.purpose != row.purpose) {
    return Error{ErrorCode::kConflict, "the offer is not open to this acceptance"};
  }
  return {};
}

Status Matching::Check(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                       store::Direction direction) const {
  if (!act.agreement) {
    return Error{ErrorCode::kInvalidInput, "a matching act names the agreement it stands under"};
  }
  if (act.kind != act::kMatchOffer) {
    return CheckAnswerTo(reader, peer, act, direction);
  }
  ENTENTE_TRY(DecodeOffer(act.body));
  return {};
}

Status Matching::Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
                       const act::ActId& id, store::Direction direction) {
  if (act.kind == act::kMatchOffer) {
    return ApplyOffer(transaction, peer, act, id, direction);
  }
  ENTENTE_ASSIGN(const act::ActId offer, OfferOf(act.body));
  ENTENTE_ASSIGN(RoundRow row, RequireRound(transaction, peer, offer));
  if (act.kind == act::kMatchAccept) {
    return ApplyAccept(transaction, peer, act, id, std::move(row), direction);
  }
  if (act.kind == act::kMatchResult) {
    return ApplyResult(transaction, peer, act, std::move(row), direction);
  }
  if (!row.IsOpen()) {
    return {};
  }
  const std::string who = direction == store::Direction::kOut ? "this side" : "the peer";
  row.failure = row.own_result                      ? "the round ended without a result of the peer"
                : row.state == RoundState::kOffered ? "declined by " + who
                                                    : who + " withdrew from the round";
  row.state = row.own_result ? RoundState::kDisputed : RoundState::kDeclined;
  ENTENTE_TRY(EraseEntries(transaction, peer, offer.Hex()));
  return PutRound(transaction, peer, row);
}

Status Matching::ApplyOffer(store::Transaction& transaction, const PeerId& peer,
                            const act::Act& act, const act::ActId& id, store::Direction direction) {
  ENTENTE_CHECK(act.agreement.has_value());  // Check refuses an act without one
  ENTENTE_ASSIGN(SideBody body, DecodeOffer(act.body));
  RoundRow row;
  row.offer = id;
  row.agreement = *act.agreement;
  row.time = exchange_.clock().Now();
  row.purpose = std::move(body.purpose);
  row.role = direction == store::Direction::kIn ? psi::Role::kAcceptor : psi::Role::kProposer;
  return ApplySide(transaction, peer, std::move(row), std::move(body.side), direction);
}

Status Matching::ApplyAccept(store::Transaction& transaction, const PeerId& peer,
                             const act::Act& act, const act::ActId& id, RoundRow row,
                             store::Direction direction) {
  ENTENTE_ASSIGN(SideBody body, DecodeAccept(act.body));
  row.accept = id;
  row.state = RoundState::kAccepted;
  return ApplySide(transaction, peer, std::move(row), std::move(body.side), direction);
}

// Notes what a side puts in; if it is ours, the keys themselves.
Status Matching::ApplySide(store::Transaction& transaction, const PeerId& peer, RoundRow row,
                           RoundSide side, store::Direction direction) {
  if (direction == store::Direction::kIn) {
    row.peer = std::move(side);
    return PutRound(transaction, peer, row);
  }
  row.own = std::move(side);
  row.collection = pending_.set.collection.name;
  row.collection_time = pending_.set.collection.time;
  row.salt = pending_.set.salt;
  ENTENTE_TRY(StoreEntries(transaction, peer, row.offer.Hex(), pending_.set.entries));
  return PutRound(transaction, peer, row);
}

Status Matching::ApplyResult(store::Transaction& transaction, const PeerId& peer,
                             const act::Act& act, RoundRow row, store::Direction direction) {
  ENTENTE_ASSIGN(const ResultBody body, DecodeResult(act.body));
  if (direction == store::Direction::kIn) {
    row.peer_result = body.result;
  } else {
    row.own_result = body.result;
    row.hit_count = pending_.hits.size();
    row.run_ms = pending_.run_ms;
    ENTENTE_TRY(StoreHits(transaction, peer, body.offer, pending_.hits));
  }
  if (row.own_result && row.peer_result) {
    row.state = *row.own_result == *row.peer_result ? RoundState::kDone : RoundState::kDisputed;
    ENTENTE_TRY(EraseEntries(transaction, peer, body.offer.Hex()));
  }
  return PutRound(transaction, peer, row);
}

Status Matching::ApplyAnswer(store::Transaction& transaction, const PeerId& peer,
                             const act::Act& own, const act::ActId& id, const act::Answer& answer) {
  if (answer.is_receipt) {
    return {};
  }
  act::ActId offer = id;
  if (own.kind != act::kMatchOffer) {
    ENTENTE_ASSIGN(offer, OfferOf(own.body));
  }
  ENTENTE_ASSIGN(RoundRow row, RequireRound(transaction, peer, offer));
  if (!row.IsOpen()) {
    return {};
  }
  row.state = row.own_result ? RoundState::kDisputed : RoundState::kRefused;
  row.failure = OneLine(answer.reason, 380);
  ENTENTE_TRY(EraseEntries(transaction, peer, offer.Hex()));
  return PutRound(transaction, peer, row);
}

Status Matching::OnRestored(store::Transaction& transaction, const PeerId& peer) {
  ENTENTE_ASSIGN(std::vector<RoundRow> rows, ListRounds(transaction, peer));
  for (RoundRow& row : rows) {
    if (row.state == RoundState::kAccepted && !row.own_result) {
      row.is_revealed = true;  // the next link ends it, and tells the peer
      ENTENTE_TRY(PutRound(transaction, peer, row));
    }
  }
  return {};
}

void Matching::OnCommitted(const PeerId& peer, const act::Act& /*act*/, const act::ActId& /*id*/,
                           store::Direction /*direction*/) {
  const auto active = active_.find(peer);
  if (active != active_.end()) {
    const Result<RoundView> view = Get(peer, active->second.offer);
    if (view && view->row.state != RoundState::kAccepted) {
      active_.erase(active);  // declined or refused while it ran
    }
  }
  StartNext(peer);
}

void Matching::OnLinkUp(const PeerId& peer) {
  EndExpired(peer);
  linked_.insert(peer);
  StartNext(peer);
}

void Matching::EndExpired() {
  std::vector<store::PeerRow> peers;
  const Status status = exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(peers, reader.ListPeers());
    return {};
  });
  if (!status) {
    return;  // the next call tries again
  }
  for (const store::PeerRow& peer : peers) {
    EndExpired(peer.id);
  }
}

void Matching::EndExpired(const PeerId& peer) {
  const Result<std::vector<RoundView>> views = List(peer);
  if (!views) {
    return;
  }
  for (const RoundView& view : *views) {
    const Status status = CheckAge(view.row);
    if (view.row.IsOpen() && !status) {
      Fail(peer, view.row.offer, status.error());
    }
  }
}

void Matching::OnLinkDown(const PeerId& peer) {
  linked_.erase(peer);
  active_.erase(peer);
  restart_requests_.erase(peer);
}

// The proposer begins the oldest accepted round that has no result yet; an acceptor that lost an
// attempt asks for another one.
void Matching::StartNext(const PeerId& peer) {
  if (is_starting_ || active_.contains(peer) || !linked_.contains(peer)) {
    return;
  }
  const Result<std::vector<RoundView>> views = List(peer);
  if (!views) {
    return;
  }
  is_starting_ = true;  // a round that fails here is an act, and an act leads here
  for (auto view = views->rbegin(); view != views->rend() && !active_.contains(peer); ++view) {
    const RoundRow& row = view->row;
    if (row.state != RoundState::kAccepted || row.own_result) {
      continue;
    }
    Status status = MayRun(peer, row);
    if (status && row.role == psi::Role::kProposer) {
      status = StartAttempt(peer, row, row.attempt + 1);
    } else if (status && row.attempt > 0) {
      restart_requests_[peer] = EncodeRoundFrame({row.offer, row.attempt + 1, {}});
    }
    if (!status) {
      Fail(peer, row.offer, status.error());
    }
  }
  is_starting_ = false;
}

Status Matching::CheckAge(const RoundRow& row) const {
  return exchange_.clock().Now() <= row.time + kRoundLifetime
             ? Status()
             : Error{ErrorCode::kDeadlineExceeded,
                     "the round was not completed in seven days; offer a new one"};
}

// Whether another attempt of an accepted round may begin now.
Status Matching::MayRun(const PeerId& peer, const RoundRow& row) const {
  if (row.is_revealed) {
    return Error{ErrorCode::kConflict,
                 "the link was lost after tags were revealed; offer a new round"};
  }
  if (row.attempt >= kAttemptsMax) {
    return Error{ErrorCode::kUnavailable,
                 "the link failed in " + std::to_string(kAttemptsMax) +
                     " attempts; mend the connection and offer a new round"};
  }
  ENTENTE_TRY(CheckAge(row));
  // The agreement may have ended since the round was accepted.
  ENTENTE_ASSIGN(const agreement::Decision decision,
                 exchange_.Preview(peer, {std::string(act::kMatchResult), row.agreement,
                                          wire::Json::object(), "node"}));
  if (!decision.is_permitted()) {
    return Error{ErrorCode::kNotPermitted, agreement::Describe(decision)};
  }
  return exchange_.store().Read(
      [&](const store::Reader& reader) { return CheckCollection(reader, row); });
}

Status Matching::StartAttempt(const PeerId& peer, RoundRow row, std::uint32_t attempt) {
  std::vector<Entry> entries;
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(entries, LoadEntries(transaction, peer, row.offer.Hex()));
    row.attempt = attempt;
    return PutRound(transaction, peer, row);
  }));
  if (!row.own || !row.peer || !row.accept) {
    return Error{ErrorCode::kCorruptData, "the stored round is accepted but lacks a side"};
  }
  if (CommitmentTo(entries, row.salt) != row.own->commitment) {
    return Error{ErrorCode::kCorruptData, "the stored keys are not the ones committed to"};
  }
  psi::RoundParameters parameters;
  parameters.role = row.role;
  parameters.offer_id = row.offer;
  parameters.accept_id = *row.accept;
  parameters.attempt = attempt;
  parameters.own_size_class = row.own->size_class;
  parameters.peer_size_class = row.peer->size_class;
  ENTENTE_ASSIGN(psi::Round round, psi::Round::Start(parameters, InputsOf(entries), random_));
  active_.erase(peer);
  active_.emplace(peer, Active{row.offer, attempt, ++generations_, std::move(round),
                               std::move(entries), 0, exchange_.clock().Now(), false});
  Drive(peer);
  return {};
}

void Matching::Drive(const PeerId& peer) {
  const auto found = active_.find(peer);
  if (found == active_.end()) {
    return;
  }
  Active& active = found->second;
  while (active.tasks_out < 2 * background_.worker_count()) {
    std::optional<psi::Work> work = active.round.TakeWork();
    if (!work) {
      break;
    }
    ++active.tasks_out;
    auto holder = std::make_shared<psi::Work>(*std::move(work));
    background_.Run([holder] { holder->Run(); },
                    [this, peer, generation = active.generation, holder] {
                      OnTaskDone(peer, generation, std::move(*holder));
                    });
  }
  on_round_output_(peer);
}

void Matching::OnTaskDone(const PeerId& peer, std::uint64_t generation, psi::Work work) {
  const auto found = active_.find(peer);
  if (found == active_.end() || found->second.generation != generation) {
    return;
  }
  Active& active = found->second;
  --active.tasks_out;
  if (const Status status = active.round.FinishWork(std::move(work)); !status) {
    return Fail(peer, active.offer, status.error());
  }
  Drive(peer);
}

Status Matching::OnRoundMessage(const PeerId& peer, ByteView message) {
  ENTENTE_ASSIGN(const RoundFrame frame, DecodeRoundFrame(message));
  const auto running = active_.find(peer);
  if (running == active_.end() || running->second.offer != frame.offer ||
      running->second.attempt < frame.attempt) {
    ENTENTE_ASSIGN(const bool has_begun, BeginAsAsked(peer, frame));
    if (!has_begun) {
      return {};
    }
  }
  Active& active = active_.at(peer);
  if (frame.attempt < active.attempt || frame.message.empty()) {
    return {};  // of an attempt that is over, or what it asks for has begun
  }
  if (Status status = active.round.OnMessage(frame.message); !status) {
    Fail(peer, frame.offer, status.error());
    return status;
  }
  Drive(peer);
  Conclude(peer);
  return {};
}

// Begins the attempt that a frame of no running one is for. False: the frame says nothing now.
Result<bool> Matching::BeginAsAsked(const PeerId& peer, const RoundFrame& frame) {
  std::optional<RoundRow> row;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(row, FindRound(reader, peer, frame.offer));
    return {};
  }));
  if (row && !row->IsOpen()) {
    return false;  // it ended here while the message was on its way
  }
  const bool is_request = frame.message.empty();
  if (!row || row->state != RoundState::kAccepted || frame.attempt > kAttemptsMax ||
      (row->role == psi::Role::kProposer) != is_request ||
      (!is_request && frame.attempt <= row->attempt)) {
    return Error{ErrorCode::kPeerViolation, "round: a message belongs to no accepted round"};
  }
  const auto running = active_.find(peer);
  const bool is_other_running = running != active_.end() && running->second.offer != frame.offer;
  if (is_other_running && (is_request || running->second.offer < frame.offer)) {
    return false;  // what runs goes first; the peer, which sees the same two ids, gives way
  }
  if (frame.attempt <= row->attempt) {
    return false;  // a request that was overtaken
  }
  if (const Status status = MayRun(peer, *row); !status) {
    Fail(peer, frame.offer, status.error());
    return false;  // the peer learns it by our act
  }
  if (Status status = StartAttempt(peer, *row, frame.attempt); !status) {
    Fail(peer, frame.offer, status.error());
    return TakeError(std::move(status));
  }
  return true;
}

std::optional<Bytes> Matching::NextRoundMessage(const PeerId& peer) {
  if (auto request = restart_requests_.extract(peer)) {
    return std::move(request.mapped());
  }
  const auto found = active_.find(peer);
  if (found == active_.end()) {
    return std::nullopt;
  }
  Active& active = found->second;
  const bool is_reveal = active.round.progress().phase == "reveal";  // then only tags are sent
  const std::optional<Bytes> message = active.round.NextMessage();
  if (!message) {
    return std::nullopt;
  }
  Bytes framed = EncodeRoundFrame({active.offer, active.attempt, *message});
  if (is_reveal && !active.is_revealed) {
    if (const Status status = NoteReveal(peer, active); !status) {
      Fail(peer, active.offer, status.error());
      return std::nullopt;
    }
  }
  Conclude(peer);
  return framed;
}

// Before the first tag leaves, the store knows it: no other attempt may reveal again.
Status Matching::NoteReveal(const PeerId& peer, Active& active) {
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(RoundRow row, RequireRound(transaction, peer, active.offer));
    if (row.state != RoundState::kAccepted || row.is_revealed) {
      return Error{ErrorCode::kConflict, "the round is over or has revealed its tags before"};
    }
    row.is_revealed = true;
    return PutRound(transaction, peer, row);
  }));
  active.is_revealed = true;
  return {};
}

// If the attempt is complete: resolves the hits and signs the result.
void Matching::Conclude(const PeerId& peer) {
  const auto found = active_.find(peer);
  if (found == active_.end() || !found->second.round.is_done()) {
    return;
  }
  const Active active = std::move(found->second);
  active_.erase(found);
  const psi::Outcome outcome = active.round.outcome();
  const auto conclude = [&]() -> Status {
    ENTENTE_ASSIGN(const RoundView view, Get(peer, active.offer));
    ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(pending_.hits, ResolveHits(reader, view.row, active.entries, outcome));
      return {};
    }));
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(
        exchange_.clock().Now() - active.started);
    pending_.run_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
    ENTENTE_ASSIGN(
        const exchange::Submission submission,
        exchange_.Submit(peer, {std::string(act::kMatchResult), view.row.agreement,
                                EncodeResult({active.offer,
                                              {active.attempt, outcome.hit_inputs.size(),
                                               outcome.intersection, outcome.transcript}}),
                                "node"}));
    if (!submission.decision.is_permitted()) {
      return Error{ErrorCode::kNotPermitted, agreement::Describe(submission.decision)};
    }
    return {};
  };
  const Status status = conclude();
  pending_ = {};
  if (!status) {
    Fail(peer, active.offer, status.error());
  }
}

// Ends a round that cannot be completed: erases its keys first, then tells the peer. Takes copies:
// what it erases may hold the originals.
void Matching::Fail(const PeerId& peer, act::ActId offer, Error why) {
  const auto active = active_.find(peer);
  if (active != active_.end() && active->second.offer == offer) {
    active_.erase(active);
  }
  bool has_ended = false;
  const Status status = exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(RoundRow row, RequireRound(transaction, peer, offer));
    if (!row.IsOpen()) {
      return {};
    }
    has_ended = true;
    row.state = row.own_result ? RoundState::kDisputed : RoundState::kFailed;
    row.failure = OneLine(why.message, 380);
    ENTENTE_TRY(EraseEntries(transaction, peer, offer.Hex()));
    return PutRound(transaction, peer, row);
  });
  if (status && has_ended) {
    // Best effort: the agreement may have ended, and then the peer ends the round by itself.
    const auto told = Decline(peer, offer, "node");
    static_cast<void>(told);
  }
}

}  // namespace entente::matching
