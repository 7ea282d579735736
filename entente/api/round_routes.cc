// Private matching: offering, deciding, watching, hits.
#include "entente/api/handlers.h"
#include "entente/api/queries.h"
#include "entente/base/utf8.h"

namespace entente::api {
namespace {

using http::Method;
using http::RequestContext;
using http::Responder;
using http::Response;
using matching::RoundView;
using wire::Json;

Json ToJson(const std::optional<matching::RoundSide>& side) {
  if (!side) {
    return {};
  }
  return {{"origin", side->origin}, {"records", side->records}, {"size_class", side->size_class}};
}

Json ToJson(const std::optional<matching::RoundResult>& result) {
  if (!result) {
    return {};
  }
  return {{"common_keys", result->common_keys},
          {"intersection", result->intersection.Hex()},
          {"transcript", result->transcript.Hex()}};
}

Json ToJson(const std::optional<psi::Progress>& progress) {
  if (!progress) {
    return {};
  }
  return {{"phase", progress->phase},
          {"done", progress->done},
          {"total", progress->total},
          {"bytes_sent", progress->bytes_sent},
          {"bytes_received", progress->bytes_received}};
}

Json ToJson(const RoundView& view) {
  const matching::RoundRow& row = view.row;
  return {{"id", row.offer.Hex()},
          {"role", row.role == psi::Role::kProposer ? "proposer" : "acceptor"},
          {"state", matching::StateName(row.state)},
          {"purpose", row.purpose},
          {"agreement", row.agreement.Hex()},
          {"time", FormatRfc3339(row.time)},
          {"collection", row.collection},
          {"attempt", row.attempt},
          {"own", ToJson(row.own)},
          {"peer", ToJson(row.peer)},
          {"progress", ToJson(view.progress)},
          {"result", ToJson(row.own_result)},
          {"peer_result", ToJson(row.peer_result)},
          {"hits", row.hit_count},
          {"run_ms", row.run_ms},
          {"failure", OneLine(row.failure, 400)},
          {"records_keyed", view.records_keyed}};
}

// With who the peer is and what the agreement is called: what a human needs to decide.
Result<Json> Described(const Services& services, const PeerId& peer, const RoundView& view) {
  Json json = ToJson(view);
  ENTENTE_ASSIGN(const act::Card card, services.exchange.PeerCard(peer));
  json["with"] = {{"name", card.name}, {"country", card.country}};
  const auto agreement = services.documents.GetHead(peer, view.row.agreement);
  json["agreement_title"] = agreement ? Json(agreement->title) : Json();
  return json;
}

Result<RoundView> RoundOf(const Services& services, const PeerId& peer,
                          const RequestContext& context) {
  return FindRound(services, peer, context.PathParameter("id"));
}

// Without "agreement": the one in force with the highest tier, if any; without any the policy
// refuses.
Result<matching::OfferRequest> ReadOffer(const Services& services, const PeerId& peer,
                                         const RequestContext& context) {
  ENTENTE_ASSIGN(const Json body, BodyOf(context));
  wire::JsonReader reader(body, "offer");
  matching::OfferRequest request;
  ENTENTE_ASSIGN(request.collection, reader.String("collection"));
  ENTENTE_TRY(store::ValidateCollectionName(request.collection));
  ENTENTE_ASSIGN(request.purpose, reader.String("purpose"));
  ENTENTE_ASSIGN(const std::string agreement, reader.OptionalString("agreement"));
  ENTENTE_TRY(reader.Finish());
  if (!agreement.empty()) {
    ENTENTE_ASSIGN(const documents::DocumentView view, FindDocument(services, peer, agreement));
    request.agreement = view.id;
    return request;
  }
  ENTENTE_ASSIGN(const auto best, services.documents.BestInForce(peer));
  if (best) {
    request.agreement = best->id;
  }
  return request;
}

Status Offer(const Services& services, const RequestContext& context,
             const std::shared_ptr<Responder>& responder) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(std::string actor, ActorOf(context));
  ENTENTE_ASSIGN(matching::OfferRequest request, ReadOffer(services, peer, context));
  services.matching.Offer(peer, std::move(request), std::move(actor),
                          AnswerLater(services, peer, responder));
  return {};
}

Status Accept(const Services& services, const RequestContext& context,
              const std::shared_ptr<Responder>& responder) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(std::string actor, ActorOf(context));
  ENTENTE_ASSIGN(const Json body, BodyOf(context));
  wire::JsonReader reader(body, "accept");
  ENTENTE_ASSIGN(const std::string collection, reader.String("collection"));
  ENTENTE_TRY(store::ValidateCollectionName(collection));
  ENTENTE_TRY(reader.Finish());
  ENTENTE_ASSIGN(const RoundView view, RoundOf(services, peer, context));
  services.matching.Accept(peer, view.row.offer, collection, std::move(actor),
                           AnswerLater(services, peer, responder));
  return {};
}

Result<Response> Decline(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(std::string actor, ActorOf(context));
  ENTENTE_ASSIGN(const RoundView view, RoundOf(services, peer, context));
  ENTENTE_ASSIGN(const exchange::Submission submission,
                 services.matching.Decline(peer, view.row.offer, std::move(actor)));
  return SubmissionResponse(services, peer, submission);
}

Result<Response> ListRounds(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const auto views, services.matching.List(peer));
  Json list = Json::array();
  for (const RoundView& view : views) {
    ENTENTE_ASSIGN(Json json, Described(services, peer, view));
    list.push_back(std::move(json));
  }
  return JsonResponse({{"rounds", std::move(list)}});
}

Result<Response> GetRound(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const RoundView view, RoundOf(services, peer, context));
  ENTENTE_ASSIGN(const Json json, Described(services, peer, view));
  return JsonResponse(json);
}

Result<Response> GetHits(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const RoundView view, RoundOf(services, peer, context));
  ENTENTE_ASSIGN(const auto hits, services.matching.Hits(peer, view.row.offer));
  Json list = Json::array();
  for (const matching::Hit& hit : hits) {
    Json rules = Json::array();
    for (const auto& rule : hit.rules) {
      rules.push_back(RuleName(rule));
    }
    list.push_back(
        {{"record", hit.record_id}, {"rules", std::move(rules)}, {"common_keys", hit.common_keys}});
  }
  ENTENTE_ASSIGN(const bool is_replaced, IsListReplaced(services, view.row));
  return JsonResponse({{"hits", std::move(list)}, {"list_replaced", is_replaced}});
}

}  // namespace

void AddRoundRoutes(http::Router& router, const Services& services) {
  const std::string base = "/api/v1/peers/{peer}/rounds";
  const auto add = [&](Method method, const std::string& pattern, auto* answer) {
    AddRoute(router, method, pattern, [services, answer](const RequestContext& context) {
      return answer(services, context);
    });
  };
  const auto add_later = [&](const std::string& pattern, auto* begin) {
    router.Add(Method::kPost, pattern, http::Access::kAdministratorSocket,
               [services, begin](const RequestContext& context, Responder responder) {
                 const auto later = std::make_shared<Responder>(std::move(responder));
                 if (const Status status = begin(services, context, later); !status) {
                   (*later)(http::ErrorResponse(status.error()));
                 }
               });
  };
  add_later(base, &Offer);
  add_later(base + "/{id}/accept", &Accept);
  add(Method::kPost, base + "/{id}/decline", &Decline);
  add(Method::kGet, base, &ListRounds);
  add(Method::kGet, base + "/{id}", &GetRound);
  add(Method::kGet, base + "/{id}/hits", &GetHits);
}

}  // namespace entente::api
