// Attacks with acts: forged, malformed, replayed, out of order, not agreed.
#include <chrono>

#include "entente/act/kind.h"
#include "entente/exchange/link.h"
#include "entente/exchange/quota.h"
#include "tests/hostile/caller.h"

namespace entente::hostile {
namespace {

using peer::FrameType;
using wire::Json;

constexpr std::string_view kReceiveAct = "entente/exchange/exchange.cc: ReceiveAct";
constexpr std::string_view kDecide = "entente/agreement/decide.cc: Decide";

// A new peer with an established link, and what it may send.
struct Linked {
  Arena& arena;
  const Authority& as;
  Caller caller;

  act::Act Act(std::uint64_t sequence = 1, std::string_view kind = act::kMatchOffer) const {
    return MakeAct(arena, as, kind, sequence);
  }
  void Say(ByteView envelope) { caller.Say(FrameType::kAct, envelope); }
  // Signed as it is, whatever it is.
  void SayPayload(std::string_view payload) {
    Say(Sealed(act::kActType, AsBytes(payload), as.message()));
  }
  // The text of a valid act, to break.
  std::string Text() const { return ToText(act::EncodeAct(Act())); }
};

Result<Linked> NewLink(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const as, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *as));
  return Linked{arena, *as, std::move(caller)};
}

// What the node says to `speak`: its bye.
Result<Seen> Speak(Arena& arena, void (*speak)(Linked&)) {
  ENTENTE_ASSIGN(Linked link, NewLink(arena));
  speak(link);
  return link.caller.HearBye();
}

// What the node answers to the act that `make` returns.
Result<Seen> Answered(Arena& arena, act::Act (*make)(Linked&)) {
  ENTENTE_ASSIGN(Linked link, NewLink(arena));
  link.Say(Sealed(link.as, make(link)));
  return link.caller.HearAnswer();
}

// An act that the node refuses and answers, so that its sequence is used up.
Status UseUp(Linked& link, const act::Act& act) {
  link.Say(Sealed(link.as, act));
  ENTENTE_TRY(link.caller.HearVerifiedAnswer());
  return {};
}

// Forged

Result<Seen> BadSignature(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    act::Envelope envelope =
        *act::Sign(act::kActType, act::EncodeAct(link.Act()), link.as.message());
    envelope.signatures[0].signature.bytes[7] ^= 1U;
    link.Say(act::Encode(envelope));
  });
}

Result<Seen> OtherKey(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    link.Say(Sealed(act::kActType, act::EncodeAct(link.Act()), link.as.ledger()));
  });
}

Result<Seen> OtherKeyUnderItsName(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    act::Envelope envelope =
        *act::Sign(act::kActType, act::EncodeAct(link.Act()), link.as.ledger());
    envelope.signatures[0].key_id = act::KeyId(link.as.message().public_key());
    link.Say(act::Encode(envelope));
  });
}

Result<Seen> AsAnswer(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    link.Say(Sealed(act::kAnswerType, act::EncodeAct(link.Act()), link.as.message()));
  });
}

Result<Seen> NineSignatures(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    act::Envelope envelope =
        *act::Sign(act::kActType, act::EncodeAct(link.Act()), link.as.message());
    envelope.signatures.resize(act::kSignaturesMax + 1, envelope.signatures[0]);
    link.Say(act::Encode(envelope));
  });
}

Result<Seen> LenientBase64(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    std::string envelope = ToText(Sealed(link.as, link.Act()));
    const std::size_t end = envelope.find("\"}]}");  // of the signature: 64 bytes end in "x=="
    envelope[end - 3] = envelope[end - 3] == 'B' ? 'C' : 'B';
    link.Say(AsBytes(envelope));
  });
}

// Malformed, and signed

Result<Seen> DuplicateKey(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    std::string text = link.Text();
    text.insert(text.find("\"seq\":"), "\"seq\":1,");
    link.SayPayload(text);
  });
}

Result<Seen> NotCanonical(Arena& arena) {
  return Speak(arena, [](Linked& link) { link.SayPayload(Json::parse(link.Text()).dump(1)); });
}

Result<Seen> Nested(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    constexpr std::size_t kLevels = 200'000;
    link.SayPayload(std::string(kLevels, '[') + std::string(kLevels, ']'));
  });
}

Result<Seen> InvalidUtf8(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    std::string text = link.Text();
    text[text.find("match.offer")] = '\xC0';
    link.SayPayload(text);
  });
}

Result<Seen> UnknownMember(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    Json act = Json::parse(link.Text());
    act["urgent"] = true;
    link.SayPayload(wire::WriteCanonicalJson(act));
  });
}

Result<Seen> HugeNumber(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    std::string text = link.Text();
    const std::string_view seq = "\"seq\":1";
    text.replace(text.find(seq), seq.size(), "\"seq\":18446744073709551617");
    link.SayPayload(text);
  });
}

Result<Seen> ToAnother(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    act::Act act = link.Act();
    act.to = link.as.id();
    link.Say(Sealed(link.as, act));
  });
}

// Replayed, out of order

Result<Seen> OtherChannel(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const victim, arena.NewPeer());
  ENTENTE_ASSIGN(Linked link, NewLink(arena));
  link.Say(Sealed(*victim, MakeAct(arena, *victim, act::kMatchOffer, 1)));
  return link.caller.HearBye();
}

Result<Seen> SequenceZero(Arena& arena) {
  return Speak(arena, [](Linked& link) { link.Say(Sealed(link.as, link.Act(0))); });
}

Result<Seen> SequenceGap(Arena& arena) {
  return Speak(arena, [](Linked& link) { link.Say(Sealed(link.as, link.Act(2))); });
}

Result<Seen> OtherEpoch(Arena& arena) {
  return Speak(arena, [](Linked& link) {
    act::Act act = link.Act();
    act.epoch = 9;
    link.Say(Sealed(link.as, act));
  });
}

Result<Seen> Equivocation(Arena& arena) {
  ENTENTE_ASSIGN(Linked link, NewLink(arena));
  ENTENTE_TRY(UseUp(link, link.Act(1)));
  ENTENTE_TRY(UseUp(link, link.Act(2)));
  link.Say(Sealed(link.as, link.Act(1)));
  return link.caller.HearBye();
}

Result<Seen> Repeats(Arena& arena) {
  ENTENTE_ASSIGN(Linked link, NewLink(arena));
  const Bytes envelope = Sealed(link.as, link.Act());
  for (std::size_t i = 0; i < exchange::kActsInFlight + 2; ++i) {
    link.Say(envelope);
  }
  return link.caller.HearBye();
}

Result<Seen> RecordedSession(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const as, arena.NewPeer());
  Bytes recorded;
  {
    ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *as));
    const std::string hello = wire::WriteCanonicalJson(MakeHello(caller.hello()));
    wire::AppendFrame(recorded, static_cast<std::uint8_t>(FrameType::kHello), AsBytes(hello));
    wire::AppendFrame(recorded, static_cast<std::uint8_t>(FrameType::kAct),
                      SealFor(arena, *as, FrameType::kAct,
                              Sealed(*as, MakeAct(arena, *as, act::kMatchOffer, 1))));
  }
  ENTENTE_ASSIGN(Caller caller, Caller::Connect(arena, *as));
  caller.SayRaw(recorded);
  return caller.HearBye();
}

// Not agreed

Result<Seen> UnknownKind(Arena& arena) {
  return Answered(arena, [](Linked& link) { return link.Act(1, "records.handover"); });
}

Result<Seen> NoAgreement(Arena& arena) {
  return Answered(arena, [](Linked& link) { return link.Act(); });
}

Result<Seen> OtherAgreement(Arena& arena) {
  return Answered(arena, [](Linked& link) {
    act::Act act = link.Act();
    act.agreement.emplace();
    link.arena.random().Fill(act.agreement->bytes);
    return act;
  });
}

Result<Seen> Live(Arena& arena) {
  return Answered(arena, [](Linked& link) {
    act::Act act = link.Act(1, act::kDocumentPropose);
    act.is_exercise = false;
    return act;
  });
}

Result<Seen> NoDocument(Arena& arena) {
  return Answered(arena, [](Linked& link) {
    act::Act act = link.Act(1, act::kDocumentPropose);
    act.body = {{"document", "AAAA"}};
    return act;
  });
}

// The sender's clock decides nothing: the answer carries the node's own.
template <int Year>
Result<Seen> WrongTime(Arena& arena) {
  ENTENTE_ASSIGN(Linked link, NewLink(arena));
  act::Act act = link.Act();
  act.time = *ParseRfc3339(std::to_string(Year) + "-01-01T00:00:00Z");
  link.Say(Sealed(link.as, act));
  ENTENTE_ASSIGN(const act::Answer answer, link.caller.HearVerifiedAnswer());
  const auto away = std::chrono::abs(arena.clock().Now() - answer.time);
  return Seen{Sign::kRefusal, answer.code,
              away < std::chrono::minutes(1) ? "at the node's own time" : "at the attacker's time",
              link.as.id()};
}

Result<Seen> OverQuota(Arena& arena) {
  ENTENTE_ASSIGN(Linked link, NewLink(arena));
  for (std::uint64_t i = 1; i <= exchange::kRefusalsPerWindowMax; ++i) {
    ENTENTE_TRY(UseUp(link, link.Act(i)));
  }
  link.Say(Sealed(link.as, link.Act(exchange::kRefusalsPerWindowMax + 1)));
  Seen first = link.caller.HearBye();
  if (first.code != "limit_exceeded") {
    return first;
  }
  ENTENTE_ASSIGN(Caller again, Caller::Link(arena, link.as));
  return again.HearBye();
}

Refusal Bye(const char* words, std::vector<std::string> evidence = {}) {
  return {Sign::kBye, "peer_violation", words, std::move(evidence)};
}

// What is wrong with the bytes, whatever they ask for.
std::vector<Attack> BadBytes() {
  const auto malformed = [](const char* words) { return Bye(words, {"malformed act"}); };
  const Refusal unsigned_act = Bye("no valid signature by the expected key");
  const std::string_view verify = "entente/act/envelope.cc: VerifySignedBy";
  const std::string_view envelope = "entente/act/envelope.cc: DecodeEnvelope";
  const std::string_view canonical = "entente/wire/json.cc: ParseCanonicalJson";
  const std::string_view decode = "entente/act/act.cc: DecodeAct";
  return {
      {"act-bad-signature", "one bit of the signature is another", unsigned_act, verify,
       BadSignature},
      {"act-other-key", "signed by another key of the same card", unsigned_act, verify, OtherKey},
      {"act-other-key-renamed", "the same, under the name of the message key", unsigned_act, verify,
       OtherKeyUnderItsName},
      {"act-as-answer", "an act in an envelope for answers", Bye("payload type"), verify, AsAnswer},
      {"act-nine-signatures", "nine signatures, one is enough", Bye("envelope"), envelope,
       NineSignatures},
      {"act-lenient-base64", "base64 whose unused bits are set", Bye("envelope"), envelope,
       LenientBase64},
      {"act-duplicate-key", "a signed act with one member twice",
       malformed("a member appears twice"), canonical, DuplicateKey},
      {"act-not-canonical", "a signed act with white space", malformed("not canonical"), canonical,
       NotCanonical},
      {"act-nested",
       "a signed act of 200,000 nested lists",
       {Sign::kBye, "limit_exceeded", "nested deeper than 32 levels", {"malformed act"}},
       canonical,
       Nested},
      {"act-invalid-utf8", "a signed act that is not UTF-8", malformed("UTF-8"), canonical,
       InvalidUtf8},
      {"act-unknown-member", "a signed act with a member more", malformed("unknown member"), decode,
       UnknownMember},
      {"act-huge-number", "a signed act with the sequence 2^64 + 1", malformed("number"), canonical,
       HugeNumber},
      {"act-sequence-0", "an act before the first", malformed("act.seq"), decode, SequenceZero},
      {"act-other-channel", "another peer's act, replayed on this link", unsigned_act, verify,
       OtherChannel},
  };
}

// Well-formed, and still nothing to be taken.
std::vector<Attack> BadActs() {
  const auto refusal = [](const char* words) {
    return Refusal{Sign::kRefusal, "not_permitted", words, {"refused act"}};
  };
  std::vector<std::string> quota(exchange::kRefusalsPerWindowMax, "refused act");
  return {
      {"act-to-another", "an act to another node",
       Bye("addressed to or from somebody else", {"malformed act"}), kReceiveAct, ToAnother},
      {"act-sequence-gap", "an act after one that was not sent",
       Bye("the act is out of sequence: expected 1"), kReceiveAct, SequenceGap},
      {"act-other-epoch", "an act of an epoch that has not come",
       Bye("the act is out of sequence: expected 1"), kReceiveAct, OtherEpoch},
      {"act-equivocation", "a used sequence with another act",
       Bye("two different acts with the same sequence",
           {"refused act", "refused act", "equivocation: same sequence, other bytes"}),
       kReceiveAct, Equivocation},
      {"act-repeats", "an answered act, again and again",
       Bye("repeats more answered acts than it may have had in flight", {"refused act"}),
       "entente/exchange/link.cc: OnAct", Repeats},
      {"act-recorded-session", "all bytes of an earlier link, again",
       Bye("the hello does not prove the key of the peer's card"),
       "entente/peer/session.cc: OnHello", RecordedSession},
      {"act-unknown-kind", "an act of a kind that does not exist", refusal("rule unknown_kind"),
       kDecide, UnknownKind},
      {"act-no-agreement", "an offer to match without an agreement", refusal("rule no_agreement"),
       kDecide, NoAgreement},
      {"act-other-agreement", "an offer under an agreement nobody signed",
       refusal("rule no_agreement"), kDecide, OtherAgreement},
      {"act-live", "a live act to an exercise node", refusal("rule exercise"), kDecide, Live},
      {"act-no-document",
       "a proposal that is no document",
       {Sign::kRefusal, "invalid_input", "", {}},
       "entente/documents/documents.cc: CheckProposal",
       NoDocument},
      {"act-time-1970", "an act of the year 1970", refusal("at the node's own time"), kDecide,
       WrongTime<1970>},
      {"act-time-9999", "an act of the year 9999", refusal("at the node's own time"), kDecide,
       WrongTime<9999>},
      {"act-over-quota",
       "101 acts that must be refused, and another call",
       {Sign::kBye, "limit_exceeded", "peer suspended until", std::move(quota)},
       "entente/exchange/quota.cc: CheckQuota",
       OverQuota},
  };
}

}  // namespace

std::vector<Attack> ActAttacks() {
  std::vector<Attack> attacks = BadBytes();
  std::ranges::move(BadActs(), std::back_inserter(attacks));
  return attacks;
}

}  // namespace entente::hostile
