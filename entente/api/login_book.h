// Who may use the console: one-time logins given out over the administrator's socket, and the
// sessions they become.
//
// A login is 32 random bytes, works once and for kLoginAge. A session is a random cookie, ends
// after kSessionAge at the latest and with the process. Only hashes are kept, compared in constant
// time. The form token of a session derives from its cookie, so a page of another site cannot
// know it. Leaks: nothing that works as a login or a session. Threads: the node's owner thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "entente/base/random.h"
#include "entente/base/result.h"
#include "entente/base/time.h"
#include "entente/crypto/hash.h"
#include "entente/http/router.h"

namespace entente::api {

inline constexpr std::chrono::minutes kLoginAge{10};
inline constexpr std::chrono::hours kSessionAge{8};
inline constexpr std::size_t kLoginsMax = 16;
inline constexpr std::size_t kSessionsMax = 64;

class LoginBook {
 public:
  // Both must outlive the book.
  LoginBook(Random& random, const Clock& clock);

  struct Login {
    std::string token;  // base64url, fit for a link
    UtcTime expires;
  };
  // Errors: kLimitExceeded while kLoginsMax logins wait.
  Result<Login> NewLogin();

  // Trades a login for a session and returns its cookie's value. A login is gone whether or not
  // its session could begin. Errors: kNotPermitted for an unknown, used or expired token;
  // kLimitExceeded while kSessionsMax sessions run.
  Result<std::string> Redeem(std::string_view token);

  // The http::SessionCheck of the router: the person of the request's session.
  // Errors: kNotPermitted without one.
  Result<std::string> Check(const http::RequestContext& context) const;

  // What a form of this session must carry. Requires a request that Check admits.
  std::string FormToken(const http::RequestContext& context) const;
  // Errors: kNotPermitted unless `token` is the session's form token.
  Status CheckForm(const http::RequestContext& context, std::string_view token) const;

  // Ends the session of the request, if any.
  void SignOut(const http::RequestContext& context);

  // "entente_session_" and a tag of this process: two nodes on one machine share a host name, and
  // so would share a cookie.
  const std::string& cookie_name() const { return cookie_name_; }

 private:
  struct Entry {
    crypto::Digest hash;
    UtcTime expires;
  };
  std::string NewToken();
  void DropExpired();
  static std::vector<Entry>::const_iterator Find(const std::vector<Entry>& entries,
                                                 std::string_view token);
  std::string_view CookieOf(const http::RequestContext& context) const;

  Random& random_;
  const Clock& clock_;
  std::string cookie_name_;
  std::vector<Entry> logins_;
  std::vector<Entry> sessions_;
};

}  // namespace entente::api
