// Checkpoints and policies that parse are written back byte for byte.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  const std::string_view text = entente::AsText({data, size});
  if (const auto checkpoint = ledger::ParseCheckpoint(text)) {
    ENTENTE_CHECK(ledger::FormatCheckpoint(*checkpoint) == text);
  }
  if (const auto trust = ledger::ParsePolicy(text)) {
    ENTENTE_CHECK(ledger::FormatPolicy(*trust) == text);
  }
  return 0;
}
