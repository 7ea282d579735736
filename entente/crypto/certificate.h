// The self-signed certificate a node shows on the peer link. Trust comes from the pinned key, not
// from the certificate: its subject and dates carry no meaning.
#pragma once

#include <string_view>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/time.h"
#include "entente/crypto/hash.h"
#include "entente/crypto/signature.h"

namespace entente::crypto {

// What TLS needs: DER (X.509 v3 certificate, PKCS#8 private key). Wiped by whoever holds it.
struct TlsIdentity {
  Bytes certificate_der;
  SecretText private_key_der;
};

// An Ed25519 certificate for `common_name`, valid from a day before `now` for 20 years.
// Errors: kInternal if OpenSSL refuses.
Result<TlsIdentity> MakeTlsIdentity(const Seed& seed, std::string_view common_name, UtcTime now);

// SHA-256 of the DER SubjectPublicKeyInfo of an Ed25519 key (RFC 8410): what a card pins.
Digest SpkiSha256(const PublicKey& key);

}  // namespace entente::crypto
