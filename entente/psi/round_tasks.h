// The computations of a round, each with data of its own so that any thread may run it. Internal
// to psi/round; owners see them as Work only. Every Run() is called once; `result` is set after it.
#pragma once

#include <optional>
#include <vector>

#include "entente/psi/round_message.h"
#include "entente/psi/voprf.h"

namespace entente::psi {

// SHA-256, domain-separated, of one match key; made by match/.
using RoundInput = FixedBytes<32, struct RoundInputTag>;
// G(k) = H(session, F_P(k), F_A(k)): 32 bytes that only who asked both oracles about k can know.
using RoundKey = FixedBytes<32, struct RoundKeyTag>;

// Whose tags, in which session.
struct Direction {
  crypto::Digest session;
  Role role;
};

Tag MakeTag(const Direction& direction, const RoundKey& key);

// A blinded batch while the peer evaluates it, with this party's own evaluations of its inputs.
struct BlindedBatch {
  Requester requester;
  std::vector<OprfOutput> own_outputs;
};

// Inputs to points of the group, blinded, and evaluated under our own key.
struct BlindTask {
  std::size_t batch;
  std::vector<RoundInput> inputs;
  std::vector<Scalar> blinds;
  HolderKey own_key;
  std::optional<Result<BlindedBatch>> result;
  void Run();
};

// The peer's batch under our key, with its proof.
// Result: kPeerViolation if a point is not valid or comes twice.
struct EvaluateTask {
  std::size_t batch;
  std::vector<EncodedPoint> points;
  HolderKey own_key;
  Scalar proof_randomness;
  std::optional<Result<EvaluatedMessage>> result;
  void Run();
};

// The peer's evaluation of our batch: proof checked, unblinded, combined into G.
// Result: kPeerViolation if the proof does not hold.
struct FinalizeTask {
  std::size_t batch;
  BlindedBatch blinded;
  EvaluatedMessage evaluated;
  EncodedPoint peer_key;
  Direction own;
  std::optional<Result<std::vector<RoundKey>>> result;
  void Run();
};

// Our tags, sorted, and the chain that commits to them. Carries the keys there and back.
struct SealTask {
  struct Seal {
    std::vector<Tag> tags;
    std::vector<crypto::Digest> links;
  };
  Direction own;
  std::size_t turns;
  crypto::Digest chain_end;
  std::vector<RoundKey> keys;
  std::optional<Result<Seal>> result;
  void Run();
};

// Which of the first `real_key_count` keys the peer's tags stand for.
struct IntersectTask {
  struct Intersection {
    std::vector<std::uint32_t> hits;
    crypto::Digest digest;
  };
  Direction peer;
  std::size_t real_key_count;
  std::vector<RoundKey> keys;
  std::vector<Tag> peer_tags;  // sorted
  std::optional<Result<Intersection>> result;
  void Run();
};

}  // namespace entente::psi
