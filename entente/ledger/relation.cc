#include "entente/ledger/relation.h"

#include <charconv>

namespace entente::ledger {
namespace {

constexpr std::size_t kShortId = 16;  // hex digits of a node id in names: 64 bits

std::string Short(const PeerId& node) { return node.str().substr(0, kShortId); }

}  // namespace

std::string LogOrigin(const PeerId& owner, const PeerId& peer, std::uint64_t epoch) {
  return "entente/" + Short(owner) + "/" + Short(peer) +
         (epoch == 1 ? "" : "/" + std::to_string(epoch));
}

std::optional<std::uint64_t> EpochOfOrigin(std::string_view origin) {
  constexpr std::string_view kPrefix = "entente/";
  constexpr std::size_t kFirstSize = kPrefix.size() + kShortId + 1 + kShortId;
  if (!origin.starts_with(kPrefix) || origin.size() < kFirstSize) {
    return std::nullopt;
  }
  const std::string_view rest = origin.substr(kFirstSize);
  if (rest.empty()) {
    return 1;
  }
  std::uint64_t epoch = 0;
  const char* const end = rest.data() + rest.size();
  const auto parsed = std::from_chars(rest.data() + 1, end, epoch);
  const bool is_plain = parsed.ec == std::errc() && parsed.ptr == end && epoch > 1 &&
                        rest == "/" + std::to_string(epoch);
  return is_plain ? std::optional(epoch) : std::nullopt;
}

std::string AuditOrigin(const PeerId& node) { return "entente/" + Short(node) + "/audit"; }

std::string WitnessName(const PeerId& node) { return "entente/" + Short(node) + "/witness"; }

VerifierKey LogKey(const PeerId& owner, const PeerId& peer, const crypto::PublicKey& key,
                   std::uint64_t epoch) {
  return {LogOrigin(owner, peer, epoch), KeyType::kEd25519, key};
}

VerifierKey AuditKey(const PeerId& node, const crypto::PublicKey& key) {
  return {AuditOrigin(node), KeyType::kEd25519, key};
}

VerifierKey WitnessKey(const PeerId& node, const crypto::PublicKey& key) {
  return {WitnessName(node), KeyType::kCosignatureV1, key};
}

}  // namespace entente::ledger
