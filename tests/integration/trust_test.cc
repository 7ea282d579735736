// What two humans rely on: the cards they compared, the signatures the document asks for, and that
// what they see is what they sign.
#include "entente/wire/json.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using documents::DocumentState;
using ::testing::HasSubstr;

class Trust : public TwoNodes {
 protected:
  static wire::Json Declaration() {
    return wire::Json::parse(ReadProjectFile("examples/documents/declaration-t0.json"));
  }
  void Sync() {
    Wire wire(rabat, berlin);
    ASSERT_THAT(wire.Run(), IsOk());
  }
  // A further node's card with one key of `other`.
  Bytes CardWith(const std::function<void(act::CardKeys& keys)>& change) {
    SeededRandomForTests random(77);
    const crypto::Ed25519Signer message(crypto::NewSeed(random));
    Node paris("FR", 3, folder.File("fr.db"), clock);
    act::Card card = paris.card();
    card.keys.message = message.public_key();
    change(card.keys);
    const auto signed_card = act::SignCard(card, message);
    EXPECT_THAT(signed_card, IsOk());
    return *signed_card;
  }
};

TEST_F(Trust, EverySignatoryOfBothSidesMustSign) {
  wire::Json json = Declaration();
  for (const char* country : {"MA", "DE"}) {
    wire::Json second = json["signatories"][0];
    second["country"] = country;
    second["name"] = std::string("Second of ") + country;
    json["signatories"].push_back(second);
  }
  const auto id = rabat.documents.Draft(berlin.id(), json.dump());
  ASSERT_THAT(id, IsOk());
  ASSERT_THAT(rabat.documents.Propose(berlin.id(), *id, "desk"), IsOk());
  Sync();
  const auto view = rabat.documents.Get(berlin.id(), *id);
  ASSERT_EQ(view->document.signatories.size(), 4U);
  for (const agreement::Signatory& signatory : view->document.signatories) {
    for (Node* const node : {&rabat, &berlin}) {
      EXPECT_EQ(node->documents.Get(PeerOf(*node), *id)->StateAt(clock.Now()),
                DocumentState::kProposed)
          << signatory.name;
    }
    Node& signer = signatory.country == "MA" ? rabat : berlin;
    ASSERT_THAT(signer.documents.Sign(PeerOf(signer), *id, signatory.name, "desk"), IsOk());
    Sync();
  }
  for (Node* const node : {&rabat, &berlin}) {
    EXPECT_EQ(node->documents.Get(PeerOf(*node), *id)->StateAt(clock.Now()),
              DocumentState::kInForce);
  }
}

TEST_F(Trust, ACardWithAKeyOfAnotherNodeIsRefused) {
  const act::CardKeys& own = rabat.card().keys;
  const act::CardKeys& known = berlin.card().keys;
  EXPECT_THAT(rabat.exchange.AddPeer(CardWith([](act::CardKeys&) {})), IsOk());
  for (const act::CardKeys* const other : {&own, &known}) {
    for (const auto& change : std::vector<std::function<void(act::CardKeys&)>>{
             [&](act::CardKeys& keys) { keys.ledger = other->ledger; },
             [&](act::CardKeys& keys) { keys.witness = other->witness; },
             [&](act::CardKeys& keys) { keys.tls = other->tls; },
             [&](act::CardKeys& keys) { keys.encryption = other->encryption; }}) {
      EXPECT_THAT(rabat.exchange.AddPeer(CardWith(change)),
                  FailsWith(ErrorCode::kConflict, HasSubstr("key of another node")));
    }
  }
}

TEST_F(Trust, TextThatShowsOtherThanItSaysIsRefused) {
  // A line feed is text; C0, C1, line separators and direction controls are not.
  for (const std::string_view bad :
       {"\x01", "\x1B[2K", "\x7F", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xAE", "\xE2\x81\xA6"}) {
    for (const char* place : {"title", "articles"}) {
      wire::Json json = Declaration();
      wire::Json& texts =
          std::string_view(place) == "title" ? json["title"] : json["articles"][0]["text"];
      ASSERT_TRUE(texts.is_object()) << json.dump();
      texts["en"] = texts["en"].get<std::string>() + std::string(bad);
      EXPECT_THAT(rabat.documents.Draft(berlin.id(), json.dump()),
                  FailsWith(ErrorCode::kInvalidInput, HasSubstr("what is seen")))
          << place << HexEncode(AsBytes(bad));
    }
    wire::Json json = Declaration();
    json["signatories"][0]["name"] = "Annelore" + std::string(bad);
    EXPECT_THAT(rabat.documents.Draft(berlin.id(), json.dump()),
                FailsWith(ErrorCode::kInvalidInput))
        << HexEncode(AsBytes(bad));
  }
}

}  // namespace
}  // namespace entente::testing
