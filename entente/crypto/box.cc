#include "entente/crypto/box.h"

#include <algorithm>
#include <array>
#include <utility>

#include <sodium.h>

#include "entente/base/check.h"
#include "entente/crypto/hash.h"

namespace entente::crypto {
namespace {

static_assert(kBoxExtraBytes == crypto_box_SEALBYTES);

// BLAKE2b of `first` and `second`, one after the other.
void Blake2b(std::span<std::uint8_t> out, ByteView key, ByteView first, ByteView second) {
  crypto_generichash_state state;
  ENTENTE_CHECK(crypto_generichash_init(&state, key.data(), key.size(), out.size()) == 0);
  ENTENTE_CHECK(crypto_generichash_update(&state, first.data(), first.size()) == 0);
  ENTENTE_CHECK(crypto_generichash_update(&state, second.data(), second.size()) == 0);
  ENTENTE_CHECK(crypto_generichash_final(&state, out.data(), out.size()) == 0);
  sodium_memzero(&state, sizeof state);
}

}  // namespace

bool CanSealTo(const PublicKey& key) {
  // Any scalar shows it: all of X25519's are multiples of the low orders.
  constexpr std::array<std::uint8_t, crypto_scalarmult_SCALARBYTES> kScalar{};
  std::array<std::uint8_t, crypto_scalarmult_BYTES> shared{};
  return crypto_scalarmult(shared.data(), kScalar.data(), key.bytes.data()) == 0;
}

BoxKey::BoxKey(Seed seed)
    : secret_(std::move(seed)),
      public_key_(EncryptionPublicKey(secret_)),
      pair_key_(DeriveKey(secret_.view(), "entente/box-pair/1")) {
  ENTENTE_CHECK(sodium_init() >= 0);
}

Result<Bytes> BoxKey::Seal(const PublicKey& to, ByteView content) const {
  Seed pair;
  Blake2b(pair.mutable_view(), pair_key_.view(), to.view(), content);
  const PublicKey pair_public = EncryptionPublicKey(pair);
  std::array<std::uint8_t, crypto_box_NONCEBYTES> nonce{};
  Blake2b(nonce, {}, pair_public.view(), to.view());
  Bytes box(kBoxExtraBytes + content.size());
  std::copy(pair_public.bytes.begin(), pair_public.bytes.end(), box.begin());
  if (crypto_box_easy(box.data() + PublicKey::kSize, content.data(), content.size(), nonce.data(),
                      to.bytes.data(), pair.view().data()) != 0) {
    return Error{ErrorCode::kInvalidInput, "nobody can seal to this key"};
  }
  return box;
}

Result<Bytes> BoxKey::Open(ByteView box) const {
  if (box.size() >= kBoxExtraBytes) {
    Bytes content(box.size() - kBoxExtraBytes);
    if (crypto_box_seal_open(content.data(), box.data(), box.size(), public_key_.bytes.data(),
                             secret_.view().data()) == 0) {
      return content;
    }
  }
  return Error{ErrorCode::kInvalidInput, "not sealed to this key, or altered"};
}

}  // namespace entente::crypto
