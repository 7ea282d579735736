#include "entente/base/secret.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include "entente/base/personal_text.h"
#include "entente/base/random.h"
#include "entente/base/strong_id.h"

namespace entente {
namespace {

template <typename T>
concept Comparable = requires(const T& a, const T& b) { a == b; };
template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!std::is_copy_constructible_v<Secret<32>>);
static_assert(!Comparable<Secret<32>> && !Printable<Secret<32>>);
static_assert(!std::is_copy_constructible_v<SecretText>);
static_assert(!Comparable<SecretText> && !Printable<SecretText>);
static_assert(!Printable<PersonalText>);
static_assert(!std::is_convertible_v<StrongId<struct ATag>, StrongId<struct BTag>>);
static_assert(!std::is_convertible_v<std::string, PeerId>);

bool IsAllZero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

TEST(Secret, MovingWipesTheSource) {
  Secret<4> first;
  std::ranges::fill(first.mutable_view(), 7);
  Secret<4> second = std::move(first);
  EXPECT_TRUE(IsAllZero(first.view()));  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.view()[3], 7);
  first = std::move(second);
  EXPECT_TRUE(IsAllZero(second.view()));  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(first.view()[0], 7);
}

TEST(Secret, WipeClears) {
  Bytes bytes(100, 1);
  Wipe(bytes);
  EXPECT_TRUE(IsAllZero(bytes));
  Wipe({});
}

TEST(SecretText, MovesItsBytes) {
  SecretText first(ToBytes("pass"));
  SecretText second(ToBytes("other"));
  second = std::move(first);
  EXPECT_EQ(AsText(second.view()), "pass");
}

TEST(EqualConstantTime, ComparesLengthAndEveryByte) {
  const Bytes bytes{1, 2, 3};
  EXPECT_TRUE(EqualConstantTime(bytes, Bytes{1, 2, 3}));
  EXPECT_TRUE(EqualConstantTime({}, {}));
  EXPECT_FALSE(EqualConstantTime(bytes, Bytes{1, 2}));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes other = bytes;
    other[i] ^= 0x80U;
    EXPECT_FALSE(EqualConstantTime(bytes, other));
  }
}

TEST(PersonalText, IsShownOnlyByReveal) {
  EXPECT_EQ(PersonalText("name").Reveal(), "name");
  EXPECT_TRUE(PersonalText().empty());
  EXPECT_LT(PersonalText("a"), PersonalText("b"));
}

TEST(StrongId, ComparesAsItsText) {
  EXPECT_EQ(PeerId("a"), PeerId("a"));
  EXPECT_LT(PeerId("a"), PeerId("b"));
  EXPECT_TRUE(PeerId().empty());
  EXPECT_EQ(PeerId("a").str(), "a");
}

TEST(SeededRandomForTests, RepeatsItselfForOneSeedOnly) {
  Bytes first(40);
  Bytes again(40);
  Bytes other(40);
  SeededRandomForTests(1).Fill(first);
  SeededRandomForTests(1).Fill(again);
  SeededRandomForTests(2).Fill(other);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

}  // namespace
}  // namespace entente
