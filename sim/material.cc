#include "sim/material.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "entente/records/record.h"
#include "entente/wire/json.h"

namespace entente::sim {
namespace {

using wire::Json;

constexpr std::int64_t kRoundsPerDay = 2;
constexpr std::chrono::hours kInForceBefore{6};
constexpr std::chrono::hours kInForceAfter{12};

Json English(const std::string& text) { return {{"en", text}}; }

Json Article(const char* id, const char* heading, const char* text) {
  return {{"id", id},
          {"heading", English(heading)},
          {"text", English(std::string("EXERCISE - FICTION. ") + text)}};
}

// A document between the two without its articles, in the order of their countries.
Json Frame(const Authority& a, const Authority& b, const char* type, const std::string& title) {
  const bool is_ordered = a.card().country < b.card().country;
  Json document{{"v", 1},
                {"type", type},
                {"exercise", true},
                {"languages", {"en"}},
                {"title", English("EXERCISE - FICTION: " + title)},
                {"parties", Json::array()},
                {"signatories", Json::array()}};
  for (const Authority* const party : {is_ordered ? &a : &b, is_ordered ? &b : &a}) {
    document["parties"].push_back(
        {{"country", party->card().country}, {"name", English(party->card().name)}});
    document["signatories"].push_back({{"country", party->card().country},
                                       {"name", "Robin Beispiel"},
                                       {"office", English("Secretary")}});
  }
  return document;
}

}  // namespace

std::string Minutes(const Authority& a, const Authority& b, std::uint64_t number) {
  Json document = Frame(a, b, "minutes", "minutes " + std::to_string(number));
  document["articles"] = Json::array({Article("1", "Meeting", "The delegations met.")});
  return document.dump();
}

std::string MatchingAgreement(const Authority& a, const Authority& b) {
  Json document = Frame(a, b, "agreement", "agreement on matching");
  document["articles"] =
      Json::array({Article("1", "Matching", "The Parties match in private."),
                   Article("2", "Refusals", "What this agreement does not name is refused.")});
  Json permits;
  for (const std::string_view kind :
       {act::kMatchOffer, act::kMatchAccept, act::kMatchDecline, act::kMatchResult}) {
    permits[std::string(kind)] = "1";
  }
  Json refusals;
  for (const char* const rule :
       {"tier", "kind", "validity", "purpose", "origin", "limit", "scheme"}) {
    refusals[rule] = "2";
  }
  document["terms"] = {{"tier", "T1"},
                       {"valid_from", FormatRfc3339(SimulationStart() - kInForceBefore)},
                       {"valid_until", FormatRfc3339(SimulationStart() + kInForceAfter)},
                       {"permits", permits},
                       {"purposes", {{kPurpose, "1"}}},
                       {"refusals", refusals},
                       {"matching",
                        {{"crypto_suites", {"voprf-ristretto255-sha512/1"}},
                         {"records_max", 100},
                         {"origins", {"synthetic"}},
                         {"rounds_per_day_max", kRoundsPerDay}}}};
  return document.dump();
}

Status FillCollection(Authority& authority) {
  const std::string& country = authority.card().country;
  std::vector<store::RecordRow> rows;
  const auto add = [&](const std::string& name, const char* birth_date) {
    records::Record record;
    record.id = country + "-" + std::to_string(rows.size() + 1);
    record.names.push_back({PersonalText(name), records::NameQuality::kPrimary});
    record.birth_dates = {*records::ParsePartialDate(birth_date)};
    rows.push_back({rows.size() + 1, record.id, records::Encode(record)});
  };
  add("Fatima Zahra Bennani", "1981-07-19");
  add("Musterperson " + country, "1962-05-05");
  return authority.store().Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const store::ImportId import,
                   transaction.BeginImport(kCollection, store::Origin::kSynthetic));
    ENTENTE_TRY(transaction.AppendRecords(import, rows));
    ENTENTE_TRY(transaction.ActivateImport(import, SimulationStart()));
    return {};
  });
}

}  // namespace entente::sim
