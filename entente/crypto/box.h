// Sealed boxes: whoever has the public key seals, only the secret key opens.
//
// Source: libsodium crypto_box_seal (doc.libsodium.org, "Sealed boxes"): X25519 (RFC 7748) with a
// key pair of its own per box, XSalsa20-Poly1305, nonce = BLAKE2b-192(that public key | receiver's
// key). box = that public key (32 bytes) | tag (16) | ciphertext. Any libsodium opens one.
// Ours differs in one point that nobody else can see: the box's key pair follows from the sealing
// key, the receiver and the content (keyed BLAKE2b, RFC 7693), so the same content sealed again is
// the same bytes and nothing has to be kept for a resend. Why: docs/decisions/0021.
// Leaks: the size, and that two boxes hold the same. Says nothing about who sealed it.
// Cost: about 65 µs to seal and 35 µs to open 2 KB (crypto_bench). Threads: const functions are
// safe.
#pragma once

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/secret.h"
#include "entente/crypto/signature.h"

namespace entente::crypto {

inline constexpr std::size_t kBoxExtraBytes = 48;

// False for the keys of low order (RFC 7748 §6.1): what is sealed to them anybody can read.
bool CanSealTo(const PublicKey& key);

// The secret half of a card's encryption key.
class BoxKey {
 public:
  explicit BoxKey(Seed seed);
  const PublicKey& public_key() const { return public_key_; }

  // Errors: kInvalidInput unless CanSealTo(to).
  Result<Bytes> Seal(const PublicKey& to, ByteView content) const;
  // Errors: kInvalidInput if the box was not sealed to this key, or was altered.
  Result<Bytes> Open(ByteView box) const;

 private:
  Seed secret_;
  PublicKey public_key_;
  Secret<32> pair_key_;
};

}  // namespace entente::crypto
