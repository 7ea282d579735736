#include "entente/crypto/certificate.h"

#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "entente/base/testing.h"

namespace entente::crypto {
namespace {

const UtcTime kNow = *ParseRfc3339("2026-11-23T18:30:00Z");

using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

CertificatePtr ParseCertificate(const Bytes& der) {
  const std::uint8_t* at = der.data();
  return {d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free};
}

Bytes RawPublicKey(EVP_PKEY* key) {
  Bytes out(32);
  std::size_t size = out.size();
  EXPECT_EQ(EVP_PKEY_get_raw_public_key(key, out.data(), &size), 1);
  return out;
}

class TlsIdentityTest : public ::testing::Test {
 protected:
  SeededRandomForTests random_{1};
  Seed seed_ = NewSeed(random_);
  Ed25519Signer signer_{seed_};
  TlsIdentity identity_ = *MakeTlsIdentity(seed_, "node.example", kNow);
  CertificatePtr certificate_ = ParseCertificate(identity_.certificate_der);
};

TEST_F(TlsIdentityTest, IsSignedByItsOwnKeyWhichIsTheSeeds) {
  ASSERT_NE(certificate_, nullptr);
  EVP_PKEY* const key = X509_get0_pubkey(certificate_.get());
  EXPECT_EQ(X509_verify(certificate_.get(), key), 1);
  EXPECT_EQ(RawPublicKey(key), ToBytes(signer_.public_key().view()));
  EXPECT_EQ(X509_get_version(certificate_.get()), 2);  // v3
}

TEST_F(TlsIdentityTest, NamesItsSubjectAndItsDates) {
  std::array<char, 64> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate_.get()), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  EXPECT_STREQ(name.data(), "node.example");
  EXPECT_EQ(X509_NAME_cmp(X509_get_subject_name(certificate_.get()),
                          X509_get_issuer_name(certificate_.get())),
            0);
  const auto days_until = [](const ASN1_TIME* time) {
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> now(
        ASN1_TIME_set(
            nullptr,
            std::chrono::duration_cast<std::chrono::seconds>(kNow.time_since_epoch()).count()),
        ASN1_TIME_free);
    int days = 0;
    int seconds = 0;
    EXPECT_EQ(ASN1_TIME_diff(&days, &seconds, now.get(), time), 1);
    return days;
  };
  EXPECT_EQ(days_until(X509_get0_notBefore(certificate_.get())), -1);
  EXPECT_EQ(days_until(X509_get0_notAfter(certificate_.get())), 20 * 365);
}

TEST_F(TlsIdentityTest, ItsPrivateKeyIsTheSeeds) {
  const ByteView der = identity_.private_key_der.view();
  const std::uint8_t* at = der.data();
  const KeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())), EVP_PKEY_free);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(RawPublicKey(key.get()), ToBytes(signer_.public_key().view()));
}

TEST_F(TlsIdentityTest, SpkiSha256IsTheHashOfThePublicKeyInfo) {
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(X509_get0_pubkey(certificate_.get()), &der);
  ASSERT_GT(size, 0);
  EXPECT_EQ(SpkiSha256(signer_.public_key()), Sha256({der, static_cast<std::size_t>(size)}));
  OPENSSL_free(der);
}

TEST_F(TlsIdentityTest, ANameThatX509CannotHoldIsAnError) {
  EXPECT_THAT(MakeTlsIdentity(seed_, std::string(64, 'a'), kNow), IsOk());  // ub-common-name
  EXPECT_THAT(MakeTlsIdentity(seed_, std::string(65, 'a'), kNow), FailsWith(ErrorCode::kInternal));
}

}  // namespace
}  // namespace entente::crypto
