// A node's home: one folder that holds all it is.
//
//   home.json      who the node is: name, country, exercise, languages, contact, endpoints, salt
//   entente.toml   how it runs (config.h); edited by the administrator
//   keys/ROLE.key  five seeds, sealed under the passphrase (docs/formats/key-file.md), 0600
//   node.db        the store, and node.db.keys its item keys; only `entente serve` opens them
//   node.sock      the API's Unix socket, 0600, while `entente serve` runs
//   node.lock      held exclusively by `entente serve`
//   head           how far the node is (entente/exchange/head.h); never part of a backup
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/entente/config.h"
#include "entente/act/card.h"
#include "entente/base/random.h"
#include "entente/base/result.h"
#include "entente/base/secret.h"
#include "entente/base/time.h"
#include "entente/crypto/aead.h"
#include "entente/crypto/box.h"
#include "entente/crypto/certificate.h"
#include "entente/crypto/signature.h"
#include "entente/exchange/exchange.h"

namespace entente::app {

struct HomePaths {
  explicit HomePaths(std::string folder) : root(std::move(folder)) {}
  std::string root;
  std::string identity() const { return root + "/home.json"; }
  std::string config() const { return root + "/entente.toml"; }
  std::string keys() const { return root + "/keys"; }
  std::string key(const std::string& role) const { return keys() + "/" + role + ".key"; }
  std::string store() const { return root + "/node.db"; }
  std::string socket() const { return root + "/node.sock"; }
  std::string lock() const { return root + "/node.lock"; }
  std::string head() const { return root + "/head"; }
};

struct InitRequest {
  std::string name;
  std::string country;
  bool is_exercise = false;
  std::vector<std::string> languages;
  std::string contact;
  std::vector<std::string> endpoints;  // the card's, "host:port"
  std::string listen;                  // of the peer link, "address:port"; empty: dial only
  std::string console_listen;
};

// Where a passphrase comes from: `file` if given, else the systemd credential
// "entente-passphrase", else a prompt if standard input is a terminal.
// Errors: kInvalidInput if there is none of the three, or it is empty.
Result<SecretText> ReadPassphrase(const std::string& file, bool is_new);

// The bearer token of ledger.token_file, empty if there is none.
// Errors: those of reading it; kNotPermitted if others may read the file; kInvalidInput for a token
// of another length than api::kBearerTokenBytes….
Result<SecretText> ReadLedgerToken(const HomePaths& paths, const Config& config);

inline constexpr std::size_t kPassphraseBytesMin = 8;  // of a live node

// Makes a home. Errors: kInvalidInput for bad values, a short passphrase or a path too long for a
// socket; kConflict if the folder is in use.
Status InitHome(const HomePaths& paths, const InitRequest& request, const SecretText& passphrase,
                Random& random, const Clock& clock);

// All that a node needs and that can be checked without running it or opening its keys; what
// `config check` says is what `serve` says. Returns entente.toml.
// Errors: kNotFound if this is no home or a key file is missing; kNotPermitted if others can read
// one; kInvalidInput as InitHome and ParseConfig.
Result<Config> CheckHome(const HomePaths& paths);

// The node's keys in memory and its signed card.
class NodeKeys {
 public:
  // Errors: kNotFound if this is no home; kNotPermitted for a wrong passphrase or files others can
  // read; kCorruptData for damaged files.
  static Result<NodeKeys> Open(const HomePaths& paths, const SecretText& passphrase,
                               const Clock& clock);
  exchange::Identity identity() const;
  const crypto::TlsIdentity& tls() const { return tls_; }
  // A copy of what the store's item keys are sealed under.
  crypto::SealKey store_root() const;

 private:
  std::unique_ptr<crypto::Signer> message_;
  std::unique_ptr<crypto::Signer> ledger_;
  std::unique_ptr<crypto::Signer> witness_;
  std::unique_ptr<crypto::BoxKey> encryption_;
  act::Card card_;
  Bytes signed_card_;
  crypto::TlsIdentity tls_;
  crypto::SealKey store_root_;
};

// The exclusive right to run this home; released by the destructor.
class HomeLock {
 public:
  // Errors: kConflict if another process holds it; kNotFound if this is no home.
  static Result<HomeLock> Take(const HomePaths& paths);
  HomeLock(HomeLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  HomeLock& operator=(HomeLock&&) = delete;
  ~HomeLock();

 private:
  explicit HomeLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace entente::app
