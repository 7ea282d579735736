// A sample of all bits of an export, a proof and a receipt, flipped. All of them: ledger_flips.
#include <gtest/gtest.h>

#include "tests/interop/ledger/flips.h"

namespace entente::ledger {
namespace {

constexpr std::uint64_t kEntries = 300;

void ExpectPerfect(const FlipCounts& counts) {
  EXPECT_GT(counts.flips, 100U);
  EXPECT_EQ(counts.detected, counts.flips);
  EXPECT_EQ(counts.named, counts.flips);
  EXPECT_EQ(counts.placed, counts.placeable);
}

// The steps are primes: they meet every bit of a byte, and every byte of a 32-byte hash.
TEST(FlipEveryBit, OfTheTreeIsDetectedAndPlaced) {
  const FlipCounts counts = FlipTree(kEntries, {17, 4001});
  ExpectPerfect(counts);
  EXPECT_GT(counts.placeable, 100U);
}

TEST(FlipEveryBit, OfAProofIsDetected) { ExpectPerfect(FlipProof(kEntries, {0, 31})); }

TEST(FlipEveryBit, OfAReceiptIsDetected) { ExpectPerfect(FlipReceipt(kEntries, {0, 131})); }

}  // namespace
}  // namespace entente::ledger
