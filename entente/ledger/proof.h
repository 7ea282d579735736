// A portable proof that an entry is in a log: what an investigator hands to a court.
//
// Source: C2SP tlog-proof, `c2sp.org/tlog-proof@v1`, file extension .tlog-proof. The `extra` line
// carries the entry itself, so the file is enough: entry → leaf hash → inclusion → checkpoint →
// signatures. What the entry means: DecodeLeaf. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/merkle.h"

namespace entente::ledger {

// A proof is at most a note, 63 hashes and one entry in base64.
inline constexpr std::size_t kProofBytesMax = std::size_t{384} << 10U;

struct EntryProof {
  Bytes entry;  // empty if the file carries none: the verifier must then know it
  std::uint64_t index = 0;
  ProofHashes hashes;
  std::string checkpoint;  // the signed note
  bool operator==(const EntryProof&) const = default;
};

std::string FormatProof(const EntryProof& proof);
// Only the form; nothing is verified. Errors: kInvalidInput; kLimitExceeded above kProofBytesMax or
// 63 hashes.
Result<EntryProof> ParseProofWithoutVerifying(std::string_view bytes);

// That `proof.entry` is entry number `proof.index` of a log that satisfies `trust`.
// Errors: those of OpenCheckpoint; kCorruptData if the entry is not in that tree.
Result<SettledCheckpoint> VerifyProof(const EntryProof& proof, const Trust& trust);

}  // namespace entente::ledger
