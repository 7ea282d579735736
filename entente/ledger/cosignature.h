// cosignature/v1: a witness states that at a time this was the largest consistent tree it had seen.
//
// Source: C2SP tlog-cosignature v1.0.1, Ed25519 form: u64 big-endian POSIX time || signature over
// "cosignature/v1\ntime <t>\n" + checkpoint text. It does not commit to the witness's name, so a
// witness key serves this role only. ML-DSA-44 (type 0x06) lines are of an unknown key today and
// thus ignored. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "entente/base/result.h"
#include "entente/base/time.h"
#include "entente/ledger/note.h"

namespace entente::ledger {

// Cosigns `checkpoint_text` at `time` (whole seconds count).
// Errors: kInvalidInput if `name` is no key name or `time` is before 1970; those of `signer`.
Result<SignatureLine> Cosign(std::string_view checkpoint_text, const std::string& name,
                             const crypto::Signer& signer, UtcTime time);

// The time in a type 0x04 line. It is the witness's word: only after VerifySignature.
// Errors: kInvalidInput for another length, or a time above the year 9999.
Result<UtcTime> CosignatureTime(const SignatureLine& line);

// True if `line` carries a valid cosignature of `key` over `checkpoint_text`.
bool VerifyCosignature(const SignatureLine& line, std::string_view checkpoint_text,
                       const crypto::PublicKey& key);

}  // namespace entente::ledger
