// An act: one thing one authority does towards the other; and the answer it gets.
//
// Payload of an act (canonical JSON, schema docs/formats/acts.md): header and a body whose schema
// belongs to its kind. The 32 random bytes of `salt` make the id (SHA-256 of the payload bytes) a
// salted commitment: who holds the id alone learns nothing about the body.
// Answers are not acts: they have no sequence of their own, one answers exactly one act.
// Threads: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "entente/act/envelope.h"
#include "entente/base/strong_id.h"
#include "entente/base/time.h"
#include "entente/wire/json.h"

namespace entente::act {

using ActId = crypto::Digest;
using Salt = FixedBytes<32, struct ActSaltTag>;
// The document (agreement) an act stands under.
using AgreementId = crypto::Digest;

// What a composer hands to the policy: everything but order, time and salt.
struct Draft {
  std::string kind;
  std::optional<AgreementId> agreement;  // absent only on the introduction channel
  wire::Json body;
  std::string actor;  // who ordered it; stays on this node
};

struct Act {
  std::string kind;
  PeerId from;
  PeerId to;
  std::optional<AgreementId> agreement;
  std::uint64_t epoch = 1;     // bumped by a restore
  std::uint64_t sequence = 0;  // gap-free from 1 per peer, direction and epoch
  UtcTime time;                // the sender's clock; never used for order
  bool is_exercise = true;
  Salt salt;
  wire::Json body;
  bool operator==(const Act&) const = default;
};

Bytes EncodeAct(const Act& act);
// Errors: kPeerViolation naming the member for anything EncodeAct would not write.
Result<Act> DecodeAct(ByteView payload);
ActId IdOf(ByteView payload);

// Receipt: durable, validated and accepted. Refusal: durable, validated and not accepted; `code`
// is a wire code, `article` what the refuser's policy cites.
struct Answer {
  bool is_receipt = true;
  ActId act;
  PeerId from;
  PeerId to;
  std::uint64_t epoch = 1;
  std::uint64_t sequence = 0;
  std::uint64_t leaf_index = 0;  // of the answering node's exchange log
  UtcTime time;
  std::string code;     // refusals only
  std::string article;  // refusals only; may be empty where no agreement applies
  std::optional<AgreementId> agreement;
  std::string reason;  // refusals only: one neutral line in English, no personal data
  bool operator==(const Answer&) const = default;
};

Bytes EncodeAnswer(const Answer& answer);
// Errors: kPeerViolation likewise.
Result<Answer> DecodeAnswer(ByteView payload);

}  // namespace entente::act
