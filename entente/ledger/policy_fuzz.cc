// A policy that is read gives a trust whose exported form is read as the same trust.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  const auto trust = ledger::ReadPolicy(entente::AsText({data, size}));
  if (trust) {
    const auto again = ledger::ReadPolicy(ledger::FormatPolicy(*trust));
    ENTENTE_CHECK(again && *again == *trust);
  }
  return 0;
}
