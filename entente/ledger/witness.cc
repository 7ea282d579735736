#include "entente/ledger/witness.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "entente/ledger/text.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kOldPrefix = "old ";
constexpr std::array kAnswers{WitnessAnswer::kCosign,     WitnessAnswer::kMalformed,
                              WitnessAnswer::kUnknownLog, WitnessAnswer::kBadSignature,
                              WitnessAnswer::kStale,      WitnessAnswer::kInconsistent};

std::string StatusOf(WitnessAnswer answer) { return std::to_string(static_cast<int>(answer)); }

WitnessDecision Refuse(WitnessAnswer answer, std::string reason, bool is_evidence = false) {
  WitnessDecision decision;
  decision.answer = answer;
  decision.reason = std::move(reason);
  decision.is_evidence = is_evidence;
  return decision;
}

// Does the tree of `checkpoint` extend the one in `state`?
Status CheckGrowth(const WitnessState& state, const Checkpoint& checkpoint,
                   const ProofHashes& proof) {
  if (state.size > 0) {
    return VerifyConsistency(state.size, checkpoint.size, proof, state.root, checkpoint.root);
  }
  // Any tree extends the empty one, which leaves nothing to prove.
  if (!proof.empty() || (checkpoint.size == 0 && checkpoint.root != EmptyRoot())) {
    return Error{ErrorCode::kCorruptData, "the first checkpoint comes without a proof"};
  }
  return {};
}

}  // namespace

std::string FormatAddCheckpoint(const AddCheckpointRequest& request) {
  std::string body = std::string(kOldPrefix) + std::to_string(request.old_size) + "\n";
  for (const crypto::Digest& hash : request.proof) {
    body += Base64Encode(hash.view()) + "\n";
  }
  return body + "\n" + request.checkpoint;
}

Result<AddCheckpointRequest> ParseAddCheckpoint(std::string_view body) {
  AddCheckpointRequest request;
  ENTENTE_ASSIGN(const std::string_view old, TakeLine(body));
  if (!old.starts_with(kOldPrefix)) {
    return Error{ErrorCode::kInvalidInput, "the first line is not \"old <size>\""};
  }
  ENTENTE_ASSIGN(request.old_size, ParseDecimal(old.substr(kOldPrefix.size())));
  ENTENTE_ASSIGN(request.proof, TakeProofHashes(body));
  // Refuses what Judge could not read either, so that the form is checked in one place.
  ENTENTE_TRY(ParseNoteWithoutVerifying(body));
  request.checkpoint = std::string(body);
  return request;
}

WitnessDecision Judge(const WitnessState& state, const AddCheckpointRequest& request) {
  auto note = ParseNoteWithoutVerifying(request.checkpoint);
  if (!note) {
    return Refuse(WitnessAnswer::kMalformed, note.error().message);
  }
  auto checkpoint = ParseCheckpoint(note->text);
  if (!checkpoint) {
    return Refuse(WitnessAnswer::kMalformed, checkpoint.error().message);
  }
  if (checkpoint->origin != state.log.name) {
    return Refuse(WitnessAnswer::kUnknownLog, "this witness does not know the log");
  }
  const std::array<VerifierKey, 1> known{state.log};
  if (auto opened = OpenNote(request.checkpoint, known); !opened) {
    return Refuse(WitnessAnswer::kBadSignature, opened.error().message);
  }
  if (request.old_size > checkpoint->size) {
    return Refuse(WitnessAnswer::kMalformed, "the old size is above the checkpoint's size");
  }
  if (request.old_size != state.size) {
    return Refuse(WitnessAnswer::kStale, "the size cosigned last is " + std::to_string(state.size));
  }
  if (auto grown = CheckGrowth(state, *checkpoint, request.proof); !grown) {
    // A bad proof may be a mistake; a second root for one size is a fork, if the first was
    // cosigned.
    const bool is_fork =
        state.size > 0 && state.size == checkpoint->size && state.root != checkpoint->root;
    WitnessDecision refusal = Refuse(WitnessAnswer::kInconsistent, grown.error().message, is_fork);
    refusal.checkpoint = *std::move(checkpoint);
    return refusal;
  }
  WitnessDecision decision;
  decision.answer = WitnessAnswer::kCosign;
  decision.is_growth = checkpoint->size != state.size;
  const auto line = std::find_if(note->signatures.begin(), note->signatures.end(),
                                 [&](const SignatureLine& one) { return one.IsFrom(state.log); });
  decision.note = FormatNote({note->text, {*line}});
  decision.checkpoint = *std::move(checkpoint);
  decision.text = std::move(note->text);
  return decision;
}

std::string FormatStaleBody(std::uint64_t size) { return std::to_string(size) + "\n"; }

Result<std::uint64_t> ParseStaleBody(std::string_view body) {
  ENTENTE_ASSIGN(const std::string_view line, TakeLine(body));
  if (!body.empty()) {
    return Error{ErrorCode::kInvalidInput, "the witness's size is not a single line"};
  }
  return ParseDecimal(line);
}

std::string FormatWitnessReply(WitnessAnswer answer, std::string_view body) {
  return StatusOf(answer) + "\n" + std::string(body);
}

Result<WitnessReply> ParseWitnessReply(std::string_view text) {
  const auto status = TakeLine(text);
  const auto* const answer =
      std::find_if(kAnswers.begin(), kAnswers.end(),
                   [&](WitnessAnswer known) { return status && *status == StatusOf(known); });
  if (answer == kAnswers.end()) {
    return Error{ErrorCode::kPeerViolation, "the witness's answer has no status of tlog-witness"};
  }
  return WitnessReply{*answer, text};
}

Result<std::string> AddCosignature(std::string_view checkpoint, std::string_view body,
                                   const VerifierKey& witness) {
  ENTENTE_ASSIGN(Note note, ParseNoteWithoutVerifying(checkpoint));
  auto lines = ParseSignatureLines(body);
  if (!lines) {
    return Error{ErrorCode::kPeerViolation, "the witness's answer: " + lines.error().message};
  }
  const auto valid = std::find_if(lines->begin(), lines->end(), [&](const SignatureLine& line) {
    return witness.type == KeyType::kCosignatureV1 && VerifySignature(line, note.text, witness);
  });
  if (valid == lines->end()) {
    return Error{ErrorCode::kPeerViolation, "the witness's answer has no valid cosignature"};
  }
  note.signatures.push_back(*valid);
  return FormatNote(note);
}

}  // namespace entente::ledger
