#include "entente/act/act.h"

#include <limits>
#include <utility>

#include "entente/wire/json.h"

namespace entente::act {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kCountMax = (std::int64_t{1} << 53U) - 1;

Error Foreign(Error error) {
  if (error.code == ErrorCode::kInvalidInput) {
    error.code = ErrorCode::kPeerViolation;
  }
  return error;
}

template <typename T>
Result<T> AsForeign(Result<T> result) {
  if (!result) {
    return Foreign(TakeError(std::move(result)));
  }
  return result;
}

Result<crypto::Digest> ReadDigest(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const std::string hex, reader.String(member, 64));
  const auto digest = crypto::Digest::FromHex(hex);
  if (!digest) {
    return Error{ErrorCode::kInvalidInput,
                 std::string(member) + " is not 64 lower-case hex digits"};
  }
  return *digest;
}

Result<PeerId> ReadPeer(JsonReader& reader, std::string_view member) {
  ENTENTE_ASSIGN(const crypto::Digest id, ReadDigest(reader, member));
  return PeerId(id.Hex());
}

Result<UtcTime> ReadTime(JsonReader& reader) {
  ENTENTE_ASSIGN(const std::string text, reader.String("time", 27));
  const auto time = ParseRfc3339(text);
  if (!time || FormatRfc3339(*time) != text) {
    return Error{ErrorCode::kInvalidInput, "time is not of the form 2026-11-23T18:30:00.000000Z"};
  }
  return *time;
}

Result<std::optional<AgreementId>> ReadAgreement(JsonReader& reader) {
  if (!reader.Has("agreement")) {
    return std::optional<AgreementId>();
  }
  ENTENTE_ASSIGN(const AgreementId id, ReadDigest(reader, "agreement"));
  return std::optional<AgreementId>(id);
}

Result<std::uint64_t> ReadCount(JsonReader& reader, std::string_view member, std::int64_t min) {
  ENTENTE_ASSIGN(const std::int64_t value, reader.Integer(member, min, kCountMax));
  return static_cast<std::uint64_t>(value);
}

Status ReadVersion(JsonReader& reader) {
  ENTENTE_TRY(reader.Integer("v", kVersion, kVersion));
  return {};
}

Result<Act> ParseAct(const Json& json) {
  JsonReader reader(json, "act");
  Act act;
  ENTENTE_TRY(ReadVersion(reader));
  ENTENTE_ASSIGN(act.kind, reader.String("kind", 64));
  ENTENTE_ASSIGN(act.from, ReadPeer(reader, "from"));
  ENTENTE_ASSIGN(act.to, ReadPeer(reader, "to"));
  ENTENTE_ASSIGN(act.agreement, ReadAgreement(reader));
  ENTENTE_ASSIGN(act.epoch, ReadCount(reader, "epoch", 1));
  ENTENTE_ASSIGN(act.sequence, ReadCount(reader, "seq", 1));
  ENTENTE_ASSIGN(act.time, ReadTime(reader));
  ENTENTE_ASSIGN(act.is_exercise, reader.Boolean("exercise"));
  ENTENTE_ASSIGN(const Bytes salt, reader.Base64("salt", Salt::kSize));
  if (salt.size() != Salt::kSize) {
    return Error{ErrorCode::kInvalidInput, "salt is not 32 bytes"};
  }
  ENTENTE_ASSIGN(act.salt, Salt::From(salt));
  ENTENTE_ASSIGN(const Json* body, reader.Object("body"));
  act.body = *body;
  ENTENTE_TRY(reader.Finish());
  return act;
}

Result<Answer> ParseAnswer(const Json& json) {
  JsonReader reader(json, "answer");
  Answer answer;
  ENTENTE_TRY(ReadVersion(reader));
  ENTENTE_ASSIGN(const std::string outcome, reader.String("outcome", 16));
  if (outcome != "receipt" && outcome != "refusal") {
    return Error{ErrorCode::kInvalidInput, "answer.outcome is neither receipt nor refusal"};
  }
  answer.is_receipt = outcome == "receipt";
  ENTENTE_ASSIGN(answer.act, ReadDigest(reader, "act"));
  ENTENTE_ASSIGN(answer.from, ReadPeer(reader, "from"));
  ENTENTE_ASSIGN(answer.to, ReadPeer(reader, "to"));
  ENTENTE_ASSIGN(answer.epoch, ReadCount(reader, "epoch", 1));
  ENTENTE_ASSIGN(answer.sequence, ReadCount(reader, "seq", 1));
  ENTENTE_ASSIGN(answer.leaf_index, ReadCount(reader, "leaf", 0));
  ENTENTE_ASSIGN(answer.time, ReadTime(reader));
  if (!answer.is_receipt) {
    ENTENTE_ASSIGN(answer.code, reader.String("code", 64));
    ENTENTE_ASSIGN(answer.article, reader.String("article", 64));
    ENTENTE_ASSIGN(answer.agreement, ReadAgreement(reader));
    ENTENTE_ASSIGN(answer.reason, reader.String("reason", 400));
  }
  ENTENTE_TRY(reader.Finish());
  return answer;
}

template <typename T>
Result<T> DecodeForeign(ByteView payload, Result<T> (*parse)(const Json&)) {
  auto json = wire::ParseCanonicalJson(AsText(payload));
  if (!json) {
    return Foreign(TakeError(std::move(json)));
  }
  return AsForeign(parse(*json));
}

}  // namespace

Bytes EncodeAct(const Act& act) {
  Json json{{"v", kVersion},
            {"kind", act.kind},
            {"from", act.from.str()},
            {"to", act.to.str()},
            {"epoch", act.epoch},
            {"seq", act.sequence},
            {"time", FormatRfc3339(act.time)},
            {"exercise", act.is_exercise},
            {"salt", Base64Encode(act.salt.view())},
            {"body", act.body}};
  if (act.agreement) {
    json["agreement"] = act.agreement->Hex();
  }
  return ToBytes(wire::WriteCanonicalJson(json));
}

Result<Act> DecodeAct(ByteView payload) { return DecodeForeign<Act>(payload, ParseAct); }

ActId IdOf(ByteView payload) { return crypto::Sha256(payload); }

Bytes EncodeAnswer(const Answer& answer) {
  Json json{{"v", kVersion},
            {"outcome", answer.is_receipt ? "receipt" : "refusal"},
            {"act", answer.act.Hex()},
            {"from", answer.from.str()},
            {"to", answer.to.str()},
            {"epoch", answer.epoch},
            {"seq", answer.sequence},
            {"leaf", answer.leaf_index},
            {"time", FormatRfc3339(answer.time)}};
  if (!answer.is_receipt) {
    json["code"] = answer.code;
    json["article"] = answer.article;
    json["reason"] = answer.reason;
    if (answer.agreement) {
      json["agreement"] = answer.agreement->Hex();
    }
  }
  return ToBytes(wire::WriteCanonicalJson(json));
}

Result<Answer> DecodeAnswer(ByteView payload) {
  return DecodeForeign<Answer>(payload, ParseAnswer);
}

}  // namespace entente::act
