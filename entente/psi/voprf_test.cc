#include "entente/psi/voprf.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/base/testing.h"
#include "entente/wire/json.h"

namespace entente::psi {
namespace {

using ::testing::HasSubstr;

template <typename Fixed>
std::vector<Fixed> List(const wire::Json& array) {
  std::vector<Fixed> out;
  for (const wire::Json& hex : array) {
    out.push_back(*Fixed::FromHex(hex.get<std::string>()));
  }
  return out;
}

Scalar ScalarFromHex(const std::string& hex) {
  return *Scalar::FromCanonical(*crypto::PublicScalar::FromHex(hex));
}

Proof ProofFromHex(const std::string& hex) {
  return {*crypto::PublicScalar::FromHex(hex.substr(0, 64)),
          *crypto::PublicScalar::FromHex(hex.substr(64))};
}

struct VectorCase {
  OprfMode mode;
  HolderKey key;
  std::string secret_key;
  std::string public_key;  // empty in mode 0x00
  wire::Json values;
};

std::vector<VectorCase> Vectors() {
  std::ifstream file("tests/vectors/rfc9497/ristretto255_sha512.json");
  std::stringstream text;
  text << file.rdbuf();
  const wire::Json json = *wire::ParseJson(text.str());
  std::vector<VectorCase> out;
  for (const wire::Json& suite : json["suites"]) {
    const auto mode = static_cast<OprfMode>(suite["mode"].get<int>());
    Secret<32> seed;
    std::ranges::copy(*HexDecode(suite["seed"].get<std::string>()), seed.mutable_view().begin());
    const Bytes info = *HexDecode(suite["key_info"].get<std::string>());
    for (const wire::Json& values : suite["cases"]) {
      out.push_back({mode, *HolderKey::Derive(mode, seed, info), suite["secret_key"],
                     suite.value("public_key", ""), values});
    }
  }
  return out;
}

Requester BlindCase(const VectorCase& test) {
  std::vector<HashedInput> inputs;
  for (const wire::Json& hex : test.values["inputs"]) {
    inputs.push_back(*HashInput(test.mode, *HexDecode(hex.get<std::string>())));
  }
  std::vector<Scalar> blinds;
  for (const wire::Json& hex : test.values["blinds"]) {
    blinds.push_back(ScalarFromHex(hex.get<std::string>()));
  }
  return *Requester::Blind(std::move(inputs), std::move(blinds));
}

TEST(Voprf, ReproducesTheOfficialKeys) {
  ASSERT_EQ(Vectors().size(), 5U);
  for (const VectorCase& test : Vectors()) {
    EXPECT_EQ(HexEncode(test.key.secret().view()), test.secret_key);
    if (!test.public_key.empty()) {
      EXPECT_EQ(test.key.public_key().Hex(), test.public_key);
    }
  }
}

TEST(Voprf, ReproducesTheOfficialEvaluationsOnBothSides) {
  for (const VectorCase& test : Vectors()) {
    SCOPED_TRACE(test.values.dump());
    const Requester requester = BlindCase(test);
    const auto evaluated = List<EncodedPoint>(test.values["evaluated"]);
    const auto outputs = List<OprfOutput>(test.values["outputs"]);
    EXPECT_EQ(requester.blinded(), List<EncodedPoint>(test.values["blinded"]));
    EXPECT_THAT(BlindEvaluate(test.key, requester.blinded()),
                IsOkAndHolds(::testing::Eq(evaluated)));
    EXPECT_THAT(requester.Finalize(evaluated), IsOkAndHolds(::testing::Eq(outputs)));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Bytes input = *HexDecode(test.values["inputs"][i].get<std::string>());
      EXPECT_THAT(Evaluate(test.key, *HashInput(test.mode, input)),
                  IsOkAndHolds(::testing::Eq(outputs[i])));
    }
  }
}

TEST(Voprf, ReproducesTheOfficialProofsAndVerifiesThem) {
  int count = 0;
  for (const VectorCase& test : Vectors()) {
    if (test.mode != OprfMode::kVoprf) {
      continue;
    }
    ++count;
    const Requester requester = BlindCase(test);
    const Proof proof = ProofFromHex(test.values["proof"]);
    const auto evaluation = BlindEvaluateWithProof(test.key, requester.blinded(),
                                                   ScalarFromHex(test.values["proof_randomness"]));
    ASSERT_THAT(evaluation, IsOk());
    EXPECT_EQ(evaluation->proof, proof);
    EXPECT_THAT(requester.FinalizeVerified(List<EncodedPoint>(test.values["evaluated"]), proof,
                                           test.key.public_key()),
                IsOkAndHolds(::testing::Eq(List<OprfOutput>(test.values["outputs"]))));
  }
  EXPECT_EQ(count, 3);
}

// One honest batch of three that each test spoils in one way.
class VoprfBatch : public ::testing::Test {
 protected:
  static std::vector<HashedInput> Inputs(std::size_t count) {
    std::vector<HashedInput> inputs;
    for (std::size_t i = 0; i < count; ++i) {
      inputs.push_back(*HashInput(OprfMode::kVoprf, AsBytes("input " + std::to_string(i))));
    }
    return inputs;
  }
  std::vector<Scalar> Blinds(std::size_t count) {
    std::vector<Scalar> blinds;
    for (std::size_t i = 0; i < count; ++i) {
      blinds.push_back(crypto::RandomScalar(random_));
    }
    return blinds;
  }
  auto Verify(const Evaluation& evaluation) {
    return requester_.FinalizeVerified(evaluation.points, evaluation.proof, key_.public_key());
  }

  SeededRandomForTests random_{7};
  HolderKey key_ = HolderKey::Random(random_);
  Requester requester_ = *Requester::Blind(Inputs(3), Blinds(3));
  Evaluation evaluation_ =
      *BlindEvaluateWithProof(key_, requester_.blinded(), crypto::RandomScalar(random_));
};

constexpr auto kViolation = ErrorCode::kPeerViolation;

TEST_F(VoprfBatch, VerifiesAndEqualsTheHoldersOwnEvaluation) {
  const auto outputs = Verify(evaluation_);
  ASSERT_THAT(outputs, IsOk());
  const std::vector<HashedInput> inputs = Inputs(3);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_THAT(Evaluate(key_, inputs[i]), IsOkAndHolds(::testing::Eq((*outputs)[i])));
  }
}

TEST_F(VoprfBatch, RefusesAnyChangedBitOfTheProof) {
  for (std::size_t byte = 0; byte < 32; byte += 5) {
    Evaluation changed = evaluation_;
    changed.proof.challenge.bytes[byte] ^= 1U;
    EXPECT_THAT(Verify(changed), FailsWith(kViolation));
    changed = evaluation_;
    changed.proof.response.bytes[byte] ^= 1U;
    EXPECT_THAT(Verify(changed), FailsWith(kViolation));
  }
}

TEST_F(VoprfBatch, RefusesAProofScalarThatIsNotReduced) {
  Evaluation changed = evaluation_;
  changed.proof.response.bytes.fill(0xFF);
  EXPECT_THAT(Verify(changed), FailsWith(kViolation, HasSubstr("group order")));
}

TEST_F(VoprfBatch, RefusesOnePointEvaluatedUnderAnotherKey) {
  const HolderKey special = HolderKey::Random(random_);
  evaluation_.points[1] = (*BlindEvaluate(special, requester_.blinded()))[1];
  EXPECT_THAT(Verify(evaluation_), FailsWith(kViolation, HasSubstr("proof")));
}

TEST_F(VoprfBatch, RefusesAnotherHoldersKeyAndOneThatIsNotValid) {
  const HolderKey other = HolderKey::Random(random_);
  EXPECT_THAT(
      requester_.FinalizeVerified(evaluation_.points, evaluation_.proof, other.public_key()),
      FailsWith(kViolation));
  EXPECT_THAT(requester_.FinalizeVerified(evaluation_.points, evaluation_.proof, EncodedPoint{}),
              FailsWith(kViolation));
}

TEST_F(VoprfBatch, RefusesSwappedPoints) {
  std::swap(evaluation_.points[0], evaluation_.points[2]);
  EXPECT_THAT(Verify(evaluation_), FailsWith(kViolation));
}

TEST_F(VoprfBatch, RefusesAnotherNumberOfPoints) {
  evaluation_.points.pop_back();
  EXPECT_THAT(Verify(evaluation_), FailsWith(kViolation, HasSubstr("number")));
  EXPECT_THAT(requester_.Finalize(evaluation_.points), FailsWith(kViolation, HasSubstr("number")));
}

TEST_F(VoprfBatch, RefusesTheIdentityAndPointsThatAreNotCanonical) {
  EncodedPoint not_canonical;
  not_canonical.bytes.fill(0xFF);
  for (const EncodedPoint& bad : {EncodedPoint{}, not_canonical}) {
    std::vector<EncodedPoint> points = requester_.blinded();
    points[1] = bad;
    EXPECT_THAT(BlindEvaluate(key_, points), FailsWith(kViolation));
    EXPECT_THAT(BlindEvaluateWithProof(key_, points, crypto::RandomScalar(random_)),
                FailsWith(kViolation));
    EXPECT_THAT(requester_.Finalize(points), FailsWith(kViolation));
    EXPECT_THAT(Verify({points, evaluation_.proof}), FailsWith(kViolation));
    EXPECT_THAT(Evaluate(key_, {ToBytes("x"), bad}), FailsWith(kViolation));
  }
}

TEST_F(VoprfBatch, RefusesBlindsThatDoNotFit) {
  EXPECT_THAT(Requester::Blind(Inputs(2), Blinds(1)), FailsWith(ErrorCode::kInvalidInput));
  std::vector<Scalar> with_zero = Blinds(2);
  with_zero[1] = Scalar();
  EXPECT_THAT(Requester::Blind(Inputs(2), std::move(with_zero)),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("zero")));
}

TEST_F(VoprfBatch, RefusesEmptyAndOversizedBatches) {
  EXPECT_THAT(Requester::Blind({}, {}), FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_THAT(Requester::Blind(std::vector<HashedInput>(kBatchPointsMax + 1),
                               std::vector<Scalar>(kBatchPointsMax + 1)),
              FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_THAT(BlindEvaluate(key_, {}), FailsWith(ErrorCode::kLimitExceeded));
  const std::vector<EncodedPoint> too_many(kBatchPointsMax + 1);
  EXPECT_THAT(BlindEvaluate(key_, too_many), FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_THAT(BlindEvaluateWithProof(key_, too_many, Scalar()),
              FailsWith(ErrorCode::kLimitExceeded));
}

TEST(Voprf, LimitsTheLengthOfInputsAndInfo) {
  const Bytes longest(kInputBytesMax);
  const Bytes too_long(kInputBytesMax + 1);
  EXPECT_THAT(HashInput(OprfMode::kVoprf, longest), IsOk());
  EXPECT_THAT(HashInput(OprfMode::kVoprf, too_long), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(HolderKey::Derive(OprfMode::kVoprf, {}, longest), IsOk());
  EXPECT_THAT(HolderKey::Derive(OprfMode::kVoprf, {}, too_long),
              FailsWith(ErrorCode::kInvalidInput));
}

TEST(Voprf, ModesAreSeparated) {
  EXPECT_NE(HashInput(OprfMode::kOprf, AsBytes("x"))->point,
            HashInput(OprfMode::kVoprf, AsBytes("x"))->point);
}

}  // namespace
}  // namespace entente::psi
