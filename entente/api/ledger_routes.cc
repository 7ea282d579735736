// What crossed and how it is proven: acts, evidence, ledger, audit log.
#include <array>

#include "entente/api/handlers.h"
#include "entente/api/queries.h"
#include "entente/base/utf8.h"
#include "entente/ledger/text.h"

namespace entente::api {
namespace {

using http::Method;
using http::RequestContext;
using http::Response;
using wire::Json;

std::string_view StateName(store::ActState state) {
  // In the order of store::ActState.
  static constexpr std::array<std::string_view, 4> kNames{"pending", "receipted", "refused",
                                                          "accepted"};
  return kNames[static_cast<std::size_t>(state)];
}

Result<Json> AnswerJson(ByteView envelope_bytes) {
  if (envelope_bytes.empty()) {
    return Json();
  }
  ENTENTE_ASSIGN(const act::Envelope envelope, act::DecodeEnvelope(envelope_bytes));
  ENTENTE_ASSIGN(const act::Answer answer, act::DecodeAnswer(envelope.payload));
  return Json{{"outcome", answer.is_receipt ? "receipt" : "refusal"},
              {"code", answer.code},
              {"article", answer.article},
              {"reason", answer.reason},
              {"leaf", answer.leaf_index}};
}

Result<Response> GetActs(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const auto acts, ListActs(services, peer));
  Json list = Json::array();
  for (const store::ActRow& row : acts) {
    ENTENTE_ASSIGN(Json answer, AnswerJson(row.answer));
    list.push_back({{"direction", row.direction == store::Direction::kOut ? "out" : "in"},
                    {"kind", row.kind},
                    {"sequence", row.sequence},
                    {"id", row.id.Hex()},
                    {"time", FormatRfc3339(row.time)},
                    {"state", StateName(row.state)},
                    {"leaf", row.leaf_index},
                    {"answer", std::move(answer)}});
  }
  return JsonResponse({{"acts", std::move(list)}});
}

Result<Response> GetEvidence(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const auto evidence, ListEvidence(services, peer));
  Json list = Json::array();
  for (const store::EvidenceRow& row : evidence) {
    list.push_back({{"number", row.number},
                    {"what", OneLine(row.what)},
                    {"time", FormatRfc3339(row.time)},
                    {"bytes", row.bytes.size()}});
  }
  return JsonResponse({{"evidence", std::move(list)}});
}

Result<Response> FileResponse(Bytes bytes) {
  Response response;
  ENTENTE_TRY(response.headers.Set("content-type", "application/octet-stream"));
  response.body = std::move(bytes);
  return response;
}

// The bytes themselves, to be shown to somebody else.
Result<Response> GetEvidenceFile(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const std::uint64_t number, ledger::ParseDecimal(context.PathParameter("number")));
  ENTENTE_ASSIGN(auto evidence, ListEvidence(services, peer));
  for (store::EvidenceRow& row : evidence) {
    if (row.number == number) {
      return FileResponse(std::move(row.bytes));
    }
  }
  return Error{ErrorCode::kNotFound, "no evidence has this number; see `entente evidence`"};
}

Json ToJson(const LedgerEntryView& entry) {
  const ledger::Leaf& leaf = entry.leaf;
  return {{"index", entry.index},
          {"kind", leaf.kind},
          {"direction", DirectionName(leaf.direction)},
          {"time", FormatRfc3339(leaf.time)},
          {"agreement", leaf.agreement ? Json(leaf.agreement->Hex()) : Json()},
          {"object", leaf.object.Hex()},
          {"sequence", leaf.sequence}};
}

Result<Response> GetLedger(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const LedgerView view, ViewLedger(services, peer));
  Json entries = Json::array();
  for (const LedgerEntryView& entry : view.entries) {
    entries.push_back(ToJson(entry));
  }
  const bool is_signed = view.signed_checkpoint.size != 0;
  return JsonResponse(
      {{"size", view.signed_checkpoint.size},
       {"settled", view.settled_checkpoint.size},
       {"root", is_signed ? Json(Base64Encode(view.signed_checkpoint.root.view())) : Json()},
       {"origin", view.origin},
       {"log_vkey", view.log_vkey},
       {"witness_vkey", view.witness_vkey},
       {"peer_origin", view.peer_origin},
       {"entries", std::move(entries)}});
}

Result<Response> ListFiles(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  Json json;
  ENTENTE_TRY(
      WithLedgerFiles(services.exchange, peer, [&](const ledger::LogFiles& files) -> Status {
        json = {{"files", files.Paths()}, {"checkpoint", files.checkpoint_note()}};
        return {};
      }));
  return JsonResponse(json);
}

Result<Response> GetFile(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  Bytes file;
  ENTENTE_TRY(
      WithLedgerFiles(services.exchange, peer, [&](const ledger::LogFiles& files) -> Status {
        ENTENTE_ASSIGN(file, files.File(context.PathParameter("path")));
        return {};
      }));
  return FileResponse(std::move(file));
}

Result<Response> GetProof(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const std::uint64_t index, ledger::ParseDecimal(context.PathParameter("index")));
  ENTENTE_ASSIGN(Bytes proof, ProofOfEntry(services, peer, index));
  return FileResponse(std::move(proof));
}

Result<Response> GetAudit(const Services& services, const RequestContext& /*context*/) {
  ENTENTE_ASSIGN(const AuditView view, ViewAudit(services));
  Json entries = Json::array();
  for (const LedgerEntryView& entry : view.entries) {
    Json json = ToJson(entry);
    json["peer"] = entry.leaf.peer.str();
    json["rule"] = entry.leaf.rule;
    json["article"] = entry.leaf.article;
    entries.push_back(std::move(json));
  }
  return JsonResponse({{"size", view.size},
                       {"committed", view.checkpoint.size},
                       {"origin", view.origin},
                       {"log_vkey", view.log_vkey},
                       {"entries", std::move(entries)}});
}

Result<Response> ListAuditFiles(const Services& services, const RequestContext& /*context*/) {
  Json json;
  ENTENTE_TRY(WithAuditFiles(services.exchange, [&](const ledger::LogFiles& files) -> Status {
    json = {{"files", files.Paths()}, {"checkpoint", files.checkpoint_note()}};
    return {};
  }));
  return JsonResponse(json);
}

Result<Response> GetAuditFile(const Services& services, const RequestContext& context) {
  Bytes file;
  ENTENTE_TRY(WithAuditFiles(services.exchange, [&](const ledger::LogFiles& files) -> Status {
    ENTENTE_ASSIGN(file, files.File(context.PathParameter("path")));
    return {};
  }));
  return FileResponse(std::move(file));
}

Result<Response> GetAuditOpenings(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const std::uint64_t from, ledger::ParseDecimal(context.PathParameter("from")));
  ENTENTE_ASSIGN(const auto openings, ListAuditOpenings(services, peer, from));
  Json list = Json::array();
  for (const ledger::AuditOpening& opening : openings) {
    list.push_back(ledger::ToJson(opening));
  }
  return JsonResponse({{"openings", std::move(list)}});
}

Result<Response> GetActFile(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const store::ActRow act, FindAct(services, peer, context.PathParameter("act")));
  const std::string& file = context.PathParameter("file");
  Response response;
  ENTENTE_TRY(response.headers.Set("content-type", "application/octet-stream"));
  if (file == "act.json" && act.is_erased) {
    return Error{ErrorCode::kNotFound, "the act was erased: its proof and its answer are left"};
  }
  if (file == "act.json") {
    response.body = act.envelope;
  } else if (file == "answer.json" && !act.answer.empty()) {
    response.body = act.answer;
  } else if (file == "act.tlog-proof") {
    ENTENTE_ASSIGN(response.body, ProofOfAct(services, peer, act));
  } else if (file == "answer.tlog-proof") {
    ENTENTE_ASSIGN(response.body, ProofOfAnswer(services, peer, act));
  } else {
    return Error{ErrorCode::kNotFound, "the act has no such file (yet)"};
  }
  return response;
}

}  // namespace

void AddLedgerRoutes(http::Router& router, const Services& services) {
  const auto add = [&](const std::string& pattern, auto* answer) {
    AddRoute(
        router, Method::kGet, "/api/v1/" + pattern,
        [services, answer](const RequestContext& context) { return answer(services, context); });
  };
  add("peers/{peer}/acts", &GetActs);
  add("peers/{peer}/acts/{act}/{file}", &GetActFile);
  add("peers/{peer}/evidence", &GetEvidence);
  add("peers/{peer}/evidence/{number}", &GetEvidenceFile);
  add("peers/{peer}/ledger", &GetLedger);
  add("peers/{peer}/ledger/files", &ListFiles);
  add("peers/{peer}/ledger/file/{path...}", &GetFile);
  add("peers/{peer}/ledger/proof/{index}", &GetProof);
  add("peers/{peer}/ledger/openings/{from}", &GetAuditOpenings);
  add("audit", &GetAudit);
  add("audit/files", &ListAuditFiles);
  add("audit/file/{path...}", &GetAuditFile);
}

}  // namespace entente::api
