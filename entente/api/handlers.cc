#include "entente/api/handlers.h"

#include <utility>

#include "entente/api/queries.h"
#include "entente/api/routes.h"
#include "entente/base/error_table.h"
#include "entente/base/utf8.h"

namespace entente::api {
namespace {

using http::RequestContext;
using http::Responder;
using http::Response;
using wire::Json;

constexpr std::string_view kDefaultActor = "administrator";

// Heading and text of the article a decision cites, or null.
Result<Json> ArticleText(const Services& services, const PeerId& peer,
                         const agreement::Decision& decision) {
  if (!decision.agreement || decision.article.empty()) {
    return Json();
  }
  ENTENTE_ASSIGN(const documents::DocumentView view,
                 services.documents.Get(peer, *decision.agreement));
  const agreement::Article* const article = view.document.FindArticle(decision.article);
  return article == nullptr ? Json() : Json{{"heading", article->heading}, {"text", article->text}};
}

}  // namespace

void AddRoute(http::Router& router, http::Method method, std::string_view pattern, Answer answer) {
  router.Add(method, pattern, http::Access::kAdministratorSocket,
             [answer = std::move(answer)](const RequestContext& context, Responder responder) {
               auto response = answer(context);
               responder(response ? *std::move(response) : http::ErrorResponse(response.error()));
             });
}

Response JsonResponse(const Json& json, int status) {
  return http::Json(status, wire::WriteCanonicalJson(json));
}

Result<std::string> ActorOf(const RequestContext& context) {
  const std::string_view actor =
      context.request.headers.Find("x-entente-actor").value_or(kDefaultActor);
  if (actor.empty() || actor.size() > kActorBytesMax || !IsUtf8(actor)) {
    return Error{ErrorCode::kInvalidInput, "x-entente-actor must be UTF-8 of 1 to " +
                                               std::to_string(kActorBytesMax) + " bytes"};
  }
  return std::string(actor);
}

Result<PeerId> PeerOf(const Services& services, const RequestContext& context) {
  return FindPeer(services, context.PathParameter("peer"));
}

Result<Json> BodyOf(const RequestContext& context) {
  ENTENTE_ASSIGN(Json json, wire::ParseJson(AsText(context.request.body)));
  if (!json.is_object()) {
    return Error{ErrorCode::kInvalidInput, "the body must be one JSON object"};
  }
  return json;
}

Result<Response> SubmissionResponse(const Services& services, const PeerId& peer,
                                    const exchange::Submission& submission) {
  const agreement::Decision& decision = submission.decision;
  if (decision.is_permitted()) {
    return JsonResponse({{"permitted", true},
                         {"act", submission.id.Hex()},
                         {"sequence", submission.sequence},
                         {"leaf", submission.leaf_index}});
  }
  ENTENTE_ASSIGN(Json article_text, ArticleText(services, peer, decision));
  Json error{{"code", ErrorRowFor(ErrorCode::kNotPermitted).name},
             {"message", agreement::Describe(decision)}};
  if (!decision.article.empty()) {
    error["article"] = decision.article;
  }
  Json body{{"error", std::move(error)},
            {"decision",
             {{"rule", agreement::RuleName(decision.rule)},
              {"agreement", decision.agreement ? Json(decision.agreement->Hex()) : Json()},
              {"article", decision.article},
              {"article_text", std::move(article_text)}}}};
  return JsonResponse(body, http::StatusFor(ErrorCode::kNotPermitted));
}

matching::Matching::Done AnswerLater(const Services& services, const PeerId& peer,
                                     std::shared_ptr<Responder> responder) {
  return [services, peer,
          responder = std::move(responder)](const Result<exchange::Submission>& submission) {
    const auto response = submission ? SubmissionResponse(services, peer, *submission)
                                     : Result<Response>(submission.error());
    (*responder)(response ? *response : http::ErrorResponse(response.error()));
  };
}

Json ToJson(const store::Collection& collection) {
  return {{"name", collection.name},
          {"origin", store::OriginName(collection.origin)},
          {"records", collection.record_count},
          {"time", FormatRfc3339(collection.time)}};
}

void AddApiRoutes(http::Router& router, const Services& services, LoginBook& logins) {
  AddNodeRoutes(router, services, logins);
  AddDocumentRoutes(router, services);
  AddImportRoutes(router, services);
  AddRoundRoutes(router, services);
  AddLedgerRoutes(router, services);
}

}  // namespace entente::api
