#include "entente/http/message.h"

#include <algorithm>
#include <array>

#include "entente/base/check.h"
#include "entente/base/utf8.h"

namespace entente::http {
namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 9110 §5.6.2.
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlphanumeric(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// RFC 9110 §5.5: visible characters and bytes above ASCII, blanks between them.
bool IsFieldValue(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (!text.empty() && (is_blank(text.front()) || is_blank(text.back()))) {
    return false;
  }
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20U && c != '\t') || byte == 0x7FU;
  });
}

// RFC 6265 §4.1.1 cookie-octet.
bool IsCookieOctet(char c) {
  return c > ' ' && c < '\x7f' && c != '"' && c != ',' && c != ';' && c != '\\';
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return out;
}

std::optional<std::string_view> FindIn(const Parameters& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string QuoteJson(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20U) {
      out += {'\\', 'u', '0', '0', kUpperHex[byte >> 4U], kUpperHex[byte & 15U]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

Response WithType(int status, std::string_view type, std::string_view text) {
  Response response;
  response.status = status;
  response.body = ToBytes(text);
  ENTENTE_CHECK(response.headers.Set("content-type", type).has_value());
  return response;
}

}  // namespace

std::string_view MethodName(Method method) {
  static constexpr std::array<std::string_view, 6> kNames = {"GET", "HEAD",   "POST",
                                                             "PUT", "DELETE", "OTHER"};
  return kNames[static_cast<std::size_t>(method)];
}

Status Headers::Set(std::string_view name, std::string_view value) {
  const std::string lower = LowerCase(name);
  Headers kept;
  for (Field& field : fields_) {
    if (field.first != lower) {
      kept.fields_.push_back(field);
    }
  }
  ENTENTE_TRY(kept.Add(name, value));
  *this = std::move(kept);
  return {};
}

Status Headers::Add(std::string_view name, std::string_view value) {
  if (!IsToken(name)) {
    return Error{ErrorCode::kInvalidInput, "not a header name"};
  }
  if (!IsFieldValue(value)) {
    return Error{ErrorCode::kInvalidInput, "a header value holds a control character"};
  }
  fields_.emplace_back(LowerCase(name), value);
  return {};
}

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  return FindIn(fields_, name);
}

std::optional<std::string_view> Request::FindQuery(std::string_view name) const {
  return FindIn(query, name);
}

std::optional<std::string_view> Request::FindCookie(std::string_view name) const {
  for (const auto& [key, line] : headers.fields()) {
    std::string_view rest = key == "cookie" ? std::string_view(line) : std::string_view();
    while (!rest.empty()) {
      std::string_view pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
        return pair.substr(name.size() + 1);
      }
    }
  }
  return std::nullopt;
}

Response Json(int status, std::string_view text) {
  return WithType(status, "application/json", text);
}

Response Html(int status, std::string_view text) {
  return WithType(status, "text/html; charset=utf-8", text);
}

Response Text(int status, std::string_view text) {
  return WithType(status, "text/plain; charset=utf-8", text);
}

Result<Response> Redirect(std::string_view location) {
  // Browsers drop tabs and take a backslash for a slash: "/\t/host" would leave.
  const bool is_plain = std::all_of(location.begin(), location.end(),
                                    [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
  if (!is_plain || !location.starts_with('/') || location.starts_with("//")) {
    return Error{ErrorCode::kInvalidInput, "a redirect stays on this server"};
  }
  Response response;
  response.status = 303;
  ENTENTE_TRY(response.headers.Set("location", location));
  return response;
}

int StatusFor(ErrorCode code) { return ErrorRowFor(code).http_status; }

Response ErrorResponse(const Error& error, std::string_view article) {
  return ErrorResponse(StatusFor(error.code), error, article);
}

Response ErrorResponse(int status, const Error& error, std::string_view article) {
  std::string text = "{\"error\":{\"code\":" + QuoteJson(ErrorRowFor(error.code).name) +
                     ",\"message\":" + QuoteJson(OneLine(error.message, 500));
  if (!article.empty()) {
    text += ",\"article\":" + QuoteJson(OneLine(article));
  }
  return Json(status, text + "}}");
}

Result<std::string> FormatCookie(std::string_view name, std::string_view value, bool is_secure,
                                 std::optional<std::chrono::seconds> max_age) {
  if (!IsToken(name) || !std::all_of(value.begin(), value.end(), IsCookieOctet)) {
    return Error{ErrorCode::kInvalidInput, "not a cookie name or value"};
  }
  std::string out = std::string(name) + "=" + std::string(value);
  if (max_age) {
    out += "; Max-Age=" + std::to_string(max_age->count());
  }
  return out + "; HttpOnly; SameSite=Strict; Path=/" + (is_secure ? "; Secure" : "");
}

}  // namespace entente::http
