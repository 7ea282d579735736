#include "tests/hostile/attack.h"

#include <iterator>

namespace entente::hostile {

std::string_view SignName(Sign sign) {
  switch (sign) {
    case Sign::kAlert:
      return "TLS alert";
    case Sign::kBye:
      return "bye";
    case Sign::kRefusal:
      return "refusal";
    case Sign::kReceipt:
      return "receipt";
    case Sign::kReply:
      return "witness reply";
    case Sign::kStatus:
      return "status";
    case Sign::kClosed:
      return "closed";
    case Sign::kRound:
      break;
  }
  return "round";
}

std::vector<Attack> AllAttacks() {
  std::vector<Attack> all;
  for (auto* const group : {&TlsAttacks, &HelloAttacks, &FrameAttacks, &ActAttacks, &AnswerAttacks,
                            &LedgerAttacks, &RoundAttacks, &FloodAttacks}) {
    std::vector<Attack> attacks = group();
    all.insert(all.end(), std::make_move_iterator(attacks.begin()),
               std::make_move_iterator(attacks.end()));
  }
  return all;
}

std::vector<Pending> AllPending() {
  return {
      {"missing tile", "a node fetches no tiles: it takes checkpoints and proofs only"},
      {"elements in the wrong bin; bin count mismatch", "the bulk engine is not built"},
      {"revoked key; retired key after cut-over", "keys are not rotated yet: one card, five keys"},
  };
}

}  // namespace entente::hostile
