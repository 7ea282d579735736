#include "entente/crypto/aead.h"

#include <sodium.h>

#include "entente/base/check.h"

namespace entente::crypto {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kSealExtraBytes == kNonceBytes + kTagBytes);
static_assert(SealKey::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

}  // namespace

Bytes Seal(const SealKey& key, ByteView content, ByteView context, Random& random) {
  ENTENTE_CHECK(sodium_init() >= 0);
  Bytes out(kSealExtraBytes + content.size());
  random.Fill(std::span(out).first(kNonceBytes));
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kNonceBytes, nullptr, content.data(),
                                             content.size(), context.data(), context.size(),
                                             nullptr, out.data(), key.view().data());
  return out;
}

Status UnsealInto(const SealKey& key, ByteView sealed, ByteView context,
                  std::span<std::uint8_t> content) {
  ENTENTE_CHECK(sodium_init() >= 0);
  if (sealed.size() != content.size() + kSealExtraBytes ||
      crypto_aead_xchacha20poly1305_ietf_decrypt(
          content.data(), nullptr, nullptr, sealed.data() + kNonceBytes,
          sealed.size() - kNonceBytes, context.data(), context.size(), sealed.data(),
          key.view().data()) != 0) {
    return Error{ErrorCode::kInvalidInput, "sealed bytes do not open: another key, or altered"};
  }
  return {};
}

Result<Bytes> Unseal(const SealKey& key, ByteView sealed, ByteView context) {
  Bytes content(sealed.size() < kSealExtraBytes ? 0 : sealed.size() - kSealExtraBytes);
  ENTENTE_TRY(UnsealInto(key, sealed, context, content));
  return content;
}

}  // namespace entente::crypto
