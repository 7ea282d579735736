// Evidence of a fork that parses is written back byte for byte, and no random one proves anything.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/fork.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  const std::string_view text = entente::AsText({data, size});
  if (const auto fork = ledger::ParseForkWithoutVerifying(text)) {
    ENTENTE_CHECK(ledger::FormatFork(*fork) == text);
    ENTENTE_CHECK(!ledger::VerifyFork(*fork, {"log", ledger::KeyType::kEd25519, {}}));
  }
  return 0;
}
