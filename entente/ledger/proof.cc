#include "entente/ledger/proof.h"

#include "entente/ledger/text.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtraPrefix = "extra ";
constexpr std::string_view kIndexPrefix = "index ";

}  // namespace

std::string FormatProof(const EntryProof& proof) {
  std::string bytes = std::string(kHeader) + "\n";
  if (!proof.entry.empty()) {
    bytes += std::string(kExtraPrefix) + Base64Encode(proof.entry) + "\n";
  }
  bytes += std::string(kIndexPrefix) + std::to_string(proof.index) + "\n";
  for (const crypto::Digest& hash : proof.hashes) {
    bytes += Base64Encode(hash.view()) + "\n";
  }
  return bytes + "\n" + proof.checkpoint;
}

Result<EntryProof> ParseProofWithoutVerifying(std::string_view bytes) {
  if (bytes.size() > kProofBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "a proof is larger than 384 KiB"};
  }
  const auto bad = [](const char* why) { return Error{ErrorCode::kInvalidInput, why}; };
  EntryProof proof;
  ENTENTE_ASSIGN(const std::string_view header, TakeLine(bytes));
  if (header != kHeader) {
    return bad("the file is not a c2sp.org/tlog-proof@v1");
  }
  ENTENTE_ASSIGN(std::string_view line, TakeLine(bytes));
  if (line.starts_with(kExtraPrefix)) {
    ENTENTE_ASSIGN(proof.entry, Base64Decode(line.substr(kExtraPrefix.size())));
    if (proof.entry.empty()) {
      return bad("the extra line of the proof is empty: leave it out");
    }
    ENTENTE_ASSIGN(line, TakeLine(bytes));
  }
  if (!line.starts_with(kIndexPrefix)) {
    return bad("the proof has no index line");
  }
  ENTENTE_ASSIGN(proof.index, ParseDecimal(line.substr(kIndexPrefix.size())));
  ENTENTE_ASSIGN(proof.hashes, TakeProofHashes(bytes));
  ENTENTE_TRY(ParseNoteWithoutVerifying(bytes));
  proof.checkpoint = std::string(bytes);
  return proof;
}

Result<SettledCheckpoint> VerifyProof(const EntryProof& proof, const Trust& trust) {
  ENTENTE_ASSIGN(SettledCheckpoint settled, OpenCheckpoint(proof.checkpoint, trust));
  auto included = VerifyInclusion(proof.index, settled.checkpoint.size, LeafHash(proof.entry),
                                  proof.hashes, settled.checkpoint.root);
  if (!included) {
    return Error{ErrorCode::kCorruptData,
                 "entry " + std::to_string(proof.index) + ": " + included.error().message};
  }
  return settled;
}

}  // namespace entente::ledger
