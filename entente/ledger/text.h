// Reading the line formats of C2SP: lines end in U+000A, numbers are plain decimals, hashes are
// strict base64. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/ledger/merkle.h"

namespace entente::ledger {

// Cuts the first line off `rest` and returns it without its newline.
// Errors: kInvalidInput if no newline is left.
Result<std::string_view> TakeLine(std::string_view& rest);

// ASCII decimal without sign or leading zeros.
// Errors: kInvalidInput for anything else, or above 2^63-1.
Result<std::uint64_t> ParseDecimal(std::string_view text);

// Errors: kInvalidInput unless `text` is strict base64 of 32 bytes.
Result<crypto::Digest> ParseBase64Digest(std::string_view text);

// Cuts the proof hashes (one per line) and the blank line after them off `rest`.
// Errors: kInvalidInput for a malformed line; kLimitExceeded above kProofHashesMax hashes.
Result<ProofHashes> TakeProofHashes(std::string_view& rest);

}  // namespace entente::ledger
