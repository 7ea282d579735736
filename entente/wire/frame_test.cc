#include "entente/wire/frame.h"

#include "entente/base/testing.h"

namespace entente::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Bytes HeaderFor(std::uint32_t size) {
  return {static_cast<std::uint8_t>(size >> 24U), static_cast<std::uint8_t>(size >> 16U),
          static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size), 2};
}

TEST(Frame, HasTheBytesOfTheGrammar) {
  Bytes out;
  AppendFrame(out, 7, ToBytes("ab"));
  EXPECT_EQ(HexEncode(out), "00000002076162");
}

TEST(FrameDecoder, GivesTheSameFramesHoweverTheBytesAreCut) {
  Bytes bytes;
  AppendFrame(bytes, 1, {});
  AppendFrame(bytes, 2, ToBytes("hello"));
  AppendFrame(bytes, 3, Bytes(1000, 9));
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 999U, 5000U}) {
    FrameDecoder decoder;
    std::vector<Frame> frames;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const auto some =
          decoder.Feed(ByteView(bytes).subspan(at, std::min(piece, bytes.size() - at)));
      ASSERT_THAT(some, IsOk());
      frames.insert(frames.end(), some->begin(), some->end());
    }
    EXPECT_THAT(frames,
                ElementsAre(Frame{1, {}}, Frame{2, ToBytes("hello")}, Frame{3, Bytes(1000, 9)}))
        << piece;
  }
}

TEST(FrameDecoder, WaitsForAFrameAtTheLimit) {
  FrameDecoder decoder;
  EXPECT_THAT(decoder.Feed(HeaderFor(kFramePayloadBytesMax)), IsOkAndHolds(IsEmpty()));
  const auto frames = decoder.Feed(Bytes(kFramePayloadBytesMax, 1));
  ASSERT_THAT(frames, IsOk());
  EXPECT_EQ(frames->front().payload.size(), kFramePayloadBytesMax);
}

TEST(FrameDecoder, RefusesAFrameAboveTheLimitByItsHeaderAlone) {
  FrameDecoder decoder;
  EXPECT_THAT(decoder.Feed(HeaderFor(kFramePayloadBytesMax + 1)),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("the limit is")));
}

TEST(FrameDecoder, MayLimitEachTypeOfItsOwn) {
  const auto limit = [](std::uint8_t type) { return std::size_t{type == 2 ? 10U : 0U}; };
  for (const std::uint32_t size : {9U, 10U}) {
    EXPECT_THAT(FrameDecoder(limit).Feed(HeaderFor(size)), IsOkAndHolds(IsEmpty())) << size;
  }
  EXPECT_THAT(FrameDecoder(limit).Feed(HeaderFor(11)),
              FailsWith(ErrorCode::kPeerViolation,
                        "a frame of type 2 announces 11 bytes, the limit is 10"));
  Bytes other;
  AppendFrame(other, 3, ToBytes("a"));
  EXPECT_THAT(FrameDecoder(limit).Feed(other), FailsWith(ErrorCode::kPeerViolation));
}

}  // namespace
}  // namespace entente::wire
