// Parcels that are carried by hand: packing one, and taking one in.
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "entente/api/handlers.h"
#include "entente/api/queries.h"
#include "entente/exchange/courier.h"

namespace entente::api {
namespace {

using http::Method;
using http::RequestContext;
using http::Response;
using wire::Json;

constexpr std::size_t kPieceBytesMax = std::size_t{4} << 20U;

// The parcel that was packed last and the one that comes in, in memory; a new one takes the place
// of the one before.
class Desk {
 public:
  std::uint64_t Hold(Bytes file) {
    packed_ = {++last_, std::move(file)};
    return last_;
  }
  std::uint64_t Begin() {
    coming_ = {++last_, {}};
    unpacking_.reset();
    return last_;
  }

  // A piece of the packed one. The empty piece at its end lets go of it.
  Result<Bytes> Piece(std::uint64_t number, std::uint64_t offset) {
    if (number == 0 || number != packed_.number || offset > packed_.file.size()) {
      return Gone();
    }
    const ByteView rest = ByteView(packed_.file).subspan(offset);
    Bytes piece = ToBytes(rest.first(std::min(rest.size(), kPieceBytesMax)));
    if (piece.empty()) {
      packed_ = {};
    }
    return piece;
  }
  Result<std::uint64_t> Receive(std::uint64_t number, std::uint64_t offset, ByteView piece) {
    if (number == 0 || number != coming_.number || unpacking_) {
      return Gone();
    }
    if (offset != coming_.file.size()) {
      return Error{ErrorCode::kConflict, "?offset= must be " + std::to_string(coming_.file.size())};
    }
    if (piece.size() > kPieceBytesMax || offset + piece.size() > peer::kParcelBytesMax) {
      return Error{ErrorCode::kLimitExceeded, "send at most 4 MiB at once, 64 MiB in all"};
    }
    Append(coming_.file, piece);
    return coming_.file.size();
  }

  // What became of it so far, with some more of its items taken.
  struct Taken {
    bool is_more = false;
    exchange::Unpacked so_far;
  };
  Result<Taken> Step(exchange::Exchange& exchange, std::uint64_t number) {
    if (number == 0 || number != coming_.number) {
      return Gone();
    }
    auto taken = Take(exchange);
    if (!taken || !taken->is_more) {
      coming_ = {};
      unpacking_.reset();
    }
    return taken;
  }

 private:
  struct Held {
    std::uint64_t number = 0;
    Bytes file;
  };
  Result<Taken> Take(exchange::Exchange& exchange) {
    if (!unpacking_) {
      ENTENTE_ASSIGN(unpacking_, exchange::Unpacking::Open(exchange, coming_.file));
      coming_.file = {};
    }
    ENTENTE_ASSIGN(const bool is_more, unpacking_->Step());
    return Taken{is_more, unpacking_->so_far()};
  }
  static Error Gone() {
    return {ErrorCode::kNotFound, "no such parcel here: another one took its place, begin again"};
  }

  std::uint64_t last_ = 0;
  Held packed_;
  Held coming_;
  std::optional<exchange::Unpacking> unpacking_;  // of the one that comes in
};

Result<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error{ErrorCode::kInvalidInput, "a parcel and ?offset= are decimal numbers"};
  }
  return number;
}

Result<std::uint64_t> NumberOf(const RequestContext& context) {
  return ParseNumber(context.PathParameter("n"));
}

Result<std::uint64_t> OffsetOf(const RequestContext& context) {
  return ParseNumber(context.request.FindQuery("offset").value_or("0"));
}

Result<Response> Pack(const Services& services, Desk& desk, const RequestContext& context) {
  ENTENTE_ASSIGN(const PeerId peer, PeerOf(services, context));
  ENTENTE_ASSIGN(const act::Card card, services.exchange.PeerCard(peer));
  ENTENTE_ASSIGN(exchange::Packed packed, exchange::PackParcel(services.exchange, peer));
  const std::size_t size = packed.file.size();
  return JsonResponse({{"parcel", desk.Hold(std::move(packed.file))},
                       {"peer", {{"id", peer.str()}, {"name", card.name}}},
                       {"number", packed.number},
                       {"bytes", size},
                       {"acts", packed.acts},
                       {"answers", packed.answers},
                       {"checkpoint", packed.has_checkpoint},
                       {"cosigned", packed.has_cosigned},
                       {"complete", packed.is_complete}});
}

Json ToJson(const std::optional<std::uint64_t>& size) { return size ? Json(*size) : Json(); }

Result<Response> Unpack(const Services& services, Desk& desk, const RequestContext& context) {
  ENTENTE_ASSIGN(const std::uint64_t number, NumberOf(context));
  ENTENTE_ASSIGN(const Desk::Taken taken, desk.Step(services.exchange, number));
  const exchange::Unpacked& so_far = taken.so_far;
  ENTENTE_ASSIGN(const act::Card card, services.exchange.PeerCard(so_far.manifest.from));
  return JsonResponse(
      {{"done", !taken.is_more},
       {"peer", {{"id", card.id().str()}, {"name", card.name}}},
       {"number", so_far.manifest.number},
       {"time", FormatRfc3339(so_far.manifest.time)},
       {"late", so_far.is_late},
       {"not_taken", so_far.not_taken.empty() ? Json() : Json(so_far.not_taken)},
       {"acts",
        {{"accepted", so_far.acts_accepted},
         {"refused", so_far.acts_refused},
         {"repeated", so_far.acts_repeated}}},
       {"answers",
        {{"receipts", so_far.receipts},
         {"refusals", so_far.refusals},
         {"repeated", so_far.answers_repeated}}},
       {"settled", ToJson(so_far.settled)},
       {"cosigned", ToJson(so_far.cosigned)},
       {"not_cosigned", so_far.not_cosigned.empty() ? Json() : Json(so_far.not_cosigned)}});
}

}  // namespace

void AddCourierRoutes(http::Router& router, const Services& services) {
  const auto desk = std::make_shared<Desk>();
  AddRoute(
      router, Method::kPost, "/api/v1/peers/{peer}/parcels",
      [services, desk](const RequestContext& context) { return Pack(services, *desk, context); });
  AddRoute(router, Method::kGet, "/api/v1/parcels/{n}",
           [desk](const RequestContext& context) -> Result<Response> {
             ENTENTE_ASSIGN(const std::uint64_t number, NumberOf(context));
             ENTENTE_ASSIGN(const std::uint64_t offset, OffsetOf(context));
             Response response;
             ENTENTE_ASSIGN(response.body, desk->Piece(number, offset));
             ENTENTE_TRY(response.headers.Set("content-type", "application/octet-stream"));
             return response;
           });
  AddRoute(router, Method::kPost, "/api/v1/parcels",
           [desk](const RequestContext&) -> Result<Response> {
             return JsonResponse({{"parcel", desk->Begin()}});
           });
  AddRoute(router, Method::kPut, "/api/v1/parcels/{n}",
           [desk](const RequestContext& context) -> Result<Response> {
             ENTENTE_ASSIGN(const std::uint64_t number, NumberOf(context));
             ENTENTE_ASSIGN(const std::uint64_t offset, OffsetOf(context));
             ENTENTE_ASSIGN(const std::uint64_t received,
                            desk->Receive(number, offset, context.request.body));
             return JsonResponse({{"received", received}});
           });
  AddRoute(
      router, Method::kPost, "/api/v1/parcels/{n}/unpack",
      [services, desk](const RequestContext& context) { return Unpack(services, *desk, context); });
}

}  // namespace entente::api
