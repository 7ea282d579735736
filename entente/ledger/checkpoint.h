// Checkpoints: a log's size and root, signed by the log and cosigned by its witnesses; and the
// trust policy that says which signatures make a checkpoint settled.
//
// Sources: C2SP tlog-checkpoint v1.0.0 (three lines, no extension lines), C2SP tlog-policy (one
// log, its witnesses, one quorum over all of them). Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/result.h"
#include "entente/base/time.h"
#include "entente/crypto/hash.h"
#include "entente/crypto/signature.h"
#include "entente/ledger/note.h"

namespace entente::ledger {

inline constexpr std::size_t kPolicyBytesMax = std::size_t{16} << 10U;
inline constexpr std::size_t kWitnessesMax = 32;

struct Checkpoint {
  std::string origin;  // the log's name, e.g. "node-a.example/entente/ledger"
  std::uint64_t size = 0;
  crypto::Digest root;
  bool operator==(const Checkpoint&) const = default;
};

// "origin\nsize\nbase64(root)\n"
std::string FormatCheckpoint(const Checkpoint& checkpoint);
// Errors: kInvalidInput for anything FormatCheckpoint does not write.
Result<Checkpoint> ParseCheckpoint(std::string_view text);

// The note of a checkpoint with the log's signature; the key name is the origin.
// Errors: kInvalidInput if the origin is no key name; those of `signer`.
Result<std::string> SignCheckpoint(const Checkpoint& checkpoint, const crypto::Signer& signer);

// Whom a verifier trusts, agreed before and outside the log.
struct Trust {
  VerifierKey log;                     // type 0x01, its name is the origin
  std::vector<VerifierKey> witnesses;  // type 0x04
  std::size_t quorum = 0;              // how many witnesses must have cosigned; 0 = none
  bool operator==(const Trust&) const = default;
};

// Errors: kInvalidInput if a key has the wrong type or serves two roles, the quorum exceeds the
// witnesses, or there are more than kWitnessesMax.
Status ValidateTrust(const Trust& trust);

// The C2SP tlog-policy file of `trust`: names its witnesses witness-1, witness-2, …
std::string FormatPolicy(const Trust& trust);
// Accepts what FormatPolicy writes, byte for byte. Errors: kInvalidInput; kLimitExceeded above
// kPolicyBytesMax.
Result<Trust> ParsePolicy(std::string_view text);

// A checkpoint that satisfies a Trust.
struct SettledCheckpoint {
  Checkpoint checkpoint;
  std::string text;  // the note's text, as signed
  // The latest time at which a trusted witness cosigned; nothing if none did.
  std::optional<UtcTime> cosigned_at;
};

// Errors: those of ValidateTrust and OpenNote; kInvalidInput if the text is no checkpoint;
// kCorruptData if it is of another log, the log did not sign, or the quorum is not reached.
Result<SettledCheckpoint> OpenCheckpoint(std::string_view note, const Trust& trust);

}  // namespace entente::ledger
