#include "tests/hostile/authority.h"

#include <utility>

#include "entente/crypto/certificate.h"

namespace entente::hostile {

Credentials SelfSigned(crypto::Seed seed, UtcTime time) {
  Credentials credentials;
  credentials.certificate = crypto::MakeTlsIdentity(seed, "attacker", time)->certificate_der;
  credentials.seed = std::move(seed);
  return credentials;
}

Authority::Authority(Random& random, const Clock& clock, std::vector<std::string> endpoints)
    : credentials_(SelfSigned(crypto::NewSeed(random), clock.Now())),
      message_(crypto::NewSeed(random)),
      ledger_(crypto::NewSeed(random)),
      witness_(crypto::NewSeed(random)),
      tls_(credentials_.seed),
      encryption_(crypto::NewSeed(random)) {
  act::Card& card = identity_.card;
  card.name = "Attacker (exercise)";
  card.country = "DE";
  card.endpoints = std::move(endpoints);
  card.keys = {message_.public_key(), ledger_.public_key(), witness_.public_key(),
               tls_.public_key(), encryption_.public_key()};
  card.languages = {"en"};
  card.contact = "EXERCISE - nobody";
  card.time = clock.Now();
  identity_.signed_card = *act::SignCard(card, message_);
  identity_.message = &message_;
  identity_.ledger = &ledger_;
  identity_.witness = &witness_;
  identity_.encryption = &encryption_;
}

}  // namespace entente::hostile
