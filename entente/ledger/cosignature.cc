#include "entente/ledger/cosignature.h"

#include <chrono>

namespace entente::ledger {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kSignatureBytes = kTimeBytes + crypto::Signature::kSize;
constexpr std::uint64_t kPosixTimeMax = 253'402'300'799;  // 9999-12-31T23:59:59Z

std::string CosignedMessage(std::uint64_t posix_time, std::string_view checkpoint_text) {
  return "cosignature/v1\ntime " + std::to_string(posix_time) + "\n" + std::string(checkpoint_text);
}

std::uint64_t PosixTime(ByteView signature) {
  std::uint64_t time = 0;
  for (const std::uint8_t byte : signature.first(kTimeBytes)) {
    time = time << 8U | byte;
  }
  return time;
}

}  // namespace

Result<SignatureLine> Cosign(std::string_view checkpoint_text, const std::string& name,
                             const crypto::Signer& signer, UtcTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  if (!IsKeyName(name) || seconds < 0) {
    return Error{ErrorCode::kInvalidInput, "a cosignature needs a key name and a time after 1970"};
  }
  const auto posix_time = static_cast<std::uint64_t>(seconds);
  ENTENTE_ASSIGN(const crypto::Signature signature,
                 signer.Sign(AsBytes(CosignedMessage(posix_time, checkpoint_text))));
  SignatureLine line{
      name, VerifierKey{name, KeyType::kCosignatureV1, signer.public_key()}.id(), {}};
  for (std::size_t i = kTimeBytes; i-- > 0;) {
    line.signature.push_back(static_cast<std::uint8_t>(posix_time >> (8 * i)));
  }
  Append(line.signature, signature.view());
  return line;
}

Result<UtcTime> CosignatureTime(const SignatureLine& line) {
  if (line.signature.size() != kSignatureBytes || PosixTime(line.signature) > kPosixTimeMax) {
    return Error{ErrorCode::kInvalidInput, "the line is not a timestamped cosignature"};
  }
  return UtcTime(std::chrono::seconds(PosixTime(line.signature)));
}

bool VerifyCosignature(const SignatureLine& line, std::string_view checkpoint_text,
                       const crypto::PublicKey& key) {
  if (!CosignatureTime(line)) {
    return false;
  }
  const auto signature = crypto::Signature::From(ByteView(line.signature).subspan(kTimeBytes));
  const std::string message = CosignedMessage(PosixTime(line.signature), checkpoint_text);
  return signature && crypto::Verify(key, AsBytes(message), *signature);
}

}  // namespace entente::ledger
