#include "entente/http/router.h"

#include <algorithm>
#include <exception>
#include <set>

#include "entente/base/check.h"

namespace entente::http {
namespace {

using Segments = std::vector<std::string>;

// "/a/b" → {"a", "b"}; "/" → {""}.
Segments SplitPath(std::string_view path) {
  Segments segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    segments.emplace_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

bool IsParameter(std::string_view segment) { return segment.starts_with('{'); }
bool IsRest(std::string_view segment) { return segment.ends_with("...}"); }

std::string_view ParameterName(std::string_view segment) {
  const std::size_t marks = IsRest(segment) ? 5 : 2;  // {...} or {}
  return segment.substr(1, segment.size() - marks);
}

bool IsPattern(std::string_view pattern, const Segments& segments) {
  std::set<std::string_view> names;
  for (const std::string& segment : segments) {
    const bool has_brace = segment.find_first_of("{}") != std::string::npos;
    const bool is_named =
        IsParameter(segment) && segment.ends_with('}') &&
        (!IsRest(segment) || (segment.size() > 5 && &segment == &segments.back())) &&
        segment.size() > 2 && names.insert(ParameterName(segment)).second;
    if (has_brace && !is_named) {
      return false;
    }
  }
  return pattern.starts_with('/');
}

bool Matches(const Segments& pattern, const Segments& path) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i >= path.size()) {
      return false;
    }
    if (IsRest(pattern[i])) {
      return !path[i].empty();
    }
    if (IsParameter(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) {
      return false;
    }
  }
  return pattern.size() == path.size();
}

// Literal before `{name}` before `{name...}`, segment by segment; the same for the same paths.
std::vector<int> Rank(const Segments& pattern) {
  std::vector<int> rank;
  for (const std::string& segment : pattern) {
    rank.push_back(IsRest(segment) ? 2 : IsParameter(segment) ? 1 : 0);
  }
  return rank;
}

// Whether two patterns are one but for the names of their parameters.
bool AreSame(const Segments& a, const Segments& b) {
  return Rank(a) == Rank(b) &&
         std::equal(a.begin(), a.end(), b.begin(), [](const auto& left, const auto& right) {
           return IsParameter(left) || left == right;
         });
}

Parameters PathParametersOf(const Segments& pattern, const Segments& path) {
  Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!IsParameter(pattern[i])) {
      continue;
    }
    std::string value = path[i];
    for (std::size_t more = i + 1; IsRest(pattern[i]) && more < path.size(); ++more) {
      value += "/" + path[more];
    }
    parameters.emplace_back(ParameterName(pattern[i]), std::move(value));
  }
  return parameters;
}

}  // namespace

Responder::~Responder() {
  if (send_) {
    (*this)(ErrorResponse({ErrorCode::kInternal, "the request was not answered"}));
  }
}

void Responder::operator()(Response response) {
  ENTENTE_CHECK(send_ != nullptr);
  std::exchange(send_, nullptr)(std::move(response));
}

const std::string& RequestContext::PathParameter(std::string_view name) const {
  const auto found = std::find_if(path_parameters.begin(), path_parameters.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  ENTENTE_CHECK(found != path_parameters.end());
  return found->second;
}

Router::Router(SessionCheck session_check) : session_check_(std::move(session_check)) {}

void Router::Add(Method method, std::string_view pattern, Access access, Handler handler) {
  Route route{method, SplitPath(pattern), access, std::move(handler)};
  ENTENTE_CHECK(IsPattern(pattern, route.segments) && method != Method::kOther);
  for (const Route& other : routes_) {
    ENTENTE_CHECK(other.method != method || !AreSame(other.segments, route.segments));
  }
  const auto before = std::upper_bound(
      routes_.begin(), routes_.end(), Rank(route.segments),
      [](const auto& rank, const Route& other) { return rank < Rank(other.segments); });
  routes_.insert(before, std::move(route));
}

const Router::Route* Router::FindRoute(Method method, const Segments& segments) const {
  for (const Route& route : routes_) {
    if (route.method == method && Matches(route.segments, segments)) {
      return &route;
    }
  }
  return method == Method::kHead ? FindRoute(Method::kGet, segments) : nullptr;
}

Response Router::NoRoute(const Segments& segments) const {
  std::set<std::string_view> allowed;
  for (const Route& route : routes_) {
    if (Matches(route.segments, segments)) {
      allowed.insert(MethodName(route.method));
      if (route.method == Method::kGet) {
        allowed.insert(MethodName(Method::kHead));
      }
    }
  }
  if (allowed.empty()) {
    return ErrorResponse({ErrorCode::kNotFound, "nothing is served at this address"});
  }
  std::string list;
  for (const std::string_view name : allowed) {
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  Response response =
      ErrorResponse(405, {ErrorCode::kInvalidInput, "this address serves " + list + " only"});
  ENTENTE_CHECK(response.headers.Set("allow", list).has_value());
  return response;
}

Status Router::CheckAccess(const Route& route, RequestContext& context) const {
  switch (route.access) {
    case Access::kAdministratorSocket:
      if (context.origin != Origin::kAdministratorSocket) {
        return Error{ErrorCode::kNotPermitted, "only the node's own socket serves this address"};
      }
      break;
    case Access::kSession: {
      ENTENTE_ASSIGN(context.person, session_check_(context));
      break;
    }
    case Access::kPublic:
      break;
  }
  return {};
}

void Router::Handle(RequestContext context, Responder responder) const {
  const Segments segments = SplitPath(context.request.path);
  const Route* const route = FindRoute(context.request.method, segments);
  if (route == nullptr) {
    responder(NoRoute(segments));
    return;
  }
  context.path_parameters = PathParametersOf(route->segments, segments);
  try {
    if (const Status status = CheckAccess(*route, context); !status) {
      const bool has_page = route->access == Access::kSession && session_refusal_;
      responder(has_page ? session_refusal_(context, status.error())
                         : ErrorResponse(status.error()));
      return;
    }
    route->handler(std::move(context), std::move(responder));
  } catch (const std::exception&) {
    // A bug. The responder answers 500 as it goes, unless the handler has answered.
  }
}

}  // namespace entente::http
