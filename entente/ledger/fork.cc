#include "entente/ledger/fork.h"

#include <array>
#include <utility>

#include "entente/ledger/checkpoint.h"
#include "entente/wire/json.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kType = "entente-fork/1";

Error NoFork(std::string why) { return {ErrorCode::kCorruptData, std::move(why)}; }

Result<Checkpoint> OpenSigned(const char* which, std::string_view note, const VerifierKey& log) {
  const std::array<VerifierKey, 1> known{log};
  const auto opened = OpenNote(note, known);
  if (!opened) {
    return NoFork(std::string(which) + ": " + opened.error().message);
  }
  auto checkpoint = ParseCheckpoint(opened->note.text);
  if (!checkpoint || checkpoint->origin != log.name) {
    return NoFork(std::string(which) + ": is no checkpoint of " + log.name);
  }
  return checkpoint;
}

}  // namespace

std::string FormatFork(const Fork& fork) {
  return wire::WriteCanonicalJson(
      {{"first", fork.first}, {"second", fork.second}, {"type", kType}});
}

Result<Fork> ParseForkWithoutVerifying(std::string_view bytes) {
  if (bytes.size() > kForkBytesMax) {
    return Error{ErrorCode::kLimitExceeded, "evidence of a fork is larger than 1 MiB"};
  }
  constexpr std::size_t kValues = 4;
  ENTENTE_ASSIGN(const wire::Json json, wire::ParseCanonicalJson(bytes, kValues));
  wire::JsonReader reader(json, "fork");
  Fork fork;
  ENTENTE_ASSIGN(const std::string type, reader.String("type"));
  ENTENTE_ASSIGN(fork.first, reader.String("first", kNoteBytesMax));
  ENTENTE_ASSIGN(fork.second, reader.String("second", kNoteBytesMax));
  ENTENTE_TRY(reader.Finish());
  if (type != kType) {
    return Error{ErrorCode::kInvalidInput, "the file is no evidence of a fork, entente-fork/1"};
  }
  return fork;
}

Result<ProvenFork> VerifyFork(const Fork& fork, const VerifierKey& log) {
  ENTENTE_ASSIGN(const Checkpoint first, OpenSigned("first", fork.first, log));
  ENTENTE_ASSIGN(const Checkpoint second, OpenSigned("second", fork.second, log));
  if (first.size != second.size) {
    return NoFork("the checkpoints have two sizes: both may be of one history");
  }
  if (first.root == second.root) {
    return NoFork("the checkpoints have one root: they are of one history");
  }
  return ProvenFork{first.size, first.root, second.root};
}

}  // namespace entente::ledger
