// Content sealed under a symmetric key.
//
// Source: XChaCha20-Poly1305 as libsodium has it (draft-irtf-cfrg-xchacha-03): sealed = nonce (24
// bytes, random) | ciphertext | tag (16). `context` is authenticated and not part of the result:
// what was sealed in one place does not open in another. Leaks the size. Threads: pure functions.
#pragma once

#include <span>

#include "entente/base/bytes.h"
#include "entente/base/random.h"
#include "entente/base/result.h"
#include "entente/base/secret.h"

namespace entente::crypto {

inline constexpr std::size_t kSealExtraBytes = 40;

using SealKey = Secret<32>;

Bytes Seal(const SealKey& key, ByteView content, ByteView context, Random& random);
// Errors: kInvalidInput if key, context or bytes are not the ones of Seal.
Result<Bytes> Unseal(const SealKey& key, ByteView sealed, ByteView context);
// For content that is secret itself: exactly as long as `content`, nothing else holds a copy.
// Errors: as Unseal; kInvalidInput also for another length.
Status UnsealInto(const SealKey& key, ByteView sealed, ByteView context,
                  std::span<std::uint8_t> content);

}  // namespace entente::crypto
