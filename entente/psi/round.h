// Round v1: two parties find the keys both hold, both learn them, and agree on what they found.
//
//   proposer                                              acceptor
//   hello                 -- parameters, nonce, key -->   (and the same the other way)
//   blinded batches       -- r·P of own keys -->          evaluates under its key, proves it
//                         <-- evaluated batches --        (and the same the other way, at once)
//   commit                -- to own tags -->              both before either reveals
//   tags, turn by turn    <-- in alternate chunks -->     checked against the commitment
//   finish                -- digest of the result -->     equal on both sides, or an error
//
// G(k) = H(session, F_P(k), F_A(k)), where F is the verifiable OPRF of voprf.h under each party's
// key of this attempt; a key gives the tag H(session, direction, G(k)), 128 bits. The format is
// docs/formats/round.md, the reasons docs/design/psi.md, the choices
// docs/decisions/0008-round-v1.md.
//
// Security: against a peer that follows the format but chooses its inputs. It learns which of its
// own at most `size class` keys the other holds, the other's size class, and no more; a tag can
// only be made for a key that was asked about, one query each. A holder cannot use another key for
// an item (proof), nor choose tags after seeing the other's (commitment), nor be answered by an
// echo (directions, roles, distinct OPRF keys). NOT prevented: invented inputs, tags left out of
// the own list while reading the other's, stopping one reveal turn ahead.
// Leaks to the peer, in numbers: the size class (the count to within 19 %) and the number and
// identity of common keys. Padding is made of random inputs that are treated as keys throughout,
// so neither points, tags, messages nor computing time tell them from keys.
//
// Cost for each key of the class and its counterpart: kMultiplicationsPerKey multiplications and
// kAdditionsPerKey additions in the group; 32 + 32 + 16 bytes sent for each own key and 32 for each
// key of the peer. Memory: about 90 bytes for each own key, 16 for each key of the peer, and
// batches_in_flight batches of 400 bytes a key in each direction.
//
// Driving it: the owner passes every message of the peer to OnMessage in order, sends what
// NextMessage gives while its link has room (not pulling is the back-pressure), and lets TakeWork's
// computations run where it likes, several at a time. After each of the three, ask the others.
//
// Threads: a Round belongs to one thread; Work may run on any. No I/O, no clock.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "entente/base/random.h"
#include "entente/psi/round_message.h"
#include "entente/psi/round_tasks.h"
#include "entente/psi/size_class.h"
#include "entente/psi/voprf.h"

namespace entente::psi {

// What one key of each party costs a party in group operations: own key hashed, r·P, k·P, r⁻¹·Z
// and two for verifying; the peer's key k·B and one for proving.
inline constexpr int kMultiplicationsPerKey = 7;
inline constexpr int kAdditionsPerKey = 3;
inline constexpr int kHashesToGroupPerKey = 1;

inline constexpr std::uint32_t kBatchesInFlightMax = 64;

// All but `role` must be equal on both sides (own and peer mirrored); the hello compares them.
struct RoundParameters {
  Role role = Role::kProposer;
  crypto::Digest offer_id;   // the act that offered the round
  crypto::Digest accept_id;  // the act that accepted it
  std::uint32_t attempt = 1;
  std::uint64_t own_size_class = kSizeClassMin;  // as both acts state them: SizeClass(keys)
  std::uint64_t peer_size_class = kSizeClassMin;
  std::uint32_t batch_points = 1024;
  std::uint32_t batches_in_flight = 8;
};

struct Progress {
  std::string_view phase;  // hello evaluate commit reveal intersect finish done failed
  // Keys blinded, evaluated for the peer and verified, of all that there are.
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
};

struct Outcome {
  std::vector<std::uint32_t> hit_inputs;  // indices into the inputs, ascending
  crypto::Digest intersection;            // equal on both sides; stands for the common keys
  crypto::Digest transcript;              // equal on both sides; over every message
  std::uint64_t own_keys = 0;             // without padding
  std::uint64_t peer_size_class = 0;
};

// One computation of a round. It holds secrets and data of its own and refers to nothing else.
class Work {
 public:
  // Call once, on any thread. Takes batch_points times up to 3 multiplications.
  void Run();

 private:
  friend class Round;
  using Task = std::variant<BlindTask, EvaluateTask, FinalizeTask, SealTask, IntersectTask>;
  explicit Work(Task task) : task_(std::move(task)) {}
  Task task_;
};

class Round {
 public:
  // Draws nonce, OPRF key and padding from `random`, which must outlive the round.
  // Errors: kInvalidInput if inputs repeat or a parameter is out of range; kLimitExceeded if there
  // are more inputs than own_size_class or a class is over kSizeClassMax.
  static Result<Round> Start(const RoundParameters& parameters, std::vector<RoundInput> inputs,
                             Random& random);

  // Takes the peer's next message. An error ends the round: every later call gives it again, and
  // there is nothing more to send or compute. A round that is done refuses every message and stays
  // done.
  // Errors: kPeerViolation for a malformed, unexpected, surplus or false message, other parameters
  // than ours, or a result that differs from ours.
  Status OnMessage(ByteView message);

  // The next bytes for the peer, at most kRoundMessageBytesMax, or nothing for now.
  std::optional<Bytes> NextMessage();

  // The next computation, or nothing for now.
  std::optional<Work> TakeWork();
  // Takes back a computation of this round that has run; any order.
  // Errors: kPeerViolation if it shows that the peer's points or proof are false.
  Status FinishWork(Work work);

  Progress progress() const;
  bool is_done() const { return is_finish_sent_ && peer_finish_.has_value() && !failure_; }
  // Requires is_done().
  Outcome outcome() const;

 private:
  Round(const RoundParameters& parameters, std::vector<RoundInput> inputs, std::size_t own_keys,
        Random& random);

  Error Fail(std::string_view message);
  Status Take(HelloMessage hello);
  Status Take(BlindedMessage blinded);
  Status Take(EvaluatedMessage evaluated);
  Status Take(CommitMessage commit);
  Status Take(TagsMessage tags);
  Status Take(FinishMessage finish);
  Status Finish(BlindTask task);
  Status Finish(EvaluateTask task);
  Status Finish(FinalizeTask task);
  Status Finish(SealTask task);
  Status Finish(IntersectTask task);
  Status CompareResults();

  std::optional<RoundMessage> NextRoundMessage();
  std::optional<Work> NextBlindTask();

  std::size_t own_batches() const { return BatchCount(parameters_.own_size_class); }
  std::size_t peer_batches() const { return BatchCount(parameters_.peer_size_class); }
  std::size_t BatchCount(std::uint64_t size_class) const;
  std::size_t BatchSize(std::uint64_t size_class, std::size_t batch) const;
  bool IsEvaluationDone() const;
  bool IsOurTurn() const;
  std::string_view Phase() const;

  RoundParameters parameters_;
  Role peer_role_;
  std::size_t turns_;
  std::size_t own_keys_;
  Random* random_;
  HolderKey own_key_;
  HelloMessage own_hello_;
  std::optional<Error> failure_;

  bool is_hello_sent_ = false;
  std::optional<HelloMessage> peer_hello_;
  crypto::Digest session_;

  // Our own batches, in order: taken for blinding, blinded, sent, evaluated, finalized.
  std::vector<RoundInput> inputs_;
  std::vector<RoundKey> keys_;
  std::size_t batches_taken_ = 0;
  std::size_t batches_sent_ = 0;
  std::size_t batches_finalized_ = 0;
  std::map<std::size_t, BlindedBatch> blinded_;  // ready to send, by batch
  std::deque<BlindedBatch> awaiting_;            // sent, oldest first
  std::deque<FinalizeTask> to_finalize_;
  std::uint64_t units_done_ = 0;

  // The peer's batches.
  std::size_t peer_batches_received_ = 0;
  std::size_t peer_batches_answered_ = 0;
  std::deque<EvaluateTask> to_evaluate_;
  std::map<std::size_t, EvaluatedMessage> evaluated_;  // ready to send, by batch

  // Commitments and tags.
  bool is_seal_taken_ = false;
  bool is_commit_sent_ = false;
  std::optional<SealTask::Seal> seal_;
  std::optional<crypto::Digest> peer_link_;  // what the peer's next chunk must hash to
  std::size_t turns_sent_ = 0;
  std::size_t turns_received_ = 0;
  std::vector<Tag> peer_tags_;

  bool is_intersect_taken_ = false;
  std::optional<IntersectTask::Intersection> intersection_;
  bool is_finish_sent_ = false;
  std::optional<crypto::Digest> peer_finish_;

  crypto::Sha256Stream sent_;
  crypto::Sha256Stream received_;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
};

}  // namespace entente::psi
