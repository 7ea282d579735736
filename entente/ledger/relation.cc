#include "entente/ledger/relation.h"

namespace entente::ledger {
namespace {

constexpr std::size_t kShortId = 16;  // hex digits of a node id in names: 64 bits

std::string Short(const PeerId& node) { return node.str().substr(0, kShortId); }

}  // namespace

std::string LogOrigin(const PeerId& owner, const PeerId& peer) {
  return "entente/" + Short(owner) + "/" + Short(peer);
}

std::string WitnessName(const PeerId& node) { return "entente/" + Short(node) + "/witness"; }

VerifierKey LogKey(const PeerId& owner, const PeerId& peer, const crypto::PublicKey& key) {
  return {LogOrigin(owner, peer), KeyType::kEd25519, key};
}

VerifierKey WitnessKey(const PeerId& node, const crypto::PublicKey& key) {
  return {WitnessName(node), KeyType::kCosignatureV1, key};
}

}  // namespace entente::ledger
