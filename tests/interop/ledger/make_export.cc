// ledger_make_export DIR COUNT: writes the export of a test log of COUNT entries, the two vkeys as
// `log.vkey` and `witness.vkey`, and the proof of its middle entry as `entry.tlog-proof`.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "entente/ledger/proof.h"
#include "entente/ledger/testing.h"

namespace entente::ledger {
namespace {

Status WriteFile(const std::filesystem::path& path, ByteView bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << AsText(bytes);
  file.close();
  if (!file) {
    return Error{ErrorCode::kUnavailable, "cannot write " + path.string()};
  }
  return {};
}

Status MakeExport(const std::filesystem::path& root, std::uint64_t count) {
  const LogForTests log(count);
  const std::string note = log.SettledAt(count);
  ENTENTE_TRY(ExportLog(
      log.nodes(), log, note, log.trust(),
      [&root](const std::string& path, ByteView bytes) { return WriteFile(root / path, bytes); }));
  const std::uint64_t index = count / 2;
  ENTENTE_ASSIGN(const Bytes entry, log.Entry(index));
  ENTENTE_ASSIGN(const ProofHashes hashes, InclusionProof(index, count, log.nodes()));
  const std::string proof = FormatProof({entry, index, hashes, note});
  ENTENTE_TRY(WriteFile(root / "entry.tlog-proof", AsBytes(proof)));
  const Trust& trust = log.trust();
  ENTENTE_TRY(WriteFile(root / "log.vkey", AsBytes(FormatVerifierKey(trust.log))));
  return WriteFile(root / "witness.vkey", AsBytes(FormatVerifierKey(trust.witnesses.front())));
}

}  // namespace
}  // namespace entente::ledger

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: ledger_make_export DIR COUNT\n";
    return 2;
  }
  const auto made = entente::ledger::MakeExport(argv[1], std::strtoull(argv[2], nullptr, 10));
  if (!made) {
    std::cerr << "error: " << made.error().message << "\n";
    return 1;
  }
  return 0;
}
