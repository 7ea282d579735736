#include "entente/http/url.h"

#include <algorithm>
#include <optional>

#include "entente/base/utf8.h"

namespace entente::http {
namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

// RFC 3986 §2.3.
bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string Escape(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {'%', kUpperHex[byte >> 4U], kUpperHex[byte & 15U]};
}

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') {
    return static_cast<unsigned>(lower - 'a') + 10U;
  }
  return std::nullopt;
}

// Errors: kInvalidInput for a broken escape, NUL or text that is not UTF-8.
Result<std::string> Unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const auto high = at + 1 < text.size() ? HexDigit(text[at + 1]) : std::nullopt;
    const auto low = at + 2 < text.size() ? HexDigit(text[at + 2]) : std::nullopt;
    if (!high || !low) {
      return Error{ErrorCode::kInvalidInput,
                   "a % in the address is not followed by two hex digits"};
    }
    out += static_cast<char>(*high << 4U | *low);
    at += 2;
  }
  if (!IsUtf8(out) || out.find('\0') != std::string::npos) {
    return Error{ErrorCode::kInvalidInput, "the address is not UTF-8 text"};
  }
  return out;
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20U || byte == 0x7FU;
}

}  // namespace

Result<std::string> ParsePath(std::string_view text) {
  const Error ambiguous{ErrorCode::kInvalidInput, "the path of the address is not a plain path"};
  if (!text.starts_with('/')) {
    return ambiguous;
  }
  std::string path;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view raw = text.substr(0, text.find('/'));
    text.remove_prefix(raw.size());
    ENTENTE_ASSIGN(const std::string segment, Unescape(raw));
    const bool is_last = text.empty();
    const std::string_view name = segment;
    if (name == "." || name == ".." || (segment.empty() && !is_last) ||
        segment.find_first_of("/\\") != std::string::npos ||
        std::any_of(segment.begin(), segment.end(), IsControl)) {
      return ambiguous;
    }
    path += "/" + segment;
  }
  return path;
}

std::string FormatPath(std::string_view path) {
  std::string out;
  for (const char c : path) {
    out += IsUnreserved(c) || c == '/' ? std::string(1, c) : Escape(c);
  }
  return out;
}

Result<Parameters> ParseParameters(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  std::string_view rest = spaced;
  Parameters parameters;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) {
      continue;
    }
    if (parameters.size() == kParameterCountMax) {
      return Error{ErrorCode::kLimitExceeded,
                   "more than " + std::to_string(kParameterCountMax) + " parameters"};
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    ENTENTE_ASSIGN(std::string name, Unescape(pair.substr(0, equals)));
    ENTENTE_ASSIGN(std::string value, Unescape(pair.substr(std::min(equals + 1, pair.size()))));
    parameters.emplace_back(std::move(name), std::move(value));
  }
  return parameters;
}

std::string FormatParameters(const Parameters& parameters) {
  std::string out;
  const auto append = [&out](std::string_view text) {
    for (const char c : text) {
      out += c == ' ' ? "+" : IsUnreserved(c) ? std::string(1, c) : Escape(c);
    }
  };
  for (const auto& [name, value] : parameters) {
    out += out.empty() ? "" : "&";
    append(name);
    out += '=';
    append(value);
  }
  return out;
}

}  // namespace entente::http
