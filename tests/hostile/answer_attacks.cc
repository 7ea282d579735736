// Attacks with answers to the node's own acts.
#include "tests/hostile/caller.h"

namespace entente::hostile {
namespace {

using peer::FrameType;

constexpr std::string_view kReceiveAnswer = "entente/exchange/exchange.cc: ReceiveAnswer";

// A new peer to which the node under attack has sent acts.
struct Asked {
  const Authority& as;
  Caller caller;

  void Say(act::Answer& answer) { Say(answer, as.message()); }
  void Say(const act::Answer& answer, const crypto::Signer& signer) {
    caller.Say(FrameType::kAnswer, Sealed(act::kAnswerType, act::EncodeAnswer(answer), signer));
  }
};

// A right receipt for the next act that comes.
Result<act::Answer> ReceiptForNext(Arena& arena, Asked& asked) {
  const auto frame = asked.caller.Hear(FrameType::kAct);
  if (!frame) {
    return Error{ErrorCode::kInternal, "the node under attack sends no act"};
  }
  ENTENTE_ASSIGN(const act::Envelope envelope, act::DecodeEnvelope(frame->payload));
  ENTENTE_ASSIGN(const act::Act act, act::DecodeAct(envelope.payload));
  act::Answer answer;
  answer.act = act::IdOf(envelope.payload);
  answer.from = asked.as.id();
  answer.to = arena.target().id();
  answer.epoch = act.epoch;
  answer.sequence = act.sequence;
  answer.time = arena.clock().Now();
  return answer;
}

// What the node says to an answer that `spoil` made of a right one.
Result<Seen> Spoiled(Arena& arena, void (*spoil)(Arena&, Asked&, act::Answer&)) {
  ENTENTE_ASSIGN(const Authority* const as, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *as));
  Asked asked{*as, std::move(caller)};
  ENTENTE_TRY(arena.ProposeTo(as->id()));
  ENTENTE_ASSIGN(act::Answer answer, ReceiptForNext(arena, asked));
  spoil(arena, asked, answer);
  return asked.caller.HearBye();
}

Result<Seen> OtherAct(Arena& arena) {
  return Spoiled(arena, [](Arena& world, Asked& asked, act::Answer& answer) {
    world.random().Fill(answer.act.bytes);
    asked.Say(answer);
  });
}

Result<Seen> OtherSequence(Arena& arena) {
  return Spoiled(arena, [](Arena&, Asked& asked, act::Answer& answer) {
    ++answer.sequence;
    asked.Say(answer);
  });
}

Result<Seen> OtherNode(Arena& arena) {
  return Spoiled(arena, [](Arena&, Asked& asked, act::Answer& answer) {
    answer.from = answer.to;
    asked.Say(answer);
  });
}

Result<Seen> OtherKey(Arena& arena) {
  return Spoiled(arena, [](Arena&, Asked& asked, act::Answer& answer) {
    asked.Say(answer, asked.as.witness());
  });
}

Result<Seen> AsAct(Arena& arena) {
  return Spoiled(arena, [](Arena&, Asked& asked, act::Answer& answer) {
    asked.caller.Say(FrameType::kAnswer,
                     Sealed(act::kActType, act::EncodeAnswer(answer), asked.as.message()));
  });
}

Result<Seen> TooMany(Arena& arena) {
  return Spoiled(arena, [](Arena&, Asked& asked, act::Answer& answer) {
    asked.Say(answer);
    asked.Say(answer);
  });
}

Result<Seen> TwoWays(Arena& arena) {
  return Spoiled(arena, [](Arena& world, Asked& asked, act::Answer& answer) {
    if (!world.ProposeTo(asked.as.id()) || !ReceiptForNext(world, asked)) {
      return;  // no bye will come
    }
    asked.Say(answer);
    answer.is_receipt = false;
    answer.code = "not_permitted";
    asked.Say(answer);
  });
}

}  // namespace

std::vector<Attack> AnswerAttacks() {
  const auto bye = [](const char* words, std::vector<std::string> evidence) {
    return Refusal{Sign::kBye, "peer_violation", words, std::move(evidence)};
  };
  const std::vector<std::string> kept{"answer that answers nothing"};
  const Refusal unsent = bye("the answer belongs to no act this node sent", kept);
  const std::string_view verify = "entente/act/envelope.cc: VerifySignedBy";
  return {
      {"answer-other-act", "a receipt for an act the node never sent", unsent, kReceiveAnswer,
       OtherAct},
      {"answer-other-sequence", "a receipt for a sequence the node has not sent", unsent,
       kReceiveAnswer, OtherSequence},
      {"answer-other-node", "a receipt in another node's name", unsent, kReceiveAnswer, OtherNode},
      {"answer-other-key", "a receipt signed by the witness key of the same card",
       bye("no valid signature by the expected key", {}), verify, OtherKey},
      {"answer-as-act", "a receipt in an envelope for acts", bye("payload type", {}), verify,
       AsAct},
      {"answer-twice", "the same receipt twice", bye("an answer came although no act is open", {}),
       "entente/exchange/link.cc: OnAnswer", TooMany},
      {"answer-two-ways", "a receipt, then a refusal, of one act",
       bye("the peer answered one act in two ways", kept), kReceiveAnswer, TwoWays},
  };
}

}  // namespace entente::hostile
