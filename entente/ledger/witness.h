// The witness of a peer's log: when to cosign a checkpoint and what to answer otherwise.
//
//   log                                             witness
//   old <size> · consistency proof · checkpoint →   Judge → {remember size and root} → cosign
//                                               ←   200 + signature line, or 4xx
//
// Source: C2SP tlog-witness v1.0.0 (add-checkpoint). Same size with another root is answered 422 as
// later drafts do; v1.0.0 says 409, and a log must accept both. The decision is pure: who calls
// Judge reads the state, judges, stores the new state and only then signs and answers, all in ONE
// transaction; otherwise two requests may roll the witness back.
// Cost: one Ed25519 verification and up to 63 hashes. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "entente/base/result.h"
#include "entente/crypto/hash.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/merkle.h"
#include "entente/ledger/note.h"

namespace entente::ledger {

struct AddCheckpointRequest {
  std::uint64_t old_size = 0;  // what the log believes the witness cosigned last
  ProofHashes proof;           // from old_size to the checkpoint's size
  std::string checkpoint;      // the signed note
  bool operator==(const AddCheckpointRequest&) const = default;
};

// The request body.
std::string FormatAddCheckpoint(const AddCheckpointRequest& request);
// Errors: kInvalidInput (answer 400); kLimitExceeded above 63 hashes or kNoteBytesMax.
Result<AddCheckpointRequest> ParseAddCheckpoint(std::string_view body);

// What a witness remembers of one log.
struct WitnessState {
  VerifierKey log;  // its name is the origin
  std::uint64_t size = 0;
  crypto::Digest root = EmptyRoot();  // of the checkpoint cosigned last, if any
};

// The HTTP status of the answer, which the peer link carries as it is.
enum class WitnessAnswer {
  kCosign = 200,
  kMalformed = 400,
  kBadSignature = 403,
  kUnknownLog = 404,
  kStale = 409,  // old_size is not the size cosigned last: the body tells that size
  kInconsistent = 422,
};

struct WitnessDecision {
  WitnessAnswer answer = WitnessAnswer::kMalformed;
  std::string reason;     // one line; empty for kCosign
  Checkpoint checkpoint;  // what the log signed, for kCosign and kInconsistent
  // For kCosign: the text to cosign, and the note to keep: that text and the log's own signature,
  // without the lines of keys nobody here knows.
  std::string text;
  std::string note;
  // The log grew. Otherwise the decision leaves the state as it is and nothing is to be stored: it
  // is a refusal, or the checkpoint cosigned last once more.
  bool is_growth = false;
  // The log's valid signature is on a tree that contradicts what it showed before: keep the bytes.
  bool is_evidence = false;
};

WitnessDecision Judge(const WitnessState& state, const AddCheckpointRequest& request);

// The body of a kStale answer, "<size>\n". Errors of the parser: kInvalidInput.
std::string FormatStaleBody(std::uint64_t size);
Result<std::uint64_t> ParseStaleBody(std::string_view body);

// The whole reply as the peer link carries it, "<status>\n<body>".
struct WitnessReply {
  WitnessAnswer answer = WitnessAnswer::kMalformed;
  std::string_view body;  // of the text that was parsed
};
std::string FormatWitnessReply(WitnessAnswer answer, std::string_view body);
// Errors: kPeerViolation unless the first line is one of the statuses above, in three digits.
Result<WitnessReply> ParseWitnessReply(std::string_view text);

// The log's side of a 200: `checkpoint` (a signed note) with the witness's lines of `body` added.
// Lines of other keys are dropped.
// Errors: kPeerViolation if `body` is malformed or has no valid cosignature of `witness`;
// kInvalidInput if `checkpoint` is no note.
Result<std::string> AddCosignature(std::string_view checkpoint, std::string_view body,
                                   const VerifierKey& witness);

}  // namespace entente::ledger
