// What matching says to the peer: the bodies of its acts and the frames of its rounds.
//
// Formats: docs/formats/acts.md ("Kinds") and peer-link.md (frame type 6). Everything decoded here
// is foreign. Decoding checks shape and size; whether an act may cross is the policy's business,
// whether it is meaningful now is Matching's. A member that the kind does not have is refused.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "entente/act/act.h"
#include "entente/matching/round_row.h"
#include "entente/wire/json.h"

namespace entente::matching {

inline constexpr std::string_view kCryptoSuite = "voprf-ristretto255-sha512/1";
inline constexpr std::uint32_t kAttemptsMax = 5;
inline constexpr std::size_t kNameBytesMax = 64;  // purpose, suite
inline constexpr std::int64_t kRecordsMax = std::int64_t{1} << 40U;

// The body of a match.offer and, with `offer`, of a match.accept: what one side puts in.
struct SideBody {
  std::optional<act::ActId> offer;  // answered by a match.accept; a match.offer has none
  std::string purpose;
  std::string scheme_digest;  // hex; the policy compares it with the agreement's, and the suite
  std::string suite;
  RoundSide side;
};
// The body of a match.result.
struct ResultBody {
  act::ActId offer;
  RoundResult result;
  bool operator==(const ResultBody&) const = default;
};

wire::Json EncodeSide(const SideBody& body);
wire::Json EncodeDecline(const act::ActId& offer);
wire::Json EncodeResult(const ResultBody& body);

// Errors, of all: kInvalidInput naming the member that is missing, unknown, of another type, longer
// than kNameBytesMax (ids and digests: 64 hex digits) or out of its range: records 0..kRecordsMax,
// size_class one of psi::SizeClass, attempt 1..kAttemptsMax, common 0..psi::kSizeClassMax.
Result<SideBody> DecodeOffer(const wire::Json& body);
Result<SideBody> DecodeAccept(const wire::Json& body);
Result<act::ActId> DecodeDecline(const wire::Json& body);
Result<ResultBody> DecodeResult(const wire::Json& body);
// The offer that a match.accept, match.decline or match.result answers; other members are not
// looked at.
Result<act::ActId> OfferOf(const wire::Json& body);

// One round frame of the link.
struct RoundFrame {
  act::ActId offer;
  std::uint32_t attempt = 0;
  ByteView message;  // of psi::Round; empty: the acceptor asks for a new attempt
};
inline constexpr std::size_t kRoundFrameHeaderBytes = act::ActId::kSize + 4;

Bytes EncodeRoundFrame(const RoundFrame& frame);
// The result's message views into `bytes`. Errors: kPeerViolation if the header is cut.
Result<RoundFrame> DecodeRoundFrame(ByteView bytes);

}  // namespace entente::matching
