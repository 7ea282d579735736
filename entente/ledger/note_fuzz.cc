// Notes and vkeys that parse are written back byte for byte, and verify nothing by chance.
#include "entente/base/bytes.h"
#include "entente/base/check.h"
#include "entente/ledger/note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace ledger = entente::ledger;
  const std::string_view text = entente::AsText({data, size});
  if (const auto note = ledger::ParseNoteWithoutVerifying(text)) {
    ENTENTE_CHECK(ledger::FormatNote(*note) == text);
    const auto& line = note->signatures.front();
    const ledger::VerifierKey key{line.name, ledger::KeyType::kCosignatureV1, {}};
    ENTENTE_CHECK(!ledger::OpenNote(text, {&key, 1}));
  }
  if (const auto key = ledger::ParseVerifierKey(text)) {
    ENTENTE_CHECK(ledger::FormatVerifierKey(*key) == text);
  }
  return 0;
}
