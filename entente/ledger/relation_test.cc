#include "entente/ledger/relation.h"

#include <gtest/gtest.h>

namespace entente::ledger {
namespace {

// The node ids of North and South in docs/formats/acts.md.
PeerId North() {
  return PeerId("34750f98bd59fcfc946da45aaabe933be154a4b5094e1c4abf42866505f3c97e");
}
PeerId South() {
  return PeerId("fdf72a088f18f7399e8c52bce448441501f759a595a86980e5d9a422a01e5d55");
}

TEST(Relation, NamesFollowFromTheNodeIds) {
  EXPECT_EQ(LogOrigin(North(), South()), "entente/34750f98bd59fcfc/fdf72a088f18f739");
  EXPECT_EQ(LogOrigin(South(), North()), "entente/fdf72a088f18f739/34750f98bd59fcfc");
  EXPECT_EQ(WitnessName(North()), "entente/34750f98bd59fcfc/witness");
  EXPECT_EQ(AuditOrigin(North()), "entente/34750f98bd59fcfc/audit");
}

TEST(Relation, TheOriginNamesTheEpochFromTheSecondOn) {
  const std::string first = LogOrigin(North(), South());
  EXPECT_EQ(LogOrigin(North(), South(), 1), first);
  EXPECT_EQ(LogOrigin(North(), South(), 2), first + "/2");
  for (const std::uint64_t epoch : {1U, 2U, 30U}) {
    EXPECT_EQ(EpochOfOrigin(LogOrigin(North(), South(), epoch)), epoch);
  }
  for (const char* const tail :
       {"/", "/0", "/1", "/02", "/2/", "/-2", "x2", "/99999999999999999999"}) {
    EXPECT_EQ(EpochOfOrigin(first + tail), std::nullopt) << tail;
  }
  EXPECT_EQ(EpochOfOrigin("node-a.example/entente/ledger"), std::nullopt);
}

TEST(Relation, KeysHaveTheRoleOfTheirNames) {
  const crypto::PublicKey key;
  EXPECT_EQ(LogKey(North(), South(), key),
            (VerifierKey{LogOrigin(North(), South()), KeyType::kEd25519, key}));
  EXPECT_EQ(AuditKey(North(), key), (VerifierKey{AuditOrigin(North()), KeyType::kEd25519, key}));
  EXPECT_EQ(WitnessKey(South(), key),
            (VerifierKey{WitnessName(South()), KeyType::kCosignatureV1, key}));
}

}  // namespace
}  // namespace entente::ledger
