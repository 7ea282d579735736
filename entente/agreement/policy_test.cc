#include "entente/agreement/policy.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/agreement/testing.h"
#include "entente/base/testing.h"

namespace entente::agreement {
namespace {

using wire::Json;

// Only Policy makes one.
static_assert(!std::is_default_constructible_v<Permitted<act::Draft>>);
static_assert(!std::is_constructible_v<Permitted<act::Draft>, act::Draft>);
static_assert(!std::is_constructible_v<Permitted<act::Draft>, act::Draft, Decision>);

UtcTime Noon() { return ParseRfc3339("2026-11-23T12:00:00Z").value_or(UtcTime{}); }

// One line of tests/cases/policy/*.case; the grammar is in that folder's README.md.
struct Case {
  AgreementInForce agreement;
  bool has_agreement = true;
  std::string kind;
  bool is_exercise_act = true;
  Json body = GoodOffer();
  Facts facts{Noon(), true, FakeCards(), nullptr, 0};
};

// Takes the agreement's terms, their matching half, or the permission of one kind. False if there
// is none.
bool TakeAway(const std::string& what, std::optional<Terms>& terms) {
  if (!terms) {
    return false;
  }
  if (what == "terms") {
    terms.reset();
    return true;
  }
  if (what == "matching") {
    terms->matching.reset();
    return true;
  }
  return terms->permits.erase(what) == 1;
}

bool IsLive(const std::string& value) { return value == "live"; }

// Applies "name=value". False if the name is unknown.
bool Apply(const std::string& word, Case& row) {
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
  if (name == "@now") {
    row.facts.now = ParseRfc3339(value).value_or(UtcTime{});
  } else if (name == "@rounds") {
    row.facts.rounds_today = std::stoull(value);
  } else if (name == "@node") {
    row.facts.is_exercise_node = !IsLive(value);
  } else if (name == "@card") {
    row.facts.cards.back() = FakeCard(0x01);
  } else if (name == "@act") {
    row.is_exercise_act = !IsLive(value);
  } else if (name == "@agreement") {
    row.agreement.document.is_exercise = !IsLive(value);
  } else if (name == "@without") {
    return TakeAway(value, row.agreement.document.terms);
  } else if (name == "@body") {
    row.body = wire::ParseJson(value).value_or(Json());
  } else if (name.starts_with('@')) {
    return false;
  } else if (equals == std::string::npos) {
    row.body.erase(name);
  } else {
    row.body[name] = wire::ParseJson(value).value_or(Json(value));
  }
  return true;
}

class PolicyCases : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"t0", "t1"}) {
      auto agreement = InForce(CompletedExample(
          std::string_view(name) == "t0" ? "declaration-t0.json" : "agreement-t1.json"));
      ASSERT_THAT(agreement, IsOk());
      agreements_.emplace(name, *std::move(agreement));
    }
  }

  void Run(const std::string& line) {
    std::istringstream words(line);
    Case row;
    std::string agreement;
    std::string rule;
    std::string article;
    words >> agreement >> row.kind;
    row.has_agreement = agreement != "none";
    if (row.has_agreement) {
      row.agreement = agreements_.at(agreement);
    }
    for (std::string word; words >> word && word != "->";) {
      ASSERT_TRUE(Apply(word, row)) << word;
    }
    words >> rule >> article;
    row.facts.agreement = row.has_agreement ? &row.agreement : nullptr;
    const Decision decision = Decide(row.kind, row.is_exercise_act, row.body, row.facts);
    EXPECT_EQ(RuleName(decision.rule), rule);
    EXPECT_EQ(decision.article, article == "-" ? "" : article);
    EXPECT_TRUE(decision.article.empty() || decision.agreement == row.agreement.id);
  }

  std::map<std::string, AgreementInForce> agreements_;
};

TEST_F(PolicyCases, DecideAsTheTableSays) {
  std::size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator("tests/cases/policy")) {
    if (file.path().extension() != ".case") {
      continue;
    }
    std::ifstream lines(file.path());
    std::string line;
    std::getline(lines, line);
    EXPECT_TRUE(line.starts_with("# source: ")) << file.path();
    for (std::size_t number = 2; std::getline(lines, line); ++number) {
      if (line.empty() || line.starts_with('#')) {
        continue;
      }
      SCOPED_TRACE(file.path().string() + ":" + std::to_string(number) + ": " + line);
      Run(line);
      ++count;
    }
  }
  EXPECT_GE(count, 60U) << "tests/cases/policy is incomplete";
}

// A new kind is denied under every agreement that was signed before it.
TEST_F(PolicyCases, DenyEveryKindAnAgreementDoesNotPermit) {
  for (const act::KindInfo& kind : act::AllKinds()) {
    const bool is_introduction = kind.tier == act::Tier::kIntroduction;
    const Decision alone =
        Decide(kind.name, true, GoodOffer(), {Noon(), true, FakeCards(), nullptr, 0});
    EXPECT_EQ(alone.rule, is_introduction ? Rule::kPermitted : Rule::kNoAgreement) << kind.name;
    for (auto [name, agreement] : agreements_) {
      const Facts facts{Noon(), true, FakeCards(), &agreement, 0};
      Terms& terms = Present(agreement.document.terms);
      const bool is_named = terms.permits.contains(std::string(kind.name));
      const Decision decision = Decide(kind.name, true, GoodOffer(), facts);
      EXPECT_EQ(decision.is_permitted(), is_introduction || is_named) << name << kind.name;
      EXPECT_EQ(decision.agreement, agreement.id);
      terms.permits.clear();
      EXPECT_EQ(Decide(kind.name, true, GoodOffer(), facts).is_permitted(), is_introduction)
          << name << kind.name;
    }
  }
}

// Whatever a forged or hand-made agreement permits, the tier of the kind decides.
TEST_F(PolicyCases, DenyAKindAboveTheTierEvenIfItIsNamed) {
  AgreementInForce forged = agreements_.at("t1");
  Present(forged.document.terms).tier = act::Tier::kT0;
  EXPECT_EQ(
      Decide(act::kMatchOffer, true, GoodOffer(), {Noon(), true, FakeCards(), &forged, 0}).rule,
      Rule::kTier);
}

TEST_F(PolicyCases, AnEmptyFactIsNoAgreedValue) {
  AgreementInForce forged = agreements_.at("t1");
  Terms& terms = Present(forged.document.terms);
  terms.purposes.emplace("", "5");
  Present(terms.matching).origins.emplace_back("");
  const Facts facts{Noon(), true, FakeCards(), &forged, 0};
  Json body = GoodOffer();
  body.erase("origin");
  EXPECT_EQ(Decide(act::kMatchOffer, true, body, facts).rule, Rule::kOrigin);
  body.erase("purpose");
  EXPECT_EQ(Decide(act::kMatchOffer, true, body, facts).rule, Rule::kPurpose);
}

TEST_F(PolicyCases, BothSidesDecideAlike) {
  const AgreementInForce mine = agreements_.at("t1");
  const AgreementInForce theirs = agreements_.at("t1");
  EXPECT_EQ(Decide(act::kMatchOffer, true, GoodOffer(), {Noon(), true, FakeCards(), &mine, 3}),
            Decide(act::kMatchOffer, true, GoodOffer(), {Noon(), true, FakeCards(), &theirs, 3}));
}

TEST_F(PolicyCases, ReviewLetsThroughWhatIsPermitted) {
  const AgreementInForce& agreement = agreements_.at("t1");
  const act::Draft draft{std::string(act::kMatchOffer), agreement.id, GoodOffer(), "officer"};
  const auto verdict = Policy::Review(draft, {Noon(), true, FakeCards(), &agreement, 0});
  EXPECT_TRUE(verdict.decision.is_permitted());
  const Permitted<act::Draft>& permitted = Present(verdict.permitted);
  EXPECT_EQ(permitted.decision(), verdict.decision);
  EXPECT_EQ(permitted.decision().article, "4.1");
  EXPECT_EQ(permitted.value().body, draft.body);
  EXPECT_EQ(permitted.value().actor, "officer");
}

TEST_F(PolicyCases, ReviewKeepsBackWhatIsNot) {
  const AgreementInForce& agreement = agreements_.at("t0");
  const act::Draft draft{std::string(act::kMatchOffer), agreement.id, GoodOffer(), "officer"};
  const auto verdict = Policy::Review(draft, {Noon(), true, FakeCards(), &agreement, 0});
  EXPECT_FALSE(verdict.permitted);
  EXPECT_EQ(verdict.decision.rule, Rule::kTier);
  EXPECT_EQ(verdict.decision.article, "4");
}

TEST_F(PolicyCases, ReviewRefusesAnAgreementOfTheOtherWorld) {
  const AgreementInForce& agreement = agreements_.at("t1");
  const act::Draft draft{std::string(act::kMatchOffer), agreement.id, GoodOffer(), "officer"};
  EXPECT_EQ(Policy::Review(draft, {Noon(), false, FakeCards(), &agreement, 0}).decision.rule,
            Rule::kExercise);
}

TEST(Decide, IntroductionUnderAnAgreementThatIsNotInForceIsRefused) {
  Facts facts;
  EXPECT_TRUE(Decide(act::kDocumentPropose, true, wire::Json::object(), facts).is_permitted());
  facts.is_agreement_named = true;
  EXPECT_EQ(Decide(act::kDocumentPropose, true, wire::Json::object(), facts).rule,
            Rule::kNoAgreement);
}

TEST(Rule, HasAnOwnName) {
  const std::vector<std::pair<Rule, std::string_view>> names{
      {Rule::kPermitted, "permitted"}, {Rule::kUnknownKind, "unknown_kind"},
      {Rule::kExercise, "exercise"},   {Rule::kNoAgreement, "no_agreement"},
      {Rule::kValidity, "validity"},   {Rule::kTier, "tier"},
      {Rule::kKind, "kind"},           {Rule::kPurpose, "purpose"},
      {Rule::kOrigin, "origin"},       {Rule::kLimit, "limit"},
      {Rule::kScheme, "scheme"},       {Rule::kCard, "card"}};
  for (const auto& [rule, name] : names) {
    EXPECT_EQ(RuleName(rule), name);
  }
}

TEST(Describe, NamesRuleArticleAndAgreement) {
  DocumentId id;
  id.bytes.fill(0x1a);
  EXPECT_EQ(Describe({Rule::kTier, id, "5"}),
            "not permitted: rule tier, article 5 of agreement 1a1a1a1a1a1a…");
  EXPECT_EQ(Describe({Rule::kPermitted, id, "4.1"}),
            "permitted by article 4.1 of agreement 1a1a1a1a1a1a…");
  EXPECT_EQ(Describe({Rule::kPermitted, id, ""}), "permitted under agreement 1a1a1a1a1a1a…");
  EXPECT_EQ(Describe({Rule::kNoAgreement, std::nullopt, ""}), "not permitted: rule no_agreement");
  EXPECT_EQ(Describe({Rule::kPermitted, std::nullopt, ""}), "permitted");
}

}  // namespace
}  // namespace entente::agreement
