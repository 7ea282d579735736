#include "entente/ledger/commitment.h"

#include "entente/base/testing.h"

namespace entente::ledger {
namespace {

AuditOpening Example() {
  AuditOpening opening{7, 0x0102, {}, {}};
  opening.root.bytes.fill(0x22);
  opening.salt.bytes.fill(0x33);
  return opening;
}

// docs/formats/ledger.md §11, worked by hand: salt, root, size.
TEST(AuditCommitment, IsTheHashOfSaltRootAndSize) {
  const std::string hex = std::string(64, '3') + std::string(64, '2') + "0000000000000102";
  EXPECT_EQ(CommitmentOf(Example()), crypto::Sha256(*HexDecode(hex)));
}

TEST(AuditCommitment, DependsOnEachPartButTheIndex) {
  const crypto::Digest commitment = CommitmentOf(Example());
  AuditOpening other = Example();
  other.index = 8;
  EXPECT_EQ(CommitmentOf(other), commitment);
  other.size = 0x0103;
  EXPECT_NE(CommitmentOf(other), commitment);
  other = Example();
  other.root.bytes[31] ^= 1U;
  EXPECT_NE(CommitmentOf(other), commitment);
  other = Example();
  other.salt.bytes[0] ^= 1U;
  EXPECT_NE(CommitmentOf(other), commitment);
}

TEST(AuditOpening, SurvivesItsJson) {
  EXPECT_THAT(ReadAuditOpening(ToJson(Example())), IsOkAndHolds(Example()));
}

TEST(AuditOpening, RefusesOtherMembers) {
  for (const auto& [member, value] :
       std::initializer_list<std::pair<const char*, wire::Json>>{{"index", -1},
                                                                 {"size", "7"},
                                                                 {"root", "AAAA"},
                                                                 {"salt", Base64Encode(Bytes(33))},
                                                                 {"more", 1}}) {
    wire::Json json = ToJson(Example());
    json[member] = value;
    EXPECT_THAT(ReadAuditOpening(json), FailsWith(ErrorCode::kInvalidInput)) << member;
  }
}

}  // namespace
}  // namespace entente::ledger
