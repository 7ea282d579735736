// No facts and no body make the policy permit a kind above the agreement's tier, one the agreement
// does not name, or an offer outside its terms.
#include <iterator>

#include "entente/agreement/policy.h"
#include "entente/agreement/testing.h"
#include "entente/base/check.h"

namespace entente::agreement {
namespace {

// Names every kind, those above its tier too: only the policy stands between.
AgreementInForce Forged(act::Tier tier) {
  AgreementInForce out = InForce(CanonicalBytes(SmallAgreement())).value_or(AgreementInForce{});
  Terms& terms = Present(out.document.terms);
  terms.tier = tier;
  for (const act::KindInfo& kind : act::AllKinds()) {
    terms.permits.emplace(kind.name, "1");
  }
  return out;
}

void CheckOffer(const wire::Json& body, const MatchTerms& matching) {
  ENTENTE_CHECK(body.at("purpose") == "terrorism");
  ENTENTE_CHECK(body.at("origin") == "synthetic");
  ENTENTE_CHECK(body.at("records").get<std::int64_t>() >= 0);
  ENTENTE_CHECK(body.at("records").get<std::uint64_t>() <= matching.records_max);
  ENTENTE_CHECK(body.at("scheme_digest") == matching.scheme_digest.Hex());
  ENTENTE_CHECK(body.at("suite") == matching.crypto_suites[0]);
}

// `choice` picks kind, tier, members and facts; `value` is a body or a member of one.
void Try(const std::uint8_t choice[4], const wire::Json& value) {
  static const AgreementInForce agreements[] = {Forged(act::Tier::kT0), Forged(act::Tier::kT1)};
  const auto kinds = act::AllKinds();
  const act::KindInfo& kind = kinds[choice[0] % kinds.size()];
  const AgreementInForce& agreement = agreements[choice[1] % 2U];
  const Terms& terms = Present(agreement.document.terms);
  wire::Json body = GoodOffer();
  body["records"] = 10;
  if (choice[2] % 8U < body.size()) {
    std::next(body.begin(), choice[2] % 8U).value() = value;
  } else {
    body = value;
  }
  const Facts facts{terms.valid_from, true, FakeCards(), &agreement, choice[3]};
  const Decision decision = Decide(kind.name, true, body, facts);
  ENTENTE_CHECK(decision.agreement == agreement.id);
  if (!decision.is_permitted()) {
    ENTENTE_CHECK(decision.article == "2");
    return;
  }
  ENTENTE_CHECK(kind.tier <= terms.tier);
  if (kind.name == act::kMatchOffer || kind.name == act::kMatchAccept) {
    CheckOffer(body, Present(terms.matching));
  }
  ENTENTE_CHECK(kind.name != act::kMatchOffer || choice[3] < 2);
}

// With one fact that is wrong nothing passes, whatever the body says; without an agreement nothing
// but what introduces two nodes.
void TryWrongFacts(const std::uint8_t choice[4], const wire::Json& body) {
  static const AgreementInForce agreement = Forged(act::Tier::kT1);
  const Terms& terms = Present(agreement.document.terms);
  const auto kinds = act::AllKinds();
  const act::KindInfo& kind = kinds[choice[0] % kinds.size()];
  Facts facts{terms.valid_from, true, FakeCards(), &agreement};
  switch (choice[1] % 5U) {
    case 0:
      facts.is_exercise_node = false;
      break;
    case 1:
      facts.cards[choice[2] % 2U] = {};
      break;
    case 2:
      facts.now = terms.valid_from - std::chrono::microseconds(1);
      break;
    case 3:
      facts.now = terms.valid_until;
      break;
    default:
      facts.agreement = nullptr;
      break;
  }
  facts.is_agreement_named = choice[3] % 2U == 1;
  const bool may_introduce = facts.agreement == nullptr && !facts.is_agreement_named &&
                             kind.tier == act::Tier::kIntroduction;
  for (const bool is_exercise_act : {true, facts.is_exercise_node}) {
    ENTENTE_CHECK(Decide(kind.name, is_exercise_act, body, facts).is_permitted() == may_introduce);
  }
  ENTENTE_CHECK(!Decide("no." + std::string(kind.name), true, body, facts).is_permitted());
}

}  // namespace
}  // namespace entente::agreement

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) {
    return 0;
  }
  const std::string_view text = entente::AsText({data + 4, size - 4});
  const auto value = entente::wire::ParseJson(text).value_or(entente::wire::Json(text));
  entente::agreement::Try(data, value);
  entente::agreement::TryWrongFacts(data, value);
  return 0;
}
