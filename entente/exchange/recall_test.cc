#include "entente/exchange/recall.h"

#include <string>

#include "entente/base/testing.h"

namespace entente::exchange {
namespace {

TEST(RecallFormat, RequestsComeBackAsTheyWent) {
  const RecallRequest request{{1, 0}, {2, 41}};
  EXPECT_THAT(DecodeRecallRequest(EncodeRecallRequest(request)), IsOkAndHolds(request));
  EXPECT_EQ(ToText(EncodeRecallRequest(request)),
            R"({"mine":{"epoch":1,"sequence":0},"yours":{"epoch":2,"sequence":41}})");
  for (const std::string_view bad :
       {"", "{}", R"({"mine":{"epoch":0,"sequence":0},"yours":{"epoch":1,"sequence":0}})",
        R"({"mine":{"epoch":1,"sequence":0},"yours":{"epoch":1}})",
        R"({"a":1,"mine":{"epoch":1,"sequence":0},"yours":{"epoch":1,"sequence":0}})"}) {
    EXPECT_THAT(DecodeRecallRequest(AsBytes(bad)), FailsWith(ErrorCode::kPeerViolation)) << bad;
  }
}

TEST(RecallFormat, ItemsComeBackAsTheyWent) {
  const Recalled item{ToBytes("act"), ToBytes("answer"), {}};
  const Bytes bytes = EncodeRecalled(item);
  EXPECT_EQ(HexEncode(bytes),
            "00000003616374"
            "00000006616e73776572");
  EXPECT_THAT(DecodeRecalled(bytes), IsOkAndHolds(item));
  EXPECT_THAT(DecodeRecalled(EncodeRecalled({})), IsOkAndHolds(Recalled{}));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeRecalled(ByteView(bytes).first(size)), FailsWith(ErrorCode::kPeerViolation));
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_THAT(DecodeRecalled(longer), FailsWith(ErrorCode::kPeerViolation));
  Bytes huge = bytes;
  huge[0] = 0xff;
  EXPECT_THAT(DecodeRecalled(huge), FailsWith(ErrorCode::kPeerViolation));
}

TEST(RecallFormat, AnAnswerAloneComesWithTheReadersLog) {
  const Recalled item{{}, ToBytes("answer"), ToBytes("log")};
  const Bytes bytes = EncodeRecalled(item);
  EXPECT_EQ(HexEncode(bytes),
            "00000000"
            "00000006616e73776572"
            "000000036c6f67");
  EXPECT_THAT(DecodeRecalled(bytes), IsOkAndHolds(item));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeRecalled(ByteView(bytes).first(size)), FailsWith(ErrorCode::kPeerViolation));
  }
  const Recalled longest{{}, ToBytes("answer"), Bytes(2048, 1)};
  EXPECT_THAT(DecodeRecalled(EncodeRecalled(longest)), IsOkAndHolds(longest));
  EXPECT_THAT(DecodeRecalled(EncodeRecalled({{}, ToBytes("answer"), Bytes(2049, 1)})),
              FailsWith(ErrorCode::kPeerViolation));
}

TEST(RecallFormat, TheEndComesBackAsItWent) {
  for (const RecallEnd& end : {RecallEnd{}, RecallEnd{ToBytes("yours"), ToBytes("mine")},
                               RecallEnd{Bytes(2048, 1), Bytes(2048, 2)}}) {
    EXPECT_THAT(DecodeRecallEnd(EncodeRecallEnd(end)), IsOkAndHolds(end));
  }
  EXPECT_THAT(DecodeRecallEnd(EncodeRecallEnd({Bytes(2049, 1), {}})),
              FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(DecodeRecallEnd({}), FailsWith(ErrorCode::kPeerViolation));
}

}  // namespace
}  // namespace entente::exchange
