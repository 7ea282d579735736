#include "entente/crypto/key_file.h"

#include <sodium.h>

#include "entente/base/check.h"
#include "entente/crypto/aead.h"
#include "entente/crypto/hash.h"

namespace entente::crypto {
namespace {

constexpr std::size_t kArgonMemoryBytes = std::size_t{64} << 20U;
constexpr unsigned long long kArgonPasses = 2;

std::string Info(std::string_view role) { return "entente/key-file/v1/" + std::string(role); }

}  // namespace

Result<PassphraseKey> PassphraseKey::Stretch(const SecretText& passphrase, const Salt& salt) {
  ENTENTE_CHECK(sodium_init() >= 0);
  if (passphrase.view().empty()) {
    return Error{ErrorCode::kInvalidInput, "the passphrase is empty"};
  }
  Secret<32> key;
  if (crypto_pwhash(key.mutable_view().data(), Secret<32>::kSize,
                    reinterpret_cast<const char*>(passphrase.view().data()),
                    passphrase.view().size(), salt.bytes.data(), kArgonPasses, kArgonMemoryBytes,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error{ErrorCode::kUnavailable, "64 MiB of memory are needed to open the keys"};
  }
  return PassphraseKey(std::move(key));
}

Bytes PassphraseKey::Seal(std::string_view role, const Seed& seed, Random& random) const {
  return crypto::Seal(DeriveKey(key_.view(), Info(role)), seed.view(), {}, random);
}

Result<Seed> PassphraseKey::Open(std::string_view role, ByteView sealed) const {
  Seed seed;
  if (!UnsealInto(DeriveKey(key_.view(), Info(role)), sealed, {}, seed.mutable_view())) {
    return Error{
        ErrorCode::kNotPermitted,
        "the " + std::string(role) + " key does not open: wrong passphrase or altered file"};
  }
  return seed;
}

SealKey PassphraseKey::RootOf(std::string_view purpose) const {
  return DeriveKey(key_.view(), "entente/root/v1/" + std::string(purpose));
}

}  // namespace entente::crypto
