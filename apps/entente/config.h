// entente.toml: how a node runs. Every value carries its unit; an unknown key is an error, not a
// silent nothing. docs/operate/configuration.md lists the keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "entente/base/result.h"
#include "entente/net/tls.h"

namespace entente::app {

struct Config {
  std::string listen;                         // [link] "address:port"; empty: this side only dials
  std::chrono::milliseconds redial_min{500};  // [link]
  std::chrono::milliseconds redial_max{std::chrono::minutes(5)};
  std::chrono::milliseconds idle_timeout{std::chrono::minutes(10)};
  std::string console_listen = "127.0.0.1:0";  // [console] loopback only; empty: no console
  std::string ledger_listen;                   // [ledger] loopback only; empty: not over HTTP
  std::string ledger_token_file;               // empty: whoever reaches the address may read
  std::uint64_t worker_count = 0;              // [workers] 0: one per core
};

// Errors: kInvalidInput with line and column, or naming the key and what it takes.
Result<Config> ParseConfig(std::string_view toml);
Status CheckConfig(const Config& config);
// The file `entente init` writes, with a comment for every key.
std::string FormatConfig(const Config& config);

// The error of listening at the address that `setting` names, with both in front.
template <typename T>
Result<T> WithSetting(std::string_view setting, const std::string& address, Result<T> listening) {
  if (listening) {
    return listening;
  }
  const Error why = TakeError(std::move(listening));
  return Error{why.code, std::string(setting) + " = \"" + address + "\": " + why.message};
}

// "127.0.0.1:7411" or "[::1]:7411". Errors: kInvalidInput.
Result<net::Endpoint> ParseEndpoint(std::string_view text);

}  // namespace entente::app
