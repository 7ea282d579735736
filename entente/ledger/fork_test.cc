#include "entente/ledger/fork.h"

#include "entente/base/testing.h"
#include "entente/ledger/testing.h"

namespace entente::ledger {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ForkOfALog : public ::testing::Test {
 protected:
  std::string Signed(std::uint64_t size, std::uint8_t variant = 0) const {
    Checkpoint checkpoint = log.CheckpointAt(size);
    checkpoint.root.bytes[0] ^= variant;
    return *SignCheckpoint(checkpoint, log.log_signer());
  }
  Result<ProvenFork> Verify(const std::string& first, const std::string& second) const {
    return VerifyFork({first, second}, log.trust().log);
  }

  LogForTests log{7};
};

TEST_F(ForkOfALog, IsProvenByTwoRootsOfOneSize) {
  const auto proven = Verify(Signed(7), Signed(7, 1));
  ASSERT_THAT(proven, IsOk());
  EXPECT_EQ(proven->size, 7U);
  EXPECT_EQ(proven->first_root, log.CheckpointAt(7).root);
  EXPECT_NE(proven->second_root, proven->first_root);
}

TEST_F(ForkOfALog, IsNotProvenByOtherCheckpoints) {
  EXPECT_THAT(Verify(Signed(7), Signed(7)), FailsWith(ErrorCode::kCorruptData, HasSubstr("root")));
  EXPECT_THAT(Verify(Signed(7), Signed(6)), FailsWith(ErrorCode::kCorruptData, HasSubstr("sizes")));
  EXPECT_THAT(Verify("", Signed(7)), FailsWith(ErrorCode::kCorruptData, StartsWith("first: ")));
  Checkpoint other = log.CheckpointAt(7);
  other.origin = "another/log";
  EXPECT_THAT(Verify(Signed(7), *SignCheckpoint(other, log.log_signer())),
              FailsWith(ErrorCode::kCorruptData, StartsWith("second: ")));
  EXPECT_THAT(Verify(Signed(7), *SignCheckpoint(log.CheckpointAt(7), log.witness_signer())),
              FailsWith(ErrorCode::kCorruptData, StartsWith("second: ")));
}

TEST_F(ForkOfALog, SurvivesItsFile) {
  const Fork fork{Signed(7), Signed(7, 1)};
  EXPECT_THAT(ParseForkWithoutVerifying(FormatFork(fork)), IsOkAndHolds(fork));
}

TEST_F(ForkOfALog, AFileOfAnotherFormIsRefused) {
  std::string other = FormatFork({"a", "b"});
  other.replace(other.find("fork/1"), 6, "fork/2");
  for (const std::string& text :
       {std::string(), std::string("{}"), other, FormatFork({"a", "b"}) + "\n",
        FormatFork({std::string(kNoteBytesMax + 1, 'n'), "b"}),
        std::string(R"({"first":"","more":1,"second":"","type":"entente-fork/1"})")}) {
    EXPECT_THAT(ParseForkWithoutVerifying(text), FailsWith(ErrorCode::kInvalidInput)) << text;
  }
  EXPECT_THAT(ParseForkWithoutVerifying(std::string(kForkBytesMax, 'x')),
              FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParseForkWithoutVerifying(std::string(kForkBytesMax + 1, 'x')),
              FailsWith(ErrorCode::kLimitExceeded));
}

}  // namespace
}  // namespace entente::ledger
