#include "entente/api/login_book.h"

#include <algorithm>
#include <array>

#include "entente/base/bytes.h"
#include "entente/base/secret.h"

namespace entente::api {
namespace {

constexpr std::string_view kPerson = "administrator";

// RFC 4648 §5 without padding.
std::string Base64Url(ByteView bytes) {
  std::string text = Base64Encode(bytes);
  text.erase(text.find_last_not_of('=') + 1);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

crypto::Digest HashOf(std::string_view token) {
  return crypto::HashFields("entente-login/1", {AsBytes(token)});
}

}  // namespace

LoginBook::LoginBook(Random& random, const Clock& clock) : random_(random), clock_(clock) {
  std::array<std::uint8_t, 4> tag{};
  random_.Fill(tag);
  cookie_name_ = "entente_session_" + HexEncode(tag);
}

std::string LoginBook::NewToken() {
  Secret<32> bytes;
  random_.Fill(bytes.mutable_view());
  return Base64Url(bytes.view());
}

void LoginBook::DropExpired() {
  const UtcTime now = clock_.Now();
  const auto is_over = [&](const Entry& entry) { return entry.expires <= now; };
  std::erase_if(logins_, is_over);
  std::erase_if(sessions_, is_over);
}

// Looks at every entry, whichever it is.
std::vector<LoginBook::Entry>::const_iterator LoginBook::Find(const std::vector<Entry>& entries,
                                                              std::string_view token) {
  const crypto::Digest hash = HashOf(token);
  auto found = entries.end();
  for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
    if (EqualConstantTime(entry->hash.view(), hash.view())) {
      found = entry;
    }
  }
  return found;
}

Result<LoginBook::Login> LoginBook::NewLogin() {
  DropExpired();
  if (logins_.size() >= kLoginsMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "too many logins wait to be used; use one or wait ten minutes"};
  }
  Login login{NewToken(), clock_.Now() + kLoginAge};
  logins_.push_back({HashOf(login.token), login.expires});
  return login;
}

Result<std::string> LoginBook::Redeem(std::string_view token) {
  DropExpired();
  const auto login = Find(logins_, token);
  if (login == logins_.end()) {
    return Error{ErrorCode::kNotPermitted,
                 "this login is unknown, expired or used: get a new one with `entente login`"};
  }
  logins_.erase(login);
  if (sessions_.size() >= kSessionsMax) {
    return Error{ErrorCode::kLimitExceeded, "too many sessions run; sign out of one first"};
  }
  std::string cookie = NewToken();
  sessions_.push_back({HashOf(cookie), clock_.Now() + kSessionAge});
  return cookie;
}

std::string_view LoginBook::CookieOf(const http::RequestContext& context) const {
  return context.request.FindCookie(cookie_name_).value_or("");
}

Result<std::string> LoginBook::Check(const http::RequestContext& context) const {
  const auto session = Find(sessions_, CookieOf(context));
  if (session == sessions_.end() || session->expires <= clock_.Now()) {
    return Error{ErrorCode::kNotPermitted, "no session: open the link that `entente login` prints"};
  }
  return std::string(kPerson);
}

std::string LoginBook::FormToken(const http::RequestContext& context) const {
  return Base64Url(crypto::HashFields("entente-form/1", {AsBytes(CookieOf(context))}).view());
}

Status LoginBook::CheckForm(const http::RequestContext& context, std::string_view token) const {
  if (!EqualConstantTime(AsBytes(FormToken(context)), AsBytes(token))) {
    return Error{ErrorCode::kNotPermitted,
                 "the form does not belong to this session: load its page again"};
  }
  return {};
}

void LoginBook::SignOut(const http::RequestContext& context) {
  if (const auto session = Find(sessions_, CookieOf(context)); session != sessions_.end()) {
    sessions_.erase(session);
  }
}

}  // namespace entente::api
