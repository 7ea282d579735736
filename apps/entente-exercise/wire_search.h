// Looks for many byte strings at once in what crossed the border.
//
// A haystack is searched as it is, and so is everything that a run of base64 or hex digits in it
// decodes to, down to kDepthMax layers: an act is base64 in an envelope, a salt base64 in the act.
// Runs are decoded at every alignment. What is not seen: other encodings, compression, encryption.
// Cost: about 20 ns for each byte and 60 bytes of memory for each needle. Threads: one owner.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "entente/base/bytes.h"

namespace entente::exercise {

// Shorter ones are found in random bytes by chance.
inline constexpr std::size_t kNeedleBytesMin = 5;
inline constexpr int kDepthMax = 4;

struct Find {
  std::uint32_t label = 0;
  std::size_t offset = 0;  // in the haystack, of the needle or of the run that holds it
  std::string via;         // "" as it is, "base64", "base64 base64", "hex" …
  auto operator<=>(const Find&) const = default;
};

class WireSearch {
 public:
  // Needles with one label are reported alike. Requires at least kNeedleBytesMin bytes.
  void Add(std::uint32_t label, ByteView needle);
  // Every needle in `haystack`, by offset.
  std::vector<Find> Run(ByteView haystack);

  std::size_t needle_count() const { return long_.needles.size() + short_.needles.size(); }

 private:
  struct Needle {
    std::uint64_t prefix;
    std::size_t begin;
    std::uint32_t size;
    std::uint32_t label;
  };
  // Needles found by their first `width` bytes.
  struct Index {
    std::size_t width;
    std::vector<Needle> needles;        // sorted by prefix when sealed
    std::vector<std::uint64_t> filter;  // one bit for each hash of a prefix
  };

  void Seal(Index& index) const;
  template <typename Found>
  void Scan(const Index& index, ByteView haystack, Found found) const;
  void Visit(ByteView haystack, const Find& place, int depth, std::vector<Find>& finds) const;

  Bytes text_;
  Index long_{8, {}, {}};
  Index short_{kNeedleBytesMin, {}, {}};
  bool is_sealed_ = false;
};

}  // namespace entente::exercise
