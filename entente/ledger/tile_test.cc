#include "entente/ledger/tile.h"

#include "entente/base/testing.h"

namespace entente::ledger {
namespace {

TEST(TilePath, GroupsDigitsInThrees) {
  EXPECT_EQ(TilePath({0, 0, 256}), "tile/0/000");
  EXPECT_EQ(TilePath({0, 999, 256}), "tile/0/999");
  EXPECT_EQ(TilePath({1, 1000, 256}), "tile/1/x001/000");
  EXPECT_EQ(TilePath({2, 1234067, 5}), "tile/2/x001/x234/067.p/5");  // C2SP tlog-tiles example
  EXPECT_EQ(BundlePath({1234067, 256}), "tile/entries/x001/x234/067");
  EXPECT_EQ(BundlePath({0, 255}), "tile/entries/000.p/255");
}

TEST(TilePath, IsReadBack) {
  for (const std::uint64_t index : {0U, 1U, 999U, 1000U, 1234067U, 4294967295U}) {
    for (const unsigned width : {1U, 255U, 256U}) {
      for (const unsigned level : {0U, 1U, 63U}) {
        const TileId tile{level, index, width};
        const auto parsed = ParseTilePath(TilePath(tile));
        ASSERT_THAT(parsed, IsOk());
        EXPECT_EQ(std::get<TileId>(*parsed), tile);
      }
      const BundleId bundle{index, width};
      const auto parsed = ParseTilePath(BundlePath(bundle));
      ASSERT_THAT(parsed, IsOk());
      EXPECT_EQ(std::get<BundleId>(*parsed), bundle);
    }
  }
}

TEST(TilePath, RefusesEveryOtherForm) {
  for (const std::string_view path : {"",
                                      "tile",
                                      "tile/",
                                      "tile/0",
                                      "tile/0/",
                                      "tile//000",
                                      "tile/00/000",
                                      "tile/64/000",
                                      "tile/0/0",
                                      "tile/0/00",
                                      "tile/0/0000",
                                      "tile/0/x000",
                                      "tile/0/x000/001",
                                      "tile/0/001/000",
                                      "tile/0/x001/x000",
                                      "tile/0/000.p",
                                      "tile/0/000.p/",
                                      "tile/0/000.p/0",
                                      "tile/0/000.p/256",
                                      "tile/0/000.p/257",
                                      "tile/0/000.p/01",
                                      "tile/0/000/",
                                      "tile/0/../000",
                                      "/tile/0/000",
                                      "tile/-1/000",
                                      "tile/Entries/000",
                                      "tiles/0/000",
                                      "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    EXPECT_THAT(ParseTilePath(path), FailsWith(ErrorCode::kInvalidInput)) << path;
  }
}

// C2SP tlog-tiles: the tiles of a tree of 70,000 and of 256 entries.
TEST(Tiles, HaveTheWidthsOfTheSpecification) {
  EXPECT_EQ(TileCount(0, 70'000), 274U);
  EXPECT_EQ(TileAt(0, 272, 70'000), (TileId{0, 272, 256}));
  EXPECT_EQ(TileAt(0, 273, 70'000), (TileId{0, 273, 112}));
  EXPECT_EQ(BundleAt(273, 70'000), (BundleId{273, 112}));
  EXPECT_EQ(TileCount(1, 70'000), 2U);
  EXPECT_EQ(TileAt(1, 1, 70'000), (TileId{1, 1, 17}));
  EXPECT_EQ(TileCount(2, 70'000), 1U);
  EXPECT_EQ(TileAt(2, 0, 70'000), (TileId{2, 0, 1}));
  EXPECT_EQ(TileCount(3, 70'000), 0U);
  EXPECT_EQ(TileCount(0, 256), 1U);
  EXPECT_EQ(TileAt(0, 0, 256), (TileId{0, 0, 256}));
  EXPECT_EQ(TileAt(1, 0, 256), (TileId{1, 0, 1}));
  EXPECT_EQ(TileCount(0, 0), 0U);
  EXPECT_EQ(TileCount(63, kTreeSizeMax), 0U);
}

TEST(Tiles, HoldTheNodesOfTheirLevel) {
  NodeStore nodes;
  for (int i = 0; i < 600; ++i) {
    ASSERT_THAT(nodes.Append(LeafHash(AsBytes(std::to_string(i)))), IsOk());
  }
  const auto bytes = TileBytes({0, 1, 256}, nodes);
  ASSERT_THAT(bytes, IsOk());
  const auto hashes = ParseTile(*bytes, 256);
  ASSERT_THAT(hashes, IsOk());
  EXPECT_EQ(hashes->at(3), *nodes.Node(0, 259));
  const auto above = ParseTile(*TileBytes({1, 0, 2}, nodes), 2);
  ASSERT_THAT(above, IsOk());
  EXPECT_EQ(above->at(1), SubtreeRoot(*hashes));
  EXPECT_THAT(TileBytes({0, 2, 256}, nodes), FailsWith(ErrorCode::kNotFound));
}

TEST(Tiles, RefuseAnotherLength) {
  EXPECT_THAT(ParseTile(Bytes(64), 2), IsOk());
  EXPECT_THAT(ParseTile(Bytes(63), 2), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParseTile(Bytes(96), 2), FailsWith(ErrorCode::kInvalidInput));
}

TEST(Bundle, KeepsEntriesOfAnyLength) {
  const Bytes largest(kEntryBytesMax, 7);
  Bytes bundle;
  ASSERT_THAT(AppendToBundle(bundle, Bytes()), IsOk());
  ASSERT_THAT(AppendToBundle(bundle, Bytes{1}), IsOk());
  ASSERT_THAT(AppendToBundle(bundle, largest), IsOk());
  EXPECT_THAT(AppendToBundle(bundle, Bytes(kEntryBytesMax + 1)),
              FailsWith(ErrorCode::kLimitExceeded));
  const auto entries = ParseBundle(bundle, 3);
  ASSERT_THAT(entries, IsOk());
  EXPECT_EQ(ToBytes(entries->at(0)), Bytes());
  EXPECT_EQ(ToBytes(entries->at(1)), Bytes{1});
  EXPECT_EQ(ToBytes(entries->at(2)), largest);
}

TEST(Bundle, RefusesAnotherCountOrACut) {
  Bytes bundle;
  ASSERT_THAT(AppendToBundle(bundle, Bytes{1, 2}), IsOk());
  EXPECT_THAT(ParseBundle(bundle, 2), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParseBundle(bundle, 0), FailsWith(ErrorCode::kInvalidInput));
  for (std::size_t cut = 1; cut <= bundle.size(); ++cut) {
    EXPECT_THAT(ParseBundle(ByteView(bundle).first(bundle.size() - cut), 1),
                FailsWith(ErrorCode::kInvalidInput));
  }
}

}  // namespace
}  // namespace entente::ledger
