#include "entente/crypto/signature.h"

#include <sodium.h>

#include "entente/base/check.h"

namespace entente::crypto {

bool Verify(const PublicKey& key, ByteView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

Ed25519Signer::Ed25519Signer(const Seed& seed) {
  ENTENTE_CHECK(sodium_init() >= 0);
  ENTENTE_CHECK(crypto_sign_seed_keypair(public_key_.bytes.data(),
                                         secret_key_.mutable_view().data(),
                                         seed.view().data()) == 0);
}

Result<Signature> Ed25519Signer::Sign(ByteView message) const {
  Signature out;
  ENTENTE_CHECK(crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(),
                                     secret_key_.view().data()) == 0);
  return out;
}

Seed NewSeed(Random& random) {
  Seed seed;
  random.Fill(seed.mutable_view());
  return seed;
}

PublicKey EncryptionPublicKey(const Seed& seed) {
  PublicKey out;
  ENTENTE_CHECK(crypto_scalarmult_base(out.bytes.data(), seed.view().data()) == 0);
  return out;
}

}  // namespace entente::crypto
