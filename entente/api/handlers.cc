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

// What the terms allow where `rule` refused, or null.
Json Agreed(agreement::Rule rule, const agreement::Terms& terms) {
  Json purposes = Json::array();
  for (const auto& [purpose, article] : terms.purposes) {
    purposes.push_back(purpose);
  }
  const agreement::MatchTerms matching = terms.matching.value_or(agreement::MatchTerms());
  switch (rule) {
    case agreement::Rule::kTier:
      return {{"tier", act::TierName(terms.tier)}};
    case agreement::Rule::kValidity:
      return {{"valid_from", FormatRfc3339(terms.valid_from)},
              {"valid_until", FormatRfc3339(terms.valid_until)}};
    case agreement::Rule::kPurpose:
      return {{"purposes", std::move(purposes)}};
    case agreement::Rule::kOrigin:
      return {{"origins", matching.origins}};
    case agreement::Rule::kLimit:
      return {{"records_max", matching.records_max},
              {"rounds_per_day_max", matching.rounds_per_day_max}};
    case agreement::Rule::kScheme:
      return {{"scheme", matching.scheme}, {"crypto_suites", matching.crypto_suites}};
    default:
      return {};
  }
}

// The decision with the document and the article it cites, as far as there are any.
Json ToJson(const agreement::Decision& decision, const agreement::Document* document) {
  Json json{{"rule", agreement::RuleName(decision.rule)},
            {"agreement", decision.agreement ? Json(decision.agreement->Hex()) : Json()},
            {"document_type", Json()},
            {"article", decision.article},
            {"article_text", Json()},
            {"agreed", Json()}};
  if (document == nullptr) {
    return json;
  }
  json["document_type"] = agreement::TypeName(document->type);
  if (const agreement::Article* const article = document->FindArticle(decision.article)) {
    json["article_text"] = {{"heading", article->heading}, {"text", article->text}};
  }
  if (document->terms) {
    json["agreed"] = Agreed(decision.rule, *document->terms);
  }
  return json;
}

// One line that calls the document what it is: Describe(decision) says "agreement" for all.
std::string Describe(const agreement::Decision& decision, const agreement::Document* document) {
  if (document == nullptr || !decision.agreement || decision.article.empty()) {
    return agreement::Describe(decision);
  }
  return "not permitted: rule " + std::string(agreement::RuleName(decision.rule)) + ", article " +
         decision.article + " of the " + std::string(agreement::TypeName(document->type)) + " " +
         decision.agreement->Hex().substr(0, 12);
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
  std::optional<documents::DocumentView> view;
  if (decision.agreement) {
    ENTENTE_ASSIGN(view, services.documents.Get(peer, *decision.agreement));
  }
  const agreement::Document* const document = view ? &view->document : nullptr;
  Json error{{"code", ErrorRowFor(ErrorCode::kNotPermitted).name},
             {"message", Describe(decision, document)}};
  if (!decision.article.empty()) {
    error["article"] = decision.article;
  }
  const Json body{{"error", std::move(error)}, {"decision", ToJson(decision, document)}};
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
  AddHealthRoutes(router, services);
  AddCourierRoutes(router, services);
}

}  // namespace entente::api
