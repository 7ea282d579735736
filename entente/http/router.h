// From a request to the handler that answers it. Every route says who may use it; there is no
// default. Threads: the owner's one loop thread; handlers may answer later, on that thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entente/base/result.h"
#include "entente/http/message.h"

namespace entente::http {

// Where a request came in. Only the Unix socket proves the administrator.
enum class Origin { kAdministratorSocket, kNetwork };

enum class Access {
  kAdministratorSocket,  // only over the node's Unix socket
  kSession,              // what the router's SessionCheck admits
  kPublic,               // anyone who can connect: the login page, static files
};

// Takes the one answer to a request. If it goes without having been called, it answers 500, so no
// client waits for ever.
class Responder {
 public:
  // `send` must be safe to call after the connection is gone.
  explicit Responder(std::function<void(Response)> send) : send_(std::move(send)) {}
  Responder(Responder&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  // Call once.
  void operator()(Response response);

 private:
  std::function<void(Response)> send_;
};

struct RequestContext {
  Request request;
  Origin origin = Origin::kNetwork;
  std::string remote;  // for logs and limits
  // Filled by the router: the session's person (kSession routes), and what `{name}` matched.
  std::string person;
  Parameters path_parameters;

  // Requires a `{name}` of the route.
  const std::string& PathParameter(std::string_view name) const;
};

using Handler = std::function<void(RequestContext, Responder)>;

// Who the session of a request belongs to. Errors: as it likes; kNotPermitted for no session.
using SessionCheck = std::function<Result<std::string>(const RequestContext&)>;
// What a request without a session gets instead of an ErrorResponse: a page for humans.
using SessionRefusal = std::function<Response(const RequestContext&, const Error&)>;

class Router {
 public:
  explicit Router(SessionCheck session_check);
  void SetSessionRefusal(SessionRefusal refusal) { session_refusal_ = std::move(refusal); }

  // `pattern` is a path of literal segments and `{name}` (one segment, not empty); a last
  // `{name...}` takes all that remains. Where two patterns match, the one that is literal earlier
  // wins. GET routes serve HEAD. A malformed or repeated pattern is a bug of ours and aborts.
  void Add(Method method, std::string_view pattern, Access access, Handler handler);

  // Finds the route, checks its access, calls its handler. Answers itself: 404, 405 with `allow`,
  // 403 off the administrator's socket, the SessionCheck's error, 500 if the handler throws.
  void Handle(RequestContext context, Responder responder) const;

 private:
  struct Route {
    Method method;
    std::vector<std::string> segments;
    Access access;
    Handler handler;
  };
  const Route* FindRoute(Method method, const std::vector<std::string>& segments) const;
  Status CheckAccess(const Route& route, RequestContext& context) const;
  Response NoRoute(const std::vector<std::string>& segments) const;

  SessionCheck session_check_;
  SessionRefusal session_refusal_;
  std::vector<Route> routes_;  // the earlier literal first
};

}  // namespace entente::http
