// Documents between two nodes: every wrong turn gets one clear answer and changes nothing.
#include "entente/documents/documents.h"

#include "entente/match/keys.h"
#include "entente/wire/json.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using documents::DocumentState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Documents : public TwoNodes {
 protected:
  documents::DocumentId Draft(const std::string& file) {
    const auto id =
        rabat.documents.Draft(berlin.id(), ReadProjectFile("examples/documents/" + file));
    EXPECT_THAT(id, IsOk());
    return *id;
  }
  documents::DocumentId Propose(const std::string& file) {
    const auto id = Draft(file);
    EXPECT_THAT(rabat.documents.Propose(berlin.id(), id, "desk"), IsOk());
    Wire wire(rabat, berlin);
    EXPECT_THAT(wire.Run(), IsOk());
    return id;
  }
  std::string SignatoryOf(const documents::DocumentId& id, const std::string& country) {
    const auto view = rabat.documents.Get(berlin.id(), id);
    for (const agreement::Signatory& signatory : view->document.signatories) {
      if (signatory.country == country) {
        return signatory.name;
      }
    }
    return {};
  }
  DocumentState StateAtBerlin(const documents::DocumentId& id) {
    return berlin.documents.Get(rabat.id(), id)->StateAt(clock.Now());
  }
};

TEST_F(Documents, DraftStaysHereUntilItIsProposed) {
  const auto id = Draft("minutes.json");
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_THAT(berlin.documents.Get(rabat.id(), id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(rabat.documents.Sign(berlin.id(), id, SignatoryOf(id, "MA"), "desk"),
              FailsWith(ErrorCode::kConflict, HasSubstr("propose it first")));
}

TEST_F(Documents, ProposedTwiceIsAConflict) {
  const auto id = Propose("minutes.json");
  EXPECT_THAT(rabat.documents.Propose(berlin.id(), id, "desk"),
              FailsWith(ErrorCode::kConflict, HasSubstr("already proposed")));
}

TEST_F(Documents, OnlyANamedSignatoryOfTheOwnPartySigns) {
  const auto id = Propose("declaration-t0.json");
  EXPECT_THAT(rabat.documents.Sign(berlin.id(), id, "Nobody", "desk"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("it names Idriss Mithali")));
  EXPECT_THAT(rabat.documents.Sign(berlin.id(), id, SignatoryOf(id, "DE"), "desk"),
              FailsWith(ErrorCode::kInvalidInput));
  ASSERT_THAT(rabat.documents.Sign(berlin.id(), id, SignatoryOf(id, "MA"), "desk"), IsOk());
  EXPECT_THAT(rabat.documents.Sign(berlin.id(), id, SignatoryOf(id, "MA"), "desk"),
              FailsWith(ErrorCode::kConflict, HasSubstr("already signed")));
}

TEST_F(Documents, OneSignatureIsNotEnough) {
  const auto id = Propose("declaration-t0.json");
  ASSERT_THAT(rabat.documents.Sign(berlin.id(), id, SignatoryOf(id, "MA"), "desk"), IsOk());
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_EQ(StateAtBerlin(id), DocumentState::kProposed);
  EXPECT_THAT(*berlin.documents.BestInForce(rabat.id()), ::testing::Eq(std::nullopt));
}

TEST_F(Documents, ExpiredAgreementIsNeitherSignedNorInForce) {
  const auto signed_id = CoSign("agreement-t1.json");
  const auto proposed = Propose("declaration-t0.json");
  clock.Advance(std::chrono::hours(24 * 365 * 10));
  EXPECT_EQ(StateAtBerlin(signed_id), DocumentState::kExpired);
  EXPECT_THAT(rabat.documents.Sign(berlin.id(), proposed, SignatoryOf(proposed, "MA"), "desk"),
              FailsWith(ErrorCode::kNotPermitted, HasSubstr("expired")));
  FillBoth();
  const auto offer = Offer(rabat, berlin.id(), signed_id);
  ASSERT_THAT(offer, IsOk());
  EXPECT_EQ(offer->decision.rule, agreement::Rule::kValidity);
}

TEST_F(Documents, CommuniqueIsPublishedOnceBothSidesHaveAgreed) {
  CoSign("declaration-t0.json");
  const auto id = Propose("communique.json");
  EXPECT_THAT(rabat.documents.Publish(berlin.id(), id, "desk"),
              FailsWith(ErrorCode::kConflict, HasSubstr("co-signed")));
  ASSERT_THAT(rabat.documents.Sign(berlin.id(), id, SignatoryOf(id, "MA"), "desk"), IsOk());
  ASSERT_THAT(berlin.documents.Sign(rabat.id(), id, SignatoryOf(id, "DE"), "desk"), IsOk());
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  ASSERT_THAT(rabat.documents.Publish(berlin.id(), id, "desk"), IsOk());
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_EQ(StateAtBerlin(id), DocumentState::kCoSigned);
  EXPECT_THAT(berlin.documents.Get(rabat.id(), id)->published_by, ElementsAre("MA"));
  EXPECT_THAT(rabat.documents.Publish(berlin.id(), id, "desk"),
              FailsWith(ErrorCode::kConflict, HasSubstr("MA has agreed")));
  ASSERT_THAT(berlin.documents.Publish(rabat.id(), id, "desk"), IsOk());
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_EQ(StateAtBerlin(id), DocumentState::kPublished);
  EXPECT_EQ(rabat.documents.Get(berlin.id(), id)->StateAt(clock.Now()), DocumentState::kPublished);
}

TEST_F(Documents, ExpiredProposalIsRefusedWithItsDate) {
  wire::Json json = wire::Json::parse(ReadProjectFile("examples/documents/declaration-t0.json"));
  json["terms"]["valid_from"] = "2025-01-01T00:00:00Z";
  json["terms"]["valid_until"] = FormatRfc3339(clock.Now());
  const auto over = rabat.documents.Draft(berlin.id(), json.dump());
  ASSERT_THAT(over, IsOk());
  EXPECT_THAT(rabat.documents.Propose(berlin.id(), *over, "desk"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("2026-11-23T10:00:00")));
  json["terms"]["valid_until"] = FormatRfc3339(clock.Now() + std::chrono::microseconds(1));
  const auto open = rabat.documents.Draft(berlin.id(), json.dump());
  ASSERT_THAT(open, IsOk());
  EXPECT_THAT(rabat.documents.Propose(berlin.id(), *open, "desk"), IsOk());
}

// Minutes that differ from all others by their number.
std::string NumberedMinutes(std::size_t number) {
  wire::Json json = wire::Json::parse(ReadProjectFile("examples/documents/minutes.json"));
  json["articles"][0]["text"]["en"] = "Meeting " + std::to_string(number);
  return json.dump();
}

TEST_F(Documents, ProposalsThatNobodyCoSignsAreLimitedOnEachSide) {
  const auto propose = [&](std::size_t number) {
    const auto id = rabat.documents.Draft(berlin.id(), NumberedMinutes(number));
    EXPECT_THAT(id, IsOk());
    return rabat.documents.Propose(berlin.id(), *id, "desk");
  };
  for (std::size_t i = 0; i < documents::kOpenProposalsMax; ++i) {
    ASSERT_THAT(propose(i), IsOk());
  }
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_THAT(*berlin.documents.List(rabat.id()), SizeIs(documents::kOpenProposalsMax));
  EXPECT_THAT(propose(100), FailsWith(ErrorCode::kLimitExceeded, HasSubstr("MA has proposed 32")));
  const auto own = berlin.documents.Draft(rabat.id(), NumberedMinutes(101));
  ASSERT_THAT(own, IsOk());
  EXPECT_THAT(berlin.documents.Propose(rabat.id(), *own, "desk"), IsOk());
  clock.Advance(documents::kOpenProposalsWindow);
  EXPECT_THAT(propose(100), IsOk());
}

TEST_F(Documents, DraftsEndAtTheLimitOfARelation) {
  const auto id = Draft("minutes.json");
  store::Store& store = rabat.exchange.store();
  ASSERT_THAT(store.Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const auto row, transaction.GetRow("documents", berlin.id(), id.Hex()));
    for (std::size_t i = 1; i < documents::kDocumentsMax - 1; ++i) {
      ENTENTE_TRY(transaction.PutRow("documents", berlin.id(), "copy " + std::to_string(i), *row));
    }
    return {};
  }),
              IsOk());
  EXPECT_THAT(rabat.documents.Draft(berlin.id(), NumberedMinutes(1)), IsOk());
  EXPECT_THAT(rabat.documents.Draft(berlin.id(), NumberedMinutes(2)),
              FailsWith(ErrorCode::kLimitExceeded, HasSubstr("too many documents")));
  EXPECT_THAT(rabat.documents.Draft(berlin.id(), NumberedMinutes(1)), IsOk());  // known
}

TEST_F(Documents, ADamagedRowIsToldApartFromAMissingOne) {
  const auto id = Draft("minutes.json");
  const auto put = [&](std::string_view table, std::string_view text) {
    return rabat.exchange.store().Write([&](store::Transaction& transaction) {
      return transaction.PutRow(table, berlin.id(), id.Hex(), AsBytes(text));
    });
  };
  ASSERT_THAT(put("document_texts", "{}"), IsOk());
  EXPECT_THAT(rabat.documents.Get(berlin.id(), id), FailsWith(ErrorCode::kCorruptData));
  EXPECT_THAT(rabat.documents.List(berlin.id()), IsOk());
  ASSERT_THAT(put("documents", "{}"), IsOk());
  EXPECT_THAT(rabat.documents.List(berlin.id()), FailsWith(ErrorCode::kCorruptData));
  EXPECT_THAT(rabat.documents.GetHead(berlin.id(), id), FailsWith(ErrorCode::kCorruptData));
}

TEST_F(Documents, CoSignedEnvelopeVerifiesWithoutANode) {
  const auto id = CoSign("declaration-t0.json");
  const auto view = berlin.documents.Get(rabat.id(), id);
  const auto envelope = act::DecodeEnvelope(documents::CoSignedEnvelope(*view));
  ASSERT_THAT(envelope, IsOk());
  EXPECT_THAT(envelope->signatures, SizeIs(::testing::Ge(2U)));
  for (const Node* const node : {&rabat, &berlin}) {
    EXPECT_THAT(act::VerifySignedBy(*envelope, act::kDocumentType, node->card().keys.message),
                IsOk());
  }
}

TEST_F(Documents, TemplateOfOtherPartiesIsRefusedWithWhatToDo) {
  std::string text = ReadProjectFile("examples/documents/minutes.json");
  wire::Json json = wire::Json::parse(text);
  json["parties"][0]["country"] = "FR";
  EXPECT_THAT(rabat.documents.Draft(berlin.id(), json.dump()),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("card import")));
}

// A node on Rabat's store that calls itself by another name.
class Renamed : public Documents {
 protected:
  static exchange::Identity Rename(exchange::Identity identity) {
    identity.card.name = "Another ministry (exercise)";
    identity.signed_card = *act::SignCard(identity.card, *identity.message);
    return identity;
  }
  SeededRandomForTests random{7};
  exchange::Exchange renamed{Rename(rabat.exchange.identity()), rabat.exchange.store(), clock,
                             random};
  documents::Documents renamed_documents{renamed, std::string(match::kSchemeId),
                                         match::SchemeDigest()};
};

TEST_F(Renamed, NodeStartsOnlyUntilADocumentIsSigned) {
  const auto id = Propose("declaration-t0.json");
  EXPECT_THAT(renamed_documents.CheckOwnCard(), IsOk());
  EXPECT_THAT(renamed_documents.Sign(berlin.id(), id, SignatoryOf(id, "MA"), "desk"),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("does not pin the card of MA")));
  ASSERT_THAT(rabat.documents.Sign(berlin.id(), id, SignatoryOf(id, "MA"), "desk"), IsOk());
  EXPECT_THAT(renamed_documents.CheckOwnCard(),
              FailsWith(ErrorCode::kConflict, HasSubstr(id.Hex().substr(0, 12))));
  EXPECT_THAT(rabat.documents.CheckOwnCard(), IsOk());
}

TEST_F(Renamed, NodeActsUnderNoAgreementThatPinsItsFormerCard) {
  const auto agreement = CoSign("agreement-t1.json");
  renamed.SetSources(renamed_documents, rabat.matching);
  const auto refused = renamed_documents.Publish(berlin.id(), agreement, "desk");
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->decision.rule, agreement::Rule::kCard);
}

TEST_F(Renamed, PeerIsRefusedUnderAnAgreementThatPinsItsFormerCard) {
  const auto agreement = CoSign("agreement-t1.json");
  const Bytes card = Rename(rabat.exchange.identity()).signed_card;
  ASSERT_THAT(berlin.exchange.store().Write([&](store::Transaction& transaction) {
    return transaction.PutPeer({rabat.id(), card, clock.Now()});
  }),
              IsOk());
  FillBoth();
  const auto own = Offer(berlin, rabat.id(), agreement);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->decision.rule, agreement::Rule::kCard);
  ASSERT_THAT(Offer(rabat, berlin.id(), agreement), IsOk());
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_EQ(rabat.Acts(berlin.id()).front().state, store::ActState::kRefused);
}

TEST_F(Documents, LiveDocumentIsRefusedByAnExerciseNode) {
  wire::Json json = wire::Json::parse(ReadProjectFile("examples/documents/minutes.json"));
  json["exercise"] = false;
  EXPECT_THAT(rabat.documents.Draft(berlin.id(), json.dump()),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("exercise")));
}

}  // namespace
}  // namespace entente::testing
