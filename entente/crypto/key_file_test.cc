#include "entente/crypto/key_file.h"

#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "entente/base/testing.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ENTENTE_HAS_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ENTENTE_HAS_ASAN
#endif

namespace entente::crypto {
namespace {

using ::testing::HasSubstr;

PassphraseKey Stretch(std::string_view passphrase, std::uint8_t salt = 1) {
  Salt bytes;
  bytes.bytes.fill(salt);
  return *PassphraseKey::Stretch(SecretText(ToBytes(passphrase)), bytes);
}

class SealedSeed : public ::testing::Test {
 protected:
  SeededRandomForTests random_{5};
  PassphraseKey key_ = Stretch("correct horse");
  Seed seed_ = NewSeed(random_);
  Bytes sealed_ = key_.Seal("ledger", seed_, random_);
};

TEST_F(SealedSeed, OpensWithItsPassphraseAndRole) {
  const auto opened = Stretch("correct horse").Open("ledger", sealed_);
  ASSERT_THAT(opened, IsOk());
  EXPECT_TRUE(EqualConstantTime(opened->view(), seed_.view()));
}

TEST_F(SealedSeed, DoesNotOpenWithAnotherPassphraseSaltOrRole) {
  EXPECT_THAT(Stretch("correct house").Open("ledger", sealed_),
              FailsWith(ErrorCode::kNotPermitted, HasSubstr("ledger")));
  EXPECT_THAT(Stretch("correct horse", 2).Open("ledger", sealed_),
              FailsWith(ErrorCode::kNotPermitted));
  EXPECT_THAT(key_.Open("message", sealed_), FailsWith(ErrorCode::kNotPermitted));
}

TEST_F(SealedSeed, DoesNotOpenWhenAnyByteChangedOrIsMissing) {
  for (std::uint8_t& byte : sealed_) {
    byte ^= 1U;
    EXPECT_THAT(key_.Open("ledger", sealed_), FailsWith(ErrorCode::kNotPermitted));
    byte ^= 1U;
  }
  for (Bytes changed = sealed_; !changed.empty();) {
    changed.pop_back();
    EXPECT_THAT(key_.Open("ledger", changed), FailsWith(ErrorCode::kNotPermitted));
  }
  sealed_.push_back(0);
  EXPECT_THAT(key_.Open("ledger", sealed_), FailsWith(ErrorCode::kNotPermitted));
}

TEST_F(SealedSeed, IsSealedDifferentlyEachTime) {
  EXPECT_NE(key_.Seal("ledger", seed_, random_), sealed_);
}

TEST(PassphraseKey, NeedsAPassphrase) {
  EXPECT_THAT(PassphraseKey::Stretch(SecretText(), Salt()), FailsWith(ErrorCode::kInvalidInput));
}

// In a process of its own: leaves no room for 64 MiB, exits with 0 if the error says so.
[[noreturn]] void StretchWithoutMemory() {
  const rlimit limit{rlim_t{1} << 20U, rlim_t{1} << 20U};
  setrlimit(RLIMIT_AS, &limit);
  const auto key = PassphraseKey::Stretch(SecretText(ToBytes("x")), Salt());
  std::_Exit(!key && key.error().code == ErrorCode::kUnavailable ? 0 : 1);
}

TEST(PassphraseKeyDeathTest, SaysWhenMemoryIsShort) {
#ifdef ENTENTE_HAS_ASAN
  GTEST_SKIP() << "the address sanitizer needs its own address space";
#endif
  EXPECT_EXIT(StretchWithoutMemory(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace entente::crypto
