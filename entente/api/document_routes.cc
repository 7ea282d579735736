// Documents: drafting, proposing, signing, publishing.
#include "entente/api/handlers.h"
#include "entente/api/queries.h"

namespace entente::api {
namespace {

using documents::DocumentHead;
using documents::DocumentView;
using http::Method;
using http::RequestContext;
using http::Response;
using wire::Json;

Json ToJson(const DocumentHead& head, UtcTime now) {
  Json signatures = Json::array();
  for (const documents::DocumentSignature& signature : head.signatures) {
    signatures.push_back({{"country", signature.country},
                          {"signatory", signature.signatory},
                          {"act", signature.act.Hex()}});
  }
  Json signatories = Json::array();
  for (const documents::NamedSignatory& signatory : head.signatories) {
    signatories.push_back({{"country", signatory.country}, {"name", signatory.name}});
  }
  return {{"id", head.id.Hex()},
          {"type", agreement::TypeName(head.type)},
          {"title", head.title},
          {"state", documents::StateName(head.StateAt(now))},
          {"tier", head.validity ? Json(act::TierName(head.validity->tier)) : Json()},
          {"signatures", std::move(signatures)},
          {"signatories", std::move(signatories)},
          {"published_by", head.published_by},
          {"published", head.IsPublished()}};
}

Result<DocumentView> DocumentOf(const Services& services, const PeerId& peer,
                                const RequestContext& context) {
  return FindDocument(services, peer, context.PathParameter("id"));
}

Result<Response> ListDocuments(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const auto heads, services.documents.List(peer));
  const UtcTime now = services.exchange.clock().Now();
  Json list = Json::array();
  for (const DocumentHead& head : heads) {
    list.push_back(ToJson(head, now));
  }
  return JsonResponse({{"documents", std::move(list)}});
}

Result<Response> Draft(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const documents::DocumentId id,
                 services.documents.Draft(peer, AsText(context.request.body)));
  return JsonResponse({{"id", id.Hex()}});
}

Result<Response> GetDocument(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const DocumentView view, DocumentOf(services, peer, context));
  Json json = ToJson(view, services.exchange.clock().Now());
  ENTENTE_ASSIGN(json["document"], wire::ParseJson(AsText(view.bytes)));
  json["own"] = services.exchange.identity().card.country;
  return JsonResponse(json);
}

Result<Response> GetEnvelope(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const DocumentView view, DocumentOf(services, peer, context));
  if (!view.IsCoSigned()) {
    return Error{ErrorCode::kConflict, "the document is not co-signed yet: every party must sign"};
  }
  return http::Json(200, AsText(documents::CoSignedEnvelope(view)));
}

Result<Response> Propose(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(std::string actor, ActorOf(context));
  ENTENTE_ASSIGN(const DocumentView view, DocumentOf(services, peer, context));
  ENTENTE_ASSIGN(const exchange::Submission submission,
                 services.documents.Propose(peer, view.id, std::move(actor)));
  return SubmissionResponse(services, peer, submission);
}

Result<Response> Sign(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(std::string actor, ActorOf(context));
  ENTENTE_ASSIGN(const Json body, BodyOf(context));
  wire::JsonReader reader(body, "signing");
  ENTENTE_ASSIGN(const std::string signatory, reader.String("signatory"));
  ENTENTE_TRY(reader.Finish());
  ENTENTE_ASSIGN(const DocumentView view, DocumentOf(services, peer, context));
  ENTENTE_ASSIGN(const exchange::Submission submission,
                 services.documents.Sign(peer, view.id, signatory, std::move(actor)));
  return SubmissionResponse(services, peer, submission);
}

Result<Response> Publish(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(std::string actor, ActorOf(context));
  ENTENTE_ASSIGN(const DocumentView view, DocumentOf(services, peer, context));
  ENTENTE_ASSIGN(const exchange::Submission submission,
                 services.documents.Publish(peer, view.id, std::move(actor)));
  return SubmissionResponse(services, peer, submission);
}

}  // namespace

void AddDocumentRoutes(http::Router& router, const Services& services) {
  const std::string base = "/api/v1/peers/{peer}/documents";
  const auto add = [&](Method method, const std::string& pattern, auto* answer) {
    AddRoute(router, method, pattern, [services, answer](const RequestContext& context) {
      return answer(services, context);
    });
  };
  add(Method::kGet, base, &ListDocuments);
  add(Method::kPost, base, &Draft);
  add(Method::kGet, base + "/{id}", &GetDocument);
  add(Method::kGet, base + "/{id}/envelope", &GetEnvelope);
  add(Method::kPost, base + "/{id}/propose", &Propose);
  add(Method::kPost, base + "/{id}/sign", &Sign);
  add(Method::kPost, base + "/{id}/publish", &Publish);
}

}  // namespace entente::api
