// What each side holds of the other, told when a link comes up and before anything is signed, so
// that a node whose store was restored from an older copy notices it before it uses a number twice.
//
//   ComposeStanding: what we hold of the peer           → frame `standing`
//   JudgeStanding:   what the peer holds of us, against our own store and against what we know of
//   it
//
// The peer's word is not signed on its own: the link proves who speaks, and a false word only stops
// the relation with the one who spoke it. Format: docs/formats/peer-link.md. Threads: pure
// functions over a transaction.
#pragma once

#include <cstdint>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/exchange/guard.h"
#include "entente/ledger/merkle.h"
#include "entente/store/store.h"

namespace entente::exchange {

// `you` is who reads it.
struct Standing {
  bool is_signing = true;  // false: the writer's guard is closed, send it no act and no checkpoint
  Position held;           // the last of your acts the writer holds, and its id
  crypto::Digest held_id;  // zero if there is none
  Position answered;       // the last of the writer's acts that you answered
  // Your log as the writer cosigned it last; size 0 if never.
  std::uint64_t log_epoch = 1;
  std::uint64_t log_size = 0;
  crypto::Digest log_root = ledger::EmptyRoot();
  bool operator==(const Standing&) const = default;
};

// Canonical JSON.
Bytes EncodeStanding(const Standing& standing);
// Errors: kPeerViolation for anything EncodeStanding does not write.
Result<Standing> DecodeStanding(ByteView bytes);

// Errors: those of the store.
Result<Standing> ComposeStanding(const store::Reader& reader, const PeerId& peer);

// Empty where all is well, otherwise one line of our own words.
struct StandingVerdict {
  std::string own_trouble;   // our store is older than what the peer knows of us
  std::string peer_trouble;  // the peer's is older than what we know of it, or it says so
};
// Errors: those of the store.
Result<StandingVerdict> JudgeStanding(const store::Reader& reader, const PeerId& peer,
                                      const Standing& standing);

}  // namespace entente::exchange
