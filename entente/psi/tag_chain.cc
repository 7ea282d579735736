#include "entente/psi/tag_chain.h"

#include <algorithm>
#include <array>

namespace entente::psi {

std::size_t RevealTurns(std::uint64_t size_class, std::uint64_t other_size_class) {
  const std::uint64_t larger = std::max(size_class, other_size_class);
  return std::max(kRevealTurnsMin, (larger + kMessageTagsMax - 1) / kMessageTagsMax);
}

std::size_t ChunkBegin(std::uint64_t size_class, std::size_t turns, std::size_t turn) {
  return size_class * turn / turns;
}

std::span<const Tag> Chunk(std::span<const Tag> tags, std::size_t turns, std::size_t turn) {
  const std::size_t begin = ChunkBegin(tags.size(), turns, turn);
  return tags.subspan(begin, ChunkBegin(tags.size(), turns, turn + 1) - begin);
}

crypto::Digest ChainLink(const crypto::Digest& session, Role role, std::size_t turn,
                         const crypto::Digest& next, std::span<const Tag> chunk) {
  const std::array<std::uint8_t, 3> role_and_turn{static_cast<std::uint8_t>(role),
                                                  static_cast<std::uint8_t>(turn >> 8U),
                                                  static_cast<std::uint8_t>(turn)};
  Bytes tags;
  tags.reserve(chunk.size() * Tag::kSize);
  for (const Tag& tag : chunk) {
    Append(tags, tag.view());
  }
  return crypto::HashFields("entente-round/1 chunk",
                            {session.view(), role_and_turn, next.view(), tags});
}

std::vector<crypto::Digest> MakeTagChain(const crypto::Digest& session, Role role,
                                         std::span<const Tag> tags, std::size_t turns,
                                         const crypto::Digest& end) {
  std::vector<crypto::Digest> links(turns + 1, end);
  for (std::size_t turn = turns; turn-- > 0;) {
    links[turn] = ChainLink(session, role, turn, links[turn + 1], Chunk(tags, turns, turn));
  }
  return links;
}

}  // namespace entente::psi
