#include "entente/matching/round_row.h"

#include <algorithm>
#include <array>
#include <utility>

#include "entente/wire/json.h"

namespace entente::matching {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::array<std::string_view, 7> kStateNames{"offered",  "accepted", "done",  "disputed",
                                                      "declined", "refused",  "failed"};
constexpr std::string_view kTable = "rounds";
constexpr std::size_t kRowsMax = 100'000;
constexpr std::int64_t kCountMax = (std::int64_t{1} << 53U) - 1;

Result<std::uint64_t> Count(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const std::int64_t value, reader.Integer(member, 0, kCountMax));
  return static_cast<std::uint64_t>(value);
}

Result<crypto::Digest> ReadDigest(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const std::string hex, reader.String(member, 64));
  return crypto::Digest::FromHex(hex);
}

Json SideJson(const RoundSide& side) {
  return {{"origin", side.origin},
          {"records", side.records},
          {"size_class", side.size_class},
          {"commitment", side.commitment.Hex()}};
}

Result<std::optional<RoundSide>> ReadSide(JsonReader& row, std::string_view member) {
  if (!row.Has(member)) {
    return std::optional<RoundSide>();
  }
  ENTENTE_ASSIGN(const Json* json, row.Object(member));
  JsonReader reader(*json, std::string(member));
  RoundSide side;
  ENTENTE_ASSIGN(side.origin, reader.String("origin", 32));
  ENTENTE_ASSIGN(side.records, Count(reader, "records"));
  ENTENTE_ASSIGN(side.size_class, Count(reader, "size_class"));
  ENTENTE_ASSIGN(side.commitment, ReadDigest(reader, "commitment"));
  ENTENTE_TRY(reader.Finish());
  return std::optional<RoundSide>(std::move(side));
}

Json ResultJson(const RoundResult& result) {
  return {{"attempt", result.attempt},
          {"common", result.common_keys},
          {"intersection", result.intersection.Hex()},
          {"transcript", result.transcript.Hex()}};
}

Result<std::optional<RoundResult>> ReadResult(JsonReader& row, std::string_view member) {
  if (!row.Has(member)) {
    return std::optional<RoundResult>();
  }
  ENTENTE_ASSIGN(const Json* json, row.Object(member));
  JsonReader reader(*json, std::string(member));
  RoundResult result;
  ENTENTE_ASSIGN(const std::uint64_t attempt, Count(reader, "attempt"));
  result.attempt = static_cast<std::uint32_t>(attempt);
  ENTENTE_ASSIGN(result.common_keys, Count(reader, "common"));
  ENTENTE_ASSIGN(result.intersection, ReadDigest(reader, "intersection"));
  ENTENTE_ASSIGN(result.transcript, ReadDigest(reader, "transcript"));
  ENTENTE_TRY(reader.Finish());
  return std::optional<RoundResult>(result);
}

Result<RoundRow> Parse(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "round");
  RoundRow row;
  ENTENTE_ASSIGN(row.offer, ReadDigest(reader, "offer"));
  if (reader.Has("accept")) {
    ENTENTE_ASSIGN(row.accept, ReadDigest(reader, "accept"));
  }
  ENTENTE_ASSIGN(row.agreement, ReadDigest(reader, "agreement"));
  ENTENTE_ASSIGN(const bool is_proposer, reader.Boolean("proposer"));
  row.role = is_proposer ? psi::Role::kProposer : psi::Role::kAcceptor;
  ENTENTE_ASSIGN(const std::string state, reader.String("state", 16));
  const auto* const name = std::find(kStateNames.begin(), kStateNames.end(), state);
  if (name == kStateNames.end()) {
    return Error{ErrorCode::kInvalidInput, "unknown state"};
  }
  row.state = static_cast<RoundState>(name - kStateNames.begin());
  ENTENTE_ASSIGN(row.purpose, reader.String("purpose", 64));
  ENTENTE_ASSIGN(const std::string time, reader.String("time", 27));
  ENTENTE_ASSIGN(row.time, ParseRfc3339(time));
  ENTENTE_ASSIGN(row.own, ReadSide(reader, "own"));
  ENTENTE_ASSIGN(row.peer, ReadSide(reader, "peer"));
  ENTENTE_ASSIGN(row.collection, reader.String("collection", 64));
  ENTENTE_ASSIGN(const std::string collection_time, reader.String("collection_time", 27));
  ENTENTE_ASSIGN(row.collection_time, ParseRfc3339(collection_time));
  ENTENTE_ASSIGN(const Bytes salt, reader.Base64("salt", act::Salt::kSize));
  ENTENTE_ASSIGN(row.salt, act::Salt::From(salt));
  ENTENTE_ASSIGN(const std::uint64_t attempt, Count(reader, "attempt"));
  row.attempt = static_cast<std::uint32_t>(attempt);
  ENTENTE_ASSIGN(row.is_revealed, reader.Boolean("revealed"));
  ENTENTE_ASSIGN(row.own_result, ReadResult(reader, "own_result"));
  ENTENTE_ASSIGN(row.peer_result, ReadResult(reader, "peer_result"));
  ENTENTE_ASSIGN(row.hit_count, Count(reader, "hits"));
  ENTENTE_ASSIGN(row.run_ms, Count(reader, "run_ms"));
  ENTENTE_ASSIGN(row.failure, reader.String("failure", 400));
  ENTENTE_TRY(reader.Finish());
  return row;
}

}  // namespace

std::string_view StateName(RoundState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

Bytes EncodeRow(const RoundRow& row) {
  Json json{{"offer", row.offer.Hex()},
            {"agreement", row.agreement.Hex()},
            {"proposer", row.role == psi::Role::kProposer},
            {"state", StateName(row.state)},
            {"purpose", row.purpose},
            {"time", FormatRfc3339(row.time)},
            {"collection", row.collection},
            {"collection_time", FormatRfc3339(row.collection_time)},
            {"salt", Base64Encode(row.salt.view())},
            {"attempt", row.attempt},
            {"revealed", row.is_revealed},
            {"hits", row.hit_count},
            {"run_ms", row.run_ms},
            {"failure", row.failure}};
  if (row.accept) {
    json["accept"] = row.accept->Hex();
  }
  if (row.own) {
    json["own"] = SideJson(*row.own);
  }
  if (row.peer) {
    json["peer"] = SideJson(*row.peer);
  }
  if (row.own_result) {
    json["own_result"] = ResultJson(*row.own_result);
  }
  if (row.peer_result) {
    json["peer_result"] = ResultJson(*row.peer_result);
  }
  return ToBytes(wire::WriteCanonicalJson(json));
}

Result<RoundRow> DecodeRow(ByteView bytes) {
  auto row = Parse(bytes);
  if (!row) {
    return Error{ErrorCode::kCorruptData, "a stored round does not decode: " + row.error().message};
  }
  return row;
}

Result<std::optional<RoundRow>> FindRound(const store::Reader& reader, const PeerId& peer,
                                          const act::ActId& offer) {
  ENTENTE_ASSIGN(const auto bytes, reader.GetRow(kTable, peer, offer.Hex()));
  if (!bytes) {
    return std::optional<RoundRow>();
  }
  ENTENTE_ASSIGN(RoundRow row, DecodeRow(*bytes));
  return std::optional<RoundRow>(std::move(row));
}

Result<RoundRow> RequireRound(const store::Reader& reader, const PeerId& peer,
                              const act::ActId& offer) {
  ENTENTE_ASSIGN(auto row, FindRound(reader, peer, offer));
  if (!row) {
    return Error{ErrorCode::kNotFound, "no such round; see `entente match status`"};
  }
  return *std::move(row);
}

Result<std::vector<RoundRow>> ListRounds(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto rows, reader.ListRows(kTable, peer, "", kRowsMax));
  std::vector<RoundRow> out;
  for (const store::Row& row : rows) {
    ENTENTE_ASSIGN(RoundRow decoded, DecodeRow(row.value));
    out.push_back(std::move(decoded));
  }
  return out;
}

Status PutRound(store::Transaction& transaction, const PeerId& peer, const RoundRow& row) {
  return transaction.PutRow(kTable, peer, row.offer.Hex(), EncodeRow(row));
}

Status CheckCollection(const store::Reader& reader, const RoundRow& row) {
  ENTENTE_ASSIGN(const auto collection, reader.GetCollection(row.collection));
  if (!collection || collection->time != row.collection_time) {
    return Error{ErrorCode::kConflict,
                 "the collection was replaced while the round was open; offer a new one"};
  }
  return {};
}

}  // namespace entente::matching
