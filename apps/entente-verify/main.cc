// entente-verify: checks an exported ledger or a single proof, offline and without a node.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/main_guard.h"
#include "entente/base/error_table.h"
#include "entente/ledger/export.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/proof.h"
#include "entente/ledger/verify.h"
#include "entente/wire/json.h"

namespace entente {
namespace {

constexpr const char* kDescription =
    "Checks what an Entente node logged: offline, without a node, trusting only the keys you give.";
constexpr const char* kFooter =
    "Exit status: 0 everything holds; 9 something was altered (one line names the file and the\n"
    "first bad entry); 2 the command or a key is wrong; 7 a file could not be read.\n\n"
    "A VKEY is what the agreement carries for a ledger or witness key: name+id+base64.";

struct Options {
  std::string target;
  std::string log_key;
  std::vector<std::string> witness_keys;
  bool is_json = false;
  bool has_opaque_entries = false;
};

Result<Bytes> ReadFile(const std::filesystem::path& path, std::size_t size_bytes_max) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) {
    return Error{ErrorCode::kNotFound, "the file is missing"};
  }
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (!failure && size > size_bytes_max) {
    return Error{ErrorCode::kLimitExceeded,
                 "the file is larger than " + std::to_string(size_bytes_max) + " bytes"};
  }
  std::ifstream stream(path, std::ios::binary);
  Bytes bytes(failure ? 0 : size);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (failure || !stream) {
    return Error{ErrorCode::kUnavailable, "cannot read " + path.string()};
  }
  return bytes;
}

class DirectoryReader final : public ledger::FileReader {
 public:
  explicit DirectoryReader(std::filesystem::path root) : root_(std::move(root)) {}
  Result<Bytes> Read(const std::string& path, std::size_t size_bytes_max) const override {
    return ReadFile(root_ / path, size_bytes_max);
  }

 private:
  std::filesystem::path root_;
};

Result<ledger::Trust> TrustFromOptions(const Options& options) {
  ledger::Trust trust;
  ENTENTE_ASSIGN(trust.log, ledger::ParseVerifierKey(options.log_key));
  for (const std::string& text : options.witness_keys) {
    ENTENTE_ASSIGN(ledger::VerifierKey witness, ledger::ParseVerifierKey(text));
    trust.witnesses.push_back(std::move(witness));
  }
  trust.quorum = trust.witnesses.size();
  return trust;
}

Result<ledger::Trust> TrustFromPolicy(const ledger::FileReader& files) {
  const std::string path(ledger::kPolicyPath);
  const auto policy = files.Read(path, ledger::kPolicyBytesMax);
  if (!policy) {
    return Error{ErrorCode::kInvalidInput,
                 "no --log-key is given and " + path + " cannot be read: give the keys"};
  }
  auto trust = ledger::ParsePolicy(AsText(*policy));
  if (!trust) {
    return Error{ErrorCode::kCorruptData, path + ": " + trust.error().message};
  }
  std::cerr << "WARNING: the keys come from the export itself. It proves nothing until you have\n"
               "WARNING: compared these keys with the ones in the signed agreement:\n"
            << "WARNING:   log      " << ledger::FormatVerifierKey(trust->log) << "\n";
  for (const ledger::VerifierKey& witness : trust->witnesses) {
    std::cerr << "WARNING:   witness  " << ledger::FormatVerifierKey(witness) << "\n";
  }
  return trust;
}

wire::Json CheckpointJson(const ledger::Checkpoint& checkpoint,
                          const std::optional<UtcTime>& cosigned_at) {
  return {{"result", "ok"},
          {"origin", checkpoint.origin},
          {"entries", checkpoint.size},
          {"root", Base64Encode(checkpoint.root.view())},
          {"cosigned_at", cosigned_at ? wire::Json(FormatRfc3339(*cosigned_at)) : wire::Json()}};
}

std::string CosignedText(const std::optional<UtcTime>& cosigned_at) {
  return cosigned_at ? "cosigned at " + FormatRfc3339(*cosigned_at) : "not cosigned";
}

Status VerifyDirectory(const Options& options) {
  const DirectoryReader files(options.target);
  ENTENTE_ASSIGN(const ledger::Trust trust,
                 options.log_key.empty() ? TrustFromPolicy(files) : TrustFromOptions(options));
  ENTENTE_ASSIGN(const ledger::LogSummary summary,
                 ledger::VerifyLog(files, trust,
                                   options.has_opaque_entries ? ledger::EntryCheck::kOpaque
                                                              : ledger::EntryCheck::kLeaves));
  if (options.is_json) {
    wire::Json json = CheckpointJson(summary.checkpoint, summary.cosigned_at);
    json["kinds"] = wire::Json(summary.kinds);
    json["keys_from"] = options.log_key.empty() ? "export" : "command";
    std::cout << wire::WriteCanonicalJson(json) << "\n";
    return {};
  }
  std::cout << "OK " << summary.checkpoint.origin << ": " << summary.checkpoint.size
            << " entries, root " << Base64Encode(summary.checkpoint.root.view()) << ", "
            << CosignedText(summary.cosigned_at) << "\n";
  for (const auto& [kind, count] : summary.kinds) {
    std::cout << "   " << kind << " " << count << "\n";
  }
  return {};
}

Status VerifyProofFile(const Options& options) {
  ENTENTE_ASSIGN(const ledger::Trust trust, TrustFromOptions(options));
  auto bytes = ReadFile(options.target, ledger::kProofBytesMax);
  if (!bytes) {
    return Error{ErrorCode::kInvalidInput, options.target + ": " + bytes.error().message};
  }
  const auto proof = ledger::ParseProofWithoutVerifying(AsText(*bytes));
  const auto settled =
      proof ? ledger::VerifyProof(*proof, trust) : Result<ledger::SettledCheckpoint>(proof.error());
  if (!settled) {
    return Error{ErrorCode::kCorruptData, options.target + ": " + settled.error().message};
  }
  const auto leaf = ledger::DecodeLeaf(proof->entry);
  if (options.is_json) {
    wire::Json json = CheckpointJson(settled->checkpoint, settled->cosigned_at);
    json["index"] = proof->index;
    json["kind"] = leaf ? wire::Json(leaf->kind) : wire::Json();
    json["object"] = leaf ? wire::Json(leaf->object.Hex()) : wire::Json();
    json["time"] = leaf ? wire::Json(FormatRfc3339(leaf->time)) : wire::Json();
    std::cout << wire::WriteCanonicalJson(json) << "\n";
    return {};
  }
  std::cout << "OK entry " << proof->index << " of " << settled->checkpoint.size << " in "
            << settled->checkpoint.origin << ", " << CosignedText(settled->cosigned_at) << "\n";
  if (leaf) {
    std::cout << "   " << leaf->kind << " at " << FormatRfc3339(leaf->time) << ", object "
              << leaf->object.Hex() << "\n";
  }
  return {};
}

int Report(const Status& status, const Options& options) {
  if (status) {
    return 0;
  }
  const ErrorRow& row = ErrorRowFor(status.error().code);
  if (options.is_json) {
    std::cout << wire::WriteCanonicalJson(
                     {{"result", row.name}, {"message", status.error().message}})
              << "\n";
  } else {
    std::cerr << (status.error().code == ErrorCode::kCorruptData ? "ALTERED " : "error: ")
              << status.error().message << "\n";
  }
  return row.exit_code;
}

int Run(int argc, char** argv) {
  CLI::App app(kDescription, "entente-verify");
  app.footer(kFooter);
  app.require_subcommand(1);
  Options options;
  const auto add_common = [&options](CLI::App* command) {
    CLI::Option* log_key =
        command->add_option("--log-key", options.log_key, "The log's key, from the agreement")
            ->type_name("VKEY");
    command
        ->add_option("--witness-key", options.witness_keys,
                     "A witness's key that must have cosigned; may be given several times")
        ->type_name("VKEY")
        ->needs(log_key);
    command->add_flag("--json", options.is_json, "One line of JSON instead of text");
    return log_key;
  };
  CLI::App* ledger_command = app.add_subcommand(
      "ledger", "Check every file of an exported ledger against its signed checkpoint");
  ledger_command->add_option("DIR", options.target, "The export")->required();
  add_common(ledger_command);
  ledger_command->add_flag("--opaque-entries", options.has_opaque_entries,
                           "The log is not Entente's: check hashes, not what entries say");
  CLI::App* proof_command =
      app.add_subcommand("proof", "Check one .tlog-proof file: is its entry in the log?");
  proof_command->add_option("FILE", options.target, "The proof")->required();
  add_common(proof_command)->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : ErrorRowFor(ErrorCode::kInvalidInput).exit_code;
  }
  return Report(ledger_command->parsed() ? VerifyDirectory(options) : VerifyProofFile(options),
                options);
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) {
  return entente::GuardMain("entente-verify", entente::Run, argc, argv);
}
