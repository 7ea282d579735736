#include "entente/records/source.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <zlib.h>

#include "entente/base/bytes.h"
#include "entente/base/testing.h"

namespace entente::records {
namespace {

using ::testing::HasSubstr;

std::string Gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  std::string input = text;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Hands out one byte at a time, and fails instead of ending if `fails` is set.
class Trickle final : public ByteSource {
 public:
  explicit Trickle(std::string text, bool fails = false) : text_(std::move(text)), fails_(fails) {}
  Result<std::size_t> Read(std::span<std::uint8_t> out) override {
    if (at_ == text_.size()) {
      return fails_ ? Result<std::size_t>(Error{ErrorCode::kUnavailable, "the disk is gone"}) : 0;
    }
    out[0] = static_cast<std::uint8_t>(text_[at_++]);
    return 1;
  }

 private:
  std::string text_;
  bool fails_;
  std::size_t at_ = 0;
};

Result<std::string> ReadAll(std::unique_ptr<ByteSource> packed) {
  const auto source = MakeMaybeGunzip(std::move(packed));
  std::string all;
  std::array<std::uint8_t, 1000> buffer{};
  while (true) {
    ENTENTE_ASSIGN(const std::size_t size, source->Read(buffer));
    if (size == 0) {
      return all;
    }
    all += AsText(ByteView(buffer).first(size));
  }
}

Result<std::string> ReadAll(std::string packed) {
  return ReadAll(MakeMemorySource(std::move(packed)));
}

TEST(MaybeGunzip, PassesPlainBytesOn) {
  for (const std::string& text : {std::string(), std::string("a"), std::string("\x1F"),
                                  std::string("\x1F\x8A plain"), std::string(5000, 'x')}) {
    EXPECT_THAT(ReadAll(text), IsOkAndHolds(text));
    EXPECT_THAT(ReadAll(std::make_unique<Trickle>(text)), IsOkAndHolds(text));
  }
}

TEST(MaybeGunzip, UnpacksGzipOfOneAndSeveralMembers) {
  const std::string text = std::string(100'000, 'x') + "end";
  EXPECT_THAT(ReadAll(Gzip(text)), IsOkAndHolds(text));
  EXPECT_THAT(ReadAll(Gzip("")), IsOkAndHolds(std::string()));
  EXPECT_THAT(ReadAll(Gzip("one ") + Gzip("") + Gzip("two")), IsOkAndHolds(std::string("one two")));
  EXPECT_THAT(ReadAll(std::make_unique<Trickle>(Gzip("one ") + Gzip("two"))),
              IsOkAndHolds(std::string("one two")));
}

TEST(MaybeGunzip, RefusesDamagedGzip) {
  const std::string good = Gzip("a list of nobody");
  for (std::size_t size = 2; size < good.size(); ++size) {
    EXPECT_THAT(ReadAll(good.substr(0, size)), FailsWith(ErrorCode::kCorruptData)) << size;
  }
  std::string bad_checksum = good;
  bad_checksum[good.size() - 6] = static_cast<char>(bad_checksum[good.size() - 6] ^ 1);
  EXPECT_THAT(ReadAll(bad_checksum), FailsWith(ErrorCode::kCorruptData, HasSubstr("damaged")));
  EXPECT_THAT(ReadAll(good + "x"), FailsWith(ErrorCode::kCorruptData, HasSubstr("follow")));
}

TEST(MaybeGunzip, HandsOnTheErrorOfItsSource) {
  EXPECT_THAT(ReadAll(std::make_unique<Trickle>("plain", true)),
              FailsWith(ErrorCode::kUnavailable));
  EXPECT_THAT(ReadAll(std::make_unique<Trickle>(Gzip("packed").substr(0, 12), true)),
              FailsWith(ErrorCode::kUnavailable));
}

// Zeros pack about 1000:1: far above the ratio, but tolerated up to the floor.
TEST(MaybeGunzip, StopsAtABombButNotBelowTheFloor) {
  EXPECT_THAT(ReadAll(Gzip(std::string(kUnpackRatioFloor - 1, '\0'))), IsOk());
  EXPECT_THAT(ReadAll(Gzip(std::string(kUnpackRatioFloor, '\0'))), IsOk());
  EXPECT_THAT(ReadAll(Gzip(std::string(kUnpackRatioFloor + 1, '\0'))),
              FailsWith(ErrorCode::kLimitExceeded));
}

}  // namespace
}  // namespace entente::records
