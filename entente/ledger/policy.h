// Trust policies that people write: the C2SP tlog-policy file of an operator, auditor or court.
//
//   # two of three
//   log <vkey>
//   witness peer <vkey>  [url]
//   group both all peer auditor
//   quorum both
//
// Source: C2SP tlog-policy. Of the format, what Trust can hold: one log, and a quorum that is
// "none", one witness, or k of a group of witnesses; a group inside the quorum's group is refused
// rather than misread. Witnesses that the quorum does not name do not count. Comments, blank lines,
// any white space and URLs are allowed; the form that ledgers export is ParsePolicy's
// (checkpoint.h). Threads: pure functions.
#pragma once

#include <string_view>

#include "entente/base/result.h"
#include "entente/ledger/checkpoint.h"

namespace entente::ledger {

// Errors: kInvalidInput naming the line for anything above that does not hold, a name or key that
// comes twice, a name that is not defined before it is used, octets that the format forbids;
// kLimitExceeded above kPolicyBytesMax.
Result<Trust> ReadPolicy(std::string_view text);

}  // namespace entente::ledger
