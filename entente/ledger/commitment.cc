#include "entente/ledger/commitment.h"

#include <array>

namespace entente::ledger {
namespace {

constexpr std::int64_t kNumberMax = (std::int64_t{1} << 53U) - 1;  // of JSON

}  // namespace

crypto::Digest CommitmentOf(const AuditOpening& opening) {
  std::array<std::uint8_t, 8> size{};
  for (std::size_t i = 0; i < size.size(); ++i) {
    size[i] = static_cast<std::uint8_t>(opening.size >> (56 - 8 * i));
  }
  return crypto::Sha256({opening.salt.view(), opening.root.view(), size});
}

wire::Json ToJson(const AuditOpening& opening) {
  return {{"index", opening.index},
          {"root", Base64Encode(opening.root.view())},
          {"salt", Base64Encode(opening.salt.view())},
          {"size", opening.size}};
}

Result<AuditOpening> ReadAuditOpening(const wire::Json& json) {
  wire::JsonReader reader(json, "opening");
  AuditOpening opening;
  ENTENTE_ASSIGN(const std::int64_t index, reader.Integer("index", 0, kNumberMax));
  ENTENTE_ASSIGN(const std::int64_t size, reader.Integer("size", 0, kNumberMax));
  ENTENTE_ASSIGN(const Bytes root, reader.Base64("root", crypto::Digest::kSize));
  ENTENTE_ASSIGN(const Bytes salt, reader.Base64("salt", AuditSalt::kSize));
  ENTENTE_TRY(reader.Finish());
  opening.index = static_cast<std::uint64_t>(index);
  opening.size = static_cast<std::uint64_t>(size);
  ENTENTE_ASSIGN(opening.root, crypto::Digest::From(root));
  ENTENTE_ASSIGN(opening.salt, AuditSalt::From(salt));
  return opening;
}

}  // namespace entente::ledger
