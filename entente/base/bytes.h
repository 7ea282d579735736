// Byte strings, their text forms, and fixed-size strong byte types.
//
// Sources: RFC 4648 §4 (base64 with padding, strict: unused trailing bits must be zero), §8 (hex,
// lower case). Threads: pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/result.h"

namespace entente {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// The bytes of `text`, not copied. The view lives as long as `text`.
ByteView AsBytes(std::string_view text);
// The characters of `bytes`, not copied. The view lives as long as `bytes`.
std::string_view AsText(ByteView bytes);
Bytes ToBytes(std::string_view text);
Bytes ToBytes(ByteView view);
std::string ToText(ByteView bytes);
void Append(Bytes& to, ByteView more);

std::string HexEncode(ByteView bytes);
// Errors: kInvalidInput for odd length, upper case or a character outside 0-9a-f.
Result<Bytes> HexDecode(std::string_view text);

std::string Base64Encode(ByteView bytes);
// Errors: kInvalidInput for a wrong length, alphabet, padding, or unused bits that are not zero.
Result<Bytes> Base64Decode(std::string_view text);

// `size` bytes with a type of their own: FixedBytes<32, struct DigestTag> is not
// FixedBytes<32, struct KeyTag>. Ordered and comparable in variable time: never for secrets.
template <std::size_t Size, typename Tag>
struct FixedBytes {
  static constexpr std::size_t kSize = Size;
  std::array<std::uint8_t, Size> bytes{};

  auto operator<=>(const FixedBytes&) const = default;

  ByteView view() const { return bytes; }
  std::string Hex() const { return HexEncode(bytes); }

  // Errors: kInvalidInput unless `view` has exactly kSize bytes.
  static Result<FixedBytes> From(ByteView view) {
    if (view.size() != Size) {
      return Error{ErrorCode::kInvalidInput, "expected " + std::to_string(Size) + " bytes, got " +
                                                 std::to_string(view.size())};
    }
    FixedBytes out;
    std::copy(view.begin(), view.end(), out.bytes.begin());
    return out;
  }
  // Errors: kInvalidInput unless `hex` is 2·kSize lower-case hex digits.
  static Result<FixedBytes> FromHex(std::string_view hex) {
    ENTENTE_ASSIGN(const Bytes raw, HexDecode(hex));
    return From(raw);
  }
};

}  // namespace entente
