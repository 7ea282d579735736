// A settled checkpoint, a proof and a witness request that verify, with a stranger's bytes in them:
// whatever still verifies says what the log and the witness signed.
#include <array>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/proof.h"
#include "entente/ledger/testing.h"

namespace entente::ledger {
namespace {

constexpr std::uint64_t kSize = 5;
constexpr std::uint64_t kOldSize = 3;
constexpr std::uint64_t kIndex = 4;

const LogForTests& Log() {
  static const LogForTests log(kSize);
  return log;
}

void TryCheckpoint(const std::string& note) {
  if (const auto opened = OpenCheckpoint(note, Log().trust())) {
    ENTENTE_CHECK(opened->checkpoint == Log().CheckpointAt(kSize));
    ENTENTE_CHECK(opened->cosigned_at == LogForTests::kCosignedAt);
  }
}

void TryProof(const std::string& text) {
  const auto proof = ParseProofWithoutVerifying(text);
  if (proof && VerifyProof(*proof, Log().trust())) {
    ENTENTE_CHECK(proof->index == kIndex && proof->entry == *Log().Entry(kIndex));
  }
}

void TryRequest(const std::string& body) {
  const auto request = ParseAddCheckpoint(body);
  if (!request) {
    return;
  }
  for (const std::uint64_t size : {std::uint64_t{0}, kOldSize, kSize}) {
    WitnessState state{Log().trust().log, size, Log().CheckpointAt(size).root};
    const WitnessDecision decision = Judge(state, *request);
    ENTENTE_CHECK(decision.answer != WitnessAnswer::kCosign || request->old_size == size);
    state.root.bytes[0] ^= 1U;  // what was cosigned before was another log
    ENTENTE_CHECK(size == 0 || Judge(state, *request).answer != WitnessAnswer::kCosign);
  }
}

// The honest three, in the order of the functions that try them.
const std::array<std::string, 3>& Honest() {
  static const std::array<std::string, 3> honest = {
      Log().SettledAt(kSize),
      FormatProof({*Log().Entry(kIndex), kIndex, *InclusionProof(kIndex, kSize, Log().nodes()),
                   Log().SettledAt(kSize)}),
      FormatAddCheckpoint(
          {kOldSize, *ConsistencyProof(kOldSize, kSize, Log().nodes()), Log().SignedAt(kSize)})};
  return honest;
}

}  // namespace
}  // namespace entente::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using entente::ledger::Honest;
  constexpr std::array kTries = {&entente::ledger::TryCheckpoint, &entente::ledger::TryProof,
                                 &entente::ledger::TryRequest};
  if (size < 4) {
    return 0;
  }
  const std::size_t which = data[0] % kTries.size();
  std::string text = Honest()[which];
  const std::size_t at = (data[1] * std::size_t{256} + data[2]) % text.size();
  text.replace(at, data[3] % 64U, entente::AsText({data + 4, size - 4}));
  kTries[which](text);
  return 0;
}
