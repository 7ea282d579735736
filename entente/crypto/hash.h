// SHA-256, SHA-512 and keyed hashing.
//
// Sources: FIPS 180-4; HMAC RFC 2104; HKDF RFC 5869. Cost: one SHA-256 of 65 bytes ≈ 0.12 µs (the
// OpenSSL algorithm is fetched once). Threads: free functions are thread-safe; one Sha256Stream per
// thread. Nothing here is constant time with respect to lengths.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include "entente/base/bytes.h"
#include "entente/base/secret.h"

namespace entente::crypto {

// A SHA-256 value of public bytes.
using Digest = FixedBytes<32, struct DigestTag>;
using Digest512 = FixedBytes<64, struct Digest512Tag>;

Digest Sha256(ByteView data);
// The parts one after the other, without separators: callers make the encoding unambiguous.
Digest Sha256(std::initializer_list<ByteView> parts);
Digest512 Sha512(std::initializer_list<ByteView> parts);

// SHA-256 of bytes that come in pieces.
class Sha256Stream {
 public:
  Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  ~Sha256Stream();

  void Update(ByteView data);
  // The digest of all bytes so far; the stream goes on.
  Digest Current() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Domain-separated hash of several fields: SHA-256 over u32-length-prefixed parts, `domain` first.
// The one way Entente hashes structured values that have no format of their own.
Digest HashFields(std::string_view domain, std::initializer_list<ByteView> fields);

// RFC 5869 HKDF-SHA256 with an empty salt; 32 bytes.
Secret<32> DeriveKey(ByteView key, std::string_view info);

}  // namespace entente::crypto
