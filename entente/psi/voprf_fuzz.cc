// Points and proofs of a stranger: evaluating them fails cleanly or gives valid points, and nothing
// but the holder's own answer verifies.
#include "entente/base/check.h"
#include "entente/psi/round_message.h"
#include "entente/psi/voprf.h"

namespace entente::psi {
namespace {

struct Honest {
  SeededRandomForTests random{1};
  HolderKey key = HolderKey::Random(random);
  Requester requester = Blind();
  Evaluation evaluation =
      *BlindEvaluateWithProof(key, requester.blinded(), crypto::RandomScalar(random));

  Requester Blind() {
    std::vector<Scalar> blinds;
    blinds.push_back(crypto::RandomScalar(random));
    return *Requester::Blind({*HashInput(OprfMode::kVoprf, AsBytes("x"))}, std::move(blinds));
  }
};

void Check(const EvaluatedMessage& message) {
  static const Honest honest;
  const auto evaluated = BlindEvaluate(honest.key, message.points);
  if (evaluated) {
    for (const EncodedPoint& point : *evaluated) {
      ENTENTE_CHECK(crypto::IsValid(point));
    }
  }
  const bool is_honest =
      message.points == honest.evaluation.points && message.proof == honest.evaluation.proof;
  const auto outputs =
      honest.requester.FinalizeVerified(message.points, message.proof, honest.key.public_key());
  ENTENTE_CHECK(outputs.has_value() == is_honest);
  // The honest answer with the input mixed in: near misses do not verify either.
  EvaluatedMessage near{honest.evaluation.proof, honest.evaluation.points};
  near.proof.response.bytes[0] ^= message.proof.response.bytes[0];
  near.proof.challenge.bytes[0] ^= message.proof.challenge.bytes[0];
  const bool is_same = near.proof == honest.evaluation.proof;
  ENTENTE_CHECK(honest.requester.FinalizeVerified(near.points, near.proof, honest.key.public_key())
                    .has_value() == is_same);
}

}  // namespace
}  // namespace entente::psi

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::psi::EvaluatedMessage;
  entente::Bytes bytes{0x03};  // read as an evaluated batch
  entente::Append(bytes, {data, size});
  const auto message = entente::psi::DecodeRoundMessage(bytes);
  if (message) {
    entente::psi::Check(std::get<EvaluatedMessage>(*message));
  }
  return 0;
}
