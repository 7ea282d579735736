// Replies that parse are written back byte for byte, and no random one settles a checkpoint.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  static const ledger::LogForTests log(7);
  static const std::string note = log.SignedAt(7);
  const std::string_view text = entente::AsText({data, size});
  if (const auto reply = ledger::ParseWitnessReply(text)) {
    ENTENTE_CHECK(ledger::FormatWitnessReply(reply->answer, reply->body) == text);
    ENTENTE_CHECK(!ledger::AddCosignature(note, reply->body, log.trust().witnesses.front()));
  }
  return 0;
}
