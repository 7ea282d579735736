#include "entente/peer/session.h"

#include "entente/base/testing.h"
#include "entente/peer/testing.h"

namespace entente::peer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SessionTest : public ::testing::Test {
 protected:
  Session Make(const FakeNode& own, const FakeNode& peer, std::uint8_t binding = 1) {
    return Session({own.card, peer.card}, BindingOf(binding), own.message);
  }
  // The bytes of the hello that `own` would say to `peer`.
  Bytes Hello(const FakeNode& own, const FakeNode& peer, std::uint8_t binding = 1) {
    Session session = Make(own, peer, binding);
    EXPECT_THAT(session.Start(), IsOk());
    return session.TakeOutput();
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
  ASSERT_THAT(left.Start(), IsOk());
  ASSERT_THAT(right.Start(), IsOk());
  EXPECT_FALSE(left.is_established());
  EXPECT_THAT(left.OnBytes(right.TakeOutput()), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(right.OnBytes(left.TakeOutput()), IsOkAndHolds(IsEmpty()));
  ASSERT_TRUE(left.is_established());
  ASSERT_TRUE(right.is_established());
  left.Send(FrameType::kAct, ToBytes("act"));
  left.Send(FrameType::kRound, ToBytes("round"));
  EXPECT_THAT(
      right.OnBytes(left.TakeOutput()),
      IsOkAndHolds(ElementsAre(wire::Frame{2, ToBytes("act")}, wire::Frame{6, ToBytes("round")})));
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
  text.replace(text.find("\"versions\":[1]"), 14, "\"versions\":[9]");
  Session session = Make(rabat, berlin);
  EXPECT_THAT(session.OnBytes(ToBytes(text)),
              FailsWith(ErrorCode::kNotPermitted, HasSubstr("version")));
}

TEST_F(SessionTest, RefusesFramesBeforeTheHelloASecondHelloAndUnknownTypes) {
  Session early = Make(rabat, berlin);
  EXPECT_THAT(early.OnBytes(FrameOf(FrameType::kAct, "x")), FailsWith(ErrorCode::kPeerViolation));
  for (const std::uint8_t type : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{8}}) {
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
