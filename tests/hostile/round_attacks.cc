// Attacks on matching rounds, and acts that overstep an agreement.
#include <chrono>
#include <variant>

#include "entente/act/kind.h"
#include "entente/matching/match_bodies.h"
#include "tests/hostile/puppet.h"

namespace entente::hostile {
namespace {

using peer::FrameType;
using wire::Json;

constexpr std::chrono::hours kLong{24};

Result<std::unique_ptr<Puppet>> NewPuppet(Arena& arena) {
  return Puppet::Open(arena, {arena.clock().Now() + kLong});
}

// ---- Messages of a round, altered on their way out

// The first message of this type, altered by `spoil`; it goes out together with what that returns.
template <typename Message>
Puppet::Tap Spoiler(std::vector<psi::RoundMessage> (*spoil)(Message)) {
  return [spoil, is_done = false](wire::Frame frame) mutable {
    std::vector<wire::Frame> out;
    if (is_done || frame.type != static_cast<std::uint8_t>(FrameType::kRound)) {
      out.push_back(std::move(frame));
      return out;
    }
    const auto round = matching::DecodeRoundFrame(frame.payload);
    auto message = psi::DecodeRoundMessage(round->message);
    if (!message || !std::holds_alternative<Message>(*message)) {
      out.push_back(std::move(frame));
      return out;
    }
    is_done = true;
    for (const psi::RoundMessage& instead : spoil(std::get<Message>(*std::move(message)))) {
      const Bytes bytes = psi::EncodeRoundMessage(instead);
      out.push_back(
          {frame.type, matching::EncodeRoundFrame({round->offer, round->attempt, bytes})});
    }
    return out;
  };
}

template <typename Message>
Result<Seen> Spoiled(Arena& arena, std::vector<psi::RoundMessage> (*spoil)(Message)) {
  ENTENTE_ASSIGN(const std::unique_ptr<Puppet> puppet, NewPuppet(arena));
  ENTENTE_ASSIGN(const act::ActId offer, puppet->AgreeOnRound());
  const auto is_over = [&] {
    const auto seen = puppet->RoundAt(offer);
    return seen && seen->code != "accepted";
  };
  // A round that fails in a computation ends without the link.
  if (Status ended = puppet->Run(is_over, Spoiler<Message>(spoil));
      !ended && ended.error().code == ErrorCode::kDeadlineExceeded) {
    return TakeError(std::move(ended));
  }
  return puppet->AwaitEndOf(offer);
}

using Messages = std::vector<psi::RoundMessage>;
using psi::BlindedMessage;
using psi::EvaluatedMessage;
using psi::FinishMessage;
using psi::HelloMessage;
using psi::TagsMessage;

template <std::uint8_t Byte>
Result<Seen> BadPoint(Arena& arena) {
  return Spoiled<BlindedMessage>(arena, [](BlindedMessage message) {
    message.points[0].bytes.fill(Byte);
    return Messages{message};
  });
}

Result<Seen> RepeatedPoint(Arena& arena) {
  return Spoiled<BlindedMessage>(arena, [](BlindedMessage message) {
    message.points[1] = message.points[0];
    return Messages{message};
  });
}

Result<Seen> LongBatch(Arena& arena) {
  return Spoiled<BlindedMessage>(arena, [](BlindedMessage message) {
    message.points.resize(psi::kMessagePointsMax, message.points[0]);
    return Messages{message};
  });
}

Result<Seen> MoreBatches(Arena& arena) {
  return Spoiled<BlindedMessage>(arena,
                                 [](BlindedMessage message) { return Messages{message, message}; });
}

Result<Seen> IdentityKey(Arena& arena) {
  return Spoiled<HelloMessage>(arena, [](HelloMessage message) {
    message.key.bytes.fill(0);
    return Messages{message};
  });
}

Result<Seen> OtherParameters(Arena& arena) {
  return Spoiled<HelloMessage>(arena, [](HelloMessage message) {
    message.parameters.bytes[0] ^= 1U;
    return Messages{message};
  });
}

Result<Seen> OtherRole(Arena& arena) {
  return Spoiled<HelloMessage>(arena, [](HelloMessage message) {
    message.role = psi::Role::kAcceptor;
    return Messages{message};
  });
}

Result<Seen> EarlyCommit(Arena& arena) {
  return Spoiled<HelloMessage>(
      arena, [](HelloMessage message) { return Messages{message, psi::CommitMessage{}}; });
}

Result<Seen> FalseProof(Arena& arena) {
  return Spoiled<EvaluatedMessage>(arena, [](EvaluatedMessage message) {
    message.proof.response.bytes[0] ^= 1U;
    return Messages{message};
  });
}

Result<Seen> OtherTags(Arena& arena) {
  return Spoiled<TagsMessage>(arena, [](TagsMessage message) {
    message.tags[0].bytes[0] ^= 1U;
    return Messages{message};
  });
}

Result<Seen> OtherResult(Arena& arena) {
  return Spoiled<FinishMessage>(arena, [](FinishMessage message) {
    message.intersection.bytes[0] ^= 1U;
    return Messages{message};
  });
}

// All tags of both sides are known; the result is not said, and the link is cut.
Result<Seen> AbortAfterLearning(Arena& arena) {
  ENTENTE_ASSIGN(const std::unique_ptr<Puppet> puppet, NewPuppet(arena));
  ENTENTE_ASSIGN(const act::ActId offer, puppet->AgreeOnRound());
  bool has_learned = false;
  ENTENTE_TRY(puppet->Run([&] { return has_learned; },
                          [&](wire::Frame frame) -> std::vector<wire::Frame> {
                            const auto round = matching::DecodeRoundFrame(frame.payload);
                            const auto message =
                                psi::DecodeRoundMessage(round ? round->message : ByteView());
                            if (frame.type == static_cast<std::uint8_t>(FrameType::kRound) &&
                                message && std::holds_alternative<FinishMessage>(*message)) {
                              has_learned = true;
                              return {};
                            }
                            return {std::move(frame)};
                          }));
  ENTENTE_ASSIGN(const Caller again, puppet->LinkByHand());
  return puppet->AwaitEndOf(offer);
}

// ---- Rounds that the other side never accepted

Result<Seen> NotAccepted(Arena& arena) {
  ENTENTE_ASSIGN(const std::unique_ptr<Puppet> puppet, NewPuppet(arena));
  ENTENTE_ASSIGN(const act::ActId offer, puppet->Offer());
  ENTENTE_ASSIGN(Caller caller, puppet->LinkByHand());
  const Bytes hello = psi::EncodeRoundMessage(HelloMessage{});
  caller.Say(FrameType::kRound, matching::EncodeRoundFrame({offer, 1, hello}));
  return caller.HearBye();
}

// An act that the puppet's own policy would not let out.
Result<Seen> Forged(Arena& arena, Puppet& puppet, std::string_view kind, Json body) {
  ENTENTE_ASSIGN(const Bytes act, puppet.Forge(kind, std::move(body)));
  ENTENTE_ASSIGN(Caller caller, puppet.LinkByHand());
  caller.Say(FrameType::kAct, act);
  return caller.HearAnswer();
}

Result<Seen> SelfAccepted(Arena& arena) {
  ENTENTE_ASSIGN(const std::unique_ptr<Puppet> puppet, NewPuppet(arena));
  ENTENTE_ASSIGN(const act::ActId offer, puppet->Offer());
  Json body = puppet->GoodOffer();
  body["offer"] = offer.Hex();
  return Forged(arena, *puppet, act::kMatchAccept, std::move(body));
}

// ---- Offers beyond the agreement

Result<Seen> Budget(Arena& arena) {
  ENTENTE_ASSIGN(const std::unique_ptr<Puppet> puppet, NewPuppet(arena));
  ENTENTE_TRY(puppet->Offer());
  ENTENTE_TRY(puppet->Offer());
  return Forged(arena, *puppet, act::kMatchOffer, puppet->GoodOffer());
}

Result<Seen> OfferWith(Arena& arena, const char* member, const Json& value) {
  ENTENTE_ASSIGN(const std::unique_ptr<Puppet> puppet, NewPuppet(arena));
  Json body = puppet->GoodOffer();
  body[member] = value;
  return Forged(arena, *puppet, act::kMatchOffer, std::move(body));
}

Result<Seen> LargeSet(Arena& arena) { return OfferWith(arena, "size_class", 1U << 20U); }
Result<Seen> ManyRecords(Arena& arena) { return OfferWith(arena, "records", 125); }
Result<Seen> OtherPurpose(Arena& arena) { return OfferWith(arena, "purpose", "curiosity"); }
Result<Seen> OtherSuite(Arena& arena) { return OfferWith(arena, "suite", "plain/1"); }
Result<Seen> OtherOrigin(Arena& arena) { return OfferWith(arena, "origin", "operational"); }

Result<Seen> Expired(Arena& arena) {
  constexpr std::chrono::seconds kTimeToSign{8};
  const UtcTime end = arena.clock().Now() + kTimeToSign;
  ENTENTE_ASSIGN(const std::unique_ptr<Puppet> puppet, Puppet::Open(arena, {end}));
  while (arena.clock().Now() <= end) {
    Pause();
  }
  return Forged(arena, *puppet, act::kMatchOffer, puppet->GoodOffer());
}

}  // namespace

std::vector<Attack> RoundAttacks() {
  const auto failed = [](const char* words) { return Refusal{Sign::kRound, "failed", words, {}}; };
  const auto refusal = [](const char* words) {
    return Refusal{Sign::kRefusal, "not_permitted", words, {"refused act"}};
  };
  const std::string_view take = "entente/psi/round.cc: Take";
  const std::string_view multiply = "entente/crypto/ristretto.cc: Multiply";
  const std::string_view evaluate = "entente/psi/round_tasks.cc: EvaluateAll";
  const std::string_view offer = "entente/agreement/decide.cc: JudgeOffer";
  return {
      {"round-identity-point", "a blinded point is the identity",
       failed("not a valid ristretto255 element"), multiply, BadPoint<0>},
      {"round-off-curve-point", "a blinded point is none",
       failed("not a valid ristretto255 element"), multiply, BadPoint<0xFF>},
      {"round-repeated-point", "a blinded point comes twice",
       failed("a blinded point comes twice in one batch"), evaluate, RepeatedPoint},
      {"round-long-batch", "a batch of 2,040 points where 256 were agreed",
       failed("another number of points than agreed"), take, LongBatch},
      {"round-more-batches", "a set larger than agreed",
       failed("more batches than its size class has"), take, MoreBatches},
      {"round-identity-key", "an OPRF key that is the identity",
       failed("the peer's OPRF key is not valid"), take, IdentityKey},
      {"round-other-parameters", "another round than the one accepted",
       failed("the peer runs another round"), take, OtherParameters},
      {"round-other-role", "both sides are acceptors", failed("both sides claim the same role"),
       take, OtherRole},
      {"round-early-commit", "a commitment before the answers",
       failed("the peer commits twice or too early"), take, EarlyCommit},
      {"round-false-proof", "an evaluation under another key than the one shown",
       failed("the proof of the peer's OPRF evaluation does not hold"),
       "entente/psi/voprf.cc: VerifyProof", FalseProof},
      {"round-other-tags", "tags that were not committed to", failed("not those it committed to"),
       take, OtherTags},
      {"round-other-result", "another result than its own messages give",
       failed("the peer found another intersection"), "entente/psi/round.cc: CompareResults",
       OtherResult},
      {"round-abort-after-learning", "the link is cut when all tags are known, and made again",
       failed("the link was lost after tags were revealed"), "entente/matching/matching.cc: MayRun",
       AbortAfterLearning},
      {"round-not-accepted",
       "messages of a round that was offered and not accepted",
       {Sign::kBye, "peer_violation", "a message belongs to no accepted round", {}},
       "entente/matching/matching.cc: BeginAsAsked",
       NotAccepted},
      {"round-self-accepted",
       "accepts its own offer",
       {Sign::kRefusal, "conflict", "the offer is not open to this acceptance", {}},
       "entente/matching/matching.cc: CheckAnswerTo",
       SelfAccepted},
      {"offer-over-budget", "a third offer where two a day are agreed", refusal("rule limit"),
       offer, Budget},
      {"offer-large-set", "an offer of 2^20 keys for 100 records", refusal("rule limit"), offer,
       LargeSet},
      {"offer-many-records", "an offer of more records than agreed", refusal("rule limit"), offer,
       ManyRecords},
      {"offer-other-purpose", "an offer for a purpose that is not agreed",
       refusal("rule purpose, article 2"), offer, OtherPurpose},
      {"offer-other-suite", "an offer with a suite that is not agreed", refusal("rule scheme"),
       offer, OtherSuite},
      {"offer-other-origin", "an offer of a list of an origin that is not agreed",
       refusal("rule origin"), offer, OtherOrigin},
      {"offer-expired", "an offer under an agreement that has ended", refusal("rule validity"),
       "entente/agreement/decide.cc: JudgeUnderTerms", Expired},
  };
}

}  // namespace entente::hostile
