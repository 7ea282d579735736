#include "entente/matching/matching.h"

#include <algorithm>
#include <utility>

#include "entente/base/utf8.h"
#include "entente/wire/json.h"

namespace entente::matching {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::string_view kRounds = "rounds";
constexpr std::string_view kHits = "hits";
constexpr std::size_t kRowsMax = 100'000;
constexpr std::size_t kRoundHeaderBytes = act::ActId::kSize + 4;

Result<std::optional<RoundRow>> Find(const store::Reader& reader, const PeerId& peer,
                                     const act::ActId& offer) {
  ENTENTE_ASSIGN(const auto bytes, reader.GetRow(kRounds, peer, offer.Hex()));
  if (!bytes) {
    return std::optional<RoundRow>();
  }
  ENTENTE_ASSIGN(RoundRow row, DecodeRow(*bytes));
  return std::optional<RoundRow>(std::move(row));
}

Result<RoundRow> Require(const store::Reader& reader, const PeerId& peer, const act::ActId& offer) {
  ENTENTE_ASSIGN(auto row, Find(reader, peer, offer));
  if (!row) {
    return Error{ErrorCode::kNotFound, "no such round; see `entente match status`"};
  }
  return *std::move(row);
}

Status Put(store::Transaction& transaction, const PeerId& peer, const RoundRow& row) {
  return transaction.PutRow(kRounds, peer, row.offer.Hex(), EncodeRow(row));
}

Result<std::vector<RoundRow>> AllRows(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto rows, reader.ListRows(kRounds, peer, "", kRowsMax));
  std::vector<RoundRow> out;
  for (const store::Row& row : rows) {
    ENTENTE_ASSIGN(RoundRow decoded, DecodeRow(row.value));
    out.push_back(std::move(decoded));
  }
  return out;
}

Json OfferBody(const std::string& purpose, const store::Collection& collection) {
  return {{"purpose", purpose},
          {"origin", store::OriginName(collection.origin)},
          {"records", RecordsClass(collection.record_count)},
          {"scheme_digest", match::SchemeDigest().Hex()},
          {"suite", kCryptoSuite}};
}

// The side that an offer or accept act describes; members the policy reads are checked there too.
Result<RoundSide> ReadSide(JsonReader& reader, std::string& purpose) {
  RoundSide side;
  ENTENTE_ASSIGN(purpose, reader.String("purpose", 64));
  ENTENTE_ASSIGN(side.origin, reader.String("origin", 32));
  ENTENTE_ASSIGN(const std::int64_t records, reader.Integer("records", 0, std::int64_t{1} << 40U));
  ENTENTE_TRY(reader.String("scheme_digest", 64));
  ENTENTE_TRY(reader.String("suite", 64));
  ENTENTE_ASSIGN(const std::int64_t size_class,
                 reader.Integer("size_class", static_cast<std::int64_t>(psi::kSizeClassMin),
                                static_cast<std::int64_t>(psi::kSizeClassMax)));
  side.records = static_cast<std::uint64_t>(records);
  side.size_class = static_cast<std::uint64_t>(size_class);
  ENTENTE_ASSIGN(const std::uint64_t exact, psi::SizeClass(side.size_class));
  if (exact != side.size_class) {
    return Error{ErrorCode::kInvalidInput, "body.size_class is not a size class"};
  }
  ENTENTE_ASSIGN(const std::string commitment, reader.String("commitment", 64));
  ENTENTE_ASSIGN(side.commitment, crypto::Digest::FromHex(commitment));
  return side;
}

Result<act::ActId> ReadOffer(JsonReader& reader) {
  ENTENTE_ASSIGN(const std::string hex, reader.String("offer", 64));
  return act::ActId::FromHex(hex);
}

Result<RoundResult> ReadResult(const act::Act& act, act::ActId& offer) {
  JsonReader reader(act.body, "body");
  RoundResult result;
  ENTENTE_ASSIGN(offer, ReadOffer(reader));
  ENTENTE_ASSIGN(const std::int64_t attempt, reader.Integer("attempt", 1, kAttemptsMax));
  ENTENTE_ASSIGN(const std::int64_t common,
                 reader.Integer("common", 0, static_cast<std::int64_t>(psi::kSizeClassMax)));
  ENTENTE_ASSIGN(const std::string intersection, reader.String("intersection", 64));
  ENTENTE_ASSIGN(result.intersection, crypto::Digest::FromHex(intersection));
  ENTENTE_ASSIGN(const std::string transcript, reader.String("transcript", 64));
  ENTENTE_ASSIGN(result.transcript, crypto::Digest::FromHex(transcript));
  ENTENTE_TRY(reader.Finish());
  result.attempt = static_cast<std::uint32_t>(attempt);
  result.common_keys = static_cast<std::uint64_t>(common);
  return result;
}

std::string HitKey(const act::ActId& offer, const std::string& record_id) {
  return offer.Hex() + "/" + record_id;
}

Bytes EncodeHit(const Hit& hit) {
  Json rules = Json::array();
  for (const match::RuleId rule : hit.rules) {
    rules.push_back(static_cast<int>(rule));
  }
  return ToBytes(wire::WriteCanonicalJson(
      {{"record", hit.record_id}, {"rules", std::move(rules)}, {"keys", hit.common_keys}}));
}

Result<Hit> DecodeHit(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "hit");
  Hit hit;
  ENTENTE_ASSIGN(hit.record_id, reader.String("record", 128));
  ENTENTE_ASSIGN(const Json* rules, reader.Array("rules", 16));
  ENTENTE_ASSIGN(const std::int64_t keys, reader.Integer("keys", 0, std::int64_t{1} << 40U));
  ENTENTE_TRY(reader.Finish());
  hit.common_keys = static_cast<std::uint64_t>(keys);
  for (const Json& rule : *rules) {
    hit.rules.push_back(static_cast<match::RuleId>(rule.get<int>()));
  }
  return hit;
}

// A round message on the link: offer id | u32 attempt | psi message. An empty psi message is the
// acceptor's request for a new attempt.
Bytes FrameRoundMessage(const act::ActId& offer, std::uint32_t attempt, ByteView message) {
  Bytes out = ToBytes(offer.view());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<std::uint8_t>(attempt >> shift));
  }
  Append(out, message);
  return out;
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
  act::Draft draft{
      std::string(act::kMatchOffer), request.agreement, {{"purpose", request.purpose}}, actor};
  BuildAndSubmit(peer, request.collection, std::move(draft), std::move(done));
}

void Matching::Accept(const PeerId& peer, const act::ActId& offer, const std::string& collection,
                      std::string actor, Done done) {
  const Result<RoundView> view = Get(peer, offer);
  if (!view) {
    return done(view.error());
  }
  if (view->row.role != psi::Role::kAcceptor || view->row.state != RoundState::kOffered) {
    return done(Error{ErrorCode::kConflict, "this round does not wait for our acceptance; it is " +
                                                std::string(StateName(view->row.state))});
  }
  act::Draft draft{std::string(act::kMatchAccept),
                   view->row.agreement,
                   {{"purpose", view->row.purpose}, {"offer", offer.Hex()}},
                   std::move(actor)};
  BuildAndSubmit(peer, collection, std::move(draft), std::move(done));
}

void Matching::BuildAndSubmit(const PeerId& peer, const std::string& collection, act::Draft draft,
                              Done done) {
  if (is_building_) {
    return done(Error{ErrorCode::kConflict,
                      "another match set is being computed; try again when it is done"});
  }
  const auto complete = [](act::Draft base, const store::Collection& of) {
    base.body.update(OfferBody(base.body["purpose"], of));
    return base;
  };
  const auto preview = [&]() -> Result<agreement::Decision> {
    std::optional<store::Collection> found;
    ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(found, reader.GetCollection(collection));
      return {};
    }));
    if (!found) {
      return Error{ErrorCode::kNotFound, "no collection of that name; see `entente list show`"};
    }
    act::Draft probe = complete(draft, *found);
    probe.body["size_class"] = psi::kSizeClassMin;  // the real one is known when the keys are
    return exchange_.Preview(peer, probe);
  };
  const Result<agreement::Decision> decision = preview();
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
      [this, peer, draft = std::move(draft), done = std::move(done),
       complete](Result<MatchSet> set) mutable {
        is_building_ = false;
        if (!set) {
          return done(set.error());
        }
        act::Draft complete_draft = complete(std::move(draft), set->collection);
        complete_draft.body["size_class"] = set->size_class;
        complete_draft.body["commitment"] = set->commitment.Hex();
        pending_.set = *std::move(set);
        Result<exchange::Submission> submission = exchange_.Submit(peer, std::move(complete_draft));
        pending_ = {};
        done(std::move(submission));
      });
}

Result<exchange::Submission> Matching::Decline(const PeerId& peer, const act::ActId& offer,
                                               std::string actor) {
  ENTENTE_ASSIGN(const RoundView view, Get(peer, offer));
  return exchange_.Submit(peer, {std::string(act::kMatchDecline),
                                 view.row.agreement,
                                 {{"offer", offer.Hex()}},
                                 std::move(actor)});
}

Result<std::vector<RoundView>> Matching::List(const PeerId& peer) const {
  std::vector<RoundRow> rows;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(rows, AllRows(reader, peer));
    return {};
  }));
  std::sort(rows.begin(), rows.end(),
            [](const RoundRow& a, const RoundRow& b) { return a.time > b.time; });
  std::vector<RoundView> views;
  for (RoundRow& row : rows) {
    RoundView view{std::move(row), std::nullopt, is_building_ ? records_keyed_ : 0};
    const auto active = active_.find(peer);
    if (active != active_.end() && active->second.offer == view.row.offer) {
      view.progress = active->second.round.progress();
    }
    views.push_back(std::move(view));
  }
  return views;
}

Result<RoundView> Matching::Get(const PeerId& peer, const act::ActId& offer) const {
  ENTENTE_ASSIGN(std::vector<RoundView> views, List(peer));
  for (RoundView& view : views) {
    if (view.row.offer == offer) {
      return std::move(view);
    }
  }
  return Error{ErrorCode::kNotFound, "no such round; see `entente match status`"};
}

Result<std::vector<Hit>> Matching::Hits(const PeerId& peer, const act::ActId& offer) const {
  std::vector<Hit> hits;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const RoundRow row, Require(reader, peer, offer));
    if (!row.own_result) {
      return Error{ErrorCode::kConflict,
                   "the round has no result yet; it is " + std::string(StateName(row.state))};
    }
    const std::string prefix = HitKey(offer, "");
    ENTENTE_ASSIGN(const auto rows, reader.ListRows(kHits, peer, prefix, row.hit_count));
    for (const store::Row& stored : rows) {
      ENTENTE_ASSIGN(Hit hit, DecodeHit(stored.value));
      hits.push_back(std::move(hit));
    }
    return {};
  }));
  return hits;
}

Result<std::uint64_t> Matching::RoundsSince(const store::Reader& reader, const PeerId& peer,
                                            const agreement::DocumentId& agreement,
                                            UtcTime since) const {
  ENTENTE_ASSIGN(const std::vector<RoundRow> rows, AllRows(reader, peer));
  return static_cast<std::uint64_t>(std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.agreement == agreement && row.time > since;
  }));
}

Status Matching::CheckAnswerTo(const store::Reader& reader, const PeerId& peer, const act::Act& act,
                               store::Direction direction) const {
  JsonReader body(act.body, "body");
  ENTENTE_ASSIGN(const act::ActId offer, ReadOffer(body));
  ENTENTE_ASSIGN(const RoundRow row, Require(reader, peer, offer));
  if (act.agreement != row.agreement) {
    return Error{ErrorCode::kInvalidInput, "the act names another agreement than the offer"};
  }
  if (act.kind == act::kMatchDecline) {
    ENTENTE_TRY(body.Finish());
    // From the peer it may cross the end of the round; from us it may tell of a failure.
    const bool is_late = direction == store::Direction::kIn || row.state == RoundState::kFailed;
    return row.IsOpen() || is_late ? Status()
                                   : Error{ErrorCode::kConflict, "the round is already over"};
  }
  if (act.kind == act::kMatchResult) {
    act::ActId same;
    ENTENTE_TRY(ReadResult(act, same));
    return row.state == RoundState::kAccepted
               ? Status()
               : Error{ErrorCode::kConflict, "the round is not running"};
  }
  std::string purpose;
  ENTENTE_TRY(ReadSide(body, purpose));
  ENTENTE_TRY(body.Finish());
  const bool is_acceptor =
      (row.role == psi::Role::kAcceptor) == (direction == store::Direction::kOut);
  if (!is_acceptor || row.state != RoundState::kOffered || purpose != row.purpose) {
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
  JsonReader body(act.body, "body");
  std::string purpose;
  ENTENTE_TRY(ReadSide(body, purpose));
  return body.Finish();
}

Status Matching::Apply(store::Transaction& transaction, const PeerId& peer, const act::Act& act,
                       const act::ActId& id, store::Direction direction) {
  if (act.kind == act::kMatchOffer) {
    return ApplyOffer(transaction, peer, act, id, direction);
  }
  JsonReader body(act.body, "body");
  ENTENTE_ASSIGN(const act::ActId offer, ReadOffer(body));
  ENTENTE_ASSIGN(RoundRow row, Require(transaction, peer, offer));
  if (act.kind == act::kMatchAccept) {
    return ApplyAccept(transaction, peer, act, id, std::move(row), direction);
  }
  if (act.kind == act::kMatchResult) {
    return ApplyResult(transaction, peer, act, std::move(row), direction);
  }
  if (!row.IsOpen()) {
    return {};
  }
  const bool is_ours = direction == store::Direction::kOut;
  row.state = row.own_result ? RoundState::kDisputed : RoundState::kDeclined;
  row.failure = row.own_result ? "the round ended without a result of the peer"
                : is_ours      ? "declined by this side"
                               : "declined by the peer";
  ENTENTE_TRY(EraseEntries(transaction, peer, offer.Hex()));
  return Put(transaction, peer, row);
}

Status Matching::ApplyOffer(store::Transaction& transaction, const PeerId& peer,
                            const act::Act& act, const act::ActId& id, store::Direction direction) {
  JsonReader body(act.body, "body");
  RoundRow row;
  row.offer = id;
  row.agreement = *act.agreement;
  row.time = exchange_.clock().Now();
  ENTENTE_ASSIGN(const RoundSide side, ReadSide(body, row.purpose));
  if (direction == store::Direction::kIn) {
    row.role = psi::Role::kAcceptor;
    row.peer = side;
    return Put(transaction, peer, row);
  }
  row.role = psi::Role::kProposer;
  row.own = side;
  row.collection = pending_.set.collection.name;
  row.collection_time = pending_.set.collection.time;
  row.salt = pending_.set.salt;
  ENTENTE_TRY(StoreEntries(transaction, peer, id.Hex(), pending_.set.entries));
  return Put(transaction, peer, row);
}

Status Matching::ApplyAccept(store::Transaction& transaction, const PeerId& peer,
                             const act::Act& act, const act::ActId& id, RoundRow row,
                             store::Direction direction) {
  JsonReader body(act.body, "body");
  std::string purpose;
  ENTENTE_ASSIGN(const RoundSide side, ReadSide(body, purpose));
  row.accept = id;
  row.state = RoundState::kAccepted;
  if (direction == store::Direction::kIn) {
    row.peer = side;
    return Put(transaction, peer, row);
  }
  row.own = side;
  row.collection = pending_.set.collection.name;
  row.collection_time = pending_.set.collection.time;
  row.salt = pending_.set.salt;
  ENTENTE_TRY(StoreEntries(transaction, peer, row.offer.Hex(), pending_.set.entries));
  return Put(transaction, peer, row);
}

Status Matching::ApplyResult(store::Transaction& transaction, const PeerId& peer,
                             const act::Act& act, RoundRow row, store::Direction direction) {
  act::ActId offer;
  ENTENTE_ASSIGN(const RoundResult result, ReadResult(act, offer));
  if (direction == store::Direction::kIn) {
    row.peer_result = result;
  } else {
    row.own_result = result;
    row.hit_count = pending_.hits.size();
    row.run_ms = pending_.run_ms;
    for (const Hit& hit : pending_.hits) {
      ENTENTE_TRY(transaction.PutRow(kHits, peer, HitKey(offer, hit.record_id), EncodeHit(hit)));
    }
  }
  if (row.own_result && row.peer_result && row.own_result->attempt == row.peer_result->attempt) {
    row.state = *row.own_result == *row.peer_result ? RoundState::kDone : RoundState::kDisputed;
    ENTENTE_TRY(EraseEntries(transaction, peer, offer.Hex()));
  }
  return Put(transaction, peer, row);
}

Status Matching::ApplyAnswer(store::Transaction& transaction, const PeerId& peer,
                             const act::Act& own, const act::ActId& id, const act::Answer& answer) {
  if (answer.is_receipt) {
    return {};
  }
  act::ActId offer = id;
  if (own.kind != act::kMatchOffer) {
    JsonReader body(own.body, "body");
    ENTENTE_ASSIGN(offer, ReadOffer(body));
  }
  ENTENTE_ASSIGN(RoundRow row, Require(transaction, peer, offer));
  if (!row.IsOpen()) {
    return {};
  }
  row.state = RoundState::kRefused;
  row.failure = OneLine(answer.reason, 380);
  ENTENTE_TRY(EraseEntries(transaction, peer, offer.Hex()));
  return Put(transaction, peer, row);
}

void Matching::OnCommitted(const PeerId& peer, const act::Act& act, const act::ActId& /*id*/,
                           store::Direction /*direction*/) {
  if (act.kind == act::kMatchDecline) {
    const std::string offer = act.body.value("offer", "");
    const auto active = active_.find(peer);
    if (active != active_.end() && active->second.offer.Hex() == offer) {
      active_.erase(active);
    }
  }
  StartNext(peer);
}

void Matching::OnLinkUp(const PeerId& peer) {
  linked_.insert(peer);
  StartNext(peer);
}

void Matching::OnLinkDown(const PeerId& peer) {
  linked_.erase(peer);
  active_.erase(peer);
  restart_requests_.erase(peer);
}

// The proposer begins the oldest accepted round that has no result yet; an acceptor that lost an
// attempt asks for another one.
void Matching::StartNext(const PeerId& peer) {
  if (active_.contains(peer) || !linked_.contains(peer)) {
    return;
  }
  const Result<std::vector<RoundView>> views = List(peer);
  if (!views) {
    return;
  }
  for (auto view = views->rbegin(); view != views->rend(); ++view) {
    const RoundRow& row = view->row;
    if (row.state != RoundState::kAccepted || row.own_result) {
      continue;
    }
    if (const Status status = MayRun(peer, row); !status) {
      Fail(peer, row.offer, status.error());
      continue;
    }
    if (row.role == psi::Role::kAcceptor) {
      if (row.attempt > 0) {
        restart_requests_[peer] = FrameRoundMessage(row.offer, row.attempt + 1, {});
      }
      continue;  // the proposer begins; our own offers need not wait for it
    }
    if (const Status status = StartAttempt(peer, row, row.attempt + 1); !status) {
      Fail(peer, row.offer, status.error());
      continue;
    }
    return;
  }
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
  if (exchange_.clock().Now() > row.time + kRoundLifetime) {
    return Error{ErrorCode::kDeadlineExceeded,
                 "the round was not completed in seven days; offer a new one"};
  }
  // The agreement may have ended since the round was accepted.
  ENTENTE_ASSIGN(const agreement::Decision decision,
                 exchange_.Preview(peer, {std::string(act::kMatchResult), row.agreement,
                                          Json::object(), "node"}));
  if (!decision.is_permitted()) {
    return Error{ErrorCode::kNotPermitted, agreement::Describe(decision)};
  }
  return exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto collection, reader.GetCollection(row.collection));
    if (!collection || collection->time != row.collection_time) {
      return Error{ErrorCode::kConflict,
                   "the collection was replaced while the round was open; offer a new one"};
    }
    return {};
  });
}

Status Matching::StartAttempt(const PeerId& peer, RoundRow row, std::uint32_t attempt) {
  std::vector<Entry> entries;
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(entries, LoadEntries(transaction, peer, row.offer.Hex()));
    row.attempt = attempt;
    return Put(transaction, peer, row);
  }));
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
  if (message.size() < kRoundHeaderBytes) {
    return Error{ErrorCode::kPeerViolation, "round: a message is shorter than its header"};
  }
  ENTENTE_ASSIGN(const act::ActId offer, act::ActId::From(message.first(act::ActId::kSize)));
  std::uint32_t attempt = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    attempt = attempt << 8U | message[act::ActId::kSize + i];
  }
  const ByteView psi_message = message.subspan(kRoundHeaderBytes);
  auto found = active_.find(peer);
  if (found == active_.end() || found->second.offer != offer || found->second.attempt < attempt) {
    std::optional<RoundRow> row;
    ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(row, Find(reader, peer, offer));
      return {};
    }));
    if (row && !row->IsOpen()) {
      return {};  // it ended here while the message was on its way
    }
    const bool is_restart_request = psi_message.empty();
    if (!row || row->state != RoundState::kAccepted || attempt <= row->attempt ||
        attempt > kAttemptsMax || (row->role == psi::Role::kProposer) != is_restart_request) {
      return Error{ErrorCode::kPeerViolation, "round: a message belongs to no accepted round"};
    }
    if (const Status status = MayRun(peer, *row); !status) {
      Fail(peer, offer, status.error());
      return {};  // the peer learns it by our act
    }
    active_.erase(peer);
    if (Status status = StartAttempt(peer, *row, attempt); !status) {
      Fail(peer, offer, status.error());
      return status;
    }
    if (is_restart_request) {
      return {};
    }
    found = active_.find(peer);
  }
  if (attempt < found->second.attempt || psi_message.empty()) {
    return {};  // of an attempt that is over
  }
  if (Status status = found->second.round.OnMessage(psi_message); !status) {
    Fail(peer, offer, status.error());
    return status;
  }
  Drive(peer);
  Conclude(peer);
  return {};
}

std::optional<Bytes> Matching::NextRoundMessage(const PeerId& peer) {
  if (auto request = restart_requests_.extract(peer)) {
    return std::move(request.mapped());
  }
  const auto found = active_.find(peer);
  if (found == active_.end()) {
    return std::nullopt;
  }
  const std::optional<Bytes> message = found->second.round.NextMessage();
  if (!message) {
    return std::nullopt;
  }
  Bytes framed = FrameRoundMessage(found->second.offer, found->second.attempt, *message);
  if (const Status status = NoteReveal(peer, found->second); !status) {
    Fail(peer, found->second.offer, status.error());
    return std::nullopt;
  }
  Conclude(peer);
  return framed;
}

// Before the first tag leaves, the store knows it: no other attempt may reveal again.
Status Matching::NoteReveal(const PeerId& peer, Active& active) {
  const std::string_view phase = active.round.progress().phase;
  if (active.is_revealed || phase == "hello" || phase == "evaluate" || phase == "commit") {
    return {};
  }
  ENTENTE_TRY(exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(RoundRow row, Require(transaction, peer, active.offer));
    row.is_revealed = true;
    return Put(transaction, peer, row);
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
    ENTENTE_ASSIGN(pending_.hits, ResolveHits(view.row, active.entries, outcome));
    const auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(
        exchange_.clock().Now() - active.started);
    pending_.run_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration.count()));
    ENTENTE_ASSIGN(const exchange::Submission submission,
                   exchange_.Submit(peer, {std::string(act::kMatchResult),
                                           view.row.agreement,
                                           {{"offer", active.offer.Hex()},
                                            {"attempt", active.attempt},
                                            {"common", outcome.hit_inputs.size()},
                                            {"intersection", outcome.intersection.Hex()},
                                            {"transcript", outcome.transcript.Hex()}},
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

Result<std::vector<Hit>> Matching::ResolveHits(const RoundRow& row,
                                               const std::vector<Entry>& entries,
                                               const psi::Outcome& outcome) const {
  const std::vector<psi::RoundInput> inputs = InputsOf(entries);
  std::map<std::uint64_t, Hit> by_number;
  auto entry = entries.begin();
  for (const std::uint32_t index : outcome.hit_inputs) {
    const psi::RoundInput& input = inputs.at(index);
    entry = std::lower_bound(entry, entries.end(), input,
                             [](const Entry& a, const psi::RoundInput& b) { return a.input < b; });
    for (; entry != entries.end() && entry->input == input; ++entry) {
      Hit& hit = by_number[entry->record_number];
      ++hit.common_keys;
      if (std::find(hit.rules.begin(), hit.rules.end(), entry->rule) == hit.rules.end()) {
        hit.rules.push_back(entry->rule);
      }
    }
  }
  std::vector<Hit> hits;
  ENTENTE_TRY(exchange_.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto collection, reader.GetCollection(row.collection));
    if (!collection || collection->time != row.collection_time) {
      return Error{ErrorCode::kConflict,
                   "the collection was replaced while the round was open; offer a new one"};
    }
    for (auto& [number, hit] : by_number) {
      ENTENTE_ASSIGN(const auto records, reader.ReadRecords(row.collection, number - 1, 1));
      if (records.empty() || records.front().number != number) {
        return Error{ErrorCode::kCorruptData, "a record of the collection is gone"};
      }
      hit.record_id = records.front().id;
      std::sort(hit.rules.begin(), hit.rules.end());
      hits.push_back(std::move(hit));
    }
    return {};
  }));
  return hits;
}

// Ends a round that cannot be completed: erases its keys first, then tells the peer. Takes copies:
// what it erases may hold the originals.
void Matching::Fail(const PeerId& peer, act::ActId offer, Error why) {
  active_.erase(peer);
  const Status status = exchange_.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(RoundRow row, Require(transaction, peer, offer));
    if (!row.IsOpen()) {
      return {};
    }
    row.state = row.own_result ? RoundState::kDisputed : RoundState::kFailed;
    row.failure = OneLine(why.message, 380);
    ENTENTE_TRY(EraseEntries(transaction, peer, offer.Hex()));
    return Put(transaction, peer, row);
  });
  if (status) {
    // Best effort: the agreement may have ended, and then the peer ends the round by itself.
    const auto told = Decline(peer, offer, "node");
    static_cast<void>(told);
  }
}

}  // namespace entente::matching
