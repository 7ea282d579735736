#include "entente/matching/match_bodies.h"

#include <functional>
#include <utility>
#include <vector>

#include "entente/base/testing.h"
#include "entente/psi/size_class.h"

namespace entente::matching {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using wire::Json;

crypto::Digest DigestOf(std::uint8_t byte) {
  crypto::Digest digest;
  digest.bytes.fill(byte);
  return digest;
}

SideBody ASide() {
  return {std::nullopt, "terrorism", DigestOf(7).Hex(), std::string(kCryptoSuite),
          RoundSide{"synthetic", 125, 431, DigestOf(8)}};
}

Json AnOffer() { return EncodeSide(ASide()); }

Json AnAccept() {
  SideBody body = ASide();
  body.offer = DigestOf(1);
  return EncodeSide(body);
}

Json AResult() { return EncodeResult({DigestOf(1), RoundResult{2, 17, DigestOf(3), DigestOf(4)}}); }

Json With(Json body, const char* member, Json value) {
  body[member] = std::move(value);
  return body;
}

Json Without(Json body, const char* member) {
  body.erase(member);
  return body;
}

using Decode = std::function<Status(const Json&)>;

template <typename T>
Decode StatusOf(Result<T> (*decode)(const Json&)) {
  return [decode](const Json& body) -> Status {
    ENTENTE_TRY(decode(body));
    return {};
  };
}

struct Kind {
  Json valid;
  Decode decode;
};

std::vector<Kind> AllKinds() {
  return {{AnOffer(), StatusOf(DecodeOffer)},
          {AnAccept(), StatusOf(DecodeAccept)},
          {EncodeDecline(DigestOf(1)), StatusOf(DecodeDecline)},
          {AResult(), StatusOf(DecodeResult)}};
}

TEST(MatchBodies, ComeBackAsTheyWereWritten) {
  const auto offer = DecodeOffer(AnOffer());
  ASSERT_THAT(offer, IsOk());
  EXPECT_EQ(offer->offer, std::nullopt);
  EXPECT_EQ(offer->purpose, "terrorism");
  EXPECT_EQ(offer->suite, kCryptoSuite);
  EXPECT_EQ(offer->side, ASide().side);
  const auto accept = DecodeAccept(AnAccept());
  ASSERT_THAT(accept, IsOk());
  EXPECT_EQ(accept->offer, DigestOf(1));
  EXPECT_EQ(accept->side, ASide().side);
  EXPECT_THAT(DecodeDecline(EncodeDecline(DigestOf(1))), IsOkAndHolds(DigestOf(1)));
  const ResultBody result{DigestOf(1), RoundResult{2, 17, DigestOf(3), DigestOf(4)}};
  EXPECT_THAT(DecodeResult(EncodeResult(result)), IsOkAndHolds(result));
}

TEST(MatchBodies, EveryMissingMemberIsNamed) {
  for (const Kind& kind : AllKinds()) {
    for (const auto& [member, value] : kind.valid.items()) {
      EXPECT_THAT(kind.decode(Without(kind.valid, member.c_str())),
                  FailsWith(ErrorCode::kInvalidInput, HasSubstr("body." + member)))
          << kind.valid;
    }
  }
}

TEST(MatchBodies, EveryMemberOfAnotherTypeIsNamed) {
  for (const Kind& kind : AllKinds()) {
    for (const auto& [member, value] : kind.valid.items()) {
      for (const Json& wrong : {Json(nullptr), Json(true), Json::array(), Json::object(),
                                value.is_string() ? Json(1) : Json("1")}) {
        EXPECT_THAT(kind.decode(With(kind.valid, member.c_str(), wrong)),
                    FailsWith(ErrorCode::kInvalidInput, HasSubstr("body." + member)))
            << kind.valid << wrong;
      }
    }
  }
}

TEST(MatchBodies, AMemberTooManyIsRefused) {
  for (const Kind& kind : AllKinds()) {
    EXPECT_THAT(kind.decode(With(kind.valid, "more", 1)), FailsWith(ErrorCode::kInvalidInput))
        << kind.valid;
  }
  EXPECT_THAT(DecodeOffer(AnAccept()),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("unknown member")));
}

TEST(MatchBodies, ABodyThatIsNoObjectIsRefused) {
  for (const Kind& kind : AllKinds()) {
    for (const Json& body : {Json(), Json(1), Json::array()}) {
      EXPECT_THAT(kind.decode(body), FailsWith(ErrorCode::kInvalidInput));
    }
  }
  EXPECT_THAT(OfferOf(Json::array()), FailsWith(ErrorCode::kInvalidInput));
}

TEST(MatchBodies, IdsAndDigestsAre64LowerCaseHexDigits) {
  const std::vector<std::pair<Kind, const char*>> members{
      {AllKinds()[0], "commitment"}, {AllKinds()[1], "offer"}, {AllKinds()[1], "commitment"},
      {AllKinds()[2], "offer"},      {AllKinds()[3], "offer"}, {AllKinds()[3], "intersection"},
      {AllKinds()[3], "transcript"}};
  for (const auto& [kind, member] : members) {
    for (const std::string& text : {std::string(), std::string(62, 'a'), std::string(63, 'a'),
                                    std::string(65, 'a'), std::string(64, 'A')}) {
      EXPECT_THAT(kind.decode(With(kind.valid, member, text)),
                  FailsWith(ErrorCode::kInvalidInput, HasSubstr(member)))
          << text;
    }
  }
}

TEST(MatchBodies, NamesAreLimited) {
  for (const auto& [member, bytes_max] : std::vector<std::pair<const char*, std::size_t>>{
           {"purpose", 64}, {"suite", 64}, {"origin", 32}, {"scheme_digest", 64}}) {
    EXPECT_THAT(DecodeOffer(With(AnOffer(), member, std::string(bytes_max, 'x'))), IsOk());
    EXPECT_THAT(DecodeOffer(With(AnOffer(), member, std::string(bytes_max + 1, 'x'))),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr(member)));
  }
}

TEST(MatchBodies, CountsStayInTheirRanges) {
  const auto size_class_max = static_cast<std::int64_t>(psi::kSizeClassMax);
  struct Range {
    Kind kind;
    const char* member;
    std::int64_t min;
    std::int64_t max;
  };
  for (const Range& range : {Range{AllKinds()[0], "records", 0, kRecordsMax},
                             Range{AllKinds()[0], "size_class", 256, size_class_max},
                             Range{AllKinds()[3], "attempt", 1, kAttemptsMax},
                             Range{AllKinds()[3], "common", 0, size_class_max}}) {
    const auto& [kind, member, min, max] = range;
    EXPECT_THAT(kind.decode(With(kind.valid, member, min)), IsOk()) << member;
    EXPECT_THAT(kind.decode(With(kind.valid, member, max)), IsOk()) << member;
    EXPECT_THAT(kind.decode(With(kind.valid, member, min - 1)),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr(member)));
    EXPECT_THAT(kind.decode(With(kind.valid, member, max + 1)),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr(member)));
  }
}

TEST(MatchBodies, OnlyASizeClassIsOne) {
  EXPECT_THAT(DecodeOffer(With(AnOffer(), "size_class", 305)), IsOk());
  for (const int near : {257, 304, 306}) {
    EXPECT_THAT(DecodeOffer(With(AnOffer(), "size_class", near)),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr("not a size class")));
  }
}

TEST(OfferOf, LooksAtTheOfferAlone) {
  EXPECT_THAT(OfferOf(With(EncodeDecline(DigestOf(5)), "more", 1)), IsOkAndHolds(DigestOf(5)));
  EXPECT_THAT(OfferOf(AnOffer()), FailsWith(ErrorCode::kInvalidInput, HasSubstr("body.offer")));
}

TEST(RoundFrame, ComesBackAsItWasWritten) {
  const Bytes message = ToBytes("psi");
  const Bytes bytes = EncodeRoundFrame({DigestOf(9), 0x01020304, message});
  EXPECT_EQ(bytes.size(), kRoundFrameHeaderBytes + 3);
  const auto frame = DecodeRoundFrame(bytes);
  ASSERT_THAT(frame, IsOk());
  EXPECT_EQ(frame->offer, DigestOf(9));
  EXPECT_EQ(frame->attempt, 0x01020304U);
  EXPECT_EQ(ToBytes(frame->message), message);
}

TEST(RoundFrame, MayHoldNoMessageButNeedsItsHeader) {
  const Bytes bytes = EncodeRoundFrame({DigestOf(9), 2, {}});
  const auto frame = DecodeRoundFrame(bytes);
  ASSERT_THAT(frame, IsOk());
  EXPECT_THAT(frame->message, IsEmpty());
  for (std::size_t size = 0; size < kRoundFrameHeaderBytes; ++size) {
    EXPECT_THAT(DecodeRoundFrame(ByteView(bytes).first(size)),
                FailsWith(ErrorCode::kPeerViolation));
  }
}

}  // namespace
}  // namespace entente::matching
