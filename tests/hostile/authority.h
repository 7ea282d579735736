// Keys and card of an attacker. Every attack has its own, so that what the node keeps of one
// attack is told from what it keeps of another. Threads: one owner.
#pragma once

#include <string>
#include <vector>

#include "entente/act/card.h"
#include "entente/base/random.h"
#include "entente/crypto/box.h"
#include "entente/crypto/signature.h"
#include "entente/exchange/exchange.h"
#include "tests/hostile/tls_socket.h"

namespace entente::hostile {

class Authority {
 public:
  Authority(Random& random, const Clock& clock, std::vector<std::string> endpoints = {});
  Authority(const Authority&) = delete;  // identity() points into it
  Authority& operator=(const Authority&) = delete;

  PeerId id() const { return card().id(); }
  const act::Card& card() const { return identity_.card; }
  const Bytes& signed_card() const { return identity_.signed_card; }
  const exchange::Identity& identity() const { return identity_; }
  const crypto::Signer& message() const { return message_; }
  const crypto::Signer& ledger() const { return ledger_; }
  const crypto::Signer& witness() const { return witness_; }
  const crypto::Signer& tls() const { return tls_; }
  const crypto::BoxKey& encryption() const { return encryption_; }
  // The right ones for its own TLS key.
  const Credentials& credentials() const { return credentials_; }

 private:
  Credentials credentials_;
  crypto::Ed25519Signer message_;
  crypto::Ed25519Signer ledger_;
  crypto::Ed25519Signer witness_;
  crypto::Ed25519Signer tls_;
  crypto::BoxKey encryption_;
  exchange::Identity identity_;
};

// A certificate for the key of `seed`, valid for 20 years from `time`.
Credentials SelfSigned(crypto::Seed seed, UtcTime time);

}  // namespace entente::hostile
