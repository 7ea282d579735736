// Two made-up nodes for tests of this module. Tests and fuzzers only.
#pragma once

#include <string>

#include "entente/act/card.h"
#include "entente/base/random.h"
#include "entente/crypto/signature.h"
#include "entente/peer/session.h"

namespace entente::peer {

struct FakeNode {
  FakeNode(const std::string& country, std::uint64_t number, bool is_exercise = true)
      : random(number), message(crypto::NewSeed(random)), encryption(crypto::NewSeed(random)) {
    card.name = "Authority of " + country;
    card.country = country;
    card.is_exercise = is_exercise;
    card.keys.message = message.public_key();
    card.keys.ledger.bytes[0] = 1;
    card.keys.witness.bytes[0] = 2;
    card.keys.tls.bytes[0] = 3;
    card.keys.encryption = encryption.public_key();
  }

  SeededRandomForTests random;
  crypto::Ed25519Signer message;
  crypto::BoxKey encryption;
  act::Card card;
};

inline ChannelBinding BindingOf(std::uint8_t value) {
  ChannelBinding binding;
  binding.bytes.fill(value);
  return binding;
}

}  // namespace entente::peer
