#include "entente/crypto/hash.h"

#include <array>

#include <openssl/evp.h>
#include <sodium.h>

#include "entente/base/check.h"

namespace entente::crypto {
namespace {

// Fetched once: an implicit fetch per hash costs three times the hash itself.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  ENTENTE_CHECK(algorithm != nullptr);
  return algorithm;
}

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

Context NewContext() {
  Context context(EVP_MD_CTX_new());
  ENTENTE_CHECK(context != nullptr);
  return context;
}

void HmacSha256(ByteView key, std::initializer_list<ByteView> parts,
                std::span<std::uint8_t, 32> out) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  for (const ByteView part : parts) {
    crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  }
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
}

}  // namespace

Digest Sha256(ByteView data) { return Sha256({data}); }

Digest Sha256(std::initializer_list<ByteView> parts) {
  thread_local const Context context = NewContext();
  Digest out;
  ENTENTE_CHECK(EVP_DigestInit_ex(context.get(), Sha256Algorithm(), nullptr) == 1);
  for (const ByteView part : parts) {
    ENTENTE_CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  ENTENTE_CHECK(EVP_DigestFinal_ex(context.get(), out.bytes.data(), nullptr) == 1);
  return out;
}

Digest512 Sha512(std::initializer_list<ByteView> parts) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (const ByteView part : parts) {
    crypto_hash_sha512_update(&state, part.data(), part.size());
  }
  Digest512 out;
  crypto_hash_sha512_final(&state, out.bytes.data());
  sodium_memzero(&state, sizeof state);
  return out;
}

struct Sha256Stream::State {
  Context context = NewContext();
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  ENTENTE_CHECK(EVP_DigestInit_ex(state_->context.get(), Sha256Algorithm(), nullptr) == 1);
}
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Update(ByteView data) {
  ENTENTE_CHECK(EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) == 1);
}

Digest Sha256Stream::Current() const {
  const Context copy = NewContext();
  ENTENTE_CHECK(EVP_MD_CTX_copy_ex(copy.get(), state_->context.get()) == 1);
  Digest out;
  ENTENTE_CHECK(EVP_DigestFinal_ex(copy.get(), out.bytes.data(), nullptr) == 1);
  return out;
}

Digest HashFields(std::string_view domain, std::initializer_list<ByteView> fields) {
  Sha256Stream stream;
  const auto add = [&stream](ByteView field) {
    const auto size = static_cast<std::uint32_t>(field.size());
    const std::array<std::uint8_t, 4> prefix{
        static_cast<std::uint8_t>(size >> 24U), static_cast<std::uint8_t>(size >> 16U),
        static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size)};
    stream.Update(prefix);
    stream.Update(field);
  };
  add(AsBytes(domain));
  for (const ByteView field : fields) {
    add(field);
  }
  return stream.Current();
}

Secret<32> DeriveKey(ByteView key, std::string_view info) {
  const std::array<std::uint8_t, 32> no_salt{};
  Secret<32> extracted;
  HmacSha256(no_salt, {key}, extracted.mutable_view());  // RFC 5869 §2.2
  Secret<32> out;
  const std::array<std::uint8_t, 1> first_block{1};
  HmacSha256(extracted.view(), {AsBytes(info), first_block}, out.mutable_view());  // §2.3
  return out;
}

}  // namespace entente::crypto
