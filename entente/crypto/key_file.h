// A seed sealed under a passphrase: what lies in a home's keys/ folder.
//
// Format (docs/formats/key-file.md): one line of canonical JSON. Argon2id (RFC 9106; 64 MiB, t = 2)
// stretches the passphrase with the home's salt, HKDF separates the roles, XChaCha20-Poly1305
// seals. Cost: about 0.1 s and 64 MiB for each PassphraseKey. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "entente/base/random.h"
#include "entente/base/result.h"
#include "entente/base/secret.h"
#include "entente/crypto/aead.h"
#include "entente/crypto/signature.h"

namespace entente::crypto {

using Salt = FixedBytes<16, struct SaltTag>;

// The key that a passphrase and a salt give; stretch once, then seal or open several seeds.
class PassphraseKey {
 public:
  // Errors: kInvalidInput for an empty passphrase; kUnavailable without 64 MiB of memory.
  static Result<PassphraseKey> Stretch(const SecretText& passphrase, const Salt& salt);

  // `role` is bound to the sealed bytes: a ledger key does not open as a message key.
  Bytes Seal(std::string_view role, const Seed& seed, Random& random) const;
  // Errors: kNotPermitted if passphrase, role or bytes are not the ones sealed.
  Result<Seed> Open(std::string_view role, ByteView sealed) const;
  // A key that needs no file: it follows from passphrase and salt, another one for each purpose.
  SealKey RootOf(std::string_view purpose) const;

 private:
  explicit PassphraseKey(Secret<32> key) : key_(std::move(key)) {}
  Secret<32> key_;
};

}  // namespace entente::crypto
