// Proofs that parse are written back byte for byte, and no random one verifies.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/proof.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  const std::string_view text = entente::AsText({data, size});
  if (const auto proof = ledger::ParseProofWithoutVerifying(text)) {
    ENTENTE_CHECK(ledger::FormatProof(*proof) == text);
    const ledger::Trust trust{{"log", ledger::KeyType::kEd25519, {}}, {}, 0};
    ENTENTE_CHECK(!ledger::VerifyProof(*proof, trust));
  }
  return 0;
}
