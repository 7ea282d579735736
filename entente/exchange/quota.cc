#include "entente/exchange/quota.h"

#include <string>

#include "entente/wire/json.h"

namespace entente::exchange {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::string_view kTable = "quota";
constexpr std::string_view kKey = "inbound";
constexpr std::string_view kLimitsKey = "limits";
constexpr std::int64_t kCountMax = (std::int64_t{1} << 53U) - 1;

struct Window {
  UtcTime since;
  std::uint64_t acts = 0;
  std::uint64_t refusals = 0;
  std::uint64_t checkpoints = 0;
};

Result<std::uint64_t> ReadCount(JsonReader& reader, std::string_view member,
                                std::int64_t least = 0) {
  ENTENTE_ASSIGN(const std::int64_t count, reader.Integer(member, least, kCountMax));
  return static_cast<std::uint64_t>(count);
}

Result<Window> Parse(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "quota");
  Window window;
  ENTENTE_ASSIGN(const std::string since, reader.String("since", 27));
  ENTENTE_ASSIGN(window.since, ParseRfc3339(since));
  ENTENTE_ASSIGN(window.acts, ReadCount(reader, "acts"));
  ENTENTE_ASSIGN(window.refusals, ReadCount(reader, "refusals"));
  if (reader.Has("checkpoints")) {  // a home of before they were counted has none
    ENTENTE_ASSIGN(window.checkpoints, ReadCount(reader, "checkpoints"));
  }
  ENTENTE_TRY(reader.Finish());
  return window;
}

Error Damaged() {
  return {ErrorCode::kCorruptData,
          "a stored quota does not decode: stop the node, restore a backup"};
}

Json ToJson(const QuotaLimits& limits) {
  return {
      {"acts", limits.acts}, {"refusals", limits.refusals}, {"checkpoints", limits.checkpoints}};
}

Result<QuotaLimits> ParseLimits(const Json& json) {
  JsonReader reader(json, "limits");
  QuotaLimits limits;
  ENTENTE_ASSIGN(limits.acts, ReadCount(reader, "acts", 1));
  ENTENTE_ASSIGN(limits.refusals, ReadCount(reader, "refusals", 1));
  ENTENTE_ASSIGN(limits.checkpoints, ReadCount(reader, "checkpoints", 1));
  ENTENTE_TRY(reader.Finish());
  return limits;
}

// The window that `now` is in; a new one if there is none.
Result<Window> Current(const store::Reader& reader, const PeerId& peer, UtcTime now) {
  ENTENTE_ASSIGN(const auto bytes, reader.GetRow(kTable, peer, kKey));
  if (!bytes) {
    return Window{now};
  }
  const auto window = Parse(*bytes);
  if (!window) {
    return Damaged();
  }
  const bool is_over = now < window->since || now >= window->since + kQuotaWindow;
  return is_over ? Window{now} : *window;
}

}  // namespace

Result<QuotaLimits> GetQuotaLimits(const store::Reader& reader, const PeerId& peer) {
  ENTENTE_ASSIGN(const auto bytes, reader.GetRow(kTable, peer, kLimitsKey));
  if (!bytes) {
    return QuotaLimits{};
  }
  const auto json = wire::ParseCanonicalJson(AsText(*bytes));
  const auto limits = json ? ParseLimits(*json) : Result<QuotaLimits>(Damaged());
  return limits ? limits : Result<QuotaLimits>(Damaged());
}

Status PutQuotaLimits(store::Transaction& transaction, const PeerId& peer,
                      const QuotaLimits& limits) {
  const Json json = ToJson(limits);
  if (const auto checked = ParseLimits(json); !checked) {
    return Error{ErrorCode::kInvalidInput, checked.error().message};
  }
  return transaction.PutRow(kTable, peer, kLimitsKey, AsBytes(wire::WriteCanonicalJson(json)));
}

Status CheckQuota(const store::Reader& reader, const PeerId& peer, UtcTime now) {
  ENTENTE_ASSIGN(const Window window, Current(reader, peer, now));
  ENTENTE_ASSIGN(const QuotaLimits limits, GetQuotaLimits(reader, peer));
  std::string_view why;
  if (window.refusals >= limits.refusals) {
    why = "too many refused acts; see `entente evidence` and talk to its operator";
  } else if (window.acts >= limits.acts) {
    why = "too many acts in a day; talk to its operator";
  } else if (window.checkpoints >= limits.checkpoints) {
    why = "too many checkpoints of its log in a day; talk to its operator";
  } else {
    return {};
  }
  return Error{ErrorCode::kLimitExceeded,
               "peer suspended until " + FormatRfc3339(window.since + kQuotaWindow) + ": " +
                   std::string(why) + "; to resume earlier, import its card again"};
}

Status CountKept(store::Transaction& transaction, const PeerId& peer, Kept what, UtcTime now) {
  ENTENTE_ASSIGN(Window window, Current(transaction, peer, now));
  window.acts += what == Kept::kAct || what == Kept::kRefusedAct ? 1 : 0;
  window.refusals += what == Kept::kRefusedAct || what == Kept::kEvidence ? 1 : 0;
  window.checkpoints += what == Kept::kCheckpoint ? 1 : 0;
  return transaction.PutRow(
      kTable, peer, kKey,
      AsBytes(wire::WriteCanonicalJson({{"since", FormatRfc3339(window.since)},
                                        {"acts", window.acts},
                                        {"refusals", window.refusals},
                                        {"checkpoints", window.checkpoints}})));
}

Status ClearQuota(store::Transaction& transaction, const PeerId& peer) {
  return transaction.DeleteRow(kTable, peer, kKey);
}

}  // namespace entente::exchange
