// Uploading list files into collections, and looking at what is stored.
#include <array>
#include <charconv>

#include "entente/api/handlers.h"
#include "entente/api/queries.h"
#include "entente/base/error_table.h"
#include "entente/base/utf8.h"

namespace entente::api {
namespace {

using http::Method;
using http::RequestContext;
using http::Response;
using wire::Json;

constexpr std::size_t kPieceBytesMax = std::size_t{4} << 20U;
constexpr std::size_t kFileNameBytesMax = 255;
constexpr std::size_t kMappingBytesMax = 4096;
constexpr std::size_t kErrorsMax = 20;
// In the order of ImportState.
constexpr std::array<std::string_view, 4> kStateNames{"receiving", "reading", "done", "failed"};

Result<std::uint64_t> ParseNumber(std::string_view text, std::string_view what) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error{ErrorCode::kInvalidInput, std::string(what) + " must be a decimal number"};
  }
  return number;
}

Result<std::uint64_t> ImportOf(const RequestContext& context) {
  return ParseNumber(context.PathParameter("n"), "the import");
}

Status ReadFiles(const Json& json, ImportRequest& request) {
  wire::JsonReader reader(json, "import.files");
  ENTENTE_ASSIGN(request.main, reader.String("main", kFileNameBytesMax));
  ENTENTE_ASSIGN(request.alt, reader.OptionalString("alt", kFileNameBytesMax));
  ENTENTE_ASSIGN(request.add, reader.OptionalString("add", kFileNameBytesMax));
  return reader.Finish();
}

Result<Response> Begin(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const Json body, BodyOf(context));
  wire::JsonReader reader(body, "import");
  ImportRequest request;
  ENTENTE_ASSIGN(request.collection, reader.String("collection"));
  ENTENTE_TRY(store::ValidateCollectionName(request.collection));
  ENTENTE_ASSIGN(const std::string origin, reader.String("origin"));
  ENTENTE_ASSIGN(request.origin, store::ParseOrigin(origin));
  ENTENTE_ASSIGN(request.format, reader.OptionalString("format"));
  ENTENTE_ASSIGN(request.mapping, reader.OptionalString("mapping", kMappingBytesMax));
  ENTENTE_ASSIGN(request.skip_bad, reader.Boolean("skip_bad"));
  if (reader.Has("replace")) {
    ENTENTE_ASSIGN(request.replace, reader.Boolean("replace"));
  }
  ENTENTE_ASSIGN(const Json* files, reader.Object("files"));
  ENTENTE_TRY(reader.Finish());
  ENTENTE_TRY(ReadFiles(*files, request));
  ENTENTE_ASSIGN(const std::uint64_t import, services.imports.Begin(request));
  return JsonResponse({{"import", import}});
}

Result<Response> Receive(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const std::uint64_t import, ImportOf(context));
  const std::string& part = context.PathParameter("part");
  if (part != "main" && part != "alt" && part != "add") {
    return Error{ErrorCode::kNotFound, "the parts of an import are main, alt and add"};
  }
  ENTENTE_ASSIGN(const std::uint64_t offset,
                 ParseNumber(context.request.FindQuery("offset").value_or(""), "?offset="));
  if (context.request.body.size() > kPieceBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "send at most 4 MiB at once"};
  }
  ENTENTE_ASSIGN(const std::uint64_t received,
                 services.imports.Receive(import, part, offset, context.request.body));
  return JsonResponse({{"received", received}});
}

Result<Response> Finish(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const std::uint64_t import, ImportOf(context));
  ENTENTE_TRY(services.imports.Finish(import));
  return JsonResponse(Json::object(), 202);
}

Result<Response> GetImport(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const std::uint64_t import, ImportOf(context));
  ENTENTE_ASSIGN(const ImportStatus status, services.imports.Get(import));
  Json errors = Json::array();
  for (const ImportRowError& error : status.errors) {
    if (errors.size() < kErrorsMax) {
      errors.push_back({{"file", OneLine(error.file)},
                        {"line", error.line},
                        {"column", error.column},
                        {"reason", OneLine(error.reason)}});
    }
  }
  return JsonResponse(
      {{"state", kStateNames[static_cast<std::size_t>(status.state)]},
       {"records", status.records},
       {"skipped", status.skipped},
       {"rejected", status.rejected},
       {"rejects_left_out", status.rejects_left_out},
       {"bytes", status.bytes},
       {"bytes_total", status.bytes_total},
       {"errors", std::move(errors)},
       {"error", OneLine(status.error, 400)},
       {"code", status.error.empty() ? Json() : Json(ErrorRowFor(status.error_code).name)},
       {"collection", status.collection ? ToJson(*status.collection) : Json()},
       {"replaced", status.replaced ? Json(*status.replaced) : Json()}});
}

Result<Response> GetRejects(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const std::uint64_t import, ImportOf(context));
  ENTENTE_ASSIGN(const std::uint64_t offset,
                 ParseNumber(context.request.FindQuery("offset").value_or("0"), "?offset="));
  ENTENTE_ASSIGN(const Bytes piece, services.imports.Rejects(import, offset));
  return http::Text(200, AsText(piece));
}

Result<Response> Cancel(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const std::uint64_t import, ImportOf(context));
  ENTENTE_TRY(services.imports.Cancel(import));
  return JsonResponse(Json::object());
}

Result<Response> GetCollections(const Services& services, const RequestContext& /*context*/) {
  ENTENTE_ASSIGN(const auto collections, ListCollections(services));
  Json list = Json::array();
  for (const store::Collection& collection : collections) {
    list.push_back(ToJson(collection));
  }
  return JsonResponse({{"collections", std::move(list)}});
}

// A round that was offered or accepted with the collection still needs it.
Status CheckUnused(const Services& services, const std::string& name) {
  ENTENTE_ASSIGN(const auto peers, ListPeers(services));
  for (const PeerSummary& peer : peers) {
    ENTENTE_ASSIGN(const auto rounds, services.matching.List(peer.card.id()));
    for (const matching::RoundView& round : rounds) {
      if (round.row.IsOpen() && round.row.collection == name) {
        return Error{ErrorCode::kConflict, "round " + round.row.offer.Hex().substr(0, 12) +
                                               " uses collection " + name +
                                               ": wait for its end, or withdraw from it with "
                                               "`entente match decline`"};
      }
    }
  }
  return {};
}

Result<Response> RemoveCollection(const Services& services, const RequestContext& context) {
  const std::string& name = context.PathParameter("name");
  ENTENTE_TRY(CheckUnused(services, name));
  std::optional<store::Collection> removed;
  ENTENTE_TRY(services.exchange.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(removed, transaction.GetCollection(name));
    return transaction.DropCollection(name);
  }));
  return JsonResponse({{"removed", removed ? ToJson(*removed) : Json()}});
}

Result<Response> GetRecord(const Services& services, const RequestContext& context) {
  ENTENTE_ASSIGN(const Bytes record, FindRecordBytes(services, context.PathParameter("name"),
                                                     context.PathParameter("id")));
  return http::Json(200, AsText(record));
}

}  // namespace

void AddImportRoutes(http::Router& router, const Services& services) {
  const auto add = [&](Method method, std::string_view pattern, auto* answer) {
    AddRoute(router, method, pattern, [services, answer](const RequestContext& context) {
      return answer(services, context);
    });
  };
  add(Method::kPost, "/api/v1/imports", &Begin);
  add(Method::kPut, "/api/v1/imports/{n}/{part}", &Receive);
  add(Method::kPost, "/api/v1/imports/{n}/finish", &Finish);
  add(Method::kGet, "/api/v1/imports/{n}", &GetImport);
  add(Method::kGet, "/api/v1/imports/{n}/rejects", &GetRejects);
  add(Method::kDelete, "/api/v1/imports/{n}", &Cancel);
  add(Method::kGet, "/api/v1/collections", &GetCollections);
  add(Method::kDelete, "/api/v1/collections/{name}", &RemoveCollection);
  add(Method::kGet, "/api/v1/collections/{name}/records/{id}", &GetRecord);
}

}  // namespace entente::api
