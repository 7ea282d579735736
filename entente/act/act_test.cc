#include "entente/act/act.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/act/card.h"
#include "entente/act/kind.h"
#include "entente/act/testing.h"
#include "entente/base/testing.h"

namespace entente::act {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using wire::Json;

constexpr std::int64_t kCountMax = (std::int64_t{1} << 53U) - 1;

Json JsonOf(const Bytes& payload) { return *wire::ParseJson(AsText(payload)); }

// `payload` with one member set, or removed if `value` is null, encoded canonically.
Bytes With(const Bytes& payload, const std::string& member, const Json& value) {
  Json json = JsonOf(payload);
  if (value.is_null()) {
    json.erase(member);
  } else {
    json[member] = value;
  }
  return ToBytes(wire::WriteCanonicalJson(json));
}

auto Violates(const std::string& member) {
  return FailsWith(ErrorCode::kPeerViolation, HasSubstr(member));
}

TEST(Act, DecodesWhatItEncodes) {
  Act act = ExampleAct();
  EXPECT_THAT(DecodeAct(EncodeAct(act)), IsOkAndHolds(Eq(act)));
  act.agreement.reset();
  act.is_exercise = false;
  act.epoch = kCountMax;
  act.sequence = kCountMax;
  act.body = Json::object();
  EXPECT_THAT(DecodeAct(EncodeAct(act)), IsOkAndHolds(Eq(act)));
}

// A peer's words do not get into our logs, not even as the name of a member.
TEST(Act, NoDecoderRepeatsAForeignMember) {
  const auto expect_silence = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message.find("Amal"), std::string::npos) << result.error().message;
    EXPECT_NE(result.error().message.find("member"), std::string::npos) << result.error().message;
  };
  for (const char* const member : {R"("Amal Doe":1)", R"("Amal Doe":1,"Amal Doe":1)"}) {
    const auto plant = [&](const Bytes& json) {
      return ToBytes("{" + std::string(member) + "," + ToText(json).substr(1));
    };
    const auto seal = [&](std::string_view type, const Bytes& payload) {
      return Encode(*Sign(type, plant(payload), ExampleSigner(1)));
    };
    const Bytes card = *SignCard(NorthCard(), ExampleSigner(1));
    expect_silence(DecodeAct(plant(EncodeAct(ExampleAct()))));
    expect_silence(DecodeAnswer(plant(EncodeAnswer(ExampleRefusal()))));
    expect_silence(DecodeEnvelope(plant(seal(kActType, EncodeAct(ExampleAct())))));
    expect_silence(OpenCard(seal(kCardType, DecodeEnvelope(card)->payload)));
  }
}

TEST(Act, ItsIdIsTheHashOfThePayload) {
  const Bytes payload = EncodeAct(ExampleAct());
  EXPECT_EQ(IdOf(payload), crypto::Sha256(payload));
}

TEST(Act, AnotherSaltGivesAnotherId) {
  Act act = ExampleAct();
  act.salt.bytes[31] ^= 1U;
  EXPECT_NE(IdOf(EncodeAct(act)), IdOf(EncodeAct(ExampleAct())));
}

TEST(Act, EveryMemberIsRequiredExceptTheAgreement) {
  const Bytes payload = EncodeAct(ExampleAct());
  const Json members = JsonOf(payload);
  for (const auto& [member, value] : members.items()) {
    if (member == "agreement") {
      EXPECT_THAT(DecodeAct(With(payload, member, nullptr)), IsOk());
    } else {
      EXPECT_THAT(DecodeAct(With(payload, member, nullptr)), Violates(member));
    }
  }
}

TEST(Act, NamesTheMemberThatEncodeActWouldNotWrite) {
  const std::string hex = ExampleAct().from.str();
  std::string upper = hex;
  upper.back() = 'A';
  const std::vector<std::pair<std::string, Json>> cases{
      {"v", 2},
      {"v", "1"},
      {"kind", std::string(65, 'k')},
      {"from", upper},
      {"to", hex.substr(2)},
      {"to", hex + "00"},
      {"agreement", ""},
      {"agreement", "00"},
      {"epoch", 0},
      {"seq", 0},
      {"seq", -1},
      {"time", "2026-11-23T18:30:00Z"},
      {"time", "2026-02-30T18:30:00.000000Z"},
      {"exercise", 1},
      {"salt", Base64Encode(Bytes(31))},
      {"salt", Base64Encode(Bytes(33))},
      {"body", Json::array()},
  };
  const Bytes payload = EncodeAct(ExampleAct());
  for (const auto& [member, value] : cases) {
    EXPECT_THAT(DecodeAct(With(payload, member, value)), Violates(member)) << value;
  }
}

TEST(Act, ReadsKindsItDoesNotKnow) {
  const auto act = DecodeAct(With(EncodeAct(ExampleAct()), "kind", std::string(64, 'k')));
  ASSERT_THAT(act, IsOk());
  EXPECT_EQ(FindKind(act->kind), nullptr);
}

TEST(Act, RefusesWhatIsNotCanonicalJson) {
  const Bytes payload = EncodeAct(ExampleAct());
  EXPECT_THAT(DecodeAct({}), Violates("not JSON"));
  EXPECT_THAT(DecodeAct(AsBytes("7")), Violates("not an object"));
  EXPECT_THAT(DecodeAct(AsBytes(AsText(payload).substr(0, payload.size() - 1))),
              FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(DecodeAct(ToBytes(JsonOf(payload).dump(2))), Violates("not canonical"));
}

TEST(Answer, DecodesWhatItEncodes) {
  EXPECT_THAT(DecodeAnswer(EncodeAnswer(ExampleReceipt())), IsOkAndHolds(Eq(ExampleReceipt())));
  Answer refusal = ExampleRefusal();
  EXPECT_THAT(DecodeAnswer(EncodeAnswer(refusal)), IsOkAndHolds(Eq(refusal)));
  refusal.article.clear();
  refusal.agreement.reset();
  EXPECT_THAT(DecodeAnswer(EncodeAnswer(refusal)), IsOkAndHolds(Eq(refusal)));
}

TEST(Answer, EveryMemberIsRequiredExceptTheAgreement) {
  for (const Answer& answer : {ExampleReceipt(), ExampleRefusal()}) {
    const Bytes payload = EncodeAnswer(answer);
    const Json members = JsonOf(payload);
    for (const auto& [member, value] : members.items()) {
      if (member == "agreement") {
        EXPECT_THAT(DecodeAnswer(With(payload, member, nullptr)), IsOk());
      } else {
        EXPECT_THAT(DecodeAnswer(With(payload, member, nullptr)), Violates(member));
      }
    }
  }
}

TEST(Answer, NamesTheMemberThatEncodeAnswerWouldNotWrite) {
  const std::vector<std::pair<std::string, Json>> cases{
      {"v", 0},
      {"outcome", "perhaps"},
      {"act", "00"},
      {"from", "00"},
      {"to", std::string(64, 'g')},
      {"epoch", 0},
      {"seq", 0},
      {"leaf", -1},
      {"time", "yesterday"},
      {"code", std::string(65, 'c')},
      {"article", std::string(65, 'a')},
      {"agreement", ""},
      {"reason", std::string(401, 'r')},
  };
  const Bytes payload = EncodeAnswer(ExampleRefusal());
  for (const auto& [member, value] : cases) {
    EXPECT_THAT(DecodeAnswer(With(payload, member, value)), Violates(member)) << value;
  }
}

TEST(Answer, AReceiptCarriesNothingOfARefusal) {
  for (const std::string member : {"code", "article", "reason"}) {
    EXPECT_THAT(DecodeAnswer(With(EncodeAnswer(ExampleReceipt()), member, "x")),
                Violates("answer has an unknown member"));
  }
}

TEST(Kind, TheListIsClosed) {
  for (const KindInfo& kind : AllKinds()) {
    EXPECT_EQ(FindKind(kind.name), &kind);
    EXPECT_LE(kind.name.size(), 64U);
  }
  EXPECT_EQ(FindKind("match"), nullptr);
  EXPECT_EQ(FindKind(""), nullptr);
}

TEST(Kind, OnlyDocumentsNeedNoAgreement) {
  std::vector<std::string_view> names;
  for (const KindInfo& kind : AllKinds()) {
    if (kind.tier == Tier::kIntroduction) {
      names.push_back(kind.name);
    }
  }
  EXPECT_THAT(names, ElementsAre(kDocumentPropose, kDocumentSign));
}

TEST(Tier, HasAName) {
  EXPECT_EQ(TierName(Tier::kIntroduction), "introduction");
  EXPECT_EQ(TierName(Tier::kT0), "T0");
  EXPECT_EQ(TierName(Tier::kT1), "T1");
  EXPECT_EQ(TierName(Tier::kT2), "T2");
}

}  // namespace
}  // namespace entente::act
