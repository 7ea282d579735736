#include "entente/ledger/leaf.h"

#include <limits>

#include "entente/base/testing.h"
#include "entente/ledger/testing.h"
#include "entente/wire/cbor.h"

namespace entente::ledger {
namespace {

using ::testing::HasSubstr;
using wire::Cbor;

TEST(Leaf, SurvivesEncoding) {
  for (std::uint64_t i = 0; i < 10; ++i) {
    const Leaf leaf = LeafForTests(i);
    const auto bytes = EncodeLeaf(leaf);
    ASSERT_THAT(bytes, IsOk());
    EXPECT_THAT(DecodeLeaf(*bytes), IsOkAndHolds(leaf));
  }
}

// docs/formats/ledger.md §1, worked example.
TEST(Leaf, HasTheBytesOfTheFormatDocument) {
  Leaf leaf;
  leaf.kind = "receipt";
  leaf.direction = Direction::kReceived;
  leaf.time = UtcTime(std::chrono::microseconds(1'795'000'000'000'000));
  leaf.object.bytes.fill(0x11);
  leaf.epoch = 1;
  leaf.sequence = 42;
  EXPECT_EQ(HexEncode(*EncodeLeaf(leaf)),
            "a70001016772656365697074020203"
            "1b0006608b015f3000"
            "065820" +
                std::string(64, '1') +
                "0801"
                "09182a");
}

TEST(Leaf, TakesTheLargestOfEveryMember) {
  Leaf leaf = LeafForTests(0);
  leaf.kind = std::string(kLeafKindBytesMax, 'k');
  leaf.direction = Direction::kEvidence;
  leaf.time = UtcTime::max();
  leaf.actor = Bytes(kLeafActorBytesMax, 1);
  leaf.peer = PeerId(std::string(kLeafPeerBytesMax, 'p'));
  leaf.epoch = leaf.sequence = std::numeric_limits<std::uint64_t>::max();
  leaf.rule = std::string(kLeafRuleBytesMax, 'r');
  leaf.article = std::string(kLeafArticleBytesMax, 'Z');
  const auto bytes = EncodeLeaf(leaf);
  ASSERT_THAT(bytes, IsOk());
  EXPECT_LE(bytes->size(), kLeafBytesMax);
  EXPECT_THAT(DecodeLeaf(*bytes), IsOkAndHolds(leaf));
}

TEST(Leaf, RefusesMembersOutOfBounds) {
  const auto refused = [](auto change, const char* member) {
    Leaf leaf = LeafForTests(1);
    change(leaf);
    EXPECT_THAT(EncodeLeaf(leaf), FailsWith(ErrorCode::kInvalidInput, HasSubstr(member)));
  };
  refused([](Leaf& l) { l.kind = ""; }, "kind");
  refused([](Leaf& l) { l.kind = std::string(kLeafKindBytesMax + 1, 'k'); }, "kind");
  refused([](Leaf& l) { l.kind = "A name"; }, "kind");
  refused([](Leaf& l) { l.direction = static_cast<Direction>(5); }, "direction");
  refused([](Leaf& l) { l.time = UtcTime(std::chrono::microseconds(-1)); }, "time");
  refused([](Leaf& l) { l.actor.resize(kLeafActorBytesMax + 1); }, "actor");
  refused([](Leaf& l) { l.peer = PeerId(std::string(kLeafPeerBytesMax + 1, 'p')); }, "peer");
  refused([](Leaf& l) { l.peer = PeerId("Jane Doe"); }, "peer");
  refused([](Leaf& l) { l.rule = std::string(kLeafRuleBytesMax + 1, 'r'); }, "rule");
  refused([](Leaf& l) { l.rule = "A rule"; }, "rule");
  refused([](Leaf& l) { l.article = std::string(kLeafArticleBytesMax + 1, '1'); }, "article");
  refused([](Leaf& l) { l.article = "Jane Doe"; }, "article");
}

Bytes Changed(std::int64_t key, Cbor item) {
  Cbor map = *wire::ParseCbor(*EncodeLeaf(LeafForTests(1)));
  std::get<Cbor::Map>(map.value)[key] = std::move(item);
  return wire::WriteCbor(map);
}

TEST(Leaf, DecodingRefusesWhatEncodingDoesNotWrite) {
  using U = std::uint64_t;
  for (const Bytes& bytes : {
           Changed(0, Cbor{U{2}}),                   // version
           Changed(1, Cbor{std::string("Mr X")}),    // kind
           Changed(2, Cbor{U{5}}),                   // direction
           Changed(2, Cbor{U{256}}),                 //
           Changed(3, Cbor{std::int64_t{-1}}),       // time
           Changed(3, Cbor{U{1} << 63U}),            //
           Changed(4, Cbor{Bytes(31)}),              // agreement
           Changed(5, Cbor{Bytes(33)}),              // actor
           Changed(5, Cbor{Bytes()}),                // empty is written as absent
           Changed(6, Cbor{Bytes(33)}),              // object
           Changed(7, Cbor{std::string()}),          // peer
           Changed(7, Cbor{std::string("a peer")}),  //
           Changed(10, Cbor{Bytes(31)}),             // peer checkpoint
           Changed(11, Cbor{std::string()}),         // rule
           Changed(12, Cbor{std::string("5 2")}),    // article
           Changed(12, Cbor{std::string()}),         //
           Changed(13, Cbor{U{0}}),                  // unknown
           wire::WriteCbor(Cbor{Cbor::Map()}),
           wire::WriteCbor(Cbor{true}),
           Bytes(),
       }) {
    EXPECT_THAT(DecodeLeaf(bytes), FailsWith(ErrorCode::kInvalidInput)) << HexEncode(bytes);
  }
}

TEST(Leaf, RefusesMoreThanFourKibibytes) {
  EXPECT_THAT(DecodeLeaf(Bytes(kLeafBytesMax)), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(DecodeLeaf(Bytes(kLeafBytesMax + 1)), FailsWith(ErrorCode::kLimitExceeded));
}

}  // namespace
}  // namespace entente::ledger
