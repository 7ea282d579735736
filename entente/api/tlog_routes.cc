#include "entente/api/tlog_routes.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "entente/api/queries.h"
#include "entente/base/check.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/witness.h"

namespace entente::api {
namespace {

using http::Method;
using http::RequestContext;
using http::Response;

constexpr std::string_view kBearer = "Bearer ";
// What never changes may be kept, by the reader alone: the token is his.
constexpr std::string_view kForEver = "private, max-age=31536000, immutable";

Error NothingHere() {
  return {ErrorCode::kNotFound, "no log or tile of this node is served at this address"};
}

// Errors: kNotFound; those of the store.
Result<PeerId> FindPeer(const exchange::Exchange& exchange,
                        const std::function<bool(const PeerId&)>& is_meant) {
  std::optional<PeerId> found;
  ENTENTE_TRY(exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto peers, reader.ListPeers());
    for (const store::PeerRow& peer : peers) {
      if (is_meant(peer.id)) {
        found = peer.id;
      }
    }
    return {};
  }));
  if (!found) {
    return NothingHere();
  }
  return *std::move(found);
}

PeerId OwnId(const exchange::Exchange& exchange) { return exchange.identity().card.id(); }

// Whose relation the log of this path is about.
Result<PeerId> PeerOfLog(const exchange::Exchange& exchange, const RequestContext& context) {
  const std::string origin =
      "entente/" + context.PathParameter("node") + "/" + context.PathParameter("peer");
  const auto peer = FindPeer(
      exchange, [&](const PeerId& id) { return ledger::LogOrigin(OwnId(exchange), id) == origin; });
  if (!peer) {
    return NothingHere();
  }
  return *peer;
}

Response WithHeader(Response response, std::string_view name, std::string_view value) {
  ENTENTE_CHECK(response.headers.Set(name, value).has_value());
  return response;
}

Result<Bytes> LogFile(exchange::Exchange& exchange, const RequestContext& context,
                      std::string_view path) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOfLog(exchange, context));
  Bytes file;
  const Status status =
      WithLedgerFiles(exchange, peer, [&](const ledger::LogFiles& files) -> Status {
        ENTENTE_ASSIGN(file, files.File(path));
        return {};
      });
  if (!status) {
    const bool is_unsettled = status.error().code == ErrorCode::kConflict;
    return is_unsettled ? NothingHere() : Error(status.error());
  }
  return file;
}

Result<Response> GetCheckpoint(exchange::Exchange& exchange, const RequestContext& context) {
  ENTENTE_ASSIGN(const Bytes note, LogFile(exchange, context, ledger::kCheckpointPath));
  return http::Text(200, AsText(note));
}

Result<Response> GetTile(exchange::Exchange& exchange, const RequestContext& context) {
  Response response;
  ENTENTE_ASSIGN(response.body,
                 LogFile(exchange, context, "tile/" + context.PathParameter("path")));
  response = WithHeader(std::move(response), "content-type", "application/octet-stream");
  return WithHeader(std::move(response), "cache-control", kForEver);
}

Status CheckWitness(const exchange::Exchange& exchange, const RequestContext& context) {
  const std::string name = "entente/" + context.PathParameter("node") + "/witness";
  return ledger::WitnessName(OwnId(exchange)) == name ? Status() : Status(NothingHere());
}

Response WitnessResponse(ledger::WitnessAnswer answer, std::string_view body) {
  Response response = http::Text(static_cast<int>(answer), body);
  if (answer == ledger::WitnessAnswer::kStale) {
    response = WithHeader(std::move(response), "content-type", "text/x.tlog.size");
  }
  return response;
}

// The origin that a request is about: who to ask what was cosigned last.
Result<std::string> OriginOf(std::string_view body) {
  ENTENTE_ASSIGN(const ledger::AddCheckpointRequest request, ledger::ParseAddCheckpoint(body));
  ENTENTE_ASSIGN(const ledger::Note note, ledger::ParseNoteWithoutVerifying(request.checkpoint));
  ENTENTE_ASSIGN(ledger::Checkpoint checkpoint, ledger::ParseCheckpoint(note.text));
  return std::move(checkpoint.origin);
}

Result<Response> AddCheckpoint(exchange::Exchange& exchange, const RequestContext& context) {
  ENTENTE_TRY(CheckWitness(exchange, context));
  const Bytes& body = context.request.body;
  const auto origin = OriginOf(AsText(body));
  if (!origin) {
    return WitnessResponse(ledger::WitnessAnswer::kMalformed, origin.error().message + "\n");
  }
  const std::uint64_t epoch = ledger::EpochOfOrigin(*origin).value_or(1);
  ENTENTE_ASSIGN(const PeerId peer, FindPeer(exchange, [&](const PeerId& id) {
                   return ledger::LogOrigin(id, OwnId(exchange), epoch) == *origin;
                 }));
  ENTENTE_ASSIGN(const act::Card card, exchange.PeerCard(peer));
  ENTENTE_ASSIGN(const Bytes reply, exchange.AnswerWitness(card, body));
  ENTENTE_ASSIGN(const ledger::WitnessReply parsed, ledger::ParseWitnessReply(AsText(reply)));
  return WitnessResponse(parsed.answer, parsed.body);
}

// 1 too if the store cannot be read: what follows will say so.
std::uint64_t WitnessedEpoch(const exchange::Exchange& exchange, const PeerId& peer) {
  exchange::LogHead head;
  const Status status = exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(head, exchange::ReadLogHead(reader, peer, store::CheckpointKind::kPeerCosigned));
    return {};
  });
  return status ? head.epoch : 1;
}

Result<Response> GetWitnessed(exchange::Exchange& exchange, const RequestContext& context) {
  ENTENTE_TRY(CheckWitness(exchange, context));
  const auto peer = FindPeer(exchange, [&](const PeerId& id) {
    const std::string origin = ledger::LogOrigin(id, OwnId(exchange), WitnessedEpoch(exchange, id));
    return crypto::Sha256(AsBytes(origin)).Hex() == context.PathParameter("origin");
  });
  std::optional<std::string> note;
  if (peer) {
    ENTENTE_TRY(exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(note,
                     exchange.journal().WitnessedCheckpoint(reader, *peer, exchange.clock().Now()));
      return {};
    }));
  }
  if (!note) {
    return NothingHere();
  }
  return http::Text(200, *note);
}

bool IsLoopbackName(std::string_view host) {
  const std::string_view name =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  const bool is_v4 =
      name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string_view::npos;
  return is_v4 || name == "[::1]" || name == "localhost";
}

}  // namespace

http::SessionCheck TlogAccess(SecretText token) {
  const auto secret = std::make_shared<const SecretText>(std::move(token));
  return [secret](const RequestContext& context) -> Result<std::string> {
    const http::Headers& headers = context.request.headers;
    if (!IsLoopbackName(headers.Find("host").value_or(""))) {
      return Error{ErrorCode::kNotPermitted, "ask for 127.0.0.1, [::1] or localhost"};
    }
    const std::string_view given = headers.Find("authorization").value_or("");
    const bool is_admitted =
        secret->view().empty() ||
        (given.starts_with(kBearer) &&
         EqualConstantTime(AsBytes(given.substr(kBearer.size())), secret->view()));
    if (!is_admitted) {
      return Error{ErrorCode::kNotPermitted, "send the bearer token of ledger.token_file"};
    }
    return std::string("reader");
  };
}

Response TlogRefusal(const RequestContext& /*context*/, const Error& why) {
  return WithHeader(http::ErrorResponse(401, why), "www-authenticate", "Bearer");
}

void AddTlogRoutes(http::Router& router, exchange::Exchange& exchange) {
  const auto add = [&](Method method, std::string_view pattern, auto* answer) {
    router.Add(method, pattern, http::Access::kSession,
               [&exchange, answer](const RequestContext& context, http::Responder responder) {
                 auto response = answer(exchange, context);
                 responder(response ? *std::move(response) : http::ErrorResponse(response.error()));
               });
  };
  add(Method::kGet, "/entente/{node}/{peer}/checkpoint", &GetCheckpoint);
  add(Method::kGet, "/entente/{node}/{peer}/tile/{path...}", &GetTile);
  add(Method::kPost, "/entente/{node}/witness/add-checkpoint", &AddCheckpoint);
  add(Method::kGet, "/entente/{node}/witness/{origin}/checkpoint", &GetWitnessed);
}

}  // namespace entente::api
