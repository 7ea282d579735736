#include "entente/crypto/certificate.h"

#include <array>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace entente::crypto {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;

constexpr std::chrono::days kLifetime{20 * 365};

// RFC 8410 §4: SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING (32 bytes) }.
constexpr std::array<std::uint8_t, 12> kSpkiPrefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

std::int64_t Seconds(UtcTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

template <auto Write, typename T>
Bytes ToDer(T* object) {
  const int size = Write(object, nullptr);
  Bytes out(size > 0 ? static_cast<std::size_t>(size) : 0);
  std::uint8_t* at = out.data();
  if (size > 0) {
    Write(object, &at);
  }
  return out;
}

}  // namespace

Result<TlsIdentity> MakeTlsIdentity(const Seed& seed, std::string_view common_name, UtcTime now) {
  const Error failure{ErrorCode::kInternal, "openssl could not make the link certificate"};
  const KeyPtr key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.view().data(), Seed::kSize));
  const CertificatePtr certificate(X509_new());
  if (!key || !certificate) {
    return failure;
  }
  const std::string name(common_name);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  const bool is_made =
      X509_set_version(certificate.get(), 2) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), 1) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(certificate.get()), Seconds(now - std::chrono::days(1))) !=
          nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(certificate.get()), Seconds(now + kLifetime)) != nullptr &&
      X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, AsBytes(name).data(),
                                 static_cast<int>(name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(certificate.get(), subject) == 1 &&
      X509_set_pubkey(certificate.get(), key.get()) == 1 &&
      X509_sign(certificate.get(), key.get(), nullptr) > 0;
  if (!is_made) {
    return failure;
  }
  return TlsIdentity{ToDer<i2d_X509>(certificate.get()),
                     SecretText(ToDer<i2d_PrivateKey>(key.get()))};
}

Digest SpkiSha256(const PublicKey& key) { return Sha256({kSpkiPrefix, key.view()}); }

}  // namespace entente::crypto
