// Requests that parse are written back byte for byte, and no random one is cosigned.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/witness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  const std::string_view text = entente::AsText({data, size});
  if (const auto request = ledger::ParseAddCheckpoint(text)) {
    ENTENTE_CHECK(ledger::FormatAddCheckpoint(*request) == text);
    const ledger::WitnessState state{{"log", ledger::KeyType::kEd25519, {}}};
    ENTENTE_CHECK(ledger::Judge(state, *request).answer != ledger::WitnessAnswer::kCosign);
  }
  if (const auto stale_size = ledger::ParseStaleBody(text)) {
    ENTENTE_CHECK(ledger::FormatStaleBody(*stale_size) == text);
  }
  return 0;
}
