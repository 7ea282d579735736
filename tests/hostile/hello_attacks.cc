// Attacks on the hello, which proves the message key on one TLS connection.
#include "tests/hostile/caller.h"

namespace entente::hostile {
namespace {

using peer::FrameType;
using wire::Json;

constexpr std::string_view kOnHello = "entente/peer/session.cc: OnHello";

// A new peer that is connected and has not said hello, and what the node says to `speak`.
Result<Seen> Speak(Arena& arena, void (*speak)(Caller&)) {
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Connect(arena, *peer));
  speak(caller);
  return caller.HearBye();
}

Result<Seen> NoHello(Arena& arena) {
  return Speak(arena, [](Caller& caller) { caller.Say(FrameType::kAct, "{}"); });
}

Result<Seen> Relayed(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  ENTENTE_ASSIGN(const Caller first, Caller::Link(arena, *peer));
  ENTENTE_ASSIGN(Caller second, Caller::Connect(arena, *peer));
  second.SayHello(first.hello());
  return second.HearBye();
}

Result<Seen> Reflected(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    if (const auto hello = caller.Hear(FrameType::kHello)) {
      caller.Say(FrameType::kHello, hello->payload);
    }
  });
}

template <const crypto::Signer& (Authority::*Role)() const>
Result<Seen> OtherRole(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    HelloText text = caller.hello();
    text.signer = &(caller.as().*Role)();
    caller.SayHello(text);
  });
}

Result<Seen> OtherPeer(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const victim, arena.NewPeer());
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Connect(arena, *peer));
  HelloText text = caller.hello();
  text.from = victim->id();
  caller.SayHello(text);
  return caller.HearBye();
}

Result<Seen> ToAnother(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    HelloText text = caller.hello();
    text.to = caller.as().id();
    caller.SayHello(text);
  });
}

Result<Seen> OtherVersion(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    HelloText text = caller.hello();
    text.versions = Json::array({1, 3});
    caller.SayHello(text);
  });
}

Result<Seen> Live(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    HelloText text = caller.hello();
    text.is_exercise = false;
    caller.SayHello(text);
  });
}

Result<Seen> Twice(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    caller.SayHello(caller.hello());
    caller.SayHello(caller.hello());
  });
}

Result<Seen> NotCanonical(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    caller.Say(FrameType::kHello, MakeHello(caller.hello()).dump(1));
  });
}

Result<Seen> DuplicateKey(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    std::string hello = wire::WriteCanonicalJson(MakeHello(caller.hello()));
    hello.insert(hello.find("\"exercise\""), "\"exercise\":true,");
    caller.Say(FrameType::kHello, hello);
  });
}

Result<Seen> UnknownMember(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    Json hello = MakeHello(caller.hello());
    hello["trust"] = true;
    caller.Say(FrameType::kHello, wire::WriteCanonicalJson(hello));
  });
}

Result<Seen> Nested(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    constexpr std::size_t kLevels = 2000;
    caller.Say(FrameType::kHello, std::string(kLevels, '[') + std::string(kLevels, ']'));
  });
}

Result<Seen> InvalidUtf8(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    std::string hello = wire::WriteCanonicalJson(MakeHello(caller.hello()));
    hello[hello.find("\"from\":\"") + 8] = '\xFF';
    caller.Say(FrameType::kHello, hello);
  });
}

}  // namespace

std::vector<Attack> HelloAttacks() {
  const auto bye = [](const char* words, const char* code = "peer_violation") {
    return Refusal{Sign::kBye, code, words, {}};
  };
  const Refusal unproven = bye("the hello does not prove the key of the peer's card");
  const std::string_view canonical = "entente/wire/json.cc: ParseCanonicalJson";
  return {
      {"hello-none", "an act is the first frame", bye("the first frame was not a hello"),
       "entente/peer/session.cc: Handle", NoHello},
      {"hello-relayed", "a hello made for another TLS session", unproven, kOnHello, Relayed},
      {"hello-reflected", "the node's own hello is sent back", unproven, kOnHello, Reflected},
      {"hello-ledger-key", "a hello signed by the ledger key of the same card", unproven, kOnHello,
       OtherRole<&Authority::ledger>},
      {"hello-tls-key", "a hello signed by the TLS key of the same card", unproven, kOnHello,
       OtherRole<&Authority::tls>},
      {"hello-other-peer", "TLS as one pinned peer, the hello as another", unproven, kOnHello,
       OtherPeer},
      {"hello-to-another", "a hello addressed to another node", unproven, kOnHello, ToAnother},
      {"hello-other-version", "only versions that do not exist",
       bye("no common protocol version", "not_permitted"), kOnHello, OtherVersion},
      {"hello-live", "says that it is a live node",
       bye("a live node and an exercise node refuse each other", "not_permitted"), kOnHello, Live},
      {"hello-twice", "a second hello", bye("unexpected hello"), kOnHello, Twice},
      {"hello-not-canonical", "a hello with white space", bye("the hello is malformed"), canonical,
       NotCanonical},
      {"hello-duplicate-key", "a hello with one member twice", bye("the hello is malformed"),
       canonical, DuplicateKey},
      {"hello-unknown-member", "a hello with a member more", bye("hello has an unknown member"),
       "entente/wire/json.cc: Finish", UnknownMember},
      {"hello-nested", "a hello of 2,000 nested lists", bye("the hello is malformed"), canonical,
       Nested},
      {"hello-invalid-utf8", "a hello that is not UTF-8", bye("the hello is malformed"), canonical,
       InvalidUtf8},
  };
}

}  // namespace entente::hostile
