#include "apps/entente-verify/inputs.h"

#include <fstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "entente/ledger/note.h"
#include "entente/ledger/policy.h"

namespace entente::verify {
namespace {

constexpr std::size_t kEnvelopeBytesMax = std::size_t{2} << 20U;

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

Result<ledger::Trust> TrustFromCommand(const KeyOptions& options) {
  ledger::Trust trust;
  ENTENTE_ASSIGN(trust.log, ledger::ParseVerifierKey(options.log_key));
  for (const std::string& text : options.witness_keys) {
    ENTENTE_ASSIGN(ledger::VerifierKey witness, ledger::ParseVerifierKey(text));
    trust.witnesses.push_back(std::move(witness));
  }
  trust.quorum = trust.witnesses.size();
  return trust;
}

Result<ledger::Trust> TrustFromPolicy(const std::string& path) {
  ENTENTE_ASSIGN(const NamedFile file, ReadNamedFile(path, ledger::kPolicyBytesMax));
  auto trust = ledger::ReadPolicy(AsText(file.bytes));
  if (!trust) {
    return Error{ErrorCode::kInvalidInput, path + ": " + trust.error().message};
  }
  return trust;
}

}  // namespace

Result<NamedFile> ReadNamedFile(const std::string& path, std::size_t size_bytes_max) {
  auto bytes = ReadFile(path, size_bytes_max);
  if (!bytes && bytes.error().code == ErrorCode::kUnavailable) {
    return Error(bytes.error());
  }
  if (!bytes) {
    return Error{ErrorCode::kInvalidInput, path + ": " + bytes.error().message};
  }
  return NamedFile{path, *std::move(bytes)};
}

Result<NamedFile> ReadEnvelopeFile(const std::string& path) {
  ENTENTE_ASSIGN(NamedFile file, ReadNamedFile(path, kEnvelopeBytesMax));
  while (!file.bytes.empty() && (file.bytes.back() == '\n' || file.bytes.back() == '\r')) {
    file.bytes.pop_back();
  }
  return file;
}

Result<Cards> ReadCards(const std::vector<std::string>& paths) {
  if (paths.size() != 2) {
    return Error{ErrorCode::kInvalidInput, "give the cards of both sides: --card A --card B"};
  }
  ENTENTE_ASSIGN(const NamedFile one, ReadEnvelopeFile(paths[0]));
  ENTENTE_ASSIGN(const NamedFile other, ReadEnvelopeFile(paths[1]));
  return OpenCards(one, other);
}

Result<SignedDocument> ReadDocument(const std::string& path, const Cards& cards) {
  ENTENTE_ASSIGN(const NamedFile envelope, ReadEnvelopeFile(path));
  return OpenDocument(envelope, cards);
}

Result<Bytes> DirectoryReader::Read(const std::string& path, std::size_t size_bytes_max) const {
  return ReadFile(root_ / path, size_bytes_max);
}

void AddCards(CLI::App& command, KeyOptions& options) {
  command
      .add_option("--card", options.cards, "The card of one side; give both sides', in any order")
      ->type_name("CARD")
      ->allow_extra_args(false);
}

void AddPinnedCards(CLI::App& command, KeyOptions& options) {
  AddCards(command, options);
  command
      .add_option("--agreement", options.agreement,
                  "A co-signed document (`entente document export`) that must pin the two cards")
      ->type_name("FILE")
      ->needs("--card");
}

void AddKeys(CLI::App& command, KeyOptions& options) {
  AddPinnedCards(command, options);
  command
      .add_option("--policy", options.policy,
                  "A C2SP tlog-policy with the keys and the quorum, instead of cards")
      ->type_name("FILE")
      ->excludes("--card");
  CLI::Option* const log_key =
      command.add_option("--log-key", options.log_key, "The log's key, instead of cards")
          ->type_name("VKEY")
          ->excludes("--card")
          ->excludes("--policy");
  command
      .add_option("--witness-key", options.witness_keys,
                  "A witness's key that must have cosigned; may be given several times")
      ->type_name("VKEY")
      ->allow_extra_args(false)
      ->needs(log_key);
}

Result<Cards> ReadPinnedCards(const KeyOptions& options) {
  ENTENTE_ASSIGN(Cards cards, ReadCards(options.cards));
  if (!options.agreement.empty()) {
    ENTENTE_TRY(ReadDocument(options.agreement, cards));
  }
  return cards;
}

bool HasKeys(const KeyOptions& options) {
  return !options.cards.empty() || !options.policy.empty() || !options.log_key.empty();
}

Result<Keys> ReadKeys(const KeyOptions& options, const std::string& name, std::string_view note) {
  if (!HasKeys(options)) {
    return Error{ErrorCode::kInvalidInput,
                 "give the cards of both sides, or --policy, or --log-key"};
  }
  if (!options.cards.empty()) {
    ENTENTE_ASSIGN(const Cards cards, ReadPinnedCards(options));
    ENTENTE_ASSIGN(ledger::Trust trust, TrustForCheckpoint(cards, name, note));
    return Keys{std::move(trust), options.agreement.empty() ? "cards" : "agreement"};
  }
  const bool has_policy = !options.policy.empty();
  ENTENTE_ASSIGN(ledger::Trust trust,
                 has_policy ? TrustFromPolicy(options.policy) : TrustFromCommand(options));
  return Keys{std::move(trust), has_policy ? "policy" : "command"};
}

}  // namespace entente::verify
