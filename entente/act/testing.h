// Deterministic keys, acts, answers and cards. Tests only. docs/formats shows what they encode to.
#pragma once

#include <chrono>
#include <string_view>

#include "entente/act/act.h"
#include "entente/act/card.h"
#include "entente/act/kind.h"

namespace entente::act {

inline constexpr UtcTime kExampleTime{std::chrono::microseconds{1'795'458'600'000'000}};

// The seed of 32 bytes `value`.
inline crypto::Seed ExampleSeed(std::uint8_t value) {
  crypto::Seed seed;
  for (std::uint8_t& byte : seed.mutable_view()) {
    byte = value;
  }
  return seed;
}

inline crypto::Ed25519Signer ExampleSigner(std::uint8_t value) {
  return crypto::Ed25519Signer(ExampleSeed(value));
}

// Keys of the seeds `first` to `first` + 4, in the order of CardKeys.
inline Card ExampleCard(std::string_view name, std::string_view country, std::uint8_t first) {
  const auto key = [&](std::uint8_t role) {
    return ExampleSigner(static_cast<std::uint8_t>(first + role)).public_key();
  };
  Card card;
  card.name = name;
  card.country = country;
  card.keys = {key(0), key(1), key(2), key(3),
               crypto::EncryptionPublicKey(ExampleSeed(static_cast<std::uint8_t>(first + 4)))};
  card.endpoints = {"node.north.example:7400"};
  card.languages = {"fr", "ar"};
  card.contact = "EXERCISE – duty desk, +999 0000 0000";
  card.time = kExampleTime;
  return card;
}

inline Card NorthCard() { return ExampleCard("Ministry of the Interior of North", "XN", 1); }
inline Card SouthCard() { return ExampleCard("Ministry of the Interior of South", "XS", 11); }

inline AgreementId ExampleAgreement() { return crypto::Sha256(AsBytes("agreement")); }

inline Act ExampleAct() {
  Act act;
  act.kind = kDocumentPublish;
  act.from = NorthCard().id();
  act.to = SouthCard().id();
  act.sequence = 1;
  act.time = kExampleTime;
  act.salt.bytes.fill(0x5A);
  act.agreement = ExampleAgreement();
  act.body = {{"document", act.agreement->Hex()}};
  return act;
}

inline Answer ExampleReceipt() {
  Answer answer;
  answer.act = IdOf(EncodeAct(ExampleAct()));
  answer.from = SouthCard().id();
  answer.to = NorthCard().id();
  answer.sequence = 1;
  answer.leaf_index = 4;
  answer.time = kExampleTime + std::chrono::seconds(2);
  return answer;
}

inline Answer ExampleRefusal() {
  Answer answer = ExampleReceipt();
  answer.is_receipt = false;
  answer.code = "not_permitted";
  answer.article = "Art. 7(2)";
  answer.agreement = ExampleAgreement();
  answer.reason = "the agreement does not permit this kind";
  return answer;
}

}  // namespace entente::act
