// What the route files share: from a handler's Result to an answer, and the JSON of common values.
// Threads: the node's owner thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "entente/api/login_book.h"
#include "entente/api/services.h"
#include "entente/http/router.h"
#include "entente/wire/json.h"

namespace entente::api {

inline constexpr std::size_t kActorBytesMax = 100;

using Answer = std::function<Result<http::Response>(const http::RequestContext&)>;
// A route of the administrator's socket whose error becomes an ErrorResponse.
void AddRoute(http::Router& router, http::Method method, std::string_view pattern, Answer answer);

http::Response JsonResponse(const wire::Json& json, int status = 200);

// Who orders: the header x-entente-actor, "administrator" without it. Errors: kInvalidInput.
Result<std::string> ActorOf(const http::RequestContext& context);
// The peer that the path names. Errors: as FindPeer.
Result<PeerId> PeerOf(const Services& services, const http::RequestContext& context);
// The body as one JSON object. Errors: as wire::ParseJson; kInvalidInput for another value.
Result<wire::Json> BodyOf(const http::RequestContext& context);

// 200 with the act, or 403 with the decision and the article it cites, in every language.
Result<http::Response> SubmissionResponse(const Services& services, const PeerId& peer,
                                          const exchange::Submission& submission);
// For a submission that ends later: answers `responder` once.
matching::Matching::Done AnswerLater(const Services& services, const PeerId& peer,
                                     std::shared_ptr<http::Responder> responder);

wire::Json ToJson(const store::Collection& collection);

// The routes by subject. References must outlive the router.
void AddNodeRoutes(http::Router& router, const Services& services, LoginBook& logins);
void AddDocumentRoutes(http::Router& router, const Services& services);
void AddImportRoutes(http::Router& router, const Services& services);
void AddRoundRoutes(http::Router& router, const Services& services);
void AddLedgerRoutes(http::Router& router, const Services& services);
void AddHealthRoutes(http::Router& router, const Services& services);
void AddCourierRoutes(http::Router& router, const Services& services);

}  // namespace entente::api
