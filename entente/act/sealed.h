// The seal around every act and answer on its way: above TLS, so that it may also travel by hand.
//
//   sealed  = box(the receiver's encryption key, context | envelope)     (crypto/box.h)
//   context = H("entente-sealed/1", payload type, from, to)              (crypto::HashFields)
//
// Signed first, sealed then: the envelope inside is what outsiders verify, and it names both nodes
// under the signature. The context names them under the seal, too: what was sealed for one relation
// or as one type opens as no other. The same envelope gives the same bytes, so a resend needs no
// copy. Why: docs/decisions/0021. Threads: pure functions.
#pragma once

#include <string_view>

#include "entente/act/card.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/strong_id.h"
#include "entente/crypto/box.h"

namespace entente::act {

// How much longer the sealed bytes are than the envelope.
inline constexpr std::size_t kSealExtraBytes = crypto::kBoxExtraBytes + crypto::Digest::kSize;

// What is sealed, and between whom.
struct SealContext {
  std::string_view payload_type;  // kActType or kAnswerType
  PeerId from;
  PeerId to;
};

// `receiver` is the encryption key of the card of `context.to`, `own` the one of `context.from`.
// Errors: kPeerViolation if nobody can seal to `receiver`.
Result<Bytes> Seal(const SealContext& context, ByteView envelope, const crypto::PublicKey& receiver,
                   const crypto::BoxKey& own);
// The envelope, which is yet to be verified: anybody can seal.
// Errors: kPeerViolation if `sealed` was altered, or sealed to another key or for another context.
Result<Bytes> OpenSealed(const SealContext& context, ByteView sealed, const crypto::BoxKey& own);

}  // namespace entente::act
