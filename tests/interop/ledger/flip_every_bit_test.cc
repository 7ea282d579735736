// Every single bit of every file of an export, flipped: promise 9 of the design in full.
#include "entente/base/testing.h"
#include "entente/ledger/testing.h"

namespace entente::ledger {
namespace {

using ::testing::StartsWith;

// One test per bit position of a byte, so that ctest runs them side by side.
class FlipEveryBit : public ::testing::TestWithParam<unsigned> {};

TEST_P(FlipEveryBit, IsDetectedAndNamesTheFile) {
  const LogForTests log(300);
  FilesForTests files(log);
  std::uint64_t flip_count = 0;
  for (auto& [path, bytes] : files.files) {
    for (std::uint8_t& byte : bytes) {
      byte ^= static_cast<std::uint8_t>(1U << GetParam());
      const auto result = VerifyLog(files, log.trust(), EntryCheck::kOpaque);
      ASSERT_THAT(result, FailsWith(ErrorCode::kCorruptData, StartsWith(path + ": ")));
      byte ^= static_cast<std::uint8_t>(1U << GetParam());
      ++flip_count;
    }
  }
  RecordProperty("flips", std::to_string(flip_count));
}

INSTANTIATE_TEST_SUITE_P(Bits, FlipEveryBit, ::testing::Range(0U, 8U));

}  // namespace
}  // namespace entente::ledger
