#include "entente/psi/round_tasks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "entente/psi/tag_chain.h"

namespace entente::psi {
namespace {

Result<BlindedBatch> Blind(const std::vector<RoundInput>& inputs, std::vector<Scalar> blinds,
                           const HolderKey& own_key) {
  std::vector<HashedInput> hashed;
  std::vector<OprfOutput> own_outputs;
  hashed.reserve(inputs.size());
  own_outputs.reserve(inputs.size());
  for (const RoundInput& input : inputs) {
    ENTENTE_ASSIGN(HashedInput point, HashInput(OprfMode::kVoprf, input.view()));
    ENTENTE_ASSIGN(const OprfOutput output, Evaluate(own_key, point));
    own_outputs.push_back(output);
    hashed.push_back(std::move(point));
  }
  ENTENTE_ASSIGN(Requester requester, Requester::Blind(std::move(hashed), std::move(blinds)));
  return BlindedBatch{std::move(requester), std::move(own_outputs)};
}

Result<EvaluatedMessage> EvaluateAll(const EvaluateTask& task) {
  std::vector<EncodedPoint> sorted = task.points;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return Error{ErrorCode::kPeerViolation, "a blinded point comes twice in one batch"};
  }
  ENTENTE_ASSIGN(Evaluation evaluation,
                 BlindEvaluateWithProof(task.own_key, task.points, task.proof_randomness));
  return EvaluatedMessage{evaluation.proof, std::move(evaluation.points)};
}

Result<std::vector<RoundKey>> Finalize(const FinalizeTask& task) {
  ENTENTE_ASSIGN(const std::vector<OprfOutput> peer_outputs,
                 task.blinded.requester.FinalizeVerified(task.evaluated.points,
                                                         task.evaluated.proof, task.peer_key));
  std::vector<RoundKey> keys;
  keys.reserve(peer_outputs.size());
  for (std::size_t i = 0; i < peer_outputs.size(); ++i) {
    ByteView by_proposer = task.blinded.own_outputs[i].view();
    ByteView by_acceptor = peer_outputs[i].view();
    if (task.own.role == Role::kAcceptor) {
      std::swap(by_proposer, by_acceptor);
    }
    const crypto::Digest key = crypto::HashFields(
        "entente-round/1 key", {task.own.session.view(), by_proposer, by_acceptor});
    keys.push_back(RoundKey{key.bytes});
  }
  return keys;
}

}  // namespace

Tag MakeTag(const Direction& direction, const RoundKey& key) {
  const std::array<std::uint8_t, 1> role{static_cast<std::uint8_t>(direction.role)};
  const crypto::Digest digest =
      crypto::HashFields("entente-round/1 tag", {direction.session.view(), role, key.view()});
  Tag tag;
  std::copy_n(digest.bytes.begin(), Tag::kSize, tag.bytes.begin());
  return tag;
}

void BlindTask::Run() { result = Blind(inputs, std::move(blinds), own_key); }

void EvaluateTask::Run() { result = EvaluateAll(*this); }

void FinalizeTask::Run() { result = Finalize(*this); }

void SealTask::Run() {
  Seal seal;
  seal.tags.reserve(keys.size());
  for (const RoundKey& key : keys) {
    seal.tags.push_back(MakeTag(own, key));
  }
  std::ranges::sort(seal.tags);
  seal.links = MakeTagChain(own.session, own.role, seal.tags, turns, chain_end);
  result = std::move(seal);
}

void IntersectTask::Run() {
  Intersection out;
  std::vector<crypto::Digest> matches;
  for (std::size_t i = 0; i < keys.size(); ++i) {  // padding too: the time tells no count
    const bool is_common = std::ranges::binary_search(peer_tags, MakeTag(peer, keys[i]));
    if (is_common && i < real_key_count) {
      out.hits.push_back(static_cast<std::uint32_t>(i));
      matches.push_back(
          crypto::HashFields("entente-round/1 match", {peer.session.view(), keys[i].view()}));
    }
  }
  std::ranges::sort(matches);
  crypto::Sha256Stream stream;
  stream.Update(AsBytes("entente-round/1 intersection"));
  stream.Update(peer.session.view());
  for (const crypto::Digest& match : matches) {
    stream.Update(match.view());
  }
  out.digest = stream.Current();
  result = std::move(out);
}

}  // namespace entente::psi
