#include "entente/peer/parcel.h"

#include <vector>

#include "entente/act/envelope.h"
#include "entente/base/testing.h"
#include "entente/peer/testing.h"
#include "entente/wire/json.h"

namespace entente::peer {
namespace {

using ::testing::HasSubstr;

class ParcelTest : public ::testing::Test {
 protected:
  ParcelKeys KeysTo(const FakeNode& from, const FakeNode& to) const {
    return {from.message, from.encryption, to.card.keys.encryption};
  }
  Bytes Pack(ByteView packed) const { return *SealParcel(manifest, packed, KeysTo(rabat, berlin)); }
  Result<Parcel> Open(ByteView file) const { return OpenBy(berlin, file); }
  Result<Parcel> OpenBy(const FakeNode& node, ByteView file) const {
    return OpenParcel(file, node.card.id(), node.encryption,
                      [&](const PeerId& id) -> Result<act::Card> {
                        if (id != rabat.card.id()) {
                          return Error{ErrorCode::kNotFound, "no such peer"};
                        }
                        return rabat.card;
                      });
  }
  // A file that is sealed to Berlin and holds `content`.
  Bytes Sealed(ByteView content) const {
    Bytes file = ToBytes("entente-parcel/1\n");
    Append(file, *rabat.encryption.Seal(berlin.card.keys.encryption, content));
    return file;
  }
  // The same with a manifest of these words, signed by `signer`, and no items.
  Bytes WithManifest(const wire::Json& words, const crypto::Signer& signer) const {
    const Bytes envelope =
        act::Encode(*act::Sign(kParcelType, AsBytes(wire::WriteCanonicalJson(words)), signer));
    Bytes content{0, 0, static_cast<std::uint8_t>(envelope.size() / 256),
                  static_cast<std::uint8_t>(envelope.size() % 256)};
    Append(content, envelope);
    return Sealed(content);
  }
  wire::Json Words() const {
    return {{"v", 1},
            {"from", manifest.from.str()},
            {"to", manifest.to.str()},
            {"epoch", 2},
            {"number", 7},
            {"time", FormatRfc3339(manifest.time)},
            {"contents", crypto::Sha256(ByteView()).Hex()}};
  }

  const FakeNode rabat{"MA", 1};
  const FakeNode berlin{"DE", 2};
  const FakeNode paris{"FR", 3};
  const Manifest manifest{rabat.card.id(), berlin.card.id(), 2, 7,
                          *ParseRfc3339("2026-11-24T10:00:00Z")};
  const std::vector<wire::Frame> frames = {{6, ToBytes("standing")},
                                           {5, ToBytes("cosigned")},
                                           {4, ToBytes("checkpoint")},
                                           {3, ToBytes("answer")},
                                           {2, Bytes()}};
  const Bytes items = [this] {
    Bytes out;
    for (const wire::Frame& frame : frames) {
      wire::AppendFrame(out, frame.type, frame.payload);
    }
    return out;
  }();
};

TEST_F(ParcelTest, ComesOutAsItWentIn) {
  const Bytes file = Pack(items);
  EXPECT_EQ(file, Pack(items));  // packed again, the same bytes
  const auto parcel = Open(file);
  ASSERT_THAT(parcel, IsOk());
  EXPECT_EQ(parcel->manifest, manifest);
  EXPECT_EQ(parcel->items, frames);
  ASSERT_THAT(Open(Pack({})), IsOk());
  EXPECT_EQ(AsText(file).find("checkpoint"), std::string_view::npos);
  EXPECT_EQ(AsText(file).find(manifest.from.str()), std::string_view::npos);
}

TEST_F(ParcelTest, EveryAlteredByteAndEveryCutIsRefused) {
  Bytes file = Pack(items);
  for (std::size_t at = 0; at < file.size(); ++at) {
    file[at] ^= 1U;
    EXPECT_THAT(Open(file), FailsWith(ErrorCode::kInvalidInput)) << at;
    file[at] ^= 1U;
    EXPECT_THAT(Open(ByteView(file).first(at)), FailsWith(ErrorCode::kInvalidInput)) << at;
  }
  file.push_back(0);
  EXPECT_THAT(Open(file), FailsWith(ErrorCode::kInvalidInput));
}

TEST_F(ParcelTest, OpensForItsReceiverOnly) {
  EXPECT_THAT(OpenBy(paris, Pack(items)),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("not sealed to this node")));
  // Berlin seals what Rabat signed on to Paris.
  const Bytes content = *berlin.encryption.Open(ByteView(Pack(items)).subspan(17));
  Bytes relayed = ToBytes("entente-parcel/1\n");
  Append(relayed, *berlin.encryption.Seal(paris.card.keys.encryption, content));
  EXPECT_THAT(OpenBy(paris, relayed),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("for another node")));
}

TEST_F(ParcelTest, IsBelievedByItsSendersSignatureOnly) {
  EXPECT_THAT(Open(WithManifest(Words(), rabat.message)), IsOk());
  EXPECT_THAT(Open(WithManifest(Words(), paris.message)),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("not signed")));
  wire::Json stranger = Words();
  stranger["from"] = paris.card.id().str();
  EXPECT_THAT(Open(WithManifest(stranger, paris.message)), FailsWith(ErrorCode::kNotFound));
  wire::Json other_items = Words();
  other_items["contents"] = crypto::Sha256(AsBytes("other")).Hex();
  EXPECT_THAT(Open(WithManifest(other_items, rabat.message)),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("other items")));
}

TEST_F(ParcelTest, AMalformedManifestIsRefused) {
  const std::vector<std::pair<std::string, wire::Json>> changes = {{"epoch", 0},
                                                                   {"v", 2},
                                                                   {"number", 0},
                                                                   {"number", -1},
                                                                   {"time", "2026-11-24T10:00:00Z"},
                                                                   {"contents", ""},
                                                                   {"unknown", "word"},
                                                                   {"from", 5},
                                                                   {"number", wire::Json()}};
  for (const auto& [member, value] : changes) {
    wire::Json words = Words();
    words[member] = value;
    EXPECT_THAT(Open(WithManifest(words, rabat.message)),
                FailsWith(ErrorCode::kInvalidInput, HasSubstr("malformed")))
        << member;
  }
  for (const Bytes& content : {Bytes(), Bytes{0, 0, 0}, Bytes{0, 0, 0, 1}, Bytes{0xFF, 0, 0, 0},
                               Bytes{0, 0, 0, 1, 'x'}, Bytes(4 + 2049, 0)}) {
    EXPECT_THAT(Open(Sealed(content)), FailsWith(ErrorCode::kInvalidInput));
  }
}

TEST_F(ParcelTest, WhatItsSenderSignedMustBeWholeItemsOfKnownTypes) {
  for (const int type : {0, 1, 7, 255}) {
    Bytes unknown = items;
    wire::AppendFrame(unknown, static_cast<std::uint8_t>(type), Bytes());
    EXPECT_THAT(Open(Pack(unknown)), FailsWith(ErrorCode::kPeerViolation));
  }
  EXPECT_THAT(Open(Pack(ByteView(items).first(items.size() - 1))),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("not whole")));
  const auto of_size = [](ParcelItem type, std::size_t size) {
    Bytes out;
    wire::AppendFrame(out, static_cast<std::uint8_t>(type), Bytes(size));
    return out;
  };
  const std::size_t limit = PayloadBytesMax(FrameType::kAnswer);
  EXPECT_THAT(Open(Pack(of_size(ParcelItem::kAnswer, limit))), IsOk());
  EXPECT_THAT(Open(Pack(of_size(ParcelItem::kAnswer, limit + 1))),
              FailsWith(ErrorCode::kPeerViolation));
}

TEST_F(ParcelTest, ItemsAreBounded) {
  Bytes many;
  for (std::size_t i = 0; i < kParcelItemsMax; ++i) {
    wire::AppendFrame(many, static_cast<std::uint8_t>(ParcelItem::kAct), {});
  }
  EXPECT_THAT(Open(Pack(many)), IsOk());
  wire::AppendFrame(many, static_cast<std::uint8_t>(ParcelItem::kAct), {});
  EXPECT_THAT(Open(Pack(many)), FailsWith(ErrorCode::kPeerViolation, HasSubstr("items")));
}

TEST_F(ParcelTest, SizesAreBounded) {
  EXPECT_THAT(Open(Bytes(kParcelBytesMax + 1)), FailsWith(ErrorCode::kLimitExceeded));
  Bytes large(kParcelItemsBytesMax + 1);
  EXPECT_THAT(SealParcel(manifest, large, KeysTo(rabat, berlin)),
              FailsWith(ErrorCode::kLimitExceeded));
  large.pop_back();
  const auto file = SealParcel(manifest, large, KeysTo(rabat, berlin));
  ASSERT_THAT(file, IsOk());
  EXPECT_LE(file->size(), kParcelBytesMax);
  EXPECT_THAT(SealParcel(manifest, {}, {rabat.message, rabat.encryption, crypto::PublicKey{}}),
              FailsWith(ErrorCode::kInvalidInput));
}

}  // namespace
}  // namespace entente::peer
