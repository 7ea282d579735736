#include "apps/entente/verbs/verbs.h"
#include "entente/base/testing.h"

namespace entente::app {
namespace {

using wire::Json;

TEST(CountOf, UsesTheSingularForOne) {
  EXPECT_EQ(CountOf(1, "record"), "1 record");
  EXPECT_EQ(CountOf(0, "record"), "0 records");
  EXPECT_EQ(CountOf(2, "leaf", "leaves"), "2 leaves");
  EXPECT_EQ(CountOf(Json(), "record"), "0 records");
}

TEST(TextIn, TakesAnotherLanguageRatherThanNothing) {
  const Json texts{{"de", "Zweck"}, {"fr", "but"}};
  EXPECT_EQ(TextIn(texts, "fr"), "but");
  EXPECT_EQ(TextIn(texts, "ar"), "Zweck");
  EXPECT_EQ(TextIn(Json(), "fr"), "");
}

TEST(RefusalText, QuotesTheArticleAndWhatIsAgreed) {
  const Json details{{"decision",
                      {{"rule", "limit"},
                       {"article", "7.2"},
                       {"article_text",
                        {{"heading", {{"en", "Limits"}, {"de", "Grenzen"}}},
                         {"text", {{"en", "At most."}, {"de", "Höchstens."}}}}},
                       {"agreed", {{"records_max", 100}, {"purposes", {"a", "b"}}}}}}};
  EXPECT_EQ(RefusalText(details, "de"),
            "  Article 7.2: Grenzen\n  Höchstens.\n"
            "  agreed purposes: a, b\n  agreed records at most: 100\n");
}

TEST(RefusalText, IsEmptyWithoutAnArticle) {
  EXPECT_EQ(RefusalText(Json(), "en"), "");
  EXPECT_EQ(RefusalText({{"error", {{"code", "conflict"}}}}, "en"), "");
  EXPECT_EQ(RefusalText({{"decision", {{"rule", "no_agreement"}, {"article_text", Json()}}}}, "en"),
            "");
}

}  // namespace
}  // namespace entente::app
