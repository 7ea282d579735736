// One attack: what it does, what must be seen of its refusal, and where in the code it is refused.
//
// The table in docs/audit/hostile-peer.md is printed from these very values, and what was seen is
// compared with them: a refusal of another kind, code or wording, and evidence that is missing or
// too much, is a failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/result.h"
#include "entente/base/strong_id.h"

namespace entente::hostile {

class Arena;

// By what the refusal shows.
enum class Sign {
  kAlert,    // a TLS alert; `code` is its number (RFC 8446 §6)
  kBye,      // a bye frame; `code` its error
  kRefusal,  // a signed refusal of an act; `code` its error
  kReceipt,  // a signed receipt: what was tried has no effect, `words` say which
  kReply,    // a witness's reply; `code` its status
  kStatus,   // what `entente status` says about the peer
  kClosed,   // the connection is closed without a word, which `words` count or time
  kRound,    // the state of a matching round; `words` of its failure
};
std::string_view SignName(Sign sign);

struct Refusal {
  Sign sign = Sign::kBye;
  std::string code;                   // equal
  std::string words;                  // contained
  std::vector<std::string> evidence;  // all that the node keeps of this peer, in order
};

// What an attack saw. `peer` is the one whose evidence counts, if the node knows it.
struct Seen {
  Sign sign = Sign::kBye;
  std::string code;
  std::string words;
  std::optional<PeerId> peer;
};

struct Attack {
  std::string_view id;  // "group-name"
  std::string_view what;
  Refusal expected;
  std::string_view refused_in;  // "file: function"
  // Errors: kInternal saying at which step the attack did not get as far as its refusal.
  Result<Seen> (*run)(Arena&);
};

// An attack of the catalogue that cannot be run yet, or has nothing to attack.
struct Pending {
  std::string_view what;
  std::string_view why;
};

std::vector<Attack> TlsAttacks();
std::vector<Attack> HelloAttacks();
std::vector<Attack> FrameAttacks();
std::vector<Attack> ActAttacks();
std::vector<Attack> AnswerAttacks();
std::vector<Attack> LedgerAttacks();
std::vector<Attack> RoundAttacks();
std::vector<Attack> FloodAttacks();

// All of them, in the order in which they run.
std::vector<Attack> AllAttacks();
std::vector<Pending> AllPending();

}  // namespace entente::hostile
