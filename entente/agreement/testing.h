// Documents for tests and fuzzers: a small agreement to change, and the examples, completed.
#pragma once

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "entente/agreement/policy.h"
#include "entente/base/check.h"

namespace entente::agreement {

// What `value` holds. A test or fuzzer that relies on what is not there ends here.
template <typename Optional>
auto& Present(Optional& value) {
  ENTENTE_CHECK(value.has_value());
  return *value;
}

inline act::CardFingerprint FakeCard(std::uint8_t fill) {
  act::CardFingerprint card;
  card.bytes.fill(fill);
  return card;
}

inline TemplateValues FakeValues() {
  return {{{"DE", FakeCard(0xde)}, {"MA", FakeCard(0xa5)}},
          "entente-keys/1",
          crypto::HashFields("test-scheme", {})};
}

// The two that FakeValues() pins, as facts.
inline std::array<act::CardFingerprint, 2> FakeCards() { return {FakeCard(0xa5), FakeCard(0xde)}; }

// A valid agreement (T1) that says as little as possible, in two languages.
inline wire::Json SmallAgreement() {
  const wire::Json text{{"fr", "texte"}, {"en", "text"}};
  const auto party = [&](const char* country, std::uint8_t fill) {
    return wire::Json{{"country", country}, {"name", text}, {"card", FakeCard(fill).Hex()}};
  };
  const auto article = [&](const char* id) {
    return wire::Json{{"id", id}, {"heading", text}, {"text", text}};
  };
  const auto signatory = [&](const char* country) {
    return wire::Json{{"country", country}, {"name", "Annelore Musterfeld"}, {"office", text}};
  };
  wire::Json refusals;
  for (const char* rule : {"tier", "kind", "validity", "purpose", "origin", "limit", "scheme"}) {
    refusals[rule] = "2";
  }
  return {{"v", 1},
          {"type", "agreement"},
          {"exercise", true},
          {"languages", {"fr", "en"}},
          {"title", text},
          {"parties", {party("DE", 0xde), party("MA", 0xa5)}},
          {"articles", {article("1"), article("2")}},
          {"signatories", {signatory("DE"), signatory("MA")}},
          {"terms",
           {{"tier", "T1"},
            {"valid_from", "2026-01-01T00:00:00.000000Z"},
            {"valid_until", "2031-01-01T00:00:00.000000Z"},
            {"permits",
             {{"match.offer", "1"},
              {"match.accept", "1"},
              {"match.decline", "1"},
              {"match.result", "1"}}},
            {"purposes", {{"terrorism", "1"}}},
            {"refusals", refusals},
            {"matching",
             {{"scheme", FakeValues().scheme},
              {"scheme_digest", FakeValues().scheme_digest.Hex()},
              {"crypto_suites", {"voprf-ristretto255-sha512/1"}},
              {"records_max", 10},
              {"origins", {"synthetic"}},
              {"rounds_per_day_max", 2}}}}}};
}

inline Bytes CanonicalBytes(const wire::Json& json) {
  return ToBytes(wire::WriteCanonicalJson(json));
}

// examples/documents/NAME, completed with FakeValues().
inline Result<Bytes> CompletedExample(const std::string& name) {
  std::ifstream file("examples/documents/" + name);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return CompleteTemplate(text, FakeValues());
}

inline Result<AgreementInForce> InForce(const Result<Bytes>& bytes) {
  if (!bytes) {
    return bytes.error();
  }
  ENTENTE_ASSIGN(Document document, DecodeDocument(*bytes));
  return AgreementInForce{IdOf(*bytes), std::move(document)};
}

// The body of a match.offer that the T1 example permits.
inline wire::Json GoodOffer() {
  return {{"purpose", "terrorism"},
          {"origin", "synthetic"},
          {"records", 1000},
          {"size_class", 4096},
          {"scheme_digest", FakeValues().scheme_digest.Hex()},
          {"suite", "voprf-ristretto255-sha512/1"}};
}

}  // namespace entente::agreement
