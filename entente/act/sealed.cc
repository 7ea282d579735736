#include "entente/act/sealed.h"

#include <algorithm>

namespace entente::act {
namespace {

crypto::Digest ContextDigest(const SealContext& context) {
  return crypto::HashFields(
      "entente-sealed/1",
      {AsBytes(context.payload_type), AsBytes(context.from.str()), AsBytes(context.to.str())});
}

}  // namespace

Result<Bytes> Seal(const SealContext& context, ByteView envelope, const crypto::PublicKey& receiver,
                   const crypto::BoxKey& own) {
  Bytes content = ToBytes(ContextDigest(context).view());
  Append(content, envelope);
  auto sealed = own.Seal(receiver, content);
  if (!sealed) {
    return Error{ErrorCode::kPeerViolation,
                 "seal: nobody can seal to the encryption key of the peer's card"};
  }
  return sealed;
}

Result<Bytes> OpenSealed(const SealContext& context, ByteView sealed, const crypto::BoxKey& own) {
  auto content = own.Open(sealed);
  if (!content) {
    return Error{ErrorCode::kPeerViolation, "seal: " + content.error().message};
  }
  const crypto::Digest expected = ContextDigest(context);
  if (content->size() < crypto::Digest::kSize ||
      !std::equal(expected.bytes.begin(), expected.bytes.end(), content->begin())) {
    return Error{ErrorCode::kPeerViolation, "seal: sealed for another relation, direction or type"};
  }
  content->erase(content->begin(), content->begin() + crypto::Digest::kSize);
  return content;
}

}  // namespace entente::act
