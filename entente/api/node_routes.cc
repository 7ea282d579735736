// The node itself: status, cards, logins.
#include "entente/api/handlers.h"
#include "entente/api/queries.h"
#include "entente/base/utf8.h"

namespace entente::api {
namespace {

using http::Method;
using http::RequestContext;
using http::Response;
using wire::Json;

std::string FingerprintText(const act::Card& card) { return act::Spoken(act::FingerprintOf(card)); }

Json ToJson(const PeerSummary& peer) {
  return {{"id", peer.card.id().str()},
          {"name", peer.card.name},
          {"country", peer.card.country},
          {"linked", peer.link.is_linked},
          {"link_error", OneLine(peer.link.error, 400)},
          {"pending_acts", peer.pending_acts},
          {"ledger_size", peer.ledger_size},
          {"settled_size", peer.settled_size},
          {"unsettled_since",
           peer.unsettled_since ? Json(FormatRfc3339(*peer.unsettled_since)) : Json()},
          {"log_forked", peer.is_log_forked},
          {"evidence", peer.evidence_count},
          {"guard", exchange::GuardName(peer.guard.state)},
          {"guard_why", peer.guard.why},
          {"stopped", peer.stopped},
          {"peer_trouble", peer.peer_trouble},
          {"dead_acts", peer.has_dead_acts}};
}

Result<Response> GetStatus(const Services& services) {
  const act::Card& own = services.exchange.identity().card;
  Json peers = Json::array();
  ENTENTE_ASSIGN(const auto summaries, ListPeers(services));
  for (const PeerSummary& peer : summaries) {
    peers.push_back(ToJson(peer));
  }
  Json collections = Json::array();
  ENTENTE_ASSIGN(const auto rows, ListCollections(services));
  for (const store::Collection& collection : rows) {
    collections.push_back(api::ToJson(collection));
  }
  const std::string console = services.console_address();
  return JsonResponse({{"name", own.name},
                       {"country", own.country},
                       {"exercise", own.is_exercise},
                       {"id", own.id().str()},
                       {"fingerprint", FingerprintText(own)},
                       {"version", services.version},
                       {"peers", std::move(peers)},
                       {"collections", std::move(collections)},
                       {"console", console.empty() ? Json() : Json(console)}});
}

Result<Response> GetPeers(const Services& services) {
  Json peers = Json::array();
  ENTENTE_ASSIGN(const auto summaries, ListPeers(services));
  for (const PeerSummary& peer : summaries) {
    peers.push_back({{"id", peer.card.id().str()},
                     {"name", peer.card.name},
                     {"country", peer.card.country},
                     {"fingerprint", FingerprintText(peer.card)},
                     {"endpoints", peer.card.endpoints},
                     {"languages", peer.card.languages},
                     {"contact", peer.card.contact},
                     {"since", FormatRfc3339(peer.since)}});
  }
  return JsonResponse({{"peers", std::move(peers)}});
}

Result<Response> AddPeer(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const act::Card card, services.exchange.AddPeer(context.request.body));
  const bool is_reachable =
      !card.endpoints.empty() || !services.exchange.identity().card.endpoints.empty();
  return JsonResponse({{"id", card.id().str()},
                       {"name", card.name},
                       {"country", card.country},
                       {"fingerprint", FingerprintText(card)},
                       {"warning", is_reachable ? Json() : Json(kNobodyListens)}});
}

Result<Response> NewLogin(const Services& services, LoginBook& logins,
                          const RequestContext& context) {
  ENTENTE_ASSIGN(const Json body, BodyOf(context));
  wire::JsonReader reader(body, "login");
  ENTENTE_ASSIGN(const std::string language, reader.OptionalString("lang", 2));
  ENTENTE_TRY(reader.Finish());
  const std::string console = services.console_address();
  if (console.empty()) {
    return Error{ErrorCode::kUnavailable,
                 "the console does not listen: set its address in the configuration and restart"};
  }
  ENTENTE_ASSIGN(const LoginBook::Login login, logins.NewLogin());
  http::Parameters parameters{{"token", login.token}};
  if (!language.empty()) {
    parameters.emplace_back("lang", language);
  }
  return JsonResponse({{"url", console + "/login?" + http::FormatParameters(parameters)},
                       {"expires", FormatRfc3339(login.expires)}});
}

}  // namespace

void AddNodeRoutes(http::Router& router, const Services& services, LoginBook& logins) {
  AddRoute(router, Method::kGet, "/api/v1/status",
           [services](const RequestContext&) { return GetStatus(services); });
  AddRoute(router, Method::kGet, "/api/v1/card", [services](const RequestContext&) {
    return Result<Response>(http::Json(200, AsText(services.exchange.identity().signed_card)));
  });
  AddRoute(router, Method::kGet, "/api/v1/peers",
           [services](const RequestContext&) { return GetPeers(services); });
  AddRoute(router, Method::kPost, "/api/v1/peers",
           [services](const RequestContext& context) { return AddPeer(services, context); });
  AddRoute(router, Method::kPost, "/api/v1/logins",
           [services, &logins](const RequestContext& context) {
             return NewLogin(services, logins, context);
           });
}

}  // namespace entente::api
