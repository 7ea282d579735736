#include "entente/base/bytes.h"

namespace entente {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t kNotBase64 = 0xFF;

constexpr std::array<std::uint8_t, 256> InverseAlphabet() {
  std::array<std::uint8_t, 256> inverse{};
  inverse.fill(kNotBase64);
  for (std::size_t i = 0; i < kBase64Alphabet.size(); ++i) {
    inverse[static_cast<std::uint8_t>(kBase64Alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return inverse;
}

constexpr std::array<std::uint8_t, 256> kBase64Inverse = InverseAlphabet();

}  // namespace

ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view AsText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes ToBytes(std::string_view text) { return ToBytes(AsBytes(text)); }

Bytes ToBytes(ByteView view) { return {view.begin(), view.end()}; }

std::string ToText(ByteView bytes) { return std::string(AsText(bytes)); }

void Append(Bytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }

std::string HexEncode(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kHexDigits[byte >> 4U]);
    out.push_back(kHexDigits[byte & 0x0FU]);
  }
  return out;
}

Result<Bytes> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) {
    return Error{ErrorCode::kInvalidInput, "hex text has an odd number of digits"};
  }
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = kHexDigits.find(text[i]);
    const std::size_t low = kHexDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return Error{ErrorCode::kInvalidInput, "hex text has a character outside 0-9a-f"};
    }
    out.push_back(static_cast<std::uint8_t>(high << 4U | low));
  }
  return out;
}

std::string Base64Encode(ByteView bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U |
                                (left > 1 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8U : 0U) |
                                (left > 2 ? static_cast<std::uint32_t>(bytes[i + 2]) : 0U);
    out.push_back(kBase64Alphabet[group >> 18U & 63U]);
    out.push_back(kBase64Alphabet[group >> 12U & 63U]);
    out.push_back(left > 1 ? kBase64Alphabet[group >> 6U & 63U] : '=');
    out.push_back(left > 2 ? kBase64Alphabet[group & 63U] : '=');
  }
  return out;
}

Result<Bytes> Base64Decode(std::string_view text) {
  const Error bad{ErrorCode::kInvalidInput, "not strict base64 (RFC 4648 section 4)"};
  if (text.size() % 4 != 0) {
    return bad;
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t pad = i + 4 == text.size() ? padding : 0;
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      std::uint8_t value = 0;
      if (j < 4 - pad) {
        value = kBase64Inverse[static_cast<std::uint8_t>(text[i + j])];
        if (value == kNotBase64) {
          return bad;
        }
      }
      group = group << 6U | value;
    }
    if ((pad == 1 && (group & 0xFFU) != 0) || (pad == 2 && (group & 0xFFFFU) != 0)) {
      return bad;
    }
    out.push_back(static_cast<std::uint8_t>(group >> 16U));
    if (pad < 2) {
      out.push_back(static_cast<std::uint8_t>(group >> 8U));
    }
    if (pad < 1) {
      out.push_back(static_cast<std::uint8_t>(group));
    }
  }
  return out;
}

}  // namespace entente
