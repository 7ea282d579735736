#include "entente/psi/voprf.h"

#include <array>
#include <string>

#include "entente/base/check.h"
#include "entente/crypto/hash.h"

namespace entente::psi {
namespace {

// RFC 9497 §3.1 CreateContextString, behind a step's own prefix.
std::string Domain(std::string_view prefix, OprfMode mode) {
  std::string out(prefix);
  out += "OPRFV1-";
  out += static_cast<char>(mode);
  out += "-ristretto255-SHA512";
  return out;
}

std::array<std::uint8_t, 2> TwoBytes(std::size_t number) {
  return {static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)};
}

void AppendSized(Bytes& to, ByteView field) {
  Append(to, TwoBytes(field.size()));
  Append(to, field);
}

Status CheckCount(std::size_t count) {
  if (count == 0 || count > kBatchPointsMax) {
    return Error{ErrorCode::kLimitExceeded, "an OPRF batch has 1 to 65535 points"};
  }
  return {};
}

Error BadProof() {
  return {ErrorCode::kPeerViolation, "the proof of the peer's OPRF evaluation does not hold"};
}

// RFC 9497 §3.3.1 Finalize, from the unblinded element on.
OprfOutput HashOutput(ByteView input, const EncodedPoint& element) {
  const crypto::Digest512 digest =
      crypto::Sha512({TwoBytes(input.size()), input, TwoBytes(EncodedPoint::kSize), element.view(),
                      AsBytes("Finalize")});
  return OprfOutput{digest.bytes};
}

// RFC 9497 §2.2.1 and §2.2.2 ComputeComposites: Σ d_i·C_i and Σ d_i·D_i, where each d_i hashes the
// key and the i-th pair. One object adds up one of the two sums; the weights are made once.
class Composites {
 public:
  Composites(const EncodedPoint& key, std::span<const EncodedPoint> c,
             std::span<const EncodedPoint> d) {
    const std::string seed_domain = Domain("Seed-", OprfMode::kVoprf);
    Bytes seed_transcript;
    AppendSized(seed_transcript, key.view());
    AppendSized(seed_transcript, AsBytes(seed_domain));
    const crypto::Digest512 seed = crypto::Sha512({seed_transcript});
    const std::string scalar_domain = Domain("HashToScalar-", OprfMode::kVoprf);
    weights_.reserve(c.size());
    for (std::size_t i = 0; i < c.size(); ++i) {
      Bytes transcript;
      AppendSized(transcript, seed.view());
      Append(transcript, TwoBytes(i));
      AppendSized(transcript, c[i].view());
      AppendSized(transcript, d[i].view());
      Append(transcript, AsBytes("Composite"));
      weights_.push_back(crypto::HashToScalar(transcript, scalar_domain));
    }
  }

  // Errors: kPeerViolation if a point is not valid.
  Result<EncodedPoint> Sum(std::span<const EncodedPoint> points) const {
    ENTENTE_ASSIGN(EncodedPoint sum, crypto::Multiply(weights_[0], points[0]));
    for (std::size_t i = 1; i < points.size(); ++i) {
      ENTENTE_ASSIGN(const EncodedPoint term, crypto::Multiply(weights_[i], points[i]));
      ENTENTE_ASSIGN(sum, crypto::Add(sum, term));
    }
    return sum;
  }

 private:
  std::vector<Scalar> weights_;
};

// RFC 9497 §2.2.1 GenerateProof: the challenge for key B, composites M and Z, commitments t2 and
// t3.
Scalar Challenge(const EncodedPoint& key, const EncodedPoint& m, const EncodedPoint& z,
                 const EncodedPoint& t2, const EncodedPoint& t3) {
  Bytes transcript;
  for (const EncodedPoint& point : {key, m, z, t2, t3}) {
    AppendSized(transcript, point.view());
  }
  Append(transcript, AsBytes("Challenge"));
  return crypto::HashToScalar(transcript, Domain("HashToScalar-", OprfMode::kVoprf));
}

// RFC 9497 §2.2.2 VerifyProof.
Status VerifyProof(const EncodedPoint& key, std::span<const EncodedPoint> blinded,
                   std::span<const EncodedPoint> evaluated, const Proof& proof) {
  ENTENTE_ASSIGN(const Scalar c, Scalar::FromCanonical(proof.challenge));
  ENTENTE_ASSIGN(const Scalar s, Scalar::FromCanonical(proof.response));
  const Composites composites(key, blinded, evaluated);
  ENTENTE_ASSIGN(const EncodedPoint m, composites.Sum(blinded));
  ENTENTE_ASSIGN(const EncodedPoint z, composites.Sum(evaluated));
  // t2 = s·G + c·B and t3 = s·M + c·Z
  ENTENTE_ASSIGN(const EncodedPoint s_g, crypto::MultiplyBase(s));
  ENTENTE_ASSIGN(const EncodedPoint c_b, crypto::Multiply(c, key));
  ENTENTE_ASSIGN(const EncodedPoint t2, crypto::Add(s_g, c_b));
  ENTENTE_ASSIGN(const EncodedPoint s_m, crypto::Multiply(s, m));
  ENTENTE_ASSIGN(const EncodedPoint c_z, crypto::Multiply(c, z));
  ENTENTE_ASSIGN(const EncodedPoint t3, crypto::Add(s_m, c_z));
  if (Challenge(key, m, z, t2, t3).Reveal() != proof.challenge) {
    return BadProof();
  }
  return {};
}

}  // namespace

HolderKey HolderKey::Random(entente::Random& random) {
  Scalar secret = crypto::RandomScalar(random);
  const Result<EncodedPoint> public_key = crypto::MultiplyBase(secret);
  ENTENTE_CHECK(public_key.has_value());  // RandomScalar is never zero
  return {std::move(secret), *public_key};
}

Result<HolderKey> HolderKey::Derive(OprfMode mode, const Secret<32>& seed, ByteView info) {
  if (info.size() > kInputBytesMax) {
    return Error{ErrorCode::kInvalidInput, "the key info is longer than 65535 bytes"};
  }
  Bytes input;
  input.reserve(seed.view().size() + sizeof(std::uint16_t) + info.size() + 1);  // moves no seed
  Append(input, seed.view());
  AppendSized(input, info);
  input.push_back(0);  // the counter
  Scalar secret = crypto::HashToScalar(input, Domain("DeriveKeyPair", mode));
  while (secret.IsZero()) {
    ENTENTE_CHECK(++input.back() != 0);  // 256 zeros in a row
    secret = crypto::HashToScalar(input, Domain("DeriveKeyPair", mode));
  }
  Wipe(input);
  ENTENTE_ASSIGN(const EncodedPoint public_key, crypto::MultiplyBase(secret));
  return HolderKey(std::move(secret), public_key);
}

Result<HashedInput> HashInput(OprfMode mode, ByteView input) {
  if (input.size() > kInputBytesMax) {
    return Error{ErrorCode::kInvalidInput, "an OPRF input is longer than 65535 bytes"};
  }
  // The identity, for which RFC 9497 has an error, needs 2^252 tries; Multiply would refuse it.
  return HashedInput{ToBytes(input), crypto::HashToGroup(input, Domain("HashToGroup-", mode))};
}

Result<OprfOutput> Evaluate(const HolderKey& key, const HashedInput& input) {
  ENTENTE_ASSIGN(const EncodedPoint element, crypto::Multiply(key.secret(), input.point));
  return HashOutput(input.input, element);
}

Result<Requester> Requester::Blind(std::vector<HashedInput> inputs, std::vector<Scalar> blinds) {
  ENTENTE_TRY(CheckCount(inputs.size()));
  if (blinds.size() != inputs.size()) {
    return Error{ErrorCode::kInvalidInput, "each OPRF input needs one blind"};
  }
  Requester out;
  out.blinded_.reserve(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (blinds[i].IsZero()) {
      return Error{ErrorCode::kInvalidInput, "an OPRF blind is zero"};
    }
    ENTENTE_ASSIGN(const EncodedPoint point, crypto::Multiply(blinds[i], inputs[i].point));
    out.blinded_.push_back(point);
  }
  out.inputs_ = std::move(inputs);
  out.blinds_ = std::move(blinds);
  return out;
}

Result<std::vector<OprfOutput>> Requester::Finalize(std::span<const EncodedPoint> evaluated) const {
  if (evaluated.size() != inputs_.size()) {
    return Error{ErrorCode::kPeerViolation, "the peer evaluated another number of points"};
  }
  const std::vector<Scalar> inverses = crypto::Invert(blinds_);
  std::vector<OprfOutput> out;
  out.reserve(evaluated.size());
  for (std::size_t i = 0; i < evaluated.size(); ++i) {
    ENTENTE_ASSIGN(const EncodedPoint element, crypto::Multiply(inverses[i], evaluated[i]));
    out.push_back(HashOutput(inputs_[i].input, element));
  }
  return out;
}

Result<std::vector<OprfOutput>> Requester::FinalizeVerified(std::span<const EncodedPoint> evaluated,
                                                            const Proof& proof,
                                                            const EncodedPoint& holder_key) const {
  if (evaluated.size() != inputs_.size()) {
    return Error{ErrorCode::kPeerViolation, "the peer evaluated another number of points"};
  }
  ENTENTE_TRY(VerifyProof(holder_key, blinded_, evaluated, proof));
  return Finalize(evaluated);
}

Result<std::vector<EncodedPoint>> BlindEvaluate(const HolderKey& key,
                                                std::span<const EncodedPoint> blinded) {
  ENTENTE_TRY(CheckCount(blinded.size()));
  std::vector<EncodedPoint> out;
  out.reserve(blinded.size());
  for (const EncodedPoint& point : blinded) {
    ENTENTE_ASSIGN(const EncodedPoint evaluated, crypto::Multiply(key.secret(), point));
    out.push_back(evaluated);
  }
  return out;
}

Result<Evaluation> BlindEvaluateWithProof(const HolderKey& key,
                                          std::span<const EncodedPoint> blinded,
                                          const Scalar& proof_randomness) {
  ENTENTE_ASSIGN(std::vector<EncodedPoint> points, BlindEvaluate(key, blinded));
  const EncodedPoint& b = key.public_key();
  // ComputeCompositesFast: the holder knows Z = k·M.
  ENTENTE_ASSIGN(const EncodedPoint m, Composites(b, blinded, points).Sum(blinded));
  ENTENTE_ASSIGN(const EncodedPoint z, crypto::Multiply(key.secret(), m));
  ENTENTE_ASSIGN(const EncodedPoint t2, crypto::MultiplyBase(proof_randomness));
  ENTENTE_ASSIGN(const EncodedPoint t3, crypto::Multiply(proof_randomness, m));
  const Scalar c = Challenge(b, m, z, t2, t3);
  const Scalar s = proof_randomness - c * key.secret();
  return Evaluation{std::move(points), {c.Reveal(), s.Reveal()}};
}

}  // namespace entente::psi
