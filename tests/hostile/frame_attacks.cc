// Attacks on the frames of an established link.
#include "tests/hostile/caller.h"

namespace entente::hostile {
namespace {

using peer::FrameType;

// A new peer with an established link, and what the node says to `speak`.
Result<Seen> Speak(Arena& arena, void (*speak)(Caller&)) {
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *peer));
  speak(caller);
  return caller.HearBye();
}

// The head of a frame that announces `size` bytes.
Bytes Head(std::uint32_t size, FrameType type) {
  return {static_cast<std::uint8_t>(size >> 24U), static_cast<std::uint8_t>(size >> 16U),
          static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size),
          static_cast<std::uint8_t>(type)};
}

template <std::uint8_t Type>
Result<Seen> UnknownType(Arena& arena) {
  return Speak(arena, [](Caller& caller) { caller.SayRaw(Bytes{0, 0, 0, 0, Type}); });
}

Result<Seen> Bomb(Arena& arena) {
  return Speak(arena, [](Caller& caller) { caller.SayRaw(Head(0xFFFFFFFF, FrameType::kAct)); });
}

// One byte more than a frame of this type may have.
template <FrameType Type>
Result<Seen> OneTooMany(Arena& arena) {
  return Speak(arena, [](Caller& caller) {
    caller.SayRaw(Head(static_cast<std::uint32_t>(peer::PayloadBytesMax(Type)) + 1, Type));
  });
}

Result<Seen> BombBeforeHello(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Connect(arena, *peer));
  caller.SayRaw(Head(std::uint32_t{1} << 30U, FrameType::kHello));
  return caller.HearBye();
}

// The peer's own words must not enter the node's status or log.
Result<Seen> ByeWithWords(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *peer));
  caller.Say(FrameType::kBye, R"({"code":"owned","message":"Annelore Musterfeld, 1.1.1970"})");
  constexpr std::string_view kWords = "the peer closed the link";
  ENTENTE_ASSIGN(std::string error, arena.AwaitLinkError(peer->id(), kWords));
  return Seen{Sign::kStatus, "", std::move(error), peer->id()};
}

Result<Seen> CosignatureUnasked(Arena& arena) {
  return Speak(arena, [](Caller& caller) { caller.Say(FrameType::kCosignature, "200\n"); });
}

Result<Seen> AnswerUnasked(Arena& arena) {
  return Speak(arena, [](Caller& caller) { caller.Say(FrameType::kAnswer, "{}"); });
}

template <std::size_t Size>
Result<Seen> RoundUnasked(Arena& arena) {
  return Speak(arena,
               [](Caller& caller) { caller.Say(FrameType::kRound, ByteView(Bytes(Size, 1))); });
}

}  // namespace

std::vector<Attack> FrameAttacks() {
  const auto bye = [](const char* words) {
    return Refusal{Sign::kBye, "peer_violation", words, {}};
  };
  const std::string_view handle = "entente/peer/session.cc: Handle";
  const std::string_view feed = "entente/wire/frame.cc: Feed";
  return {
      {"frame-type-0", "a frame of type 0", bye("unknown frame type 0"), handle, UnknownType<0>},
      {"frame-type-12", "a frame of type 12", bye("unknown frame type 12"), handle,
       UnknownType<12>},
      {"frame-bomb", "announces an act of 4 GiB", bye("type 2 announces 4294967295 bytes"), feed,
       Bomb},
      {"frame-act-too-long", "announces an act one byte too long",
       bye("announces 1402281 bytes, the limit is 1402280"), feed, OneTooMany<FrameType::kAct>},
      {"frame-answer-too-long", "announces an answer one byte too long",
       bye("announces 8273 bytes, the limit is 8272"), feed, OneTooMany<FrameType::kAnswer>},
      {"frame-checkpoint-too-long", "announces a checkpoint one byte too long",
       bye("announces 266241 bytes, the limit is 266240"), feed,
       OneTooMany<FrameType::kCheckpoint>},
      {"frame-round-too-long", "announces a round frame one byte too long",
       bye("announces 8388609 bytes, the limit is 8388608"), feed, OneTooMany<FrameType::kRound>},
      {"frame-bomb-before-hello", "announces a hello of 1 GiB",
       bye("announces 1073741824 bytes, the limit is 4096"), feed, BombBeforeHello},
      {"frame-bye-with-words",
       "a bye with an unknown code and a person's name",
       {Sign::kStatus, "", "the peer closed the link and gave no reason we know", {}},
       "entente/peer/session.cc: ByeError",
       ByeWithWords},
      {"frame-answer-unasked", "an answer although the node sent no act",
       bye("an answer came although no act is open"), "entente/exchange/link.cc: OnAnswer",
       AnswerUnasked},
      {"frame-cosignature-unasked", "a cosignature although the node sent no checkpoint",
       bye("a cosignature nobody asked for"), "entente/exchange/link.cc: OnCosignature",
       CosignatureUnasked},
      {"frame-round-cut", "a round frame without its head", bye("round"),
       "entente/matching/match_bodies.cc: DecodeRoundFrame", RoundUnasked<35>},
      {"frame-round-unasked", "a message of a round that nobody accepted",
       bye("a message belongs to no accepted round"), "entente/matching/matching.cc: BeginAsAsked",
       RoundUnasked<100>},
  };
}

}  // namespace entente::hostile
