#include "entente/psi/round.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "entente/base/check.h"
#include "entente/crypto/random.h"
#include "entente/psi/tag_chain.h"

namespace entente::psi {
namespace {

template <typename Integer>
std::array<std::uint8_t, sizeof(Integer)> BigEndian(Integer value) {
  std::array<std::uint8_t, sizeof(Integer)> out{};
  for (std::size_t i = sizeof(Integer); i-- > 0; value >>= 8U) {
    out[i] = static_cast<std::uint8_t>(value);
  }
  return out;
}

crypto::Digest ParametersDigest(const RoundParameters& parameters) {
  std::uint64_t proposer_class = parameters.own_size_class;
  std::uint64_t acceptor_class = parameters.peer_size_class;
  if (parameters.role == Role::kAcceptor) {
    std::swap(proposer_class, acceptor_class);
  }
  return crypto::HashFields(
      "entente-round/1 parameters",
      {parameters.offer_id.view(), parameters.accept_id.view(), BigEndian(parameters.attempt),
       BigEndian(proposer_class), BigEndian(acceptor_class), BigEndian(parameters.batch_points),
       BigEndian(parameters.batches_in_flight)});
}

crypto::Digest SessionDigest(const HelloMessage& own, const HelloMessage& peer) {
  const bool is_proposer = own.role == Role::kProposer;
  const HelloMessage& proposer = is_proposer ? own : peer;
  const HelloMessage& acceptor = is_proposer ? peer : own;
  return crypto::HashFields("entente-round/1 session",
                            {proposer.parameters.view(), proposer.nonce.view(),
                             acceptor.nonce.view(), proposer.key.view(), acceptor.key.view()});
}

Status CheckParameters(const RoundParameters& parameters, std::size_t key_count) {
  for (const std::uint64_t size_class : {parameters.own_size_class, parameters.peer_size_class}) {
    if (size_class == 0) {
      return Error{ErrorCode::kInvalidInput, "a size class is 0"};
    }
    if (size_class > kSizeClassMax) {
      return Error{ErrorCode::kLimitExceeded,
                   "a size class is above " + std::to_string(kSizeClassMax)};
    }
  }
  if (parameters.batch_points == 0 || parameters.batch_points > kMessagePointsMax) {
    return Error{ErrorCode::kInvalidInput, "batch_points must be 1 to 2040"};
  }
  if (parameters.batches_in_flight == 0 || parameters.batches_in_flight > kBatchesInFlightMax) {
    return Error{ErrorCode::kInvalidInput, "batches_in_flight must be 1 to 64"};
  }
  if (key_count > parameters.own_size_class) {
    return Error{ErrorCode::kLimitExceeded, std::to_string(key_count) +
                                                " keys do not fit the agreed size class of " +
                                                std::to_string(parameters.own_size_class)};
  }
  return {};
}

void UpdateSized(crypto::Sha256Stream& stream, ByteView message) {
  stream.Update(BigEndian(static_cast<std::uint32_t>(message.size())));
  stream.Update(message);
}

// Removes and returns the entry for `key`, if it is there.
template <typename Value>
std::optional<Value> TakeEntry(std::map<std::size_t, Value>& map, std::size_t key) {
  auto node = map.extract(key);
  if (node.empty()) {
    return std::nullopt;
  }
  return std::move(node.mapped());
}

template <typename Value>
Value TakeFront(std::deque<Value>& queue) {
  Value front = std::move(queue.front());
  queue.pop_front();
  return front;
}

}  // namespace

void Work::Run() {
  std::visit([](auto& task) { task.Run(); }, task_);
}

Result<Round> Round::Start(const RoundParameters& parameters, std::vector<RoundInput> inputs,
                           Random& random) {
  ENTENTE_TRY(CheckParameters(parameters, inputs.size()));
  std::vector<RoundInput> sorted = inputs;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return Error{ErrorCode::kInvalidInput, "a match key comes twice: remove duplicates first"};
  }
  const std::size_t own_keys = inputs.size();
  inputs.resize(parameters.own_size_class);
  for (std::size_t i = own_keys; i < inputs.size(); ++i) {
    inputs[i] = crypto::RandomBytes<RoundInput>(random);  // a key that nobody else can have
  }
  return Round(parameters, std::move(inputs), own_keys, random);
}

Round::Round(const RoundParameters& parameters, std::vector<RoundInput> inputs,
             std::size_t own_keys, Random& random)
    : parameters_(parameters),
      peer_role_(parameters.role == Role::kProposer ? Role::kAcceptor : Role::kProposer),
      turns_(RevealTurns(parameters.own_size_class, parameters.peer_size_class)),
      own_keys_(own_keys),
      random_(&random),
      own_key_(HolderKey::Random(random)),
      own_hello_{parameters.role, ParametersDigest(parameters),
                 crypto::RandomBytes<RoundNonce>(random), own_key_.public_key()},
      inputs_(std::move(inputs)),
      keys_(inputs_.size()) {}

// ---------------------------------------------------------------- what both sides can derive

std::size_t Round::BatchCount(std::uint64_t size_class) const {
  return (size_class + parameters_.batch_points - 1) / parameters_.batch_points;
}

std::size_t Round::BatchSize(std::uint64_t size_class, std::size_t batch) const {
  const std::uint64_t begin = std::uint64_t{batch} * parameters_.batch_points;
  return std::min<std::uint64_t>(parameters_.batch_points, size_class - begin);
}

bool Round::IsEvaluationDone() const {
  return batches_finalized_ == own_batches() && peer_batches_answered_ == peer_batches();
}

bool Round::IsOurTurn() const {
  const bool starts = parameters_.role == Role::kProposer;
  return is_commit_sent_ && peer_link_ && turns_sent_ < turns_ &&
         (starts ? turns_sent_ == turns_received_ : turns_sent_ < turns_received_);
}

// ---------------------------------------------------------------- messages in

Error Round::Fail(std::string_view message) {
  failure_ = Error{ErrorCode::kPeerViolation, std::string(message)};
  return *failure_;
}

Status Round::OnMessage(ByteView message) {
  if (failure_) {
    return *failure_;
  }
  if (is_done()) {
    return Error{ErrorCode::kPeerViolation, "the peer sends on after the end of the round"};
  }
  bytes_received_ += message.size();
  Result<RoundMessage> decoded = DecodeRoundMessage(message);
  if (!decoded) {
    return Fail(decoded.error().message);
  }
  if (!peer_hello_ && !std::holds_alternative<HelloMessage>(*decoded)) {
    return Fail("the peer's first round message is not its hello");
  }
  UpdateSized(received_, message);
  return std::visit([this](auto&& body) { return Take(std::move(body)); }, *std::move(decoded));
}

Status Round::Take(HelloMessage hello) {
  if (peer_hello_) {
    return Fail("the peer says hello twice");
  }
  if (hello.role != peer_role_) {
    return Fail("both sides claim the same role in the round");
  }
  if (hello.parameters != own_hello_.parameters) {
    return Fail("the peer runs another round: offer, acceptance, attempt or sizes differ");
  }
  // With an equal key, our own answers would serve the peer as its own (docs/design/psi.md §4).
  if (!crypto::IsValid(hello.key) || hello.key == own_hello_.key) {
    return Fail("the peer's OPRF key is not valid");
  }
  session_ = SessionDigest(own_hello_, hello);
  peer_hello_ = hello;
  return {};
}

Status Round::Take(BlindedMessage blinded) {
  if (peer_batches_received_ == peer_batches()) {
    return Fail("the peer sends more batches than its size class has");
  }
  if (peer_batches_received_ - peer_batches_answered_ == parameters_.batches_in_flight) {
    return Fail("the peer has more batches in flight than agreed");
  }
  const std::size_t batch = peer_batches_received_++;
  if (blinded.points.size() != BatchSize(parameters_.peer_size_class, batch)) {
    return Fail("a blinded batch has another number of points than agreed");
  }
  to_evaluate_.push_back({batch, std::move(blinded.points), own_key_.Copy(),
                          crypto::RandomScalar(*random_), std::nullopt});
  return {};
}

Status Round::Take(EvaluatedMessage evaluated) {
  if (awaiting_.empty()) {
    return Fail("the peer evaluates a batch that was not sent");
  }
  const std::size_t batch = batches_sent_ - awaiting_.size();
  if (evaluated.points.size() != BatchSize(parameters_.own_size_class, batch)) {
    return Fail("an evaluated batch has another number of points than sent");
  }
  to_finalize_.push_back({batch,
                          TakeFront(awaiting_),
                          std::move(evaluated),
                          peer_hello_->key,
                          {session_, parameters_.role},
                          std::nullopt});
  return {};
}

Status Round::Take(CommitMessage commit) {
  // Both directions are over for the peer: it has our answers and gave all of its own.
  const bool may_commit = batches_sent_ == own_batches() && awaiting_.empty() &&
                          peer_batches_answered_ == peer_batches();
  if (peer_link_ || !may_commit) {
    return Fail("the peer commits twice or too early");
  }
  peer_link_ = commit.commitment;
  peer_tags_.reserve(parameters_.peer_size_class);
  return {};
}

Status Round::Take(TagsMessage tags) {
  const bool is_peers_turn =
      is_commit_sent_ && peer_link_ && turns_received_ < turns_ && !IsOurTurn();
  if (!is_peers_turn) {
    return Fail("the peer reveals tags out of turn");
  }
  const std::size_t turn = turns_received_++;
  const std::size_t size = ChunkBegin(parameters_.peer_size_class, turns_, turn + 1) -
                           ChunkBegin(parameters_.peer_size_class, turns_, turn);
  if (tags.tags.size() != size) {
    return Fail("a chunk has another number of tags than agreed");
  }
  if (ChainLink(session_, peer_role_, turn, tags.next, tags.tags) != *peer_link_) {
    return Fail("the peer's tags are not those it committed to");
  }
  peer_link_ = tags.next;
  peer_tags_.insert(peer_tags_.end(), tags.tags.begin(), tags.tags.end());
  const auto begin = peer_tags_.end() - static_cast<std::ptrdiff_t>(size);
  const auto from = begin == peer_tags_.begin() ? begin : begin - 1;
  if (std::adjacent_find(from, peer_tags_.end(), std::greater_equal<>()) != peer_tags_.end()) {
    return Fail("the peer's tags repeat or are not in order");
  }
  return {};
}

Status Round::Take(FinishMessage finish) {
  if (peer_finish_ || turns_received_ < turns_ || turns_sent_ < turns_) {
    return Fail("the peer finishes twice or too early");
  }
  peer_finish_ = finish.intersection;
  return CompareResults();
}

Status Round::CompareResults() {
  if (intersection_ && peer_finish_ && intersection_->digest != *peer_finish_) {
    return Fail("the peer found another intersection");
  }
  return {};
}

// ---------------------------------------------------------------- messages out

std::optional<Bytes> Round::NextMessage() {
  std::optional<RoundMessage> next = failure_ ? std::nullopt : NextRoundMessage();
  if (!next) {
    return std::nullopt;
  }
  Bytes bytes = EncodeRoundMessage(*next);
  bytes_sent_ += bytes.size();
  UpdateSized(sent_, bytes);
  return bytes;
}

std::optional<RoundMessage> Round::NextRoundMessage() {
  if (!is_hello_sent_) {
    is_hello_sent_ = true;
    return own_hello_;
  }
  if (auto evaluated = TakeEntry(evaluated_, peer_batches_answered_)) {
    ++peer_batches_answered_;
    return *std::move(evaluated);
  }
  if (auto blinded = TakeEntry(blinded_, batches_sent_)) {
    ++batches_sent_;
    awaiting_.push_back(*std::move(blinded));
    return BlindedMessage{awaiting_.back().requester.blinded()};
  }
  if (seal_ && !is_commit_sent_ && IsEvaluationDone()) {
    is_commit_sent_ = true;
    return CommitMessage{seal_->links[0]};
  }
  if (IsOurTurn()) {
    const std::size_t turn = turns_sent_++;
    const std::span<const Tag> chunk = Chunk(seal_->tags, turns_, turn);
    return TagsMessage{seal_->links[turn + 1], {chunk.begin(), chunk.end()}};
  }
  if (intersection_ && !is_finish_sent_) {
    is_finish_sent_ = true;
    return FinishMessage{intersection_->digest};
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- computations

std::optional<Work> Round::TakeWork() {
  if (failure_) {
    return std::nullopt;
  }
  // What shortens a queue goes first.
  if (!to_finalize_.empty()) {
    return Work(TakeFront(to_finalize_));
  }
  if (!to_evaluate_.empty()) {
    return Work(TakeFront(to_evaluate_));
  }
  if (!is_seal_taken_ && batches_finalized_ == own_batches()) {
    is_seal_taken_ = true;
    return Work(SealTask{{session_, parameters_.role},
                         turns_,
                         crypto::RandomBytes<crypto::Digest>(*random_),
                         std::move(keys_),
                         std::nullopt});
  }
  if (!is_intersect_taken_ && turns_sent_ == turns_ && turns_received_ == turns_) {
    is_intersect_taken_ = true;
    return Work(IntersectTask{
        {session_, peer_role_}, own_keys_, std::move(keys_), std::move(peer_tags_), std::nullopt});
  }
  return NextBlindTask();
}

std::optional<Work> Round::NextBlindTask() {
  if (batches_taken_ == own_batches() ||
      batches_taken_ - batches_finalized_ == parameters_.batches_in_flight) {
    return std::nullopt;
  }
  const std::size_t batch = batches_taken_++;
  const std::size_t size = BatchSize(parameters_.own_size_class, batch);
  const auto begin =
      inputs_.begin() + static_cast<std::ptrdiff_t>(batch * parameters_.batch_points);
  std::vector<Scalar> blinds;
  blinds.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    blinds.push_back(crypto::RandomScalar(*random_));
  }
  return Work(BlindTask{batch,
                        {begin, begin + static_cast<std::ptrdiff_t>(size)},
                        std::move(blinds),
                        own_key_.Copy(),
                        std::nullopt});
}

Status Round::FinishWork(Work work) {
  if (failure_) {
    return *failure_;
  }
  return std::visit(
      [this](auto&& task) -> Status {
        ENTENTE_CHECK(task.result.has_value());  // Run() was called
        if (!*task.result) {
          return Fail(task.result->error().message);
        }
        return Finish(std::move(task));
      },
      std::move(work.task_));
}

Status Round::Finish(BlindTask task) {
  units_done_ += task.inputs.size();
  blinded_.emplace(task.batch, **std::move(task.result));
  return {};
}

Status Round::Finish(EvaluateTask task) {
  units_done_ += task.points.size();
  evaluated_.emplace(task.batch, **std::move(task.result));
  return {};
}

Status Round::Finish(FinalizeTask task) {
  const std::vector<RoundKey>& keys = **task.result;
  units_done_ += keys.size();
  const std::size_t begin = task.batch * parameters_.batch_points;
  std::ranges::copy(keys, keys_.begin() + static_cast<std::ptrdiff_t>(begin));
  if (++batches_finalized_ == own_batches()) {
    inputs_ = {};
  }
  return {};
}

Status Round::Finish(SealTask task) {
  keys_ = std::move(task.keys);
  seal_ = **std::move(task.result);
  return {};
}

Status Round::Finish(IntersectTask task) {
  intersection_ = **std::move(task.result);
  seal_.reset();
  return CompareResults();
}

// ---------------------------------------------------------------- what the owner may ask

std::string_view Round::Phase() const {
  if (failure_) {
    return "failed";
  }
  if (is_done()) {
    return "done";
  }
  if (intersection_) {
    return "finish";
  }
  if (turns_sent_ == turns_ && turns_received_ == turns_) {
    return "intersect";
  }
  if (is_commit_sent_ && peer_link_) {
    return "reveal";
  }
  if (IsEvaluationDone()) {
    return "commit";
  }
  return peer_hello_ ? "evaluate" : "hello";
}

Progress Round::progress() const {
  return {Phase(), units_done_, 2 * parameters_.own_size_class + parameters_.peer_size_class,
          bytes_sent_, bytes_received_};
}

Outcome Round::outcome() const {
  ENTENTE_CHECK(is_done());
  crypto::Digest by_proposer = sent_.Current();
  crypto::Digest by_acceptor = received_.Current();
  if (parameters_.role == Role::kAcceptor) {
    std::swap(by_proposer, by_acceptor);
  }
  return {intersection_->hits, intersection_->digest,
          crypto::HashFields("entente-round/1 transcript",
                             {session_.view(), by_proposer.view(), by_acceptor.view()}),
          own_keys_, parameters_.peer_size_class};
}

}  // namespace entente::psi
