#include "entente/matching/hits.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "entente/wire/json.h"

namespace entente::matching {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::string_view kTable = "hits";
constexpr std::size_t kRecordIdBytesMax = 128;  // as records::Validate
constexpr std::int64_t kCountMax = (std::int64_t{1} << 53U) - 1;

std::string KeyOf(const act::ActId& offer, const std::string& record_id) {
  return offer.Hex() + "/" + record_id;
}

Result<std::vector<match::RuleId>> ReadRules(const Json& json) {
  std::vector<match::RuleId> rules;
  for (const Json& item : json) {
    if (!item.is_number_integer() || item < 0 || item >= match::Rules().size()) {
      return Error{ErrorCode::kInvalidInput, "hit.rules names an unknown rule"};
    }
    const auto rule = static_cast<match::RuleId>(item.get<int>());
    if (!rules.empty() && rule <= rules.back()) {
      return Error{ErrorCode::kInvalidInput, "hit.rules is not ascending"};
    }
    rules.push_back(rule);
  }
  return rules;
}

Result<Hit> Parse(ByteView bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseCanonicalJson(AsText(bytes)));
  JsonReader reader(json, "hit");
  Hit hit;
  ENTENTE_ASSIGN(hit.record_id, reader.String("record", kRecordIdBytesMax));
  ENTENTE_ASSIGN(const Json* rules, reader.Array("rules", match::Rules().size()));
  ENTENTE_ASSIGN(const std::int64_t keys, reader.Integer("keys", 0, kCountMax));
  ENTENTE_TRY(reader.Finish());
  hit.common_keys = static_cast<std::uint64_t>(keys);
  ENTENTE_ASSIGN(hit.rules, ReadRules(*rules));
  return hit;
}

// What the round found, by the number of the record.
struct Found {
  std::set<match::RuleId> rules;
  std::uint64_t common_keys = 0;
};

std::map<std::uint64_t, Found> ByRecord(const std::vector<Entry>& entries,
                                        const psi::Outcome& outcome) {
  const std::vector<psi::RoundInput> inputs = InputsOf(entries);
  std::map<std::uint64_t, Found> found;
  auto entry = entries.begin();
  for (const std::uint32_t index : outcome.hit_inputs) {
    const psi::RoundInput& input = inputs.at(index);
    entry = std::lower_bound(entry, entries.end(), input,
                             [](const Entry& a, const psi::RoundInput& b) { return a.input < b; });
    for (; entry != entries.end() && entry->input == input; ++entry) {
      Found& record = found[entry->record_number];
      ++record.common_keys;
      record.rules.insert(entry->rule);
    }
  }
  return found;
}

}  // namespace

Result<std::vector<Hit>> ResolveHits(const store::Reader& reader, const RoundRow& row,
                                     const std::vector<Entry>& entries,
                                     const psi::Outcome& outcome) {
  ENTENTE_TRY(CheckCollection(reader, row));
  std::vector<Hit> hits;
  for (const auto& [number, found] : ByRecord(entries, outcome)) {
    ENTENTE_ASSIGN(const auto records, reader.ReadRecords(row.collection, number - 1, 1));
    if (records.empty() || records.front().number != number) {
      return Error{ErrorCode::kCorruptData, "a record of the collection is gone"};
    }
    hits.push_back(
        {records.front().id, {found.rules.begin(), found.rules.end()}, found.common_keys});
  }
  return hits;
}

Status StoreHits(store::Transaction& transaction, const PeerId& peer, const act::ActId& offer,
                 const std::vector<Hit>& hits) {
  for (const Hit& hit : hits) {
    ENTENTE_TRY(transaction.PutRow(kTable, peer, KeyOf(offer, hit.record_id), EncodeHit(hit)));
  }
  return {};
}

Result<std::vector<Hit>> LoadHits(const store::Reader& reader, const PeerId& peer,
                                  const act::ActId& offer, std::uint64_t count) {
  ENTENTE_ASSIGN(const auto rows, reader.ListRows(kTable, peer, KeyOf(offer, ""), count));
  std::vector<Hit> hits;
  for (const store::Row& row : rows) {
    ENTENTE_ASSIGN(Hit hit, DecodeHit(row.value));
    hits.push_back(std::move(hit));
  }
  return hits;
}

Bytes EncodeHit(const Hit& hit) {
  Json rules = Json::array();
  for (const match::RuleId rule : hit.rules) {
    rules.push_back(static_cast<int>(rule));
  }
  return ToBytes(wire::WriteCanonicalJson(
      {{"record", hit.record_id}, {"rules", std::move(rules)}, {"keys", hit.common_keys}}));
}

Result<Hit> DecodeHit(ByteView bytes) {
  auto hit = Parse(bytes);
  if (!hit) {
    return Error{ErrorCode::kCorruptData, "a stored hit does not decode: " + hit.error().message};
  }
  return hit;
}

}  // namespace entente::matching
