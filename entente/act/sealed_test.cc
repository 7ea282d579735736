#include "entente/act/sealed.h"

#include <vector>

#include "entente/act/testing.h"
#include "entente/base/testing.h"

namespace entente::act {
namespace {

using ::testing::HasSubstr;

class SealedTest : public ::testing::Test {
 protected:
  Result<Bytes> SealAct() const {
    return Seal(act_, envelope_, south_card_.keys.encryption, north_);
  }

  const Card north_card_ = NorthCard();
  const Card south_card_ = SouthCard();
  const crypto::BoxKey north_{ExampleSeed(5)};
  const crypto::BoxKey south_{ExampleSeed(15)};
  const SealContext act_{kActType, north_card_.id(), south_card_.id()};
  const Bytes envelope_ = Encode(*Sign(kActType, EncodeAct(ExampleAct()), ExampleSigner(1)));
};

TEST_F(SealedTest, OpensForTheReceiver) {
  const auto sealed = SealAct();
  ASSERT_THAT(sealed, IsOk());
  EXPECT_EQ(sealed->size(), envelope_.size() + kSealExtraBytes);
  EXPECT_THAT(OpenSealed(act_, *sealed, south_), IsOkAndHolds(envelope_));
}

TEST_F(SealedTest, AResendIsTheSameBytes) { EXPECT_EQ(*SealAct(), *SealAct()); }

// Relayed to another node, sent back, taken for an answer, or under another sender's name.
TEST_F(SealedTest, OpensInNoOtherContext) {
  const crypto::BoxKey third(ExampleSeed(25));
  const PeerId third_id = ExampleCard("Third", "XT", 21).id();
  EXPECT_THAT(OpenSealed(act_, *SealAct(), third), FailsWith(ErrorCode::kPeerViolation));
  const std::vector<SealContext> others = {{kAnswerType, act_.from, act_.to},
                                           {kActType, act_.to, act_.from},
                                           {kActType, third_id, act_.to},
                                           {kActType, act_.from, third_id}};
  for (const SealContext& other : others) {
    EXPECT_THAT(OpenSealed(other, *SealAct(), south_),
                FailsWith(ErrorCode::kPeerViolation, HasSubstr("another relation")));
  }
}

TEST_F(SealedTest, AnAlteredOrEmptySealIsRefused) {
  Bytes sealed = *SealAct();
  for (std::uint8_t& byte : sealed) {
    byte ^= 0x80U;
    EXPECT_THAT(OpenSealed(act_, sealed, south_), FailsWith(ErrorCode::kPeerViolation));
    byte ^= 0x80U;
  }
  EXPECT_THAT(OpenSealed(act_, {}, south_), FailsWith(ErrorCode::kPeerViolation));
  // A box without room for a context.
  for (const std::size_t size : {0U, 31U}) {
    EXPECT_THAT(OpenSealed(act_, *north_.Seal(south_.public_key(), Bytes(size)), south_),
                FailsWith(ErrorCode::kPeerViolation));
  }
}

TEST_F(SealedTest, NobodySealsToAKeyOfLowOrder) {
  EXPECT_THAT(Seal(act_, envelope_, crypto::PublicKey{}, north_),
              FailsWith(ErrorCode::kPeerViolation));
}

}  // namespace
}  // namespace entente::act
