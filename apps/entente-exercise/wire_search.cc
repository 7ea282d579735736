#include "apps/entente-exercise/wire_search.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "entente/base/check.h"

namespace entente::exercise {
namespace {

constexpr unsigned kFilterBits = 26;

std::uint64_t PrefixOf(const std::uint8_t* bytes, std::size_t width) {
  std::uint64_t prefix = 0;
  std::memcpy(&prefix, bytes, width);
  return prefix;
}

std::size_t FilterPlace(std::uint64_t prefix) {
  return static_cast<std::size_t>((prefix * 0x9E3779B97F4A7C15U) >> (64U - kFilterBits));
}

constexpr std::int8_t kNoDigit = -1;
using DigitTable = std::array<std::int8_t, 256>;

constexpr DigitTable MakeTable(std::string_view digits) {
  DigitTable table{};
  table.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<std::uint8_t>(digits[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

// Binary data written in digits of `bits` bits each.
struct Encoding {
  std::string_view name;
  unsigned bits;
  std::size_t alignments;  // digits until a byte begins at a digit again
  std::size_t run_min;     // digits that kNeedleBytesMin bytes take at least
  DigitTable table;
};

constexpr Encoding kBase64{
    "base64", 6, 4, 7, [] {
      DigitTable table =
          MakeTable("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
      table['-'] = 62;  // RFC 4648 §5
      table['_'] = 63;
      return table;
    }()};
constexpr Encoding kHex{"hex", 4, 2, 10, [] {
                          DigitTable table = MakeTable("0123456789abcdef");
                          for (std::uint8_t i = 0; i < 6; ++i) {
                            table['A' + i] = static_cast<std::int8_t>(10 + i);
                          }
                          return table;
                        }()};

Bytes Decode(const Encoding& encoding, ByteView digits) {
  Bytes out;
  out.reserve(digits.size() * encoding.bits / 8);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const std::uint8_t digit : digits) {
    pending = pending << encoding.bits | static_cast<std::uint32_t>(encoding.table[digit]);
    pending_bits += encoding.bits;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      out.push_back(static_cast<std::uint8_t>(pending >> pending_bits));
    }
  }
  return out;
}

// Calls found(begin, run) for every run of digits that is long enough.
template <typename Found>
void ForEachRun(const Encoding& encoding, ByteView haystack, Found found) {
  const auto is_digit = [&](std::uint8_t byte) { return encoding.table[byte] != kNoDigit; };
  for (auto at = haystack.begin(); at != haystack.end();) {
    const auto begin = std::find_if(at, haystack.end(), is_digit);
    at = std::find_if_not(begin, haystack.end(), is_digit);
    if (static_cast<std::size_t>(at - begin) >= encoding.run_min) {
      found(static_cast<std::size_t>(begin - haystack.begin()), ByteView(begin, at));
    }
  }
}

}  // namespace

void WireSearch::Add(std::uint32_t label, ByteView needle) {
  ENTENTE_CHECK(needle.size() >= kNeedleBytesMin);
  Index& index = needle.size() >= long_.width ? long_ : short_;
  index.needles.push_back({PrefixOf(needle.data(), index.width), text_.size(),
                           static_cast<std::uint32_t>(needle.size()), label});
  Append(text_, needle);
  is_sealed_ = false;
}

void WireSearch::Seal(Index& index) const {
  std::ranges::sort(index.needles, {}, &Needle::prefix);
  index.filter.assign((std::size_t{1} << kFilterBits) / 64, 0);
  for (const Needle& needle : index.needles) {
    const std::size_t place = FilterPlace(needle.prefix);
    index.filter[place / 64] |= std::uint64_t{1} << (place % 64);
  }
}

template <typename Found>
void WireSearch::Scan(const Index& index, ByteView haystack, Found found) const {
  for (std::size_t at = 0; at + index.width <= haystack.size(); ++at) {
    const std::uint64_t prefix = PrefixOf(haystack.data() + at, index.width);
    const std::size_t place = FilterPlace(prefix);
    if ((index.filter[place / 64] >> (place % 64) & 1U) == 0) {
      continue;
    }
    const ByteView rest = haystack.subspan(at);
    for (const Needle& needle :
         std::ranges::equal_range(index.needles, prefix, {}, &Needle::prefix)) {
      if (needle.size <= rest.size() &&
          std::equal(rest.begin(), rest.begin() + needle.size,
                     text_.begin() + static_cast<std::ptrdiff_t>(needle.begin))) {
        found(needle.label, at);
      }
    }
  }
}

void WireSearch::Visit(ByteView haystack, const Find& place, int depth,
                       std::vector<Find>& finds) const {
  for (const Index* index : {&long_, &short_}) {
    Scan(*index, haystack, [&](std::uint32_t label, std::size_t at) {
      finds.push_back({label, depth == 0 ? at : place.offset, place.via});
    });
  }
  if (depth == kDepthMax) {
    return;
  }
  for (const Encoding* encoding : {&kBase64, &kHex}) {
    ForEachRun(*encoding, haystack, [&](std::size_t begin, ByteView run) {
      Find inside{0, depth == 0 ? begin : place.offset, place.via};
      inside.via.append(inside.via.empty() ? "" : " ").append(encoding->name);
      for (std::size_t skip = 0; skip < encoding->alignments && skip < run.size(); ++skip) {
        Visit(Decode(*encoding, run.subspan(skip)), inside, depth + 1, finds);
      }
    });
  }
}

std::vector<Find> WireSearch::Run(ByteView haystack) {
  if (!is_sealed_) {
    Seal(long_);
    Seal(short_);
    is_sealed_ = true;
  }
  std::vector<Find> finds;
  Visit(haystack, {}, 0, finds);
  std::ranges::sort(finds, {}, &Find::offset);
  return finds;
}

}  // namespace entente::exercise
