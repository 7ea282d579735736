#include "entente/match/internal/document_key.h"

#include <algorithm>
#include <string_view>

#include "entente/base/utf8.h"
#include "entente/match/internal/thresholds.h"

namespace entente::match {
namespace {

constexpr Bits16 kDigitBits = 52;
constexpr Bits16 kLetterBits = 48;

// The ASCII letter or digit that `c` stands for, or 0.
char Plain(char32_t c) {
  constexpr char32_t kArabicZero = 0x660;
  constexpr char32_t kPersianZero = 0x6F0;
  for (const char32_t zero : {char32_t{'0'}, kArabicZero, kPersianZero}) {
    if (c >= zero && c < zero + 10) {
      return static_cast<char>('0' + (c - zero));
    }
  }
  if (c >= 'a' && c <= 'z') {
    return static_cast<char>('A' + (c - 'a'));
  }
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c) : '\0';
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Normalised(std::string_view written) {
  std::string number;
  bool is_behind_digit = false;
  for (std::size_t at = 0; at < written.size();) {
    const char c = Plain(NextCodePoint(written, at));
    if (c == '\0') {
      continue;
    }
    number.push_back(!is_behind_digit ? c : c == 'O' ? '0' : c == 'I' ? '1' : c);
    is_behind_digit = is_behind_digit || IsDigit(c);
  }
  return number;
}

Bits16 BitsOf(std::string_view number) {
  Bits16 bits = 0;
  char before = '0';
  for (const char c : number) {
    bits += c == before ? 0 : IsDigit(c) ? kDigitBits : kLetterBits;
    before = c;
  }
  return bits;
}

}  // namespace

std::optional<std::string> DocumentKeyPart(const records::Document& document) {
  if (!IsUtf8(document.number.Reveal())) {
    return std::nullopt;
  }
  const std::string number = Normalised(document.number.Reveal());
  const bool is_identity = document.type != records::DocumentType::kOther;
  const Bits16 need = document.issuer.empty() ? kUnknownIssuerBits
                      : is_identity           ? kDocumentBits
                                              : kOtherDocumentBits;
  if (BitsOf(number) < need) {
    return std::nullopt;
  }
  const char type = "PIO"[static_cast<std::size_t>(document.type)];
  return document.issuer + "|" + type + "|" + number;
}

}  // namespace entente::match
