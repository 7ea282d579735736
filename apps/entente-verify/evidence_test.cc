#include "apps/entente-verify/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/act/testing.h"
#include "entente/agreement/testing.h"
#include "entente/base/testing.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/testing.h"

namespace entente::verify {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using wire::Json;

constexpr std::uint8_t kNorthSeed = 1;
constexpr std::uint8_t kSouthSeed = 11;

Cards BothCards() { return {act::NorthCard(), act::SouthCard()}; }

NamedFile CardFile(const act::Card& card, std::uint8_t seed) {
  return {"a.card", act::SignCard(card, act::ExampleSigner(seed)).value_or(Bytes{})};
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
  return OpenDocument({"x.document", act::Encode(envelope)}, BothCards());
}

TEST(OpenCard, SaysThatAnAlteredCardIsAltered) {
  NamedFile file = CardFile(act::NorthCard(), kNorthSeed);
  EXPECT_THAT(OpenCard(file), IsOkAndHolds(act::NorthCard()));
  file.bytes[file.bytes.size() / 2] ^= 1U;
  EXPECT_THAT(OpenCard(file), FailsWith(ErrorCode::kCorruptData, StartsWith("a.card: ")));
  EXPECT_THAT(OpenCard({"empty", ToBytes("{}")}), FailsWith(ErrorCode::kCorruptData));
}

TEST(OpenCards, RefusesOneCardTwice) {
  const NamedFile north = CardFile(act::NorthCard(), kNorthSeed);
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

TEST(TrustFor, AnAuditLogHasNoWitness) {
  const act::Card north = act::NorthCard();
  const auto trust = TrustFor(BothCards(), ledger::AuditOrigin(north.id()));
  EXPECT_THAT(trust,
              IsOkAndHolds(ledger::Trust{ledger::AuditKey(north.id(), north.keys.ledger), {}, 0}));
}

TEST(TrustForCheckpoint, ReadsTheOriginOfTheNote) {
  const auto [north, south] = BothCards();
  const std::string origin = ledger::LogOrigin(north.id(), south.id());
  const auto note = ledger::SignCheckpoint({origin, 0, {}}, act::ExampleSigner(kNorthSeed + 1));
  ASSERT_THAT(note, IsOk());
  const auto trust = TrustForCheckpoint(BothCards(), "checkpoint", *note);
  ASSERT_THAT(trust, IsOk());
  EXPECT_EQ(trust->log.name, origin);
  EXPECT_THAT(TrustForCheckpoint(BothCards(), "x", "nothing"),
              FailsWith(ErrorCode::kCorruptData, StartsWith("x: ")));
  const auto other = ledger::SignCheckpoint({"entente/x/y", 0, {}}, act::ExampleSigner(1));
  EXPECT_THAT(TrustForCheckpoint(BothCards(), "x", *other),
              FailsWith(ErrorCode::kCorruptData, StartsWith("x: this is no log")));
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
  EXPECT_THAT(OpenDocument({"x", ToBytes("{}")}, BothCards()),
              FailsWith(ErrorCode::kCorruptData, StartsWith("x: ")));
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

// An act of North, South's answer, and both logs with the leaves about them.
class Receipt : public ::testing::Test {
 protected:
  static NamedFile SignedAct(const act::Act& act, std::uint8_t seed = kNorthSeed) {
    return {"act.json",
            act::Encode(*act::Sign(act::kActType, act::EncodeAct(act), act::ExampleSigner(seed)))};
  }
  static NamedFile SignedAnswer(const act::Answer& answer, std::uint8_t seed = kSouthSeed) {
    return {"answer.json", act::Encode(*act::Sign(act::kAnswerType, act::EncodeAnswer(answer),
                                                  act::ExampleSigner(seed)))};
  }
  Result<ProvenAnswer> Open() const {
    return OpenAnswer(SignedAnswer(answer), SignedAct(act), BothCards());
  }
  crypto::Digest answer_object() const { return crypto::Sha256(act::EncodeAnswer(answer)); }

  // What one side wrote about the act.
  static ledger::Leaf LeafOf(ledger::Direction direction, const crypto::Digest& object,
                             const act::Card& peer) {
    ledger::Leaf leaf;
    leaf.kind = "document.publish";
    leaf.direction = direction;
    leaf.time = act::kExampleTime;
    leaf.object = object;
    leaf.peer = peer.id();
    leaf.epoch = 1;
    leaf.sequence = 1;
    return leaf;
  }
  // A log of `owner`, whose card's seeds begin at `seed`, with `leaf` as entry `index` of ten.
  Status Check(const act::Card& owner, const act::Card& peer, std::uint64_t index,
               const ledger::Leaf& leaf) const {
    const bool is_north = owner == north;
    const auto seed = [&](bool of_owner) { return of_owner == is_north ? kNorthSeed : kSouthSeed; };
    ledger::NodeStore nodes;
    const Bytes entry = *ledger::EncodeLeaf(leaf);
    for (std::uint64_t i = 0; i < 10; ++i) {
      EXPECT_THAT(nodes.Append(ledger::LeafHash(i == index ? entry : Bytes(3))), IsOk());
    }
    const ledger::Checkpoint checkpoint{ledger::LogOrigin(owner.id(), peer.id()), 10,
                                        *ledger::Root(10, nodes)};
    const auto signer = [](int value) {
      return act::ExampleSigner(static_cast<std::uint8_t>(value));
    };
    const auto line =
        ledger::Cosign(ledger::FormatCheckpoint(checkpoint), ledger::WitnessName(peer.id()),
                       signer(seed(false) + 2), act::kExampleTime);
    const auto note = ledger::AddCosignature(
        *ledger::SignCheckpoint(checkpoint, signer(seed(true) + 1)),
        ledger::FormatSignatureLine(*line), ledger::WitnessKey(peer.id(), peer.keys.witness));
    const ledger::EntryProof proof{entry, index, *ledger::InclusionProof(index, 10, nodes), *note};
    const auto checked =
        OpenProofOf({"x.tlog-proof", ToBytes(ledger::FormatProof(proof))}, *Open(), BothCards());
    return checked ? Status() : Status(checked.error());
  }

  act::Act act = act::ExampleAct();
  act::Answer answer = act::ExampleReceipt();
  act::Card north = act::NorthCard();
  act::Card south = act::SouthCard();
};

TEST_F(Receipt, SaysWhoReceivedWhatAndWhen) {
  const auto proven = Open();
  ASSERT_THAT(proven, IsOk());
  EXPECT_EQ(proven->sender, north);
  EXPECT_EQ(proven->receiver, south);
  EXPECT_EQ(proven->act, act);
  EXPECT_EQ(proven->answer, answer);
  EXPECT_EQ(proven->answer_object, answer_object());
  answer = act::ExampleRefusal();
  const auto refused = Open();
  ASSERT_THAT(refused, IsOk());
  EXPECT_FALSE(refused->answer.is_receipt);
}

TEST_F(Receipt, IsByTheNodeTheActWentTo) {
  const auto fails = [](const std::string& why) {
    return FailsWith(ErrorCode::kCorruptData, HasSubstr(why));
  };
  const NamedFile good_act = SignedAct(act);
  const NamedFile good_answer = SignedAnswer(answer);
  EXPECT_THAT(OpenAnswer(SignedAnswer(answer, kNorthSeed), good_act, BothCards()),
              fails("answer.json: the answer is not by the node the act went to"));
  EXPECT_THAT(OpenAnswer(SignedAnswer(answer, 99), good_act, BothCards()),
              fails("answer.json: it is signed by neither"));
  EXPECT_THAT(OpenAnswer(good_answer, SignedAct(act, kSouthSeed), BothCards()),
              fails("act.json: the act is not from the signing node"));
  EXPECT_THAT(OpenAnswer(good_act, good_act, BothCards()), fails("act.json: "));
  EXPECT_THAT(OpenAnswer({"answer.json", ToBytes("{}")}, good_act, BothCards()),
              fails("answer.json: "));
  EXPECT_THAT(OpenAnswer({"answer.json", SignedBy(Json::object(), {kSouthSeed}).payload}, good_act,
                         BothCards()),
              fails("answer.json: "));
}

TEST_F(Receipt, AnswersThisActAndNoOther) {
  using Change = void (*)(act::Answer&);
  for (const Change change : {Change([](act::Answer& other) { other.act.bytes[0] ^= 1U; }),
                              Change([](act::Answer& other) { other.sequence = 2; }),
                              Change([](act::Answer& other) { other.epoch = 2; })}) {
    act::Answer other = answer;
    change(other);
    EXPECT_THAT(OpenAnswer(SignedAnswer(other), SignedAct(act), BothCards()),
                FailsWith(ErrorCode::kCorruptData, HasSubstr("answer.json: it answers another")));
  }
}

TEST_F(Receipt, HasNoSecondSignature) {
  act::Envelope envelope = *act::DecodeEnvelope(SignedAct(act).bytes);
  envelope.signatures.push_back(envelope.signatures.front());
  envelope.signatures.back().key_id.bytes[0] ^= 1U;
  EXPECT_THAT(OpenAnswer(SignedAnswer(answer), {"act.json", act::Encode(envelope)}, BothCards()),
              FailsWith(ErrorCode::kCorruptData));
}

TEST_F(Receipt, IsInTheLogsWhereBothSidesWroteIt) {
  using ledger::Direction;
  EXPECT_THAT(Check(north, south, 7, LeafOf(Direction::kSent, answer.act, south)), IsOk());
  EXPECT_THAT(Check(north, south, 9, LeafOf(Direction::kReceived, answer_object(), south)), IsOk());
  EXPECT_THAT(
      Check(south, north, answer.leaf_index, LeafOf(Direction::kReceived, answer.act, north)),
      IsOk());
  answer = act::ExampleRefusal();
  EXPECT_THAT(
      Check(south, north, answer.leaf_index, LeafOf(Direction::kRefused, answer.act, north)),
      IsOk());
}

TEST_F(Receipt, DoesNotTakeAnotherEntry) {
  using ledger::Direction;
  const auto neither =
      FailsWith(ErrorCode::kCorruptData, HasSubstr("x.tlog-proof: its entry is about neither"));
  const ledger::Leaf sent = LeafOf(Direction::kSent, answer.act, south);
  using Change = void (*)(ledger::Leaf&);
  for (const Change change :
       {Change([](ledger::Leaf& leaf) { leaf.object.bytes[0] ^= 1U; }),
        Change([](ledger::Leaf& leaf) { leaf.direction = Direction::kReceived; }),
        Change([](ledger::Leaf& leaf) { leaf.epoch = 2; }),
        Change([](ledger::Leaf& leaf) { leaf.sequence = 2; }),
        Change([](ledger::Leaf& leaf) { leaf.peer = act::NorthCard().id(); })}) {
    ledger::Leaf leaf = sent;
    change(leaf);
    EXPECT_THAT(Check(north, south, 7, leaf), neither);
  }
  EXPECT_THAT(
      Check(south, north, answer.leaf_index, LeafOf(Direction::kRefused, answer.act, north)),
      neither);
  EXPECT_THAT(
      Check(south, north, answer.leaf_index + 1, LeafOf(Direction::kReceived, answer.act, north)),
      FailsWith(ErrorCode::kCorruptData, HasSubstr("the act is entry 5, and the answer")));
}

TEST(OpenProof, NamesTheFile) {
  const ledger::LogForTests log(5);
  const ledger::EntryProof proof{*log.Entry(3), 3, *ledger::InclusionProof(3, 5, log.nodes()),
                                 log.SettledAt(5)};
  NamedFile file{"x.tlog-proof", ToBytes(ledger::FormatProof(proof))};
  const auto entry = OpenProof(file, log.trust());
  ASSERT_THAT(entry, IsOk());
  EXPECT_EQ(entry->index, 3U);
  EXPECT_EQ(entry->leaf, ledger::LeafForTests(3));
  ledger::Trust invalid = log.trust();
  invalid.quorum = 2;
  EXPECT_THAT(OpenProof(file, invalid), FailsWith(ErrorCode::kInvalidInput));
  file.bytes[60] ^= 1U;
  EXPECT_THAT(OpenProof(file, log.trust()),
              FailsWith(ErrorCode::kCorruptData, StartsWith("x.tlog-proof: ")));
  file.bytes.resize(10);
  EXPECT_THAT(ReadProof(file), FailsWith(ErrorCode::kCorruptData, StartsWith("x.tlog-proof: ")));
}

}  // namespace
}  // namespace entente::verify
