// What the verbs of entente-verify read: files that the command line names, and whom to trust.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

#include "apps/entente-verify/evidence.h"
#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/ledger/checkpoint.h"
#include "entente/ledger/verify.h"

namespace entente::verify {

// A file that the command line names. Errors: kInvalidInput if it is missing or too large;
// kUnavailable.
Result<NamedFile> ReadNamedFile(const std::string& path, std::size_t size_bytes_max);
// A card, act, answer or document without the line end that an editor or a mail put behind it.
// Errors: likewise.
Result<NamedFile> ReadEnvelopeFile(const std::string& path);
// Errors: also kInvalidInput unless there are two; those of OpenCards.
Result<Cards> ReadCards(const std::vector<std::string>& paths);
// Errors: also those of OpenDocument.
Result<SignedDocument> ReadDocument(const std::string& path, const Cards& cards);

// The files of an export.
class DirectoryReader final : public ledger::FileReader {
 public:
  explicit DirectoryReader(std::filesystem::path root) : root_(std::move(root)) {}
  Result<Bytes> Read(const std::string& path, std::size_t size_bytes_max) const override;

 private:
  std::filesystem::path root_;
};

// How the command line says whose keys count: two cards, a policy file, or keys one by one.
struct KeyOptions {
  std::vector<std::string> cards;
  std::string agreement;
  std::string policy;
  std::string log_key;
  std::vector<std::string> witness_keys;
};
void AddCards(CLI::App& command, KeyOptions& options);
// The cards, and a document that must pin them.
void AddPinnedCards(CLI::App& command, KeyOptions& options);
void AddKeys(CLI::App& command, KeyOptions& options);

// The cards, after the agreement's pins were checked if one is given.
Result<Cards> ReadPinnedCards(const KeyOptions& options);

// The keys that count, and where they came from: "cards", "agreement", "policy" or "command".
struct Keys {
  ledger::Trust trust;
  std::string source;
};
// `note`, in the file `name`, is the checkpoint to be checked: its origin says whose log it is.
// Errors: kInvalidInput if the options give no keys, or wrong ones; those of the cards.
Result<Keys> ReadKeys(const KeyOptions& options, const std::string& name, std::string_view note);
bool HasKeys(const KeyOptions& options);

}  // namespace entente::verify
