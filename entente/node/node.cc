#include "entente/node/node.h"

#include <string>
#include <utility>

#include "entente/match/keys.h"

namespace entente::node {

Node::Node(exchange::Identity identity, const World& world, const LinkSettings& links)
    : exchange_(std::move(identity), world.store, world.clock, world.random),
      documents_(exchange_, std::string(match::kSchemeId), match::SchemeDigest()),
      matching_(exchange_, world.background, world.random,
                [this](const PeerId& peer) { links_.Wake(peer); }),
      links_(world.network, exchange_, matching_, world.random, world.log, links) {
  exchange_.SetSources(documents_, matching_);
  exchange_.SetOnChange([this](const PeerId& peer) { links_.Wake(peer); });
}

}  // namespace entente::node
