#include "entente/agreement/document.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/agreement/testing.h"
#include "entente/base/testing.h"

namespace entente::agreement {
namespace {

using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Optional;
using wire::Json;
using Pointer = Json::json_pointer;

constexpr auto kInvalidInput = ErrorCode::kInvalidInput;
constexpr auto kLimitExceeded = ErrorCode::kLimitExceeded;

Result<Document> Decode(const Json& json) { return DecodeDocument(CanonicalBytes(json)); }

// The small agreement with one member changed, added, or (by a null) removed.
Json With(const char* pointer, const Json& value) {
  Json json = SmallAgreement();
  const Pointer at(pointer);
  if (!value.is_null()) {
    json[at] = value;
  } else if (json[at.parent_pointer()].is_array()) {
    json[at.parent_pointer()].erase(std::stoul(at.back()));
  } else {
    json[at.parent_pointer()].erase(at.back());
  }
  return json;
}

Json SmallMinutes() {
  Json json = With("/terms", nullptr);
  json["type"] = "minutes";
  return json;
}

TEST(Document, DecodesToWhatWasWritten) {
  const auto document = Decode(SmallAgreement());
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->type, DocumentType::kAgreement);
  EXPECT_TRUE(document->is_exercise);
  EXPECT_EQ(document->parties[1].card, FakeCard(0xa5));
  EXPECT_EQ(document->FindParty("MA"), &document->parties[1]);
  EXPECT_EQ(document->FindParty("FR"), nullptr);
  EXPECT_EQ(document->FindArticle("2"), &document->articles[1]);
  EXPECT_EQ(document->FindArticle("3"), nullptr);
  const Terms& terms = Present(document->terms);
  EXPECT_EQ(terms.tier, act::Tier::kT1);
  EXPECT_EQ(FormatRfc3339(terms.valid_until), "2031-01-01T00:00:00.000000Z");
  EXPECT_THAT(terms.matching, Optional(Field(&MatchTerms::records_max, 10U)));
  EXPECT_EQ(EncodeDocument(*document), CanonicalBytes(SmallAgreement()));
}

TEST(Document, TypesAreNamed) {
  EXPECT_EQ(TypeName(DocumentType::kDeclaration), "declaration");
  EXPECT_EQ(TypeName(DocumentType::kAgreement), "agreement");
  EXPECT_EQ(TypeName(DocumentType::kMinutes), "minutes");
  EXPECT_EQ(TypeName(DocumentType::kCommunique), "communique");
}

TEST(Document, MinutesAndCommuniquesHaveNoTerms) {
  Json json = SmallMinutes();
  EXPECT_THAT(Decode(json), IsOk());
  json["type"] = "communique";
  EXPECT_THAT(Decode(json), IsOk());
  json["terms"] = SmallAgreement()["terms"];
  EXPECT_THAT(Decode(json), FailsWith(kInvalidInput, HasSubstr("communiqués have none")));
}

TEST(Document, ADeclarationPermitsNothingAboveT0) {
  Json json = With("/terms/matching", nullptr);
  json["type"] = "declaration";
  json["terms"]["tier"] = "T0";
  EXPECT_THAT(Decode(json), FailsWith(kInvalidInput, HasSubstr("match.accept needs tier T1")));
  json["terms"]["permits"] = {{"document.publish", "1"}, {"document.sign", "1"}};
  EXPECT_THAT(Decode(json), IsOk());
  json["terms"]["matching"] = SmallAgreement()["terms"]["matching"];
  EXPECT_THAT(Decode(json), FailsWith(kInvalidInput, HasSubstr("no personal data")));
}

struct Refused {
  const char* pointer;
  Json value;
  const char* message;
};

void PrintTo(const Refused& row, std::ostream* out) {
  *out << row.pointer << " = " << row.value.dump().substr(0, 40);
}

class DocumentRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(DocumentRefuses, NamingTheMember) {
  const Refused& row = GetParam();
  EXPECT_THAT(Decode(With(row.pointer, row.value)),
              FailsWith(kInvalidInput, HasSubstr(row.message)))
      << row.pointer;
}

INSTANTIATE_TEST_SUITE_P(
    Header, DocumentRefuses,
    ::testing::Values(
        Refused{"/v", 2, "document.v"}, Refused{"/v", nullptr, "document.v is missing"},
        Refused{"/type", "treaty", "type must be declaration, agreement"},
        Refused{"/exercise", 1, "document.exercise"},
        Refused{"/languages", Json::array(), "at least one language"},
        Refused{"/languages", {"en", "en"}, "none twice"},
        Refused{"/languages", {"en", "es"}, "fr, de, ar and en"},
        Refused{"/languages", {"fr", "en", "de"}, "title.de is missing"},
        Refused{"/title/de", "Text", "title has an unknown member; it may have: fr, en"},
        Refused{"/title/fr", "", "title.fr is empty"}, Refused{"/title", "text", "document.title"},
        Refused{"/extra", 1, "document has an unknown member"}));

INSTANTIATE_TEST_SUITE_P(
    Parties, DocumentRefuses,
    ::testing::Values(Refused{"/parties/1", nullptr, "two parties"},
                      Refused{"/parties/1/country", "DE", "two"},
                      Refused{"/parties/1/country", "AT", "in the order of their codes"},
                      Refused{"/parties/1/country", "ma", "two capital letters"},
                      Refused{"/parties/1/country", "M", "two capital letters"},
                      Refused{"/parties/1/card", nullptr, "parties.card is missing"},
                      Refused{"/parties/1/card", "ab", "parties.card: expected 32 bytes"},
                      Refused{"/parties/1/card", std::string(64, 'A'), "parties.card: "},
                      Refused{"/parties/1/hub", "x", "parties has an unknown member"},
                      Refused{"/signatories/1", nullptr, "every party needs a signatory"},
                      Refused{"/signatories/1/country", "DE", "every party needs a signatory"},
                      Refused{"/signatories/1/country", "FR", "the country of a party"},
                      Refused{"/signatories/1/name", "", "every signatory needs a name"},
                      Refused{"/signatories/1/name", std::string(201, 'x'), "longer than 200"},
                      Refused{"/signatories/1/office/en", nullptr, "office.en is missing"}));

INSTANTIATE_TEST_SUITE_P(
    Articles, DocumentRefuses,
    ::testing::Values(Refused{"/articles", Json::array(), "there is no article"},
                      Refused{"/articles/1/id", "1", "an id of its own"},
                      Refused{"/articles/1/id", "", "an id of its own"},
                      Refused{"/articles/1/id", "2\n", "an id of its own"},
                      Refused{"/articles/1/id", std::string(17, '2'),
                              "articles.id is longer than 16"},
                      Refused{"/articles/1/heading", nullptr, "articles.heading is missing"},
                      Refused{"/articles/1/text/en", nullptr, "text.en is missing"},
                      Refused{"/articles/1/text/en", 5, "text.en is not a string"}));

INSTANTIATE_TEST_SUITE_P(
    Terms, DocumentRefuses,
    ::testing::Values(
        Refused{"/terms", nullptr, "a declaration or agreement has terms"},
        Refused{"/terms/tier", "T2", "terms.tier must be T0 or T1"},
        Refused{"/terms/tier", "T0", "a declaration has tier T0 and an agreement tier T1"},
        Refused{"/type", "declaration", "a declaration has tier T0 and an agreement tier T1"},
        Refused{"/terms/valid_from", "soon", "terms.valid_from: not a UTC time"},
        Refused{"/terms/valid_until", "2031-02-30T00:00:00.000000Z", "terms.valid_until: "},
        Refused{"/terms/valid_until", "2031-01-01T00:00:00Z", "six decimals"},
        Refused{"/terms/valid_until", "2026-01-01T00:00:00.000000Z", "must be after"},
        Refused{"/terms/permits/match.offer", "9", "permits.match.offer must name an article"},
        Refused{"/terms/permits/match.offer", 1, "permits.match.offer must name an article"},
        Refused{"/terms/permits/match.everything", "1", "is not a known act kind"},
        Refused{"/terms/purposes/terrorism", "9", "a name in terms.purposes must name an article"},
        Refused{"/terms/purposes", {{"", "1"}}, "small letters, digits and hyphens"},
        Refused{"/terms/purposes", {{"Terrorism", "1"}}, "small letters, digits and hyphens"},
        Refused{"/terms/purposes", Json::object(), "nothing could ever be matched"},
        Refused{"/terms/refusals/tier", nullptr, "terms.refusals.tier is missing"},
        Refused{"/terms/refusals/scheme", nullptr, "terms.refusals.scheme is missing"},
        Refused{"/terms/refusals/scheme", "9", "refusals.scheme must name an article"},
        Refused{"/terms/refusals/exercise", "1", "is not a rule that cites an article"},
        Refused{"/terms/hub", "x", "terms has an unknown member"}));

INSTANTIATE_TEST_SUITE_P(
    Matching, DocumentRefuses,
    ::testing::Values(
        Refused{"/terms/matching", nullptr, "terms.matching is missing"},
        Refused{"/terms/matching/scheme", "", "must name a scheme"},
        Refused{"/terms/matching/scheme_digest", "00", "scheme_digest: expected 32 bytes"},
        Refused{"/terms/matching/crypto_suites", Json::array(), "a crypto suite"},
        Refused{"/terms/matching/crypto_suites", {""}, "a crypto suite"},
        Refused{"/terms/matching/origins", Json::array(), "an origin"},
        Refused{"/terms/matching/origins", {"synthetic", ""}, "an origin"},
        Refused{"/terms/matching/records_max", 0, "records_max is not an integer in 1.."},
        Refused{"/terms/matching/records_max", 1'000'000'001, "records_max"},
        Refused{"/terms/matching/rounds_per_day_max", 0, "rounds_per_day_max"},
        Refused{"/terms/matching/rounds_per_day_max", 1'000'000'001, "rounds_per_day_max"},
        Refused{"/terms/matching/hub", "x", "terms.matching has an unknown member"}));

TEST(Document, RefusesBytesThatAreNotCanonical) {
  EXPECT_THAT(DecodeDocument(AsBytes("{")), FailsWith(kInvalidInput));
  EXPECT_THAT(DecodeDocument(AsBytes("[]")), FailsWith(kInvalidInput));
  EXPECT_THAT(DecodeDocument(AsBytes(SmallAgreement().dump(2))),
              FailsWith(kInvalidInput, HasSubstr("canonical")));
}

TEST(Document, CountsAreLimited) {
  const auto with_articles = [](std::size_t count) {
    Json json = SmallMinutes();
    const Json article = json["articles"][0];
    json["articles"] = Json::array();
    for (std::size_t i = 0; i < count; ++i) {
      json["articles"].push_back(article);
      json["articles"].back()["id"] = std::to_string(i + 1);
    }
    return json;
  };
  EXPECT_THAT(Decode(with_articles(1)), IsOk());
  EXPECT_THAT(Decode(with_articles(kArticlesMax)), IsOk());
  EXPECT_THAT(Decode(with_articles(kArticlesMax + 1)),
              FailsWith(kInvalidInput, HasSubstr("document.articles")));

  Json json = SmallMinutes();
  while (json["signatories"].size() < kSignatoriesMax) {
    json["signatories"].push_back(Json(json["signatories"][0]));
  }
  EXPECT_THAT(Decode(json), IsOk());
  json["signatories"].push_back(Json(json["signatories"][0]));
  EXPECT_THAT(Decode(json), FailsWith(kInvalidInput, HasSubstr("document.signatories")));
}

TEST(Document, SizesAreLimited) {
  EXPECT_THAT(Decode(With("/articles/0/text/en", std::string(kTextBytesMax, 'x'))), IsOk());
  EXPECT_THAT(Decode(With("/articles/0/text/en", std::string(kTextBytesMax + 1, 'x'))),
              FailsWith(kInvalidInput, HasSubstr("text.en is longer")));
  for (const char* const line :
       {"/title/en", "/articles/0/heading/en", "/signatories/0/office/en", "/parties/0/name/en"}) {
    EXPECT_THAT(Decode(With(line, std::string(kLineBytesMax, 'x'))), IsOk()) << line;
    EXPECT_THAT(Decode(With(line, std::string(kLineBytesMax + 1, 'x'))),
                FailsWith(kInvalidInput, HasSubstr("en is longer")))
        << line;
  }
  EXPECT_THAT(Decode(With("/terms/matching/records_max", 1)), IsOk());
  EXPECT_THAT(Decode(With("/terms/matching/records_max", 1'000'000'000)), IsOk());
  EXPECT_THAT(Decode(With("/signatories/0/name", std::string(200, 'x'))), IsOk());

  Json json = SmallAgreement();
  for (int i = 3; i < 20; ++i) {
    json["articles"].push_back(Json(json["articles"][0]));
    json["articles"].back()["id"] = std::to_string(i);
    json["articles"].back()["text"] = {{"fr", std::string(kTextBytesMax, 'x')},
                                       {"en", std::string(14'300, 'x')}};
  }
  auto& last = json["articles"].back()["text"]["en"].get_ref<std::string&>();
  last.resize(last.size() + kDocumentBytesMax - CanonicalBytes(json).size(), 'x');
  ASSERT_EQ(CanonicalBytes(json).size(), kDocumentBytesMax);
  EXPECT_THAT(Decode(json), IsOk());
  last += 'x';
  EXPECT_THAT(Decode(json), FailsWith(kLimitExceeded, HasSubstr("524288")));
  EXPECT_THAT(CompleteTemplate(json.dump(), FakeValues()), FailsWith(kLimitExceeded));
}

TEST(Document, DepthIsLimited) {
  const std::string deep(wire::kJsonDepthMax + 1, '[');
  EXPECT_THAT(DecodeDocument(AsBytes(deep)), FailsWith(kLimitExceeded));
}

TEST(DocumentId, IsTheDigestOfTheBytes) {
  const Bytes bytes = CanonicalBytes(SmallAgreement());
  EXPECT_EQ(IdOf(bytes), crypto::Sha256(bytes));
}

TEST(DocumentId, NoAlteredByteKeepsIt) {
  const Bytes bytes = CanonicalBytes(SmallAgreement());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes altered = bytes;
    altered[i] ^= 1U;
    EXPECT_NE(IdOf(altered), IdOf(bytes));
    if (const auto document = DecodeDocument(altered)) {
      EXPECT_EQ(EncodeDocument(*document), altered) << "byte " << i;
    }
  }
}

TEST(DocumentId, OfTheWorkedExampleIsAsDocumented) {
  std::ifstream page("docs/formats/document.md");
  std::string bytes;
  std::string id;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("    ")) {
      bytes += line.substr(4);
    } else if (line.starts_with("Its id is `")) {
      id = line.substr(11, 64);
    }
  }
  EXPECT_THAT(DecodeDocument(AsBytes(bytes)), IsOk());
  EXPECT_EQ(IdOf(AsBytes(bytes)).Hex(), id);
}

TEST(LocalText, FallsBackToALanguageThereIs) {
  const LocalText text{{"de", "Vertrag"}, {"fr", "Accord"}};
  EXPECT_EQ(In(text, "fr"), "Accord");
  EXPECT_EQ(In(text, "ar"), "Vertrag");
}

// As a drafter writes it: what the node knows is left out.
Json Template() {
  Json json = SmallAgreement();
  for (Json& party : json["parties"]) {
    party.erase("card");
  }
  json["terms"]["matching"].erase("scheme");
  json["terms"]["matching"].erase("scheme_digest");
  return json;
}

TEST(Template, IsCompletedToCanonicalBytes) {
  const auto bytes = CompleteTemplate(Template().dump(2), FakeValues());
  ASSERT_THAT(bytes, IsOk());
  EXPECT_EQ(*bytes, CanonicalBytes(SmallAgreement()));
  EXPECT_THAT(DecodeDocument(*bytes), IsOk());
}

TEST(Template, MayStateWhatTheNodeKnows) {
  EXPECT_THAT(CompleteTemplate(SmallAgreement().dump(), FakeValues()),
              IsOkAndHolds(CanonicalBytes(SmallAgreement())));
}

TEST(Template, MayWriteTimesWithoutDecimals) {
  Json json = Template();
  json["terms"]["valid_from"] = "2026-01-01T00:00:00Z";
  EXPECT_THAT(CompleteTemplate(json.dump(), FakeValues()),
              IsOkAndHolds(CanonicalBytes(SmallAgreement())));
}

TEST(Template, IsRefusedWithoutTheCardOfAParty) {
  TemplateValues values = FakeValues();
  values.cards.erase("MA");
  EXPECT_THAT(CompleteTemplate(Template().dump(), values),
              FailsWith(kInvalidInput, AllOf(HasSubstr("the party MA"), HasSubstr("card import"))));
}

TEST(Template, IsRefusedIfItStatesOtherValues) {
  for (const char* pointer :
       {"/parties/0/card", "/terms/matching/scheme", "/terms/matching/scheme_digest"}) {
    Json json = Template();
    json[Pointer(pointer)] = FakeCard(0x11).Hex();
    EXPECT_THAT(CompleteTemplate(json.dump(), FakeValues()),
                FailsWith(kInvalidInput, HasSubstr("states another " + Pointer(pointer).back())));
  }
}

TEST(Template, IsRefusedIfItIsNoDocument) {
  for (const char* text : {"", "[]", "{}", R"({"parties":1})", R"({"parties":[1]})",
                           R"({"parties":[{"country":1}]})", R"({"parties":[]})"}) {
    EXPECT_THAT(CompleteTemplate(text, FakeValues()), FailsWith(kInvalidInput)) << text;
  }
  Json json = Template();
  json["articles"] = Json::array();
  EXPECT_THAT(CompleteTemplate(json.dump(), FakeValues()),
              FailsWith(kInvalidInput, HasSubstr("there is no article")));
}

}  // namespace
}  // namespace entente::agreement
