// entente-verify: checks exported ledgers, proofs, cards and co-signed documents, offline and
// without a node.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/entente-verify/evidence.h"
#include "apps/entente/version.h"
#include "apps/main_guard.h"
#include "entente/base/error_table.h"
#include "entente/ledger/export.h"
#include "entente/ledger/leaf.h"
#include "entente/ledger/proof.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/verify.h"
#include "entente/wire/json.h"

namespace entente {
namespace {

constexpr const char* kDescription =
    "Checks what Entente nodes signed and logged: offline, without a node, trusting only the\n"
    "cards or keys you give.";
constexpr const char* kFooter =
    "Exit status: 0 everything holds; 9 something was altered (one line names the file and the\n"
    "first bad entry); 2 the command or a key is wrong; 7 a file could not be read.\n\n"
    "What you trust are the two cards: the authorities compared their fingerprints by voice, and\n"
    "the agreement they signed pins them. `entente-verify card` shows a card's fingerprint,\n"
    "--agreement checks the pins. A VKEY, name+id+base64, is one of a card's keys;\n"
    "`entente-verify card CARD --peer CARD` prints it.";
constexpr std::size_t kEnvelopeBytesMax = std::size_t{2} << 20U;

struct Options {
  std::string target;
  std::string log_key;
  std::vector<std::string> witness_keys;
  std::vector<std::string> cards;
  std::string agreement;
  std::string fingerprint;
  std::string peer;
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

// Of a file that the command line names.
Result<Bytes> ReadNamedFile(const std::string& path, std::size_t size_bytes_max) {
  auto bytes = ReadFile(path, size_bytes_max);
  if (!bytes) {
    return Error{ErrorCode::kInvalidInput, path + ": " + bytes.error().message};
  }
  return bytes;
}

// A card or document without the line end that an editor or a mail put behind it.
Result<Bytes> ReadEnvelopeFile(const std::string& path) {
  ENTENTE_ASSIGN(Bytes bytes, ReadNamedFile(path, kEnvelopeBytesMax));
  while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) {
    bytes.pop_back();
  }
  return bytes;
}

Result<verify::Cards> ReadCards(const std::vector<std::string>& paths) {
  if (paths.size() != 2) {
    return Error{ErrorCode::kInvalidInput, "give the cards of both sides: --card A --card B"};
  }
  ENTENTE_ASSIGN(const Bytes one, ReadEnvelopeFile(paths[0]));
  ENTENTE_ASSIGN(const Bytes other, ReadEnvelopeFile(paths[1]));
  return verify::OpenCards(one, other);
}

Result<verify::SignedDocument> ReadDocument(const std::string& path, const verify::Cards& cards) {
  ENTENTE_ASSIGN(const Bytes envelope, ReadEnvelopeFile(path));
  auto document = verify::OpenDocument(envelope, cards);
  if (!document) {
    return Error{document.error().code, path + ": " + document.error().message};
  }
  return document;
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
  return trust;
}

// The keys that count, and where they came from: "cards", "agreement", "command" or "export".
struct Keys {
  ledger::Trust trust;
  std::string source;
};

// `note` is the checkpoint to be checked: its origin says whose log it is.
Result<Keys> KeysFromCards(const Options& options, std::string_view note) {
  ENTENTE_ASSIGN(const verify::Cards cards, ReadCards(options.cards));
  if (!options.agreement.empty()) {
    ENTENTE_TRY(ReadDocument(options.agreement, cards));
  }
  ENTENTE_ASSIGN(ledger::Trust trust, verify::TrustForCheckpoint(cards, note));
  return Keys{std::move(trust), options.agreement.empty() ? "cards" : "agreement"};
}

Result<Keys> KeysForDirectory(const Options& options, const ledger::FileReader& files) {
  if (!options.cards.empty()) {
    const std::string path(ledger::kCheckpointPath);
    const auto note = files.Read(path, ledger::kNoteBytesMax);
    if (!note) {
      return Error{ErrorCode::kCorruptData, path + ": " + note.error().message};
    }
    return KeysFromCards(options, AsText(*note));
  }
  const bool are_given = !options.log_key.empty();
  ENTENTE_ASSIGN(ledger::Trust trust,
                 are_given ? TrustFromOptions(options) : TrustFromPolicy(files));
  return Keys{std::move(trust), are_given ? "command" : "export"};
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
  ENTENTE_ASSIGN(const Keys keys, KeysForDirectory(options, files));
  ENTENTE_ASSIGN(const ledger::LogSummary summary,
                 ledger::VerifyLog(files, keys.trust,
                                   options.has_opaque_entries ? ledger::EntryCheck::kOpaque
                                                              : ledger::EntryCheck::kLeaves));
  if (options.is_json) {
    wire::Json json = CheckpointJson(summary.checkpoint, summary.cosigned_at);
    json["kinds"] = wire::Json(summary.kinds);
    json["keys_from"] = keys.source;
    std::cout << wire::WriteCanonicalJson(json) << "\n";
    return {};
  }
  std::cout << "OK " << summary.checkpoint.origin << ": " << summary.checkpoint.size
            << " entries, root " << Base64Encode(summary.checkpoint.root.view()) << ", "
            << CosignedText(summary.cosigned_at) << "\n   keys from the " << keys.source << "\n";
  for (const auto& [kind, count] : summary.kinds) {
    std::cout << "   " << kind << " " << count << "\n";
  }
  return {};
}

Result<ledger::Trust> TrustForProof(const Options& options, const ledger::EntryProof& proof) {
  if (options.cards.empty()) {
    return TrustFromOptions(options);
  }
  ENTENTE_ASSIGN(Keys keys, KeysFromCards(options, proof.checkpoint));
  return std::move(keys.trust);
}

Status VerifyProofFile(const Options& options) {
  if (options.cards.empty() && options.log_key.empty()) {
    return Error{ErrorCode::kInvalidInput, "give the cards of both sides, or --log-key"};
  }
  ENTENTE_ASSIGN(const Bytes bytes, ReadNamedFile(options.target, ledger::kProofBytesMax));
  const auto proof = ledger::ParseProofWithoutVerifying(AsText(bytes));
  if (!proof) {
    return Error{ErrorCode::kCorruptData, options.target + ": " + proof.error().message};
  }
  ENTENTE_ASSIGN(const ledger::Trust trust, TrustForProof(options, *proof));
  const auto settled = ledger::VerifyProof(*proof, trust);
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

Status ShowCard(const Options& options) {
  ENTENTE_ASSIGN(const Bytes file, ReadEnvelopeFile(options.target));
  ENTENTE_ASSIGN(const act::Card card, verify::OpenCard(file));
  if (!options.fingerprint.empty()) {
    ENTENTE_TRY(verify::CheckFingerprint(card, options.fingerprint));
  }
  const act::CardFingerprint fingerprint = act::FingerprintOf(card);
  wire::Json json{{"result", "ok"},
                  {"name", card.name},
                  {"country", card.country},
                  {"exercise", card.is_exercise},
                  {"id", card.id().str()},
                  {"fingerprint", act::Spoken(fingerprint)},
                  {"fingerprint_hex", fingerprint.Hex()},
                  {"log_vkey", nullptr},
                  {"witness_vkey",
                   ledger::FormatVerifierKey(ledger::WitnessKey(card.id(), card.keys.witness))}};
  if (!options.peer.empty()) {
    ENTENTE_ASSIGN(const verify::Cards cards, ReadCards({options.target, options.peer}));
    json["log_vkey"] =
        ledger::FormatVerifierKey(ledger::LogKey(card.id(), cards[1].id(), card.keys.ledger));
  }
  if (options.is_json) {
    std::cout << wire::WriteCanonicalJson(json) << "\n";
    return {};
  }
  std::cout << "OK card of " << card.name << " (" << card.country
            << (card.is_exercise ? ", EXERCISE" : "") << ")\n   fingerprint  "
            << act::Spoken(fingerprint) << "\n                " << fingerprint.Hex()
            << "\n   log          "
            << (options.peer.empty() ? "named after both sides: give --peer CARD"
                                     : json["log_vkey"].get<std::string>())
            << "\n   witness      " << json["witness_vkey"].get<std::string>() << "\n";
  return {};
}

Status VerifyDocumentFile(const Options& options) {
  ENTENTE_ASSIGN(const verify::Cards cards, ReadCards(options.cards));
  ENTENTE_ASSIGN(const verify::SignedDocument proven, ReadDocument(options.target, cards));
  const agreement::Document& document = proven.document;
  if (options.is_json) {
    wire::Json signatories = wire::Json::array();
    for (const agreement::Signatory& signatory : document.signatories) {
      signatories.push_back({{"country", signatory.country}, {"name", signatory.name}});
    }
    std::cout << wire::WriteCanonicalJson({{"result", "ok"},
                                           {"id", proven.id.Hex()},
                                           {"type", agreement::TypeName(document.type)},
                                           {"title", document.title},
                                           {"signatories", std::move(signatories)}})
              << "\n";
    return {};
  }
  std::cout << "OK " << agreement::TypeName(document.type) << " " << proven.id.Hex()
            << ", pins both cards\n";
  for (const auto& [language, title] : document.title) {
    std::cout << "   " << language << "  " << title << "\n";
  }
  for (const agreement::Signatory& signatory : document.signatories) {
    std::cout << "   signed for " << signatory.country << " by " << signatory.name << "\n";
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

void AddCards(CLI::App& command, Options& options) {
  command
      .add_option("--card", options.cards, "The card of one side; give both sides', in any order")
      ->type_name("CARD")
      ->allow_extra_args(false);
}

// How a log's keys are given: by the two cards, or one by one.
void AddKeys(CLI::App& command, Options& options) {
  AddCards(command, options);
  command
      .add_option("--agreement", options.agreement,
                  "A co-signed document (`entente document export`) that must pin the two cards")
      ->type_name("FILE")
      ->needs("--card");
  CLI::Option* const log_key =
      command.add_option("--log-key", options.log_key, "The log's key instead of cards")
          ->type_name("VKEY")
          ->excludes("--card");
  command
      .add_option("--witness-key", options.witness_keys,
                  "A witness's key that must have cosigned; may be given several times")
      ->type_name("VKEY")
      ->allow_extra_args(false)
      ->needs(log_key);
}

int Run(int argc, char** argv) {
  CLI::App app(kDescription, "entente-verify");
  app.footer(kFooter);
  app.set_version_flag("--version", app::kVersion);
  app.require_subcommand(1);
  Options options;
  std::function<Status(const Options&)> action;
  const auto add = [&](const char* name, const char* help, const char* target, const char* what,
                       Status (*check)(const Options&)) {
    CLI::App* const command = app.add_subcommand(name, help);
    command->add_option(target, options.target, what)->required();
    command->add_flag("--json", options.is_json, "One line of JSON instead of text");
    command->callback([&action, check] { action = check; });
    return command;
  };
  CLI::App* const ledger =
      add("ledger", "Check every file of an exported ledger against its signed checkpoint", "DIR",
          "The export", &VerifyDirectory);
  AddKeys(*ledger, options);
  ledger->add_flag("--opaque-entries", options.has_opaque_entries,
                   "The log is not Entente's: check hashes, not what entries say");
  AddKeys(*add("proof", "Check one .tlog-proof file: is its entry in the log?", "FILE", "The proof",
               &VerifyProofFile),
          options);
  AddCards(*add("document", "Check a co-signed document and say who signed it", "FILE",
                "What `entente document export` wrote", &VerifyDocumentFile),
           options);
  CLI::App* const card = add("card", "Show whose card this is, its fingerprint and its keys",
                             "FILE", "The card", &ShowCard);
  card->add_option("--fingerprint", options.fingerprint,
                   "The fingerprint it must have, as read aloud or in hex")
      ->type_name("TEXT");
  card->add_option("--peer", options.peer, "The other side's card: the log is named after both")
      ->type_name("CARD");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : ErrorRowFor(ErrorCode::kInvalidInput).exit_code;
  }
  return Report(action(options), options);
}

}  // namespace
}  // namespace entente

int main(int argc, char** argv) {
  return entente::GuardMain("entente-verify", entente::Run, argc, argv);
}
