#include "apps/entente/home.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "apps/entente/config.h"
#include "apps/entente/files.h"
#include "entente/api/tlog_routes.h"
#include "entente/base/utf8.h"
#include "entente/crypto/key_file.h"
#include "entente/crypto/random.h"
#include "entente/net/plain_listener.h"
#include "entente/records/text.h"
#include "entente/wire/json.h"

namespace entente::app {
namespace {

using wire::Json;
using wire::JsonReader;

constexpr std::array<const char*, 5> kRoles{"message", "ledger", "witness", "tls", "encryption"};
constexpr std::size_t kSmallFile = std::size_t{64} << 10U;
constexpr std::size_t kPassphraseBytesMax = 1024;

// What home.json holds: the card without its keys, and the salt of the key files.
struct HomeIdentity {
  act::Card card;
  crypto::Salt salt;
};

Bytes EncodeIdentity(const HomeIdentity& home) {
  return ToBytes(wire::WriteCanonicalJson({{"v", 1},
                                           {"name", home.card.name},
                                           {"country", home.card.country},
                                           {"exercise", home.card.is_exercise},
                                           {"languages", home.card.languages},
                                           {"contact", home.card.contact},
                                           {"endpoints", home.card.endpoints},
                                           {"time", FormatRfc3339(home.card.time)},
                                           {"salt", Base64Encode(home.salt.view())}}));
}

Result<HomeIdentity> ParseIdentity(const Bytes& bytes) {
  ENTENTE_ASSIGN(const Json json, wire::ParseJson(AsText(bytes)));
  JsonReader reader(json, "home.json");
  HomeIdentity home;
  ENTENTE_TRY(reader.Integer("v", 1, 1));
  ENTENTE_ASSIGN(home.card.name, reader.String("name", 200));
  ENTENTE_ASSIGN(home.card.country, reader.String("country", 2));
  ENTENTE_ASSIGN(home.card.is_exercise, reader.Boolean("exercise"));
  ENTENTE_ASSIGN(home.card.languages, reader.Strings("languages", 4));
  ENTENTE_ASSIGN(home.card.contact, reader.String("contact", 400));
  ENTENTE_ASSIGN(home.card.endpoints, reader.Strings("endpoints", 8));
  ENTENTE_ASSIGN(const std::string time, reader.String("time", 27));
  ENTENTE_ASSIGN(home.card.time, ParseRfc3339(time));
  ENTENTE_ASSIGN(const Bytes salt, reader.Base64("salt", crypto::Salt::kSize));
  ENTENTE_ASSIGN(home.salt, crypto::Salt::From(salt));
  ENTENTE_TRY(reader.Finish());
  return home;
}

Result<HomeIdentity> ReadIdentity(const HomePaths& paths) {
  const auto bytes = ReadFile(paths.identity(), kSmallFile);
  if (!bytes) {
    return Error{bytes.error().code,
                 paths.root + " is not a home this user can read; make one with `entente init`"};
  }
  return ParseIdentity(*bytes);
}

// An exercise may be played by countries that do not exist: ISO 3166-1 leaves XA to XZ to its
// users.
Status CheckCountry(const act::Card& card) {
  const bool is_invented = card.is_exercise && card.country.starts_with('X');
  if (!is_invented && records::CountryCode(card.country) != card.country) {
    return Error{ErrorCode::kInvalidInput,
                 "\"" + OneLine(card.country, 8) +
                     "\" is no country of ISO 3166-1: give two capital letters, such as MA (an "
                     "exercise may also use XA to XZ)"};
  }
  return {};
}

Status CheckSocketPath(const HomePaths& paths) {
  if (paths.socket().size() > net::kUnixPathSizeBytesMax) {
    return Error{ErrorCode::kInvalidInput, paths.socket() +
                                               " is too long a path for a socket, which takes " +
                                               std::to_string(net::kUnixPathSizeBytesMax) +
                                               " bytes: choose a shorter --home"};
  }
  return {};
}

// What is wrong with a card before its keys exist: distinct placeholders take their place.
Status CheckWithoutKeys(act::Card card) {
  ENTENTE_TRY(CheckCountry(card));
  card.keys = {};
  card.keys.ledger.bytes[0] = 1;
  card.keys.witness.bytes[0] = 2;
  card.keys.tls.bytes[0] = 3;
  card.keys.encryption.bytes[0] = 4;
  return act::ValidateCard(card);
}

bool CanOthersRead(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && (info.st_mode & 0077U) != 0;
}

Status CheckPrivate(const std::string& path) {
  if (access(path.c_str(), F_OK) != 0) {
    return Error{ErrorCode::kNotFound,
                 path +
                     " is missing: bring it back from a copy of this home; without it the node "
                     "is another one"};
  }
  if (CanOthersRead(path)) {
    return Error{ErrorCode::kNotPermitted,
                 path + " can be read by others; run `chmod 600` on it and change the passphrase"};
  }
  return {};
}

Result<crypto::Seed> OpenSeed(const HomePaths& paths, const std::string& role,
                              const crypto::PassphraseKey& key) {
  ENTENTE_TRY(CheckPrivate(paths.key(role)));
  ENTENTE_ASSIGN(const Bytes file, ReadFile(paths.key(role), kSmallFile));
  ENTENTE_ASSIGN(const Json json, wire::ParseJson(AsText(file)));
  JsonReader reader(json, role + ".key");
  ENTENTE_TRY(reader.Integer("v", 1, 1));
  ENTENTE_TRY(reader.String("role", 32));
  ENTENTE_ASSIGN(const Bytes sealed, reader.Base64("sealed", 256));
  ENTENTE_TRY(reader.Finish());
  return key.Open(role, sealed);
}

// Turns the terminal's echo off while it lives.
class NoEcho {
 public:
  NoEcho() {
    tcgetattr(STDIN_FILENO, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    std::cerr << "\n";
  }

 private:
  termios before_{};
};

// Byte by byte into a buffer that does not grow: neither it nor a stream leaves a copy behind.
Result<SecretText> Prompt(const char* text) {
  std::cerr << text << std::flush;
  const NoEcho no_echo;
  Bytes line(kPassphraseBytesMax + 1);
  std::size_t size = 0;
  while (size < line.size() && read(STDIN_FILENO, &line[size], 1) == 1 && line[size] != '\n') {
    ++size;
  }
  SecretText secret(std::move(line));
  if (size > kPassphraseBytesMax) {
    tcflush(STDIN_FILENO, TCIFLUSH);  // the rest is no command for the shell
    return Error{ErrorCode::kLimitExceeded,
                 "the passphrase is longer than " + std::to_string(kPassphraseBytesMax) + " bytes"};
  }
  return SecretText(ToBytes(secret.view().first(size)));
}

SecretText WithoutNewline(const SecretText& secret) {
  ByteView view = secret.view();
  while (!view.empty() && (view.back() == '\n' || view.back() == '\r')) {
    view = view.first(view.size() - 1);
  }
  return SecretText(ToBytes(view));
}

}  // namespace

Result<SecretText> ReadPassphrase(const std::string& file, bool is_new) {
  std::string path = file;
  if (const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
      path.empty() && folder != nullptr) {
    path = std::string(folder) + "/entente-passphrase";
  }
  SecretText passphrase;
  if (!path.empty()) {
    ENTENTE_ASSIGN(const SecretText content, ReadSecretFile(path, kPassphraseBytesMax));
    passphrase = WithoutNewline(content);
  } else if (isatty(STDIN_FILENO) == 1) {
    ENTENTE_ASSIGN(passphrase, Prompt("Passphrase of the keys: "));
    if (is_new) {
      ENTENTE_ASSIGN(const SecretText again, Prompt("Once more: "));
      if (!EqualConstantTime(again.view(), passphrase.view())) {
        return Error{ErrorCode::kInvalidInput, "the two passphrases differ"};
      }
    }
  } else {
    return Error{ErrorCode::kInvalidInput,
                 "no passphrase: give --passphrase-file FILE, a systemd credential named "
                 "entente-passphrase, or a terminal"};
  }
  if (passphrase.view().empty()) {
    return Error{ErrorCode::kInvalidInput, "the passphrase is empty"};
  }
  return passphrase;
}

Status InitHome(const HomePaths& paths, const InitRequest& request, const SecretText& passphrase,
                Random& random, const Clock& clock) {
  HomeIdentity home;
  home.card.name = request.name;
  home.card.country = request.country;
  home.card.is_exercise = request.is_exercise;
  home.card.languages = request.languages;
  home.card.contact = request.contact;
  home.card.endpoints = request.endpoints;
  home.card.time = clock.Now();
  home.salt = crypto::RandomBytes<crypto::Salt>(random);
  ENTENTE_TRY(CheckWithoutKeys(home.card));
  Config config;
  config.listen = request.listen;
  config.console_listen = request.console_listen;
  ENTENTE_TRY(CheckConfig(config));
  ENTENTE_TRY(CheckSocketPath(paths));
  if (!request.is_exercise && passphrase.view().size() < kPassphraseBytesMin) {
    return Error{ErrorCode::kInvalidInput, "the passphrase needs at least " +
                                               std::to_string(kPassphraseBytesMin) +
                                               " bytes; only an exercise takes a shorter one"};
  }

  ENTENTE_TRY(MakePrivateFolder(paths.root));
  ENTENTE_TRY(MakePrivateFolder(paths.keys()));
  ENTENTE_ASSIGN(const crypto::PassphraseKey key,
                 crypto::PassphraseKey::Stretch(passphrase, home.salt));
  for (const std::string role : kRoles) {
    const Bytes sealed = key.Seal(role, crypto::NewSeed(random), random);
    ENTENTE_TRY(WritePrivateFile(
        paths.key(role), AsBytes(wire::WriteCanonicalJson(
                             {{"v", 1}, {"role", role}, {"sealed", Base64Encode(sealed)}}))));
  }
  ENTENTE_TRY(WritePrivateFile(paths.config(), AsBytes(FormatConfig(config))));
  return WritePrivateFile(paths.identity(), EncodeIdentity(home));
}

Result<SecretText> ReadLedgerToken(const HomePaths& paths, const Config& config) {
  if (config.ledger_token_file.empty()) {
    return SecretText();
  }
  const bool is_absolute = config.ledger_token_file.starts_with('/');
  const std::string path = (is_absolute ? "" : paths.root + "/") + config.ledger_token_file;
  if (CanOthersRead(path)) {
    return Error{ErrorCode::kNotPermitted,
                 "ledger.token_file: " + path + " can be read by others; run `chmod 600` on it"};
  }
  ENTENTE_ASSIGN(const SecretText file, ReadSecretFile(path, api::kBearerTokenBytesMax + 2));
  SecretText token = WithoutNewline(file);
  const std::size_t size = token.view().size();
  if (size < api::kBearerTokenBytesMin || size > api::kBearerTokenBytesMax) {
    return Error{ErrorCode::kInvalidInput, "ledger.token_file: " + path + " must hold a token of " +
                                               std::to_string(api::kBearerTokenBytesMin) + " to " +
                                               std::to_string(api::kBearerTokenBytesMax) +
                                               " bytes"};
  }
  return token;
}

Result<Config> CheckHome(const HomePaths& paths) {
  ENTENTE_ASSIGN(const HomeIdentity home, ReadIdentity(paths));
  ENTENTE_TRY(CheckWithoutKeys(home.card));
  for (const char* const role : kRoles) {
    ENTENTE_TRY(CheckPrivate(paths.key(role)));
  }
  ENTENTE_TRY(CheckSocketPath(paths));
  ENTENTE_ASSIGN(const Bytes text, ReadFile(paths.config(), kSmallFile));
  ENTENTE_ASSIGN(Config config, ParseConfig(AsText(text)));
  ENTENTE_TRY(ReadLedgerToken(paths, config));
  return config;
}

Result<NodeKeys> NodeKeys::Open(const HomePaths& paths, const SecretText& passphrase,
                                const Clock& clock) {
  ENTENTE_ASSIGN(HomeIdentity home, ReadIdentity(paths));
  ENTENTE_ASSIGN(const crypto::PassphraseKey key,
                 crypto::PassphraseKey::Stretch(passphrase, home.salt));
  const auto signer = [&](const char* role) -> Result<std::unique_ptr<crypto::Signer>> {
    ENTENTE_ASSIGN(const crypto::Seed seed, OpenSeed(paths, role, key));
    return std::unique_ptr<crypto::Signer>(std::make_unique<crypto::Ed25519Signer>(seed));
  };
  NodeKeys keys;
  ENTENTE_ASSIGN(keys.message_, signer("message"));
  ENTENTE_ASSIGN(keys.ledger_, signer("ledger"));
  ENTENTE_ASSIGN(keys.witness_, signer("witness"));
  ENTENTE_ASSIGN(const crypto::Seed tls, OpenSeed(paths, "tls", key));
  ENTENTE_ASSIGN(crypto::Seed encryption, OpenSeed(paths, "encryption", key));
  keys.encryption_ = std::make_unique<crypto::BoxKey>(std::move(encryption));
  home.card.keys = {keys.message_->public_key(), keys.ledger_->public_key(),
                    keys.witness_->public_key(), crypto::Ed25519Signer(tls).public_key(),
                    keys.encryption_->public_key()};
  keys.card_ = home.card;
  ENTENTE_ASSIGN(keys.signed_card_, act::SignCard(keys.card_, *keys.message_));
  ENTENTE_ASSIGN(keys.tls_, crypto::MakeTlsIdentity(tls, "entente node", clock.Now()));
  keys.store_root_ = key.RootOf("store");
  return keys;
}

crypto::SealKey NodeKeys::store_root() const {
  crypto::SealKey copy;
  std::ranges::copy(store_root_.view(), copy.mutable_view().begin());
  return copy;
}

exchange::Identity NodeKeys::identity() const {
  return {card_, signed_card_, message_.get(), ledger_.get(), witness_.get(), encryption_.get()};
}

Result<HomeLock> HomeLock::Take(const HomePaths& paths) {
  ENTENTE_TRY(ReadIdentity(paths));
  const int descriptor = open(paths.lock().c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Error{ErrorCode::kNotPermitted,
                 paths.lock() + " cannot be written: " + std::generic_category().message(errno)};
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor);
    return Error{ErrorCode::kConflict,
                 "another `entente serve` runs this home already: " + paths.root};
  }
  return HomeLock(descriptor);
}

HomeLock::~HomeLock() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

}  // namespace entente::app
