#include "entente/peer/session.h"

#include "entente/act/act.h"
#include "entente/act/sealed.h"
#include "entente/base/testing.h"
#include "entente/peer/testing.h"

namespace entente::peer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class SessionTest : public ::testing::Test {
 protected:
  Session Make(const FakeNode& own, const FakeNode& peer, std::uint8_t binding = 1) {
    return Session({own.card, peer.card}, BindingOf(binding), own.message, own.encryption);
  }
  // The bytes of the hello that `own` would say to `peer`.
  Bytes Hello(const FakeNode& own, const FakeNode& peer, std::uint8_t binding = 1) {
    Session session = Make(own, peer, binding);
    EXPECT_THAT(session.Start(), IsOk());
    return session.TakeOutput();
  }
  static void Join(Session& left, Session& right) {
    ASSERT_THAT(left.Start(), IsOk());
    ASSERT_THAT(right.Start(), IsOk());
    EXPECT_FALSE(left.is_established());
    EXPECT_THAT(left.OnBytes(right.TakeOutput()), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(right.OnBytes(left.TakeOutput()), IsOkAndHolds(IsEmpty()));
    ASSERT_TRUE(left.is_established());
    ASSERT_TRUE(right.is_established());
  }
  static Bytes FrameOf(FrameType type, std::string_view payload) {
    Bytes out;
    wire::AppendFrame(out, static_cast<std::uint8_t>(type), AsBytes(payload));
    return out;
  }

  FakeNode rabat{"MA", 1};
  FakeNode berlin{"DE", 2};
};

TEST_F(SessionTest, IsEstablishedByTheHellosAndCarriesFrames) {
  Session left = Make(rabat, berlin);
  Session right = Make(berlin, rabat);
  Join(left, right);
  left.Send(FrameType::kAct, ToBytes("act"));
  left.Send(FrameType::kRound, ToBytes("round"));
  EXPECT_THAT(
      right.OnBytes(left.TakeOutput()),
      IsOkAndHolds(ElementsAre(wire::Frame{2, ToBytes("act")}, wire::Frame{6, ToBytes("round")})));
}

TEST_F(SessionTest, ActsAndAnswersCrossSealed) {
  Session left = Make(rabat, berlin);
  Session right = Make(berlin, rabat);
  Join(left, right);
  const std::string words = "what only the peer may read";
  std::vector<wire::Frame> tapped;
  left.SetTap(
      [&](std::uint8_t type, ByteView payload) { tapped.push_back({type, ToBytes(payload)}); });
  for (const FrameType type : {FrameType::kAct, FrameType::kAnswer, FrameType::kCheckpoint}) {
    const wire::Frame frame{static_cast<std::uint8_t>(type), ToBytes(words)};
    left.Send(type, AsBytes(words));
    EXPECT_EQ(tapped.back(), frame);
    const Bytes sent = left.TakeOutput();
    const bool is_sealed = AsText(sent).find(words) == std::string_view::npos;
    EXPECT_EQ(is_sealed, type != FrameType::kCheckpoint);
    EXPECT_THAT(right.OnBytes(sent), IsOkAndHolds(ElementsAre(frame)));
    left.Send(type, AsBytes(words));
    EXPECT_EQ(left.TakeOutput(), sent);  // a resend is the same bytes
  }
}

TEST_F(SessionTest, RefusesASealThatDoesNotOpen) {
  const auto sealed = [&](std::string_view payload_type, const FakeNode& from) {
    return *act::Seal({payload_type, from.card.id(), rabat.card.id()}, AsBytes("act"),
                      rabat.card.keys.encryption, from.encryption);
  };
  const FakeNode third{"FR", 3};
  for (const Bytes& act :
       {ToBytes("{}"), Bytes(), sealed(act::kAnswerType, berlin), sealed(act::kActType, third)}) {
    Session session = Make(rabat, berlin);
    ASSERT_THAT(session.OnBytes(Hello(berlin, rabat)), IsOk());
    EXPECT_THAT(session.OnBytes(FrameOf(FrameType::kAct, AsText(act))),
                FailsWith(ErrorCode::kPeerViolation, HasSubstr("seal")));
  }
  Session session = Make(rabat, berlin);
  ASSERT_THAT(session.OnBytes(Hello(berlin, rabat)), IsOk());
  EXPECT_THAT(session.OnBytes(FrameOf(FrameType::kAct, AsText(sealed(act::kActType, berlin)))),
              IsOkAndHolds(ElementsAre(wire::Frame{2, ToBytes("act")})));
}

TEST_F(SessionTest, RefusesAPeerNobodyCanSealTo) {
  FakeNode unsealable{"FR", 3};
  unsealable.card.keys.encryption = {};
  Session session = Make(rabat, unsealable);
  EXPECT_THAT(session.OnBytes(Hello(unsealable, rabat)),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("seal")));
  EXPECT_FALSE(session.is_established());
}

TEST_F(SessionTest, RefusesAHelloOfAnotherConnection) {
  Session session = Make(rabat, berlin, 1);
  EXPECT_THAT(session.OnBytes(Hello(berlin, rabat, 2)),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("does not prove")));
  EXPECT_FALSE(session.is_established());
}

TEST_F(SessionTest, RefusesAHelloOfAnotherNode) {
  const FakeNode paris{"FR", 3};
  Session session = Make(rabat, berlin);
  EXPECT_THAT(session.OnBytes(Hello(paris, rabat)), FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(SessionTest, RefusesAHelloMeantForAnotherNode) {
  const FakeNode paris{"FR", 3};
  Session session = Make(rabat, berlin);
  EXPECT_THAT(session.OnBytes(Hello(berlin, paris)), FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(SessionTest, RefusesItsOwnHelloReflected) {
  Session session = Make(rabat, berlin);
  EXPECT_THAT(session.OnBytes(Hello(rabat, berlin)), FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(SessionTest, RefusesALiveNodeWhenItIsAnExerciseNode) {
  const FakeNode live{"DE", 2, /*is_exercise=*/false};  // the same keys, the other setting
  Session session = Make(rabat, berlin);
  EXPECT_THAT(session.OnBytes(Hello(live, rabat)),
              FailsWith(ErrorCode::kNotPermitted, HasSubstr("--exercise")));
}

TEST_F(SessionTest, RefusesAPeerWithoutACommonVersion) {
  Bytes hello = Hello(berlin, rabat);
  std::string text = ToText(hello);
  text.replace(text.find("\"versions\":[2]"), 14, "\"versions\":[9]");
  Session session = Make(rabat, berlin);
  EXPECT_THAT(session.OnBytes(ToBytes(text)),
              FailsWith(ErrorCode::kNotPermitted, HasSubstr("version")));
}

TEST_F(SessionTest, RefusesFramesBeforeTheHelloASecondHelloAndUnknownTypes) {
  Session early = Make(rabat, berlin);
  EXPECT_THAT(early.OnBytes(FrameOf(FrameType::kAct, "x")), FailsWith(ErrorCode::kPeerViolation));
  for (const std::uint8_t type : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{12}}) {
    Session session = Make(rabat, berlin);
    ASSERT_THAT(session.OnBytes(Hello(berlin, rabat)), IsOk());
    EXPECT_THAT(session.OnBytes(FrameOf(static_cast<FrameType>(type), "x")),
                FailsWith(ErrorCode::kPeerViolation));
  }
}

TEST_F(SessionTest, RefusesAMalformedHello) {
  for (const std::string_view text : {"", "{}", "[]", "{\"versions\":1}", "\xff"}) {
    Session session = Make(rabat, berlin);
    EXPECT_THAT(session.OnBytes(FrameOf(FrameType::kHello, text)),
                FailsWith(ErrorCode::kPeerViolation));
  }
}

TEST_F(SessionTest, RefusesAHelloWithAnUnknownMemberAndDoesNotRepeatIt) {
  Bytes hello = Hello(berlin, rabat);
  const std::string text = ToText(ByteView(hello).subspan(wire::kFrameHeaderBytes));
  for (const std::string_view member : {"\"Amal Doe\":1,", "\"Amal Doe\":1,\"Amal Doe\":1,"}) {
    Session session = Make(rabat, berlin);
    const auto result =
        session.OnBytes(FrameOf(FrameType::kHello, "{" + std::string(member) + text.substr(1)));
    ASSERT_THAT(result, FailsWith(ErrorCode::kPeerViolation, HasSubstr("member")));
    EXPECT_THAT(result.error().message, Not(HasSubstr("Amal")));
    EXPECT_THAT(ToText(session.TakeOutput()), Not(HasSubstr("Amal")));
    EXPECT_FALSE(session.is_established());
  }
}

TEST_F(SessionTest, LimitsAFrameByItsTypeBeforeItsPayloadArrives) {
  const auto header = [](std::uint8_t type, std::size_t size) {
    Bytes bytes;
    wire::AppendFrame(bytes, type, Bytes(size));
    bytes.resize(wire::kFrameHeaderBytes);
    return bytes;
  };
  for (std::uint8_t type = 0; type <= 13; ++type) {
    const bool is_known = type >= 1 && type <= 11;  // any other has the limit of a bye
    const auto limit = PayloadBytesMax(is_known ? static_cast<FrameType>(type) : FrameType::kBye);
    for (const std::size_t size : {limit - 1, limit}) {
      EXPECT_THAT(Make(rabat, berlin).OnBytes(header(type, size)), IsOkAndHolds(IsEmpty()));
    }
    if (limit < wire::kFramePayloadBytesMax) {
      EXPECT_THAT(Make(rabat, berlin).OnBytes(header(type, limit + 1)),
                  FailsWith(ErrorCode::kPeerViolation, HasSubstr("the limit is")));
    }
  }
}

TEST_F(SessionTest, TheLimitsAreThoseOfTheFormats) {
  const auto limit = [](FrameType type) { return PayloadBytesMax(type); };
  EXPECT_EQ(limit(FrameType::kHello), 4096U);
  EXPECT_EQ(limit(FrameType::kAct), 1'402'280U);
  EXPECT_EQ(limit(FrameType::kAnswer), 8272U);
  EXPECT_EQ(limit(FrameType::kCheckpoint), 266'240U);
  EXPECT_EQ(limit(FrameType::kCosignature), 8192U);
  EXPECT_EQ(limit(FrameType::kRound), 8'388'608U);
  EXPECT_EQ(limit(FrameType::kBye), 4096U);
  EXPECT_EQ(limit(FrameType::kStanding), 4096U);
  EXPECT_EQ(limit(FrameType::kRecall), 4096U);
  EXPECT_EQ(limit(FrameType::kRecallEnd), 8192U);
  EXPECT_EQ(limit(FrameType::kRecalled), limit(FrameType::kAct) + limit(FrameType::kAnswer) + 8);
}

// As large as the formats allow: eight signatures, texts that are escaped throughout.
TEST_F(SessionTest, TheLargestActAndTheLargestAnswerFit) {
  act::Answer answer;
  answer.is_receipt = false;
  answer.from = rabat.card.id();
  answer.to = berlin.card.id();
  answer.epoch = answer.sequence = answer.leaf_index = (std::uint64_t{1} << 53U) - 1;
  answer.code = std::string(64, '\1');
  answer.article = std::string(64, '\1');
  answer.reason = std::string(400, '\1');
  answer.agreement = act::AgreementId();
  const Bytes payload = act::EncodeAnswer(answer);
  ASSERT_THAT(act::DecodeAnswer(payload), IsOkAndHolds(answer));
  const auto largest = [&](std::string_view type, ByteView bytes) {
    act::Envelope envelope = *act::Sign(type, bytes, rabat.message);
    envelope.signatures.resize(act::kSignaturesMax, envelope.signatures.front());
    const Bytes encoded = act::Encode(envelope);
    EXPECT_THAT(act::DecodeEnvelope(encoded), IsOk());
    return encoded.size();
  };
  EXPECT_LE(largest(act::kAnswerType, payload) + act::kSealExtraBytes,
            PayloadBytesMax(FrameType::kAnswer));
  EXPECT_LE(largest(act::kActType, Bytes(act::kPayloadBytesMax)) + act::kSealExtraBytes,
            PayloadBytesMax(FrameType::kAct));
}

TEST_F(SessionTest, TellsThePeerWhyItEndsAndTheOtherSideHearsIt) {
  Session left = Make(rabat, berlin);
  Session right = Make(berlin, rabat);
  ASSERT_THAT(right.OnBytes(Hello(rabat, berlin)), IsOk());
  EXPECT_THAT(left.OnBytes(FrameOf(FrameType::kAct, "x")), FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(right.OnBytes(left.TakeOutput()),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("broke the protocol")));
}

TEST_F(SessionTest, ASuspendedNodeLearnsThatItIs) {
  Session left = Make(rabat, berlin);
  Session right = Make(berlin, rabat);
  ASSERT_THAT(right.OnBytes(Hello(rabat, berlin)), IsOk());
  left.SendBye({ErrorCode::kLimitExceeded, "peer suspended until tomorrow"});
  const Bytes bye = left.TakeOutput();
  EXPECT_THAT(std::string(AsText(bye)), HasSubstr("suspended until tomorrow"));
  EXPECT_THAT(right.OnBytes(bye), FailsWith(ErrorCode::kUnavailable, HasSubstr("suspended")));
}

TEST_F(SessionTest, ShowsAByeWithoutReasonOrWithControlCharactersSafely) {
  for (const std::string_view bye : {"", "{}", "{\"message\":\"a\\u0007b\"}"}) {
    Session session = Make(rabat, berlin);
    const auto result = session.OnBytes(FrameOf(FrameType::kBye, bye));
    ASSERT_THAT(result, FailsWith(ErrorCode::kUnavailable));
    EXPECT_EQ(result.error().message.find('\a'), std::string::npos);
  }
}

}  // namespace
}  // namespace entente::peer
