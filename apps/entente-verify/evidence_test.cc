#include "apps/entente-verify/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/act/testing.h"
#include "entente/agreement/testing.h"
#include "entente/base/testing.h"
#include "entente/ledger/relation.h"

namespace entente::verify {
namespace {

using ::testing::HasSubstr;
using wire::Json;

constexpr std::uint8_t kNorthSeed = 1;
constexpr std::uint8_t kSouthSeed = 11;

Cards BothCards() { return {act::NorthCard(), act::SouthCard()}; }

Bytes CardFile(const act::Card& card, std::uint8_t seed) {
  return act::SignCard(card, act::ExampleSigner(seed)).value_or(Bytes{});
}

// The small agreement between North and South, which names one signatory for each.
Json Agreement() {
  Json json = agreement::SmallAgreement();
  const Cards cards = BothCards();
  for (std::size_t i = 0; i < 2; ++i) {
    json["parties"][i]["country"] = cards.at(i).country;
    json["parties"][i]["card"] = act::FingerprintOf(cards.at(i)).Hex();
    json["signatories"][i]["country"] = cards.at(i).country;
  }
  return json;
}

act::Envelope SignedBy(const Json& document, const std::vector<std::uint8_t>& seeds) {
  act::Envelope out{std::string(act::kDocumentType), agreement::CanonicalBytes(document), {}};
  for (const std::uint8_t seed : seeds) {
    const auto one = act::Sign(act::kDocumentType, out.payload, act::ExampleSigner(seed));
    EXPECT_THAT(one, IsOk());
    out.signatures.push_back(one->signatures.front());
  }
  return out;
}

Result<SignedDocument> Open(const act::Envelope& envelope) {
  return OpenDocument(act::Encode(envelope), BothCards());
}

TEST(OpenCard, SaysThatAnAlteredCardIsAltered) {
  Bytes file = CardFile(act::NorthCard(), kNorthSeed);
  EXPECT_THAT(OpenCard(file), IsOkAndHolds(act::NorthCard()));
  file[file.size() / 2] ^= 1U;
  EXPECT_THAT(OpenCard(file), FailsWith(ErrorCode::kCorruptData));
  EXPECT_THAT(OpenCard(AsBytes("{}")), FailsWith(ErrorCode::kCorruptData));
}

TEST(OpenCards, RefusesOneCardTwice) {
  const Bytes north = CardFile(act::NorthCard(), kNorthSeed);
  EXPECT_THAT(OpenCards(north, CardFile(act::SouthCard(), kSouthSeed)), IsOk());
  EXPECT_THAT(OpenCards(north, north), FailsWith(ErrorCode::kInvalidInput, HasSubstr("one node")));
}

TEST(CheckFingerprint, TakesDigitsAsReadAloudOrHex) {
  const act::Card card = act::NorthCard();
  const act::CardFingerprint fingerprint = act::FingerprintOf(card);
  std::string digits = act::Spoken(fingerprint);
  EXPECT_THAT(CheckFingerprint(card, digits), IsOk());
  EXPECT_THAT(CheckFingerprint(card, fingerprint.Hex()), IsOk());
  std::erase(digits, ' ');
  EXPECT_THAT(CheckFingerprint(card, digits), IsOk());
  digits.back() = digits.back() == '0' ? '1' : '0';
  for (const std::string& wrong : {digits, digits.substr(0, 39), std::string()}) {
    EXPECT_THAT(CheckFingerprint(card, wrong), FailsWith(ErrorCode::kCorruptData)) << wrong;
  }
}

TEST(TrustFor, TakesTheLogsKeyFromItsKeeperAndTheWitnessFromTheOther) {
  const auto [north, south] = BothCards();
  for (const Cards& cards : {Cards{north, south}, Cards{south, north}}) {
    EXPECT_THAT(
        TrustFor(cards, ledger::LogOrigin(south.id(), north.id())),
        IsOkAndHolds(ledger::Trust{ledger::LogKey(south.id(), north.id(), south.keys.ledger),
                                   {ledger::WitnessKey(north.id(), north.keys.witness)},
                                   1}));
  }
  EXPECT_THAT(TrustFor(BothCards(), "entente/0123456789abcdef/0123456789abcdef"),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("no log")));
}

TEST(TrustForCheckpoint, ReadsTheOriginOfTheNote) {
  const auto [north, south] = BothCards();
  const std::string origin = ledger::LogOrigin(north.id(), south.id());
  const auto note = ledger::SignCheckpoint({origin, 0, {}}, act::ExampleSigner(kNorthSeed + 1));
  ASSERT_THAT(note, IsOk());
  const auto trust = TrustForCheckpoint(BothCards(), *note);
  ASSERT_THAT(trust, IsOk());
  EXPECT_EQ(trust->log.name, origin);
  EXPECT_THAT(TrustForCheckpoint(BothCards(), "nothing"), FailsWith(ErrorCode::kCorruptData));
}

TEST(OpenDocument, OpensWhatBothSigned) {
  const auto document = Open(SignedBy(Agreement(), {kNorthSeed, kSouthSeed}));
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->document.type, agreement::DocumentType::kAgreement);
  EXPECT_EQ(document->id, agreement::IdOf(agreement::CanonicalBytes(Agreement())));
}

TEST(OpenDocument, NeedsASignatureForEverySignatory) {
  EXPECT_THAT(Open(SignedBy(Agreement(), {kNorthSeed})),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("0 of 1 signatures of XS")));
  Json two = Agreement();
  two["signatories"].push_back(two["signatories"][1]);
  two["signatories"][2]["name"] = "Safae Tamrini";
  EXPECT_THAT(Open(SignedBy(two, {kNorthSeed, kSouthSeed})),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("1 of 2 signatures of XS")));
  EXPECT_THAT(Open(SignedBy(two, {kNorthSeed, kSouthSeed, kSouthSeed})), IsOk());
}

TEST(OpenDocument, RefusesSignaturesOfOthersAndAlteredOnes) {
  constexpr std::uint8_t kStranger = 99;
  EXPECT_THAT(Open(SignedBy(Agreement(), {kNorthSeed, kSouthSeed, kStranger})),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("neither of the two cards")));
  act::Envelope envelope = SignedBy(Agreement(), {kNorthSeed, kSouthSeed});
  envelope.signatures[0].signature.bytes[0] ^= 1U;
  EXPECT_THAT(Open(envelope), FailsWith(ErrorCode::kCorruptData, HasSubstr("does not verify")));
  EXPECT_THAT(OpenDocument(AsBytes("{}"), BothCards()), FailsWith(ErrorCode::kCorruptData));
}

TEST(OpenDocument, RefusesPinsOfOtherCards) {
  Json json = Agreement();
  json["parties"][0]["card"] = agreement::FakeCard(0x01).Hex();
  EXPECT_THAT(Open(SignedBy(json, {kNorthSeed, kSouthSeed})),
              FailsWith(ErrorCode::kCorruptData, HasSubstr("does not pin the card of XN")));
  json["parties"][0]["country"] = "XA";
  json["signatories"][0]["country"] = "XA";
  EXPECT_THAT(Open(SignedBy(json, {kNorthSeed, kSouthSeed})), FailsWith(ErrorCode::kCorruptData));
}

TEST(OpenDocument, RefusesWhatIsNoDocument) {
  act::Envelope envelope = SignedBy(Agreement(), {kNorthSeed, kSouthSeed});
  envelope.payload_type = act::kActType;
  EXPECT_THAT(Open(envelope), FailsWith(ErrorCode::kCorruptData, HasSubstr("no document")));
  EXPECT_THAT(Open(SignedBy(Json::object(), {kNorthSeed, kSouthSeed})),
              FailsWith(ErrorCode::kCorruptData));
}

}  // namespace
}  // namespace entente::verify
