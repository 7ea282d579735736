#include "entente/ledger/proof.h"

#include "entente/base/testing.h"
#include "entente/ledger/testing.h"

namespace entente::ledger {
namespace {

using ::testing::HasSubstr;

class Proof : public ::testing::Test {
 protected:
  EntryProof At(std::uint64_t index, std::uint64_t size) const {
    return {*log_.Entry(index), index, *InclusionProof(index, size, log_.nodes()),
            log_.SettledAt(size)};
  }
  const LogForTests log_{20};
};

TEST_F(Proof, ProvesEveryEntry) {
  for (std::uint64_t index = 0; index < 20; ++index) {
    const auto parsed = ParseProofWithoutVerifying(FormatProof(At(index, 20)));
    ASSERT_THAT(parsed, IsOkAndHolds(At(index, 20)));
    const auto settled = VerifyProof(*parsed, log_.trust());
    ASSERT_THAT(settled, IsOk());
    EXPECT_EQ(settled->checkpoint.size, 20U);
    EXPECT_EQ(settled->cosigned_at, LogForTests::kCosignedAt);
  }
}

TEST_F(Proof, HasTheFormOfTlogProof) {
  const EntryProof proof{ToBytes("entry"), 5, {EmptyRoot()}, log_.SettledAt(7)};
  EXPECT_EQ(FormatProof(proof), "c2sp.org/tlog-proof@v1\nextra ZW50cnk=\nindex 5\n" +
                                    Base64Encode(EmptyRoot().view()) + "\n\n" + log_.SettledAt(7));
  const EntryProof bare{{}, 0, {}, log_.SettledAt(7)};
  EXPECT_EQ(FormatProof(bare), "c2sp.org/tlog-proof@v1\nindex 0\n\n" + log_.SettledAt(7));
  EXPECT_THAT(ParseProofWithoutVerifying(FormatProof(bare)), IsOkAndHolds(bare));
}

TEST_F(Proof, AnyFlippedBitIsRefused) {
  const std::string good = FormatProof(At(7, 20));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
      const auto parsed = ParseProofWithoutVerifying(bad);
      EXPECT_FALSE(parsed && VerifyProof(*parsed, log_.trust())) << i << "." << bit;
    }
  }
}

TEST_F(Proof, RefusesAnotherEntryOrIndex) {
  EntryProof proof = At(7, 20);
  proof.entry = *log_.Entry(8);
  EXPECT_THAT(VerifyProof(proof, log_.trust()),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("entry 7")));
  proof = At(7, 20);
  proof.index = 8;
  EXPECT_THAT(VerifyProof(proof, log_.trust()), FailsWith(ErrorCode::kCorruptData));
  proof.index = 20;
  EXPECT_THAT(VerifyProof(proof, log_.trust()), FailsWith(ErrorCode::kCorruptData));
  proof.hashes.clear();
  EXPECT_THAT(VerifyProof(proof, log_.trust()), FailsWith(ErrorCode::kCorruptData));
}

TEST_F(Proof, NeedsATrustedCheckpoint) {
  EntryProof proof = At(7, 20);
  proof.checkpoint = log_.SignedAt(20);
  EXPECT_THAT(VerifyProof(proof, log_.trust()), FailsWith(ErrorCode::kCorruptData));
  Trust trust = log_.trust();
  trust.quorum = 9;
  EXPECT_THAT(VerifyProof(At(7, 20), trust), FailsWith(ErrorCode::kInvalidInput));
}

TEST_F(Proof, RefusesEveryOtherForm) {
  const std::string header = "c2sp.org/tlog-proof@v1\n";
  const std::string note = log_.SettledAt(7);
  std::vector<std::string> others{"", header, "c2sp.org/tlog-proof@v2\nindex 0\n\n" + note,
                                  header + "index 0\n\ntext\n"};
  for (const char* lines : {"\n", "index\n\n", "index -5\n\n", "index 00\n\n",
                            "extra !!\nindex 0\n\n", "extra \nindex 0\n\n", "extra AAAA\n\n",
                            "index 0\n!!\n\n", "index 0\nAAAA\n\n", "index 0\n"}) {
    others.emplace_back(header).append(lines).append(note);
  }
  for (const std::string& bytes : others) {
    EXPECT_THAT(ParseProofWithoutVerifying(bytes), FailsWith(ErrorCode::kInvalidInput)) << bytes;
  }
}

TEST_F(Proof, LimitsItsSize) {
  EntryProof proof = At(7, 20);
  proof.hashes.assign(kProofHashesMax, EmptyRoot());
  EXPECT_THAT(ParseProofWithoutVerifying(FormatProof(proof)), IsOk());
  proof.hashes.push_back(EmptyRoot());
  EXPECT_THAT(ParseProofWithoutVerifying(FormatProof(proof)), FailsWith(ErrorCode::kLimitExceeded));
  proof = At(7, 20);
  EXPECT_THAT(ParseProofWithoutVerifying(std::string(kProofBytesMax, '\n')),
              FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParseProofWithoutVerifying(std::string(kProofBytesMax + 1, '\n')),
              FailsWith(ErrorCode::kLimitExceeded));
}

TEST(LogFiles, ProvesEveryEntryItHas) {
  const LogForTests log(9);
  const auto files = LogFiles::Open(log.nodes(), log, log.SettledAt(5), log.trust());
  ASSERT_THAT(files, IsOk());
  EXPECT_EQ(files->size(), 5U);
  for (std::uint64_t i = 0; i < 5; ++i) {
    const auto proof = files->Proof(i);
    ASSERT_THAT(proof, IsOk());
    EXPECT_EQ(proof->entry, *log.Entry(i));
    EXPECT_THAT(VerifyProof(*proof, log.trust()), IsOk());
  }
  EXPECT_THAT(files->Entry(5), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(files->Proof(5), FailsWith(ErrorCode::kNotFound));
}

}  // namespace
}  // namespace entente::ledger
