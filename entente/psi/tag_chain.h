// How a party binds itself to its tags before it sees the other's, and reveals them in chunks that
// can each be checked at once (docs/formats/round.md §4).
//
//   link N = 32 random bytes        link i = H(session, role, i, link i+1, tags of chunk i)
//
// The commitment is link 0; chunk i is revealed together with link i+1. The random end makes the
// commitment hide the tags even from someone who guesses all of them.
// Threads: pure functions.
#pragma once

#include <span>
#include <vector>

#include "entente/psi/round_message.h"

namespace entente::psi {

// Both parties reveal in this many turns. A party that stops early is at most one turn, a
// sixteenth of the tags or less, ahead.
inline constexpr std::size_t kRevealTurnsMin = 16;
std::size_t RevealTurns(std::uint64_t size_class, std::uint64_t other_size_class);

// The part of a sorted list of `size_class` tags that turn `turn` of `turns` reveals.
std::size_t ChunkBegin(std::uint64_t size_class, std::size_t turns, std::size_t turn);
std::span<const Tag> Chunk(std::span<const Tag> tags, std::size_t turns, std::size_t turn);

crypto::Digest ChainLink(const crypto::Digest& session, Role role, std::size_t turn,
                         const crypto::Digest& next, std::span<const Tag> chunk);

// The links 0 .. turns; the last is `end`.
std::vector<crypto::Digest> MakeTagChain(const crypto::Digest& session, Role role,
                                         std::span<const Tag> tags, std::size_t turns,
                                         const crypto::Digest& end);

}  // namespace entente::psi
