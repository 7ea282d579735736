#include "entente/act/card.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/act/testing.h"
#include "entente/base/testing.h"
#include "entente/wire/json.h"

namespace entente::act {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using wire::Json;

Bytes Signed(const Card& card) { return *SignCard(card, ExampleSigner(1)); }

auto IsInvalid(const std::string& why) {
  return FailsWith(ErrorCode::kInvalidInput, HasSubstr(why));
}

// A card of North, changed as JSON and signed again: well signed, wrongly filled.
Bytes Resigned(const std::string& pointer, const Json& value) {
  const Envelope envelope = *DecodeEnvelope(Signed(NorthCard()));
  Json json = *wire::ParseJson(AsText(envelope.payload));
  if (value.is_null()) {
    json = json.patch({{{"op", "remove"}, {"path", pointer}}});
  } else {
    json[Json::json_pointer(pointer)] = value;
  }
  const std::string payload = wire::WriteCanonicalJson(json);
  return Encode(*Sign(kCardType, AsBytes(payload), ExampleSigner(1)));
}

TEST(Card, OpensAsSigned) {
  const Card card = NorthCard();
  EXPECT_THAT(OpenCard(Signed(card)), IsOkAndHolds(Eq(card)));
  Card quiet = card;
  quiet.endpoints.clear();
  quiet.languages.clear();
  quiet.contact.clear();
  quiet.is_exercise = false;
  EXPECT_THAT(OpenCard(Signed(quiet)), IsOkAndHolds(Eq(quiet)));
}

TEST(Card, ItsIdIsTheKeyIdOfTheMessageKey) {
  const Card card = NorthCard();
  EXPECT_EQ(card.id().str(), KeyId(card.keys.message).Hex());
}

TEST(Card, AnyAlteredByteIsRefused) {
  const Bytes good = Signed(NorthCard());
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] = static_cast<std::uint8_t>(bad[at] ^ 1U << (at % 8));
    EXPECT_THAT(OpenCard(bad), FailsWith(ErrorCode::kInvalidInput)) << at;
  }
}

TEST(Card, EveryTruncationIsRefused) {
  const Bytes good = Signed(NorthCard());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(OpenCard(ByteView(good).first(size)), FailsWith(ErrorCode::kInvalidInput));
  }
}

TEST(Card, IsSignedByItsOwnMessageKeyOnly) {
  EXPECT_THAT(SignCard(NorthCard(), ExampleSigner(2)), IsInvalid("its own message key"));
  const Envelope own = *DecodeEnvelope(Signed(NorthCard()));
  const Bytes foreign = Encode(*Sign(kCardType, own.payload, ExampleSigner(2)));
  EXPECT_THAT(OpenCard(foreign), IsInvalid("does not verify"));
  const Bytes of_another_type = Encode(*Sign(kActType, own.payload, ExampleSigner(1)));
  EXPECT_THAT(OpenCard(of_another_type), IsInvalid("does not verify"));
}

TEST(Card, SaysWhenTheBytesAreNoCard) {
  EXPECT_THAT(OpenCard(AsBytes("hello")), IsInvalid("not a card file"));
  const Bytes act = Encode(*Sign(kCardType, EncodeAct(ExampleAct()), ExampleSigner(1)));
  EXPECT_THAT(OpenCard(act), IsInvalid("card"));
}

TEST(Card, NamesTheFieldThatBreaksARule) {
  using Change = void (*)(Card&);
  const std::vector<std::pair<Change, std::string>> cases{
      {[](Card& card) { card.name.clear(); }, "name"},
      {[](Card& card) { card.name = std::string(201, 'n'); }, "name"},
      {[](Card& card) { card.name = "two\nlines"; }, "name"},
      {[](Card& card) { card.name = "\xFF"; }, "name"},
      {[](Card& card) { card.country = "xn"; }, "country"},
      {[](Card& card) { card.country = "XNN"; }, "country"},
      {[](Card& card) { card.country.clear(); }, "country"},
      {[](Card& card) { card.endpoints.assign(9, "a:1"); }, "endpoint"},
      {[](Card& card) { card.endpoints = {"host"}; }, "endpoint"},
      {[](Card& card) { card.endpoints = {":7400"}; }, "endpoint"},
      {[](Card& card) { card.endpoints = {"host:"}; }, "endpoint"},
      {[](Card& card) { card.endpoints = {"host:0"}; }, "endpoint"},
      {[](Card& card) { card.endpoints = {"host:65536"}; }, "endpoint"},
      {[](Card& card) { card.endpoints = {"host:-1"}; }, "endpoint"},
      {[](Card& card) { card.endpoints = {"two words:1"}; }, "endpoint"},
      {[](Card& card) { card.endpoints = {std::string(259, 'h') + ":1"}; }, "endpoint"},
      {[](Card& card) { card.languages = {"es"}; }, "languages"},
      {[](Card& card) { card.contact = std::string(401, 'c'); }, "contact"},
      {[](Card& card) { card.contact = "two\nlines"; }, "contact"},
      {[](Card& card) { card.keys.tls = card.keys.ledger; }, "share a key"},
      {[](Card& card) { card.keys.encryption = card.keys.message; }, "share a key"},
  };
  for (const auto& [change, field] : cases) {
    Card card = NorthCard();
    change(card);
    EXPECT_THAT(ValidateCard(card), IsInvalid(field));
    EXPECT_THAT(SignCard(card, ExampleSigner(1)), IsInvalid(field));
  }
}

TEST(Card, AcceptsWhatStandsAtTheLimits) {
  Card card = NorthCard();
  card.name = std::string(200, 'n');
  card.contact = std::string(400, 'c');
  card.endpoints.assign(7, "host:65535");
  card.endpoints.push_back(std::string(258, 'h') + ":1");
  card.languages = {"fr", "de", "ar", "en"};
  EXPECT_THAT(OpenCard(Signed(card)), IsOkAndHolds(Eq(card)));
}

TEST(Card, OpeningChecksTheSameRules) {
  EXPECT_THAT(OpenCard(Resigned("/identity/name", "")), IsInvalid("name"));
  EXPECT_THAT(OpenCard(Resigned("/identity/country", "xn")), IsInvalid("country"));
  EXPECT_THAT(OpenCard(Resigned("/identity/keys/tls", "AA==")), IsInvalid("32 bytes"));
  EXPECT_THAT(OpenCard(Resigned("/endpoints/0", "host")), IsInvalid("endpoint"));
  EXPECT_THAT(OpenCard(Resigned("/languages/0", "es")), IsInvalid("languages"));
  EXPECT_THAT(OpenCard(Resigned("/contact", std::string(401, 'c'))), IsInvalid("contact"));
  EXPECT_THAT(OpenCard(Resigned("/time", "now")), IsInvalid("UTC time"));
  EXPECT_THAT(OpenCard(Resigned("/v", 2)), IsInvalid("card.v"));
  for (const std::string pointer : {"/more", "/identity/more", "/identity/keys/more"}) {
    EXPECT_THAT(OpenCard(Resigned(pointer, 1)), IsInvalid("has an unknown member"));
  }
  for (const std::string member : {"/identity", "/identity/name", "/identity/keys/witness",
                                   "/endpoints", "/languages", "/contact", "/time", "/v"}) {
    EXPECT_THAT(OpenCard(Resigned(member, nullptr)), IsInvalid("missing")) << member;
  }
}

TEST(CardFingerprint, CoversTheIdentityOnly) {
  const CardFingerprint fingerprint = FingerprintOf(NorthCard());
  Card moved = NorthCard();
  moved.endpoints = {"elsewhere.example:1"};
  moved.languages = {"en"};
  moved.contact = "somebody else";
  moved.time += std::chrono::hours(1);
  EXPECT_EQ(FingerprintOf(moved), fingerprint);

  using Change = void (*)(Card&);
  const std::vector<Change> changes{
      [](Card& card) { card.name += "."; },
      [](Card& card) { card.country = "XX"; },
      [](Card& card) { card.is_exercise = false; },
      [](Card& card) { card.keys.message.bytes[0] ^= 1U; },
      [](Card& card) { card.keys.ledger.bytes[0] ^= 1U; },
      [](Card& card) { card.keys.witness.bytes[0] ^= 1U; },
      [](Card& card) { card.keys.tls.bytes[0] ^= 1U; },
      [](Card& card) { card.keys.encryption.bytes[0] ^= 1U; },
      [](Card& card) { std::swap(card.keys.tls, card.keys.ledger); },
  };
  for (const Change change : changes) {
    Card other = NorthCard();
    change(other);
    EXPECT_NE(FingerprintOf(other), fingerprint);
  }
}

TEST(CardFingerprint, IsSpokenAsEightGroupsOfFiveDigits) {
  const std::string spoken = Spoken(FingerprintOf(NorthCard()));
  EXPECT_THAT(spoken, MatchesRegex("([0-9][0-9][0-9][0-9][0-9] ){7}[0-9][0-9][0-9][0-9][0-9]"));
  EXPECT_NE(spoken, Spoken(FingerprintOf(SouthCard())));
}

}  // namespace
}  // namespace entente::act
