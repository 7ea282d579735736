// entente-verify ledger: every file of an export.
#include <iostream>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "apps/entente-verify/inputs.h"
#include "apps/entente-verify/verbs.h"
#include "entente/ledger/export.h"
#include "entente/ledger/note.h"
#include "entente/ledger/verify.h"

namespace entente::verify {
namespace {

struct Options {
  std::string folder;
  KeyOptions keys;
  bool has_opaque_entries = false;
};

Result<Keys> KeysFromExport(const ledger::FileReader& files) {
  const std::string path(ledger::kPolicyPath);
  const auto policy = files.Read(path, ledger::kPolicyBytesMax);
  if (!policy) {
    return Error{ErrorCode::kInvalidInput,
                 "neither cards nor keys are given, and " + path + " cannot be read"};
  }
  auto trust = ledger::ParsePolicy(AsText(*policy));
  if (!trust) {
    return Error{ErrorCode::kCorruptData, path + ": " + trust.error().message};
  }
  std::cerr
      << "WARNING: the keys come from the export itself. It proves nothing until you have\n"
         "WARNING: compared these keys with those of the two cards (entente-verify card); or\n"
         "WARNING: give the cards with --card A --card B:\n"
      << "WARNING:   log      " << ledger::FormatVerifierKey(trust->log) << "\n";
  for (const ledger::VerifierKey& witness : trust->witnesses) {
    std::cerr << "WARNING:   witness  " << ledger::FormatVerifierKey(witness) << "\n";
  }
  return Keys{*std::move(trust), "export"};
}

Result<Keys> KeysForExport(const Options& options, const ledger::FileReader& files) {
  if (!HasKeys(options.keys)) {
    return KeysFromExport(files);
  }
  const std::string path(ledger::kCheckpointPath);
  const auto note = files.Read(path, ledger::kNoteBytesMax);
  if (!note) {
    return Error{ErrorCode::kCorruptData, path + ": " + note.error().message};
  }
  return ReadKeys(options.keys, path, AsText(*note));
}

Status VerifyExport(const Invocation& invocation, const Options& options) {
  const DirectoryReader files(options.folder);
  ENTENTE_ASSIGN(const Keys keys, KeysForExport(options, files));
  ENTENTE_ASSIGN(const ledger::LogSummary summary,
                 ledger::VerifyLog(files, keys.trust,
                                   options.has_opaque_entries ? ledger::EntryCheck::kOpaque
                                                              : ledger::EntryCheck::kLeaves));
  wire::Json json = CheckpointJson(summary.checkpoint, summary.cosigned_at);
  json["kinds"] = wire::Json(summary.kinds);
  json["keys_from"] = keys.source;
  std::string text = "OK " + summary.checkpoint.origin + ": " +
                     std::to_string(summary.checkpoint.size) + " entries, root " +
                     Base64Encode(summary.checkpoint.root.view()) + ", " +
                     CosignedText(summary.cosigned_at) + "\n   keys from the " + keys.source;
  for (const auto& [kind, count] : summary.kinds) {
    text += "\n   " + kind + " " + std::to_string(count);
  }
  invocation.Print(json, text);
  return {};
}

}  // namespace

void AddLedgerVerb(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  CLI::App& verb = AddVerb(app, invocation, "ledger",
                           "Check every file of an exported ledger against its signed checkpoint",
                           [&invocation, options] { return VerifyExport(invocation, *options); });
  verb.add_option("DIR", options->folder, "The export")->required();
  AddKeys(verb, options->keys);
  verb.add_flag("--opaque-entries", options->has_opaque_entries,
                "The log is not Entente's: check hashes, not what entries say");
}

}  // namespace entente::verify
