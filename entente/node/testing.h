// An authority of an exercise whose keys follow from a seed. For tests and the simulator only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "entente/act/card.h"
#include "entente/base/random.h"
#include "entente/base/time.h"
#include "entente/crypto/box.h"
#include "entente/crypto/random.h"
#include "entente/crypto/signature.h"
#include "entente/exchange/exchange.h"

namespace entente::node {

class IdentityForTests {
 public:
  // The same `random` state gives the same keys.
  IdentityForTests(const std::string& country, bool is_exercise, UtcTime time, Random& random,
                   std::vector<std::string> endpoints = {})
      : message_(crypto::NewSeed(random)),
        ledger_(crypto::NewSeed(random)),
        witness_(crypto::NewSeed(random)),
        tls_seed_(crypto::NewSeed(random)),
        tls_(tls_seed_),
        encryption_(crypto::NewSeed(random)) {
    act::Card& card = identity_.card;
    card.name = "Ministry of the Interior (" + country + ", exercise)";
    card.country = country;
    card.is_exercise = is_exercise;
    card.endpoints = std::move(endpoints);
    card.keys = {message_.public_key(), ledger_.public_key(), witness_.public_key(),
                 tls_.public_key(), encryption_.public_key()};
    card.languages = {"en"};
    card.contact = "duty desk, extension 1";
    card.time = time;
    identity_.signed_card = *act::SignCard(card, message_);
    identity_.message = &message_;
    identity_.ledger = &ledger_;
    identity_.witness = &witness_;
    identity_.encryption = &encryption_;
  }

  const exchange::Identity& get() const { return identity_; }
  const act::Card& card() const { return identity_.card; }
  const crypto::Seed& tls_seed() const { return tls_seed_; }

 private:
  crypto::Ed25519Signer message_;
  crypto::Ed25519Signer ledger_;
  crypto::Ed25519Signer witness_;
  crypto::Seed tls_seed_;
  crypto::Ed25519Signer tls_;
  crypto::BoxKey encryption_;
  exchange::Identity identity_;
};

}  // namespace entente::node
