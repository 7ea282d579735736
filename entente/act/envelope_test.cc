#include "entente/act/envelope.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entente/act/testing.h"
#include "entente/base/testing.h"
#include "entente/wire/json.h"

namespace entente::act {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using wire::Json;

Envelope Signed(std::string_view payload, std::uint8_t seed = 1) {
  return *Sign(kActType, AsBytes(payload), ExampleSigner(seed));
}

Json JsonOf(const Envelope& envelope) { return *wire::ParseJson(AsText(Encode(envelope))); }

Bytes BytesOf(const Json& json) { return ToBytes(wire::WriteCanonicalJson(json)); }

// A token that was pulled out.
class AbsentToken final : public crypto::Signer {
 public:
  const crypto::PublicKey& public_key() const override { return key_; }
  Result<crypto::Signature> Sign(ByteView) const override {
    return Error{ErrorCode::kUnavailable, "no token"};
  }

 private:
  crypto::PublicKey key_;
};

// The example of dsse v1.0.2, protocol.md, "Test Vectors".
TEST(PreAuthEncoding, GivesTheVectorOfTheSpecification) {
  EXPECT_EQ(ToText(PreAuthEncoding("http://example.com/HelloWorld", AsBytes("hello world"))),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(PreAuthEncoding, CountsBytesNotCharacters) {
  EXPECT_EQ(ToText(PreAuthEncoding("", {})), "DSSEv1 0  0 ");
  EXPECT_EQ(ToText(PreAuthEncoding("é", AsBytes("ع"))), "DSSEv1 2 é 2 ع");
}

TEST(Envelope, ManyValuesAreRefusedBeforeTheyAreBuilt) {
  std::string many = R"({"payload":[)";
  for (std::size_t i = 0; i < 400'000; ++i) {
    many += "{},";
  }
  EXPECT_THAT(DecodeEnvelope(AsBytes(many + "{}]}")),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("more values than its schema has")));
}

TEST(KeyId, IsTheSha256OfTheKey) {
  const crypto::PublicKey key = ExampleSigner(1).public_key();
  EXPECT_EQ(KeyId(key), crypto::Sha256(key.view()));
}

TEST(Envelope, VerifiesWithItsKeyAndTypeOnly) {
  const Envelope envelope = Signed("payload");
  EXPECT_THAT(VerifySignedBy(envelope, kActType, ExampleSigner(1).public_key()), IsOk());
  EXPECT_THAT(VerifySignedBy(envelope, kActType, ExampleSigner(2).public_key()),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("no valid signature")));
  EXPECT_THAT(VerifySignedBy(envelope, kAnswerType, ExampleSigner(1).public_key()),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("payload type")));
}

TEST(Envelope, ASignatureForOneTypeDoesNotServeAnother) {
  Envelope envelope = Signed("payload");
  envelope.payload_type = kAnswerType;
  EXPECT_THAT(VerifySignedBy(envelope, kAnswerType, ExampleSigner(1).public_key()),
              FailsWith(ErrorCode::kPeerViolation));
}

TEST(Envelope, OneOfSeveralSignaturesSuffices) {
  Envelope envelope = Signed("payload");
  envelope.signatures.push_back(Signed("payload", 2).signatures[0]);
  EXPECT_THAT(VerifySignedBy(envelope, kActType, ExampleSigner(1).public_key()), IsOk());
  EXPECT_THAT(VerifySignedBy(envelope, kActType, ExampleSigner(2).public_key()), IsOk());
  std::swap(envelope.signatures[0].key_id, envelope.signatures[1].key_id);
  EXPECT_THAT(VerifySignedBy(envelope, kActType, ExampleSigner(1).public_key()),
              FailsWith(ErrorCode::kPeerViolation));
}

TEST(Envelope, AnyAlteredByteIsRefused) {
  const Bytes good = Encode(Signed("payload"));
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] = static_cast<std::uint8_t>(bad[at] ^ 1U << (at % 8));
    const auto envelope = DecodeEnvelope(bad);
    if (envelope) {
      EXPECT_THAT(VerifySignedBy(*envelope, kActType, ExampleSigner(1).public_key()),
                  FailsWith(ErrorCode::kPeerViolation))
          << at;
    } else {
      EXPECT_THAT(envelope, FailsWith(ErrorCode::kPeerViolation)) << at;
    }
  }
}

TEST(Envelope, DecodesWhatItEncodes) {
  Envelope envelope = Signed("payload");
  EXPECT_THAT(DecodeEnvelope(Encode(envelope)), IsOkAndHolds(Eq(envelope)));
  EXPECT_THAT(DecodeEnvelope(Encode(Signed(""))), IsOkAndHolds(Eq(Signed(""))));
  while (envelope.signatures.size() < kSignaturesMax) {
    envelope.signatures.push_back(envelope.signatures[0]);
  }
  EXPECT_THAT(DecodeEnvelope(Encode(envelope)), IsOkAndHolds(Eq(envelope)));
}

TEST(Envelope, SignsPayloadsUpToTheLimit) {
  const Bytes largest(kPayloadBytesMax, 'x');
  const auto envelope = Sign(kActType, largest, ExampleSigner(1));
  ASSERT_THAT(envelope, IsOk());
  EXPECT_THAT(DecodeEnvelope(Encode(*envelope)), IsOkAndHolds(Eq(*envelope)));
  EXPECT_THAT(Sign(kActType, Bytes(kPayloadBytesMax + 1, 'x'), ExampleSigner(1)),
              FailsWith(ErrorCode::kLimitExceeded));
}

TEST(Envelope, PassesOnWhatTheSignerSays) {
  EXPECT_THAT(Sign(kActType, {}, AbsentToken()),
              FailsWith(ErrorCode::kUnavailable, Eq("no token")));
}

TEST(Envelope, RefusesWhatEncodeWouldNotWrite) {
  const Json good = JsonOf(Signed("payload"));
  const auto with = [&](const std::string& pointer, const Json& value) {
    Json json = good;
    json[Json::json_pointer(pointer)] = value;
    return DecodeEnvelope(BytesOf(json));
  };
  const auto violation = [](std::string_view why) {
    return FailsWith(ErrorCode::kPeerViolation, HasSubstr(std::string(why)));
  };
  EXPECT_THAT(with("/signatures", Json::array()), violation("no signature"));
  EXPECT_THAT(with("/signatures", Json(kSignaturesMax + 1, good["signatures"][0])),
              violation("signatures"));
  EXPECT_THAT(with("/payload", "!"), violation("payload"));
  EXPECT_THAT(with("/payload", Base64Encode(Bytes(kPayloadBytesMax + 1, 'x'))),
              violation("payload"));
  EXPECT_THAT(with("/payloadType", std::string(101, 't')), violation("payloadType"));
  EXPECT_THAT(with("/payloadType", std::string(100, 't')), IsOk());
  EXPECT_THAT(with("/signatures/0/keyid", "00"), violation("expected 32 bytes"));
  EXPECT_THAT(with("/signatures/0/sig", Base64Encode(Bytes(63))), violation("expected 64 bytes"));
  EXPECT_THAT(with("/more", 1), violation("envelope has an unknown member"));
  EXPECT_THAT(with("/signatures/0/more", 1), violation("signatures has an unknown member"));
  EXPECT_THAT(DecodeEnvelope(AsBytes("[]")), violation("not an object"));
  EXPECT_THAT(DecodeEnvelope({}), violation("not JSON"));
  EXPECT_THAT(DecodeEnvelope(ToBytes(good.dump(1))), violation("not canonical"));
}

TEST(Envelope, RefusesBytesAboveTheLimitsOfJson) {
  const std::string deep(wire::kJsonDepthMax + 1, '[');
  EXPECT_THAT(DecodeEnvelope(AsBytes(deep)), FailsWith(ErrorCode::kLimitExceeded));
  EXPECT_THAT(DecodeEnvelope(Bytes(wire::kJsonBytesMax + 1, ' ')),
              FailsWith(ErrorCode::kLimitExceeded));
}

}  // namespace
}  // namespace entente::act
