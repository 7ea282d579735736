#include "entente/crypto/box.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include <sodium.h>

#include "entente/base/random.h"
#include "entente/base/testing.h"

namespace entente::crypto {
namespace {

static_assert(!std::is_copy_constructible_v<BoxKey> && !std::is_copy_assignable_v<BoxKey>);
static_assert(std::is_move_constructible_v<BoxKey>);

Seed SeedOf(std::uint8_t byte) {
  Seed seed;
  std::ranges::fill(seed.mutable_view(), byte);
  return seed;
}

class BoxKeyTest : public ::testing::Test {
 protected:
  const BoxKey north{SeedOf(1)};
  const BoxKey south{SeedOf(2)};
  const Bytes content = ToBytes("what only South may read");
};

TEST_F(BoxKeyTest, OpensWhatWasSealedToIt) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
    const Bytes any(size, 7);
    const auto box = north.Seal(south.public_key(), any);
    ASSERT_THAT(box, IsOk());
    EXPECT_EQ(box->size(), size + kBoxExtraBytes);
    EXPECT_THAT(south.Open(*box), IsOkAndHolds(any));
  }
}

TEST_F(BoxKeyTest, PublicKeyIsTheCardsKey) {
  EXPECT_EQ(north.public_key(), EncryptionPublicKey(SeedOf(1)));
}

// The construction is libsodium's own: each side of it works with the other side of ours.
TEST_F(BoxKeyTest, IsASealedBoxOfLibsodium) {
  Bytes theirs(content.size() + kBoxExtraBytes);
  ASSERT_EQ(crypto_box_seal(theirs.data(), content.data(), content.size(),
                            south.public_key().bytes.data()),
            0);
  EXPECT_THAT(south.Open(theirs), IsOkAndHolds(content));

  const Bytes ours = *north.Seal(south.public_key(), content);
  Bytes opened(content.size());
  ASSERT_EQ(crypto_box_seal_open(opened.data(), ours.data(), ours.size(),
                                 south.public_key().bytes.data(), SeedOf(2).view().data()),
            0);
  EXPECT_EQ(opened, content);
}

TEST_F(BoxKeyTest, SealsTheSameToTheSameBytes) {
  const Bytes box = *north.Seal(south.public_key(), content);
  EXPECT_EQ(*BoxKey(SeedOf(1)).Seal(south.public_key(), content), box);
}

// Who, to whom and what each give the box another key pair.
TEST_F(BoxKeyTest, EveryBoxHasAKeyPairOfItsOwn) {
  const auto pair_of = [](const Bytes& box) {
    return Bytes(box.begin(), box.begin() + PublicKey::kSize);
  };
  Bytes other = content;
  other.back() ^= 1U;
  const Bytes pair = pair_of(*north.Seal(south.public_key(), content));
  EXPECT_NE(pair_of(*north.Seal(south.public_key(), other)), pair);
  EXPECT_NE(pair_of(*north.Seal(north.public_key(), content)), pair);
  EXPECT_NE(pair_of(*south.Seal(south.public_key(), content)), pair);
}

TEST_F(BoxKeyTest, NobodyElseOpensIt) {
  const Bytes box = *north.Seal(south.public_key(), content);
  EXPECT_THAT(north.Open(box), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(BoxKey(SeedOf(3)).Open(box), FailsWith(ErrorCode::kInvalidInput));
}

TEST_F(BoxKeyTest, EveryAlteredByteAndEveryOtherLengthIsRefused) {
  Bytes box = *north.Seal(south.public_key(), content);
  for (std::uint8_t& byte : box) {
    byte ^= 1U;
    EXPECT_THAT(south.Open(box), FailsWith(ErrorCode::kInvalidInput));
    byte ^= 1U;
  }
  for (std::size_t size = 0; size < box.size(); ++size) {
    EXPECT_THAT(south.Open(ByteView(box).first(size)), FailsWith(ErrorCode::kInvalidInput));
  }
  box.push_back(0);
  EXPECT_THAT(south.Open(box), FailsWith(ErrorCode::kInvalidInput));
}

// RFC 7748 §6.1: with these points the shared secret does not depend on the secret key.
TEST_F(BoxKeyTest, ALowOrderKeyIsNotSealedTo) {
  for (const char* key : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    EXPECT_THAT(north.Seal(*PublicKey::FromHex(key), content), FailsWith(ErrorCode::kInvalidInput));
  }
}

}  // namespace
}  // namespace entente::crypto
