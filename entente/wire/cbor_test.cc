#include "entente/wire/cbor.h"

#include <limits>

#include "entente/base/testing.h"

namespace entente::wire {
namespace {

using ::testing::HasSubstr;

Bytes FromHex(std::string_view hex) { return *HexDecode(hex); }

struct Example {
  std::string_view hex;
  Cbor item;
};

// RFC 8949 Appendix A, the rows inside the subset.
std::vector<Example> AppendixA() {
  using U = std::uint64_t;
  using I = std::int64_t;
  const Cbor::Array one_two_three{Cbor{U{1}}, Cbor{U{2}}, Cbor{U{3}}};
  Cbor::Array up_to_25;
  for (U i = 1; i <= 25; ++i) {
    up_to_25.push_back(Cbor{i});
  }
  return {
      {"00", Cbor{U{0}}},
      {"01", Cbor{U{1}}},
      {"0a", Cbor{U{10}}},
      {"17", Cbor{U{23}}},
      {"1818", Cbor{U{24}}},
      {"1819", Cbor{U{25}}},
      {"1864", Cbor{U{100}}},
      {"1903e8", Cbor{U{1000}}},
      {"1a000f4240", Cbor{U{1000000}}},
      {"1b000000e8d4a51000", Cbor{U{1000000000000}}},
      {"1bffffffffffffffff", Cbor{std::numeric_limits<U>::max()}},
      {"20", Cbor{I{-1}}},
      {"29", Cbor{I{-10}}},
      {"3863", Cbor{I{-100}}},
      {"3903e7", Cbor{I{-1000}}},
      {"3b7fffffffffffffff", Cbor{std::numeric_limits<I>::min()}},
      {"f4", Cbor{false}},
      {"f5", Cbor{true}},
      {"f6", Cbor{nullptr}},
      {"40", Cbor{Bytes()}},
      {"4401020304", Cbor{Bytes{1, 2, 3, 4}}},
      {"60", Cbor{std::string()}},
      {"6161", Cbor{std::string("a")}},
      {"6449455446", Cbor{std::string("IETF")}},
      {"62225c", Cbor{std::string("\"\\")}},
      {"62c3bc", Cbor{std::string("ü")}},
      {"63e6b0b4", Cbor{std::string("水")}},
      {"64f0908591", Cbor{std::string("\U00010151")}},
      {"80", Cbor{Cbor::Array()}},
      {"83010203", Cbor{one_two_three}},
      {"8301820203820405", Cbor{Cbor::Array{Cbor{U{1}}, Cbor{Cbor::Array{Cbor{U{2}}, Cbor{U{3}}}},
                                            Cbor{Cbor::Array{Cbor{U{4}}, Cbor{U{5}}}}}}},
      {"98190102030405060708090a0b0c0d0e0f101112131415161718181819", Cbor{up_to_25}},
      {"a0", Cbor{Cbor::Map()}},
      {"a201020304", Cbor{Cbor::Map{{1, Cbor{U{2}}}, {3, Cbor{U{4}}}}}},
  };
}

TEST(Cbor, ReadsAndWritesTheExamplesOfTheRfc) {
  for (const Example& example : AppendixA()) {
    EXPECT_THAT(ParseCbor(FromHex(example.hex)), IsOkAndHolds(example.item)) << example.hex;
    EXPECT_EQ(HexEncode(WriteCbor(example.item)), example.hex);
  }
}

TEST(Cbor, RefusesTheExamplesOutsideTheSubset) {
  for (const std::string_view hex :
       {"3bffffffffffffffff", "c249010000000000000000", "f90000", "fa47c35000",
        "fb3ff199999999999a", "f7", "f0", "f818", "f8ff",
        "c074323031332d30332d32315432303a30343a30305a", "5f42010243030405ff",
        "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff", "bf61610161629f0203ffff",
        "a26161016162820203", "a1f401"}) {
    EXPECT_THAT(ParseCbor(FromHex(hex)), FailsWith(ErrorCode::kInvalidInput)) << hex;
  }
}

TEST(Cbor, RefusesASecondFormOfAValue) {
  for (const std::string_view hex : {
           "1800",       "1817",       "190018",
           "1900ff",     "1a0000ffff", "1b00000000ffffffff",  // not shortest
           "3817",       "5800",       "780161",
           "9800",       "b800",  // nor these
           "a203000100", "a201000100", "a2200000f6",
           "a220002000",          // keys
           "0000",       "f4f4",  // trailing bytes
           "",           "18",         "41",
           "6261",       "81",         "a1",
           "a101",       "1b00000001",              // cut short
           "62c328",     "61ff",       "63eda080",  // not UTF-8
           "1c",         "1f",         "5c",
           "fc",         "ff",  // reserved
       }) {
    EXPECT_THAT(ParseCbor(FromHex(hex)), FailsWith(ErrorCode::kInvalidInput)) << hex;
  }
}

TEST(Cbor, OrdersNegativeKeysAfterTheOthers) {
  const Cbor item{
      Cbor::Map{{-2, Cbor{true}}, {-1, Cbor{true}}, {0, Cbor{true}}, {500, Cbor{true}}}};
  EXPECT_EQ(HexEncode(WriteCbor(item)), "a400f51901f4f520f521f5");
  EXPECT_THAT(ParseCbor(WriteCbor(item)), IsOkAndHolds(item));
}

TEST(Cbor, RefusesKeysOutsideInt64) {
  EXPECT_THAT(ParseCbor(FromHex("a11b7fffffffffffffff00")), IsOk());
  EXPECT_THAT(ParseCbor(FromHex("a11b800000000000000000")),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("byte 10")));
}

TEST(Cbor, LimitsDepth) {
  const auto nested = [](std::size_t levels) {
    Bytes bytes(levels, 0x81);
    bytes.push_back(0x00);
    return bytes;
  };
  EXPECT_THAT(ParseCbor(nested(kCborDepthMax - 1)), IsOk());
  EXPECT_THAT(ParseCbor(nested(kCborDepthMax)), IsOk());
  EXPECT_THAT(ParseCbor(nested(kCborDepthMax + 1)), FailsWith(ErrorCode::kLimitExceeded));
}

TEST(Cbor, LimitsSize) {
  const auto sized = [](std::size_t size) { return WriteCbor(Cbor{Bytes(size - 3 - 2)}); };
  const Bytes at_limit = sized(kCborBytesMax);
  ASSERT_EQ(at_limit.size(), kCborBytesMax - 2);  // a 16-bit length takes two bytes less
  EXPECT_THAT(ParseCbor(at_limit), IsOk());
  Bytes filled = at_limit;
  filled.resize(kCborBytesMax);
  EXPECT_THAT(ParseCbor(filled), FailsWith(ErrorCode::kInvalidInput));  // trailing, not too large
  filled.push_back(0);
  EXPECT_THAT(ParseCbor(filled), FailsWith(ErrorCode::kLimitExceeded));
}

TEST(Cbor, ACountThatLiesEndsWithTheInput) {
  EXPECT_THAT(ParseCbor(FromHex("9bffffffffffffffff00")), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParseCbor(FromHex("bbffffffffffffffff00")), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(ParseCbor(FromHex("5bffffffffffffffff00")), FailsWith(ErrorCode::kInvalidInput));
}

TEST(CborReader, ReadsMembersByKey) {
  const Cbor item{Cbor::Map{
      {1, Cbor{std::uint64_t{7}}}, {2, Cbor{Bytes{1, 2}}}, {-1, Cbor{std::string("text")}}}};
  CborReader reader(item, "thing");
  EXPECT_TRUE(reader.Has(1));
  EXPECT_FALSE(reader.Has(3));
  EXPECT_THAT(reader.Unsigned(1, 7), IsOkAndHolds(7U));
  EXPECT_THAT(reader.ByteString(2, 2), IsOkAndHolds(Bytes{1, 2}));
  EXPECT_THAT(reader.Finish(),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("thing key -1 is not known")));
  EXPECT_THAT(reader.Text(-1, 4), IsOkAndHolds(std::string("text")));
  EXPECT_THAT(reader.Finish(), IsOk());
}

TEST(CborReader, NamesTheKeyThatIsWrong) {
  const Cbor item{Cbor::Map{
      {1, Cbor{std::uint64_t{7}}}, {2, Cbor{Bytes{1, 2}}}, {3, Cbor{std::string("text")}}}};
  CborReader reader(item, "thing");
  EXPECT_THAT(reader.Unsigned(9, 7),
              FailsWith(ErrorCode::kInvalidInput, HasSubstr("thing key 9 is missing")));
  EXPECT_THAT(reader.Unsigned(1, 6), FailsWith(ErrorCode::kInvalidInput, HasSubstr("key 1")));
  EXPECT_THAT(reader.Unsigned(2, 6), FailsWith(ErrorCode::kInvalidInput, HasSubstr("integer")));
  EXPECT_THAT(reader.ByteString(2, 1), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(reader.ByteString(3, 9), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(reader.Text(3, 3), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(reader.Text(2, 3), FailsWith(ErrorCode::kInvalidInput));
}

TEST(CborReader, RefusesWhatIsNoMap) {
  const Cbor item{std::uint64_t{1}};
  CborReader reader(item, "thing");
  EXPECT_THAT(reader.Unsigned(1, 7), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(reader.Finish(), FailsWith(ErrorCode::kInvalidInput, HasSubstr("not a map")));
}

}  // namespace
}  // namespace entente::wire
