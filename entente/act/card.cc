#include "entente/act/card.h"

#include <algorithm>
#include <array>
#include <utility>

#include "entente/base/utf8.h"
#include "entente/wire/json.h"

namespace entente::act {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::size_t kEndpointsMax = 8;
constexpr std::array<std::string_view, 4> kLanguages{"fr", "de", "ar", "en"};

struct KeyRole {
  const char* name;
  crypto::PublicKey CardKeys::* key;
};
constexpr std::array<KeyRole, 5> kRoles{{{"message", &CardKeys::message},
                                         {"ledger", &CardKeys::ledger},
                                         {"witness", &CardKeys::witness},
                                         {"tls", &CardKeys::tls},
                                         {"encryption", &CardKeys::encryption}}};

Error Bad(std::string why) { return {ErrorCode::kInvalidInput, "card: " + std::move(why)}; }

bool IsCountry(std::string_view text) {
  return text.size() == 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "host:port" with a port in 1..65535; IPv6 hosts in brackets.
bool IsEndpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || text.size() > 260) {
    return false;
  }
  const std::string_view port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != port.npos) {
    return false;
  }
  const bool is_plain = std::all_of(text.begin(), text.end(),
                                    [](char c) { return c > 0x20 && c < 0x7F && c != '/'; });
  const int number = std::stoi(std::string(port));
  return number >= 1 && number <= 65535 && is_plain;
}

// Name, country, exercise and keys: what the fingerprint covers.
Json IdentityJson(const Card& card) {
  Json keys = Json::object();
  for (const KeyRole& role : kRoles) {
    keys[role.name] = Base64Encode((card.keys.*role.key).view());
  }
  return {{"name", card.name},
          {"country", card.country},
          {"exercise", card.is_exercise},
          {"keys", std::move(keys)}};
}

Result<Card> ParseCard(const Json& json) {
  JsonReader reader(json, "card");
  Card card;
  ENTENTE_TRY(reader.Integer("v", 1, 1));
  ENTENTE_ASSIGN(const Json* identity_json, reader.Object("identity"));
  JsonReader identity(*identity_json, "card.identity");
  ENTENTE_ASSIGN(card.name, identity.String("name", 200));
  ENTENTE_ASSIGN(card.country, identity.String("country", 2));
  ENTENTE_ASSIGN(card.is_exercise, identity.Boolean("exercise"));
  ENTENTE_ASSIGN(const Json* keys_json, identity.Object("keys"));
  ENTENTE_TRY(identity.Finish());
  JsonReader keys(*keys_json, "card.identity.keys");
  for (const KeyRole& role : kRoles) {
    ENTENTE_ASSIGN(const Bytes key, keys.Base64(role.name, crypto::PublicKey::kSize));
    ENTENTE_ASSIGN(card.keys.*role.key, crypto::PublicKey::From(key));
  }
  ENTENTE_TRY(keys.Finish());
  ENTENTE_ASSIGN(card.endpoints, reader.Strings("endpoints", kEndpointsMax));
  ENTENTE_ASSIGN(card.languages, reader.Strings("languages", kLanguages.size()));
  ENTENTE_ASSIGN(card.contact, reader.String("contact", 400));
  ENTENTE_ASSIGN(const std::string time, reader.String("time", 27));
  ENTENTE_ASSIGN(card.time, ParseRfc3339(time));
  ENTENTE_TRY(reader.Finish());
  ENTENTE_TRY(ValidateCard(card));
  return card;
}

}  // namespace

CardFingerprint FingerprintOf(const Card& card) {
  const std::string identity = wire::WriteCanonicalJson(IdentityJson(card));
  const crypto::Digest digest = crypto::HashFields("entente-card/1", {AsBytes(identity)});
  return CardFingerprint{digest.bytes};
}

std::string Spoken(const CardFingerprint& fingerprint) {
  // Each group is 32 bits of a further hash reduced modulo 100,000.
  const crypto::Digest digest = crypto::HashFields("entente-card-spoken/1", {fingerprint.view()});
  std::string out;
  for (std::size_t group = 0; group < 8; ++group) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      value = value << 8U | digest.bytes[group * 4 + i];
    }
    std::string digits = std::to_string(value % 100'000U);
    digits.insert(0, 5 - digits.size(), '0');
    out += (group == 0 ? "" : " ") + digits;
  }
  return out;
}

Status ValidateCard(const Card& card) {
  if (card.name.empty() || card.name.size() > 200 || OneLine(card.name, 200) != card.name) {
    return Bad("the name must be 1 to 200 bytes of UTF-8 on one line");
  }
  if (!IsCountry(card.country)) {
    return Bad("the country must be two capital letters (ISO 3166-1), such as MA");
  }
  if (card.endpoints.size() > kEndpointsMax ||
      !std::all_of(card.endpoints.begin(), card.endpoints.end(), IsEndpoint)) {
    return Bad("an endpoint must be host:port");
  }
  for (auto language = card.languages.begin(); language != card.languages.end(); ++language) {
    if (std::find(kLanguages.begin(), kLanguages.end(), *language) == kLanguages.end() ||
        std::find(card.languages.begin(), language, *language) != language) {
      return Bad("languages are fr, de, ar and en, each at most once");
    }
  }
  if (card.contact.size() > 400 || OneLine(card.contact, 400) != card.contact) {
    return Bad("the contact must be at most 400 bytes of UTF-8 on one line");
  }
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (card.keys.*kRoles[i].key == card.keys.*kRoles[j].key) {
        return Bad("two roles share a key; each needs its own");
      }
    }
  }
  return {};
}

Result<Bytes> SignCard(const Card& card, const crypto::Signer& message_signer) {
  ENTENTE_TRY(ValidateCard(card));
  if (message_signer.public_key() != card.keys.message) {
    return Bad("it must be signed with its own message key");
  }
  const Json json{{"v", 1},
                  {"identity", IdentityJson(card)},
                  {"endpoints", card.endpoints},
                  {"languages", card.languages},
                  {"contact", card.contact},
                  {"time", FormatRfc3339(card.time)}};
  const std::string payload = wire::WriteCanonicalJson(json);
  ENTENTE_ASSIGN(const Envelope envelope, Sign(kCardType, AsBytes(payload), message_signer));
  return Encode(envelope);
}

Result<Card> OpenCard(ByteView bytes) {
  const auto envelope = DecodeEnvelope(bytes);
  if (!envelope) {
    return Bad("this is not a card file; ask the peer for `entente card export`");
  }
  const auto json = wire::ParseCanonicalJson(AsText(envelope->payload));
  if (!json) {
    return Bad(json.error().message);
  }
  ENTENTE_ASSIGN(Card card, ParseCard(*json));
  if (!VerifySignedBy(*envelope, kCardType, card.keys.message)) {
    return Bad("its signature does not verify; it was altered: ask the peer for a fresh one");
  }
  return card;
}

}  // namespace entente::act
