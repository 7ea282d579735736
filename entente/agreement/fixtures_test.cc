// The documents of examples/documents, and what the policy makes of them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/agreement/policy.h"
#include "entente/agreement/testing.h"
#include "entente/base/testing.h"

namespace entente::agreement {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::map<std::string, std::string>& Banners() {
  static const std::map<std::string, std::string> banners{{"fr", "EXERCICE – FICTION"},
                                                          {"de", "ÜBUNG – FIKTION"},
                                                          {"ar", "تمرين – نص خيالي"},
                                                          {"en", "EXERCISE – FICTION"}};
  return banners;
}

class Fixture : public ::testing::TestWithParam<const char*> {};

TEST_P(Fixture, IsAnExerciseOfTwoEqualPartiesInFourLanguages) {
  const auto bytes = CompletedExample(GetParam());
  ASSERT_THAT(bytes, IsOk());
  const auto document = DecodeDocument(*bytes);
  ASSERT_THAT(document, IsOk());
  EXPECT_TRUE(document->is_exercise);
  EXPECT_THAT(document->languages, ElementsAre("fr", "de", "ar", "en"));
  EXPECT_EQ(document->parties[0].country, "DE");
  EXPECT_EQ(document->parties[1].country, "MA");
  EXPECT_EQ(document->signatories.size(), 2U);
  for (const auto& [language, banner] : Banners()) {
    EXPECT_THAT(In(document->title, language), ::testing::StartsWith(banner));
    EXPECT_THAT(In(document->articles[0].text, language), ::testing::StartsWith(banner));
  }
}

// Arabic text has Arabic letters, the others have none: no text stands under a wrong language.
TEST_P(Fixture, HasEachTextInItsOwnLanguage) {
  const auto document = DecodeDocument(CompletedExample(GetParam()).value_or(Bytes{}));
  ASSERT_THAT(document, IsOk());
  const auto has_arabic = [](const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= '\xD8' && c <= '\xDB'; });
  };
  for (const Article& article : document->articles) {
    for (const std::string& language : document->languages) {
      EXPECT_EQ(has_arabic(In(article.heading, language)), language == "ar") << article.id;
      EXPECT_EQ(has_arabic(In(article.text, language)), language == "ar") << article.id;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, Fixture,
                         ::testing::Values("declaration-t0.json", "agreement-t1.json",
                                           "communique.json", "minutes.json"));

TEST(Fixtures, AreAllTested) {
  const std::filesystem::directory_iterator files("examples/documents");
  EXPECT_EQ(std::distance(begin(files), end(files)), 4);
}

TEST(Fixtures, HaveTheirTypesAndTiers) {
  const auto declaration = InForce(CompletedExample("declaration-t0.json"));
  ASSERT_THAT(declaration, IsOk());
  EXPECT_EQ(declaration->document.type, DocumentType::kDeclaration);
  EXPECT_EQ(Present(declaration->document.terms).tier, act::Tier::kT0);
  const auto agreement = InForce(CompletedExample("agreement-t1.json"));
  ASSERT_THAT(agreement, IsOk());
  EXPECT_EQ(agreement->document.type, DocumentType::kAgreement);
  EXPECT_EQ(Present(agreement->document.terms).tier, act::Tier::kT1);
  for (const char* name : {"communique.json", "minutes.json"}) {
    const auto document = DecodeDocument(CompletedExample(name).value_or(Bytes{}));
    ASSERT_THAT(document, IsOk());
    EXPECT_EQ(std::string(TypeName(document->type)) + ".json", name);
  }
}

// What a refusal by `rule` shows to the reader of `language`.
std::string CitedText(const AgreementInForce& agreement, const std::string& rule,
                      const std::string& language) {
  const Article* article =
      agreement.document.FindArticle(Present(agreement.document.terms).refusals.at(rule));
  return article == nullptr ? "" : In(article->text, language);
}

TEST(Declaration, SaysWhyPersonalDataCanNotCross) {
  const auto t0 = InForce(CompletedExample("declaration-t0.json"));
  ASSERT_THAT(t0, IsOk());
  for (const char* rule : {"tier", "kind", "purpose", "origin", "limit", "scheme"}) {
    EXPECT_EQ(Present(t0->document.terms).refusals.at(rule), "4") << rule;
  }
  EXPECT_THAT(CitedText(*t0, "tier", "fr"), HasSubstr("ne constitue pas une base juridique"));
  EXPECT_THAT(CitedText(*t0, "tier", "de"), HasSubstr("keine Rechtsgrundlage"));
  EXPECT_THAT(CitedText(*t0, "tier", "ar"), HasSubstr("أساساً قانونياً"));
  EXPECT_THAT(CitedText(*t0, "tier", "en"), HasSubstr("no legal basis"));
  EXPECT_THAT(CitedText(*t0, "validity", "en"), HasSubstr("1 January 2031"));
}

TEST(Agreement, SaysWhatItsRefusalsRestOn) {
  const auto t1 = InForce(CompletedExample("agreement-t1.json"));
  ASSERT_THAT(t1, IsOk());
  EXPECT_THAT(CitedText(*t1, "tier", "en"), HasSubstr("higher legal basis"));
  EXPECT_THAT(CitedText(*t1, "kind", "en"), HasSubstr("Only the acts that this Agreement names"));
  EXPECT_THAT(CitedText(*t1, "validity", "en"), HasSubstr("1 January 2026"));
  EXPECT_THAT(CitedText(*t1, "purpose", "en"), HasSubstr("any other purpose is refused"));
  EXPECT_THAT(CitedText(*t1, "origin", "en"), HasSubstr("operational records"));
  EXPECT_THAT(CitedText(*t1, "scheme", "en"), HasSubstr("another scheme or method"));
  const Terms& terms = Present(t1->document.terms);
  const MatchTerms& matching = Present(terms.matching);
  EXPECT_EQ(matching.records_max, 100'000U);
  EXPECT_EQ(matching.rounds_per_day_max, 24U);
  EXPECT_THAT(matching.origins, ElementsAre("synthetic", "public-list"));
  for (const std::string& language : t1->document.languages) {
    EXPECT_THAT(CitedText(*t1, "limit", language), HasSubstr("24"));
    for (const auto& [purpose, article] : terms.purposes) {
      EXPECT_THAT(In(t1->document.FindArticle(article)->text, language),
                  HasSubstr(": " + purpose + "."));
    }
  }
}

// What a person reads for it, in each catalogue.
TEST(Messages, NameEveryRuleKindTypeTierAndPurpose) {
  std::vector<std::string> keys;
  for (int i = 0; i <= static_cast<int>(Rule::kScheme); ++i) {
    keys.push_back("rule." + std::string(RuleName(static_cast<Rule>(i))));
  }
  for (const act::KindInfo& kind : act::AllKinds()) {
    keys.push_back("kind." + std::string(kind.name));
    keys.push_back("tier." + std::string(act::TierName(kind.tier)));
  }
  for (int i = 0; i <= static_cast<int>(DocumentType::kCommunique); ++i) {
    keys.push_back("document_type." + std::string(TypeName(static_cast<DocumentType>(i))));
  }
  const auto t1 = InForce(CompletedExample("agreement-t1.json"));
  ASSERT_THAT(t1, IsOk());
  for (const auto& [purpose, article] : Present(t1->document.terms).purposes) {
    keys.push_back("purpose." + purpose);
  }
  for (const std::string& language : t1->document.languages) {
    std::ifstream file("locales/" + language + ".json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto messages = wire::ParseJson(text);
    ASSERT_THAT(messages, IsOk());
    for (const std::string& key : keys) {
      EXPECT_TRUE(messages->contains(key)) << language << ": " << key;
    }
  }
}

}  // namespace
}  // namespace entente::agreement
