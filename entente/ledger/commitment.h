// How an exchange log speaks of the audit log, which no peer reads, without telling a word of it.
//
//   object of the leaf "audit" = SHA-256(salt || root || size), size as 64 bits, big-endian
//
// root and size are of the audit log at that time; the salt is 32 random bytes, new for each leaf,
// that stay at home until somebody must be shown that the audit log was not rewritten since.
// Format: docs/formats/ledger.md §11. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/wire/json.h"

namespace entente::ledger {

inline constexpr std::string_view kAuditKind = "audit";  // of the leaf

using AuditSalt = FixedBytes<32, struct AuditSaltTag>;

// What opens the leaf `index` of an exchange log.
struct AuditOpening {
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  crypto::Digest root;
  AuditSalt salt;
  bool operator==(const AuditOpening&) const = default;
};

// The leaf's object.
crypto::Digest CommitmentOf(const AuditOpening& opening);

wire::Json ToJson(const AuditOpening& opening);
// Errors: kInvalidInput for anything ToJson does not write.
Result<AuditOpening> ReadAuditOpening(const wire::Json& json);

}  // namespace entente::ledger
