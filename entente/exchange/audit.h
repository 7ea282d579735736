// The internal audit log: what this node decided and why, and what changed who it talks to.
//
//   decision on an act, either way, peer added, suspension lifted
//                     → one leaf of the audit log, in the transaction of the act itself
//   each full UTC hour, whether or not anything happened
//                     → the audit log's checkpoint is signed, and in every exchange log that the
//                       peer has begun to witness stands one leaf "audit": a salted commitment
//
// No peer reads the audit log. Each peer witnesses that it is never rewritten, and learns from the
// leaf nothing but that the node ran: the leaf comes at the hour and holds no number. Formats:
// docs/formats/ledger.md §11 (ledger/commitment.h); reasons: docs/decisions/0024-audit-log.md.
// State: the ledger tables under the node's own id; projection table "audit".
// Cost: an act's decision is one more leaf, no signature. Threads: the node's owner thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "entente/act/card.h"
#include "entente/agreement/policy.h"
#include "entente/base/random.h"
#include "entente/base/time.h"
#include "entente/crypto/signature.h"
#include "entente/exchange/journal.h"
#include "entente/ledger/commitment.h"
#include "entente/ledger/leaf.h"
#include "entente/store/store.h"

namespace entente::exchange {

inline constexpr std::chrono::hours kAuditPeriod{1};

// The audit log's key as a C2SP vkey.
std::string AuditVkey(const act::Card& owner);

class Audit {
 public:
  // All references must outlive the object.
  Audit(const act::Card& own, const Journal& journal, const crypto::Signer& ledger_signer,
        Random& random)
      : own_(own.id()), journal_(journal), ledger_signer_(ledger_signer), random_(random) {}

  // One leaf. Errors, of all: those of the store.
  Status Record(store::Transaction& transaction, ledger::Leaf leaf) const;
  // A leaf about an act with what decided on it; kSent and kReceived say on which side.
  Status RecordDecision(store::Transaction& transaction, ledger::Leaf leaf,
                        const agreement::Decision& decision) const;

  // Has a new hour begun since Commit? A clock that was set back begins one too.
  Result<bool> IsDue(const store::Reader& reader, UtcTime now) const;
  // Signs the audit log's checkpoint and commits to it in the exchange logs of `peers`, whose
  // checkpoints the caller must sign. Errors: also those of the signer.
  Status Commit(store::Transaction& transaction, std::span<const PeerId> peers, UtcTime now) const;

 private:
  PeerId own_;
  const Journal& journal_;
  const crypto::Signer& ledger_signer_;
  Random& random_;
};

// What opens the leaves "audit" of the log about `peer` with index ≥ `from`, at most `count_max`.
Result<std::vector<ledger::AuditOpening>> AuditOpenings(const store::Reader& reader,
                                                        const PeerId& peer, std::uint64_t from,
                                                        std::size_t count_max);

}  // namespace entente::exchange
