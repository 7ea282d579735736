// A node's card: who it is, where it listens, how to reach its humans, and its public keys.
//
// Exchanged by hand, self-signed (DSSE, type kCardType) with the message key. The fingerprint
// covers the identity only (name, country, exercise, keys), so an endpoint may change without a new
// agreement; the whole card is signed. It is read aloud as eight groups of five digits: digits are
// the same in every language (40 digits ≈ 132 bits).
// Schema: docs/formats/card.md. Threads: plain values.
#pragma once

#include <string>
#include <vector>

#include "entente/act/envelope.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"

namespace entente::act {

// One public key per role; no key serves two roles.
struct CardKeys {
  crypto::PublicKey message;     // Ed25519, signs acts and answers
  crypto::PublicKey ledger;      // Ed25519, signs checkpoints of own logs
  crypto::PublicKey witness;     // Ed25519, cosigns the peer's checkpoints
  crypto::PublicKey tls;         // Ed25519, the link certificate's key
  crypto::PublicKey encryption;  // X25519, payloads to this node
  bool operator==(const CardKeys&) const = default;
};

struct Card {
  std::string name;     // 1..200 bytes
  std::string country;  // ISO 3166-1 alpha-2
  bool is_exercise = true;
  CardKeys keys;
  std::vector<std::string> endpoints;  // "host:port", may be empty: this side only dials
  std::vector<std::string> languages;  // of fr, de, ar, en; in order of preference
  std::string contact;                 // the 24/7 contact point, free text, ≤ 400 bytes
  UtcTime time;
  bool operator==(const Card&) const = default;

  // SHA-256 of the message key, hex: how acts name this node.
  PeerId id() const { return PeerId(KeyId(keys.message).Hex()); }
};

using CardFingerprint = FixedBytes<32, struct CardFingerprintTag>;

CardFingerprint FingerprintOf(const Card& card);
// "12345 67890 …", eight groups.
std::string Spoken(const CardFingerprint& fingerprint);

// Errors: kInvalidInput naming the field that breaks a rule above.
Status ValidateCard(const Card& card);
// The signed card as bytes (an Envelope). Errors: as ValidateCard and Signer::Sign;
// kInvalidInput if `message_signer` is not the card's message key.
Result<Bytes> SignCard(const Card& card, const crypto::Signer& message_signer);
// Errors: kInvalidInput if the bytes are no card, were altered, or are not signed by their own key.
Result<Card> OpenCard(ByteView bytes);

}  // namespace entente::act
