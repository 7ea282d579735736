// How the node and its relations are, and the few things an operator does about it.
#include <array>

#include "entente/api/doctor.h"
#include "entente/api/handlers.h"
#include "entente/api/queries.h"
#include "entente/base/error_table.h"
#include "entente/base/utf8.h"
#include "entente/exchange/dead_letters.h"
#include "entente/exchange/quota.h"
#include "entente/exchange/recovery.h"

namespace entente::api {
namespace {

using http::Method;
using http::RequestContext;
using http::Response;
using wire::Json;

Result<Response> GetDoctor(const Services& services) {
  ENTENTE_ASSIGN(const std::vector<Finding> findings, Examine(services));
  Json list = Json::array();
  bool is_ok = true;
  for (const Finding& finding : findings) {
    is_ok = is_ok && finding.is_ok;
    list.push_back({{"check", finding.check},
                    {"peer", finding.peer ? Json(finding.peer->str()) : Json()},
                    {"ok", finding.is_ok},
                    {"what", OneLine(finding.what, 400)},
                    {"do", OneLine(finding.to_do, 400)}});
  }
  return JsonResponse({{"ok", is_ok}, {"findings", std::move(list)}});
}

// Why nothing is sent at the moment; "" if something is.
Result<std::string> WhyWaiting(const Services& services, const PeerId& peer) {
  std::string why;
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto trouble, exchange::ReadPeerTrouble(reader, peer));
    for (const Status& status :
         {exchange::CheckGuard(reader, peer), exchange::CheckStop(reader, peer),
          exchange::CheckQuota(reader, peer, services.exchange.clock().Now())}) {
      why = status ? why : status.error().message;
    }
    why = trouble ? trouble->why : why;
    return {};
  }));
  const node::LinkStatus link = services.links.StatusOf(peer);
  return why.empty() && !link.is_linked ? link.error : why;
}

Result<Response> GetOutbox(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  std::vector<store::ActRow> acts;
  ENTENTE_TRY(services.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(acts, reader.PendingActs(peer, 0, kActsMax));
    return {};
  }));
  const UtcTime now = services.exchange.clock().Now();
  Json list = Json::array();
  std::uint64_t dead = 0;
  for (const store::ActRow& act : acts) {
    const bool is_dead = exchange::IsDead(act.time, now);
    dead += is_dead ? 1 : 0;
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - act.time);
    list.push_back({{"kind", act.kind},
                    {"epoch", act.epoch},
                    {"sequence", act.sequence},
                    {"id", act.id.Hex()},
                    {"time", FormatRfc3339(act.time)},
                    {"age_seconds", std::int64_t{age.count()}},
                    {"dead", is_dead}});
  }
  ENTENTE_ASSIGN(const std::string why, WhyWaiting(services, peer));
  return JsonResponse({{"acts", std::move(list)}, {"dead", dead}, {"why", OneLine(why, 400)}});
}

Result<Response> Recover(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  exchange::Recovery recovery(services.exchange);
  ENTENTE_TRY(recovery.Begin(peer));
  ENTENTE_ASSIGN(const exchange::Guard guard, recovery.GuardOf(peer));
  return JsonResponse({{"guard", exchange::GuardName(guard.state)}});
}

Result<Response> Resume(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_TRY(exchange::Recovery(services.exchange).Resume(peer));
  return JsonResponse({{"stopped", false}});
}

Result<BackupService*> BackupsOf(const Services& services) {
  if (services.backups == nullptr) {
    return Error{ErrorCode::kUnavailable, "this node makes no backups"};
  }
  return services.backups;
}

Result<Response> GetBackup(const Services& services) {
  ENTENTE_ASSIGN(const BackupService* const backups, BackupsOf(services));
  const BackupStatus status = backups->Get();
  const bool has_failed = status.state == BackupState::kFailed;
  return JsonResponse({{"state", BackupStateName(status.state)},
                       {"folder", status.folder},
                       {"pages_done", status.pages_done},
                       {"pages_total", status.pages_total},
                       {"error", OneLine(status.error, 400)},
                       {"code", has_failed ? Json(ErrorRowFor(status.error_code).name) : Json()}});
}

Result<Response> StartBackup(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(BackupService* const backups, BackupsOf(services));
  ENTENTE_ASSIGN(const Json body, BodyOf(context));
  wire::JsonReader reader(body, "backup");
  ENTENTE_ASSIGN(const std::string folder, reader.String("folder"));
  ENTENTE_TRY(reader.Finish());
  ENTENTE_TRY(backups->Start(folder));
  return GetBackup(services);
}

}  // namespace

std::string_view BackupStateName(BackupState state) {
  static constexpr std::array<std::string_view, 5> kNames{"none", "copying", "checking", "done",
                                                          "failed"};
  return kNames.at(static_cast<std::size_t>(state));
}

void AddHealthRoutes(http::Router& router, const Services& services) {
  AddRoute(router, Method::kGet, "/api/v1/doctor",
           [services](const RequestContext&) { return GetDoctor(services); });
  AddRoute(router, Method::kGet, "/api/v1/peers/{peer}/outbox",
           [services](const RequestContext& context) { return GetOutbox(services, context); });
  AddRoute(router, Method::kPost, "/api/v1/peers/{peer}/recover",
           [services](const RequestContext& context) { return Recover(services, context); });
  AddRoute(router, Method::kPost, "/api/v1/peers/{peer}/resume",
           [services](const RequestContext& context) { return Resume(services, context); });
  AddRoute(router, Method::kGet, "/api/v1/backup",
           [services](const RequestContext&) { return GetBackup(services); });
  AddRoute(router, Method::kPost, "/api/v1/backup",
           [services](const RequestContext& context) { return StartBackup(services, context); });
}

}  // namespace entente::api
