#include "apps/entente/config.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <toml++/toml.h>

#include "entente/base/bytes.h"
#include "entente/base/units.h"

namespace entente::app {
namespace {

// What net::PlainListener::ListenLoopback takes: 127.0.0.0/8 and ::1.
bool IsLoopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24U) == 127;
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 &&
         std::equal(std::begin(v6.s6_addr), std::end(v6.s6_addr),
                    std::begin(in6addr_loopback.s6_addr));
}

Error Bad(const std::string& key, std::string_view why) {
  return {ErrorCode::kInvalidInput, "entente.toml: " + key + " " + std::string(why)};
}

Status ReadText(const toml::node& node, const std::string& key, std::string& out) {
  const auto text = node.value_exact<std::string>();
  if (!text) {
    return Bad(key, "must be a text in quotes");
  }
  out = *text;
  return {};
}

Status ReadDuration(const toml::node& node, const std::string& key,
                    std::chrono::milliseconds& out) {
  std::string text;
  ENTENTE_TRY(ReadText(node, key, text));
  const auto duration = ParseDuration(text);
  if (!duration) {
    return Bad(key, "must be a duration with its unit, such as \"30s\" or \"5min\"");
  }
  out = *duration;
  return {};
}

using KeyReader = std::function<Status(const toml::node&, const std::string&, Config&)>;

const std::map<std::string, KeyReader>& Keys() {
  static const std::map<std::string, KeyReader> keys{
      {"link.listen", [](const toml::node& node, const std::string& key,
                         Config& config) { return ReadText(node, key, config.listen); }},
      {"link.redial_min",
       [](const toml::node& node, const std::string& key, Config& config) {
         return ReadDuration(node, key, config.redial_min);
       }},
      {"link.redial_max",
       [](const toml::node& node, const std::string& key, Config& config) {
         return ReadDuration(node, key, config.redial_max);
       }},
      {"link.idle_timeout",
       [](const toml::node& node, const std::string& key, Config& config) {
         return ReadDuration(node, key, config.idle_timeout);
       }},
      {"console.listen", [](const toml::node& node, const std::string& key,
                            Config& config) { return ReadText(node, key, config.console_listen); }},
      {"ledger.listen", [](const toml::node& node, const std::string& key,
                           Config& config) { return ReadText(node, key, config.ledger_listen); }},
      {"ledger.token_file",
       [](const toml::node& node, const std::string& key, Config& config) {
         return ReadText(node, key, config.ledger_token_file);
       }},
      {"workers.count",
       [](const toml::node& node, const std::string& key, Config& config) -> Status {
         const auto count = node.value_exact<std::int64_t>();
         if (!count || *count < 0 || *count > 256) {
           return Bad(key, "must be a whole number from 0 (one per core) to 256");
         }
         config.worker_count = static_cast<std::uint64_t>(*count);
         return {};
       }},
  };
  return keys;
}

Status ReadTable(const toml::table& file, Config& config) {
  for (const auto& [section, node] : file) {
    const toml::table* const table = node.as_table();
    if (table == nullptr) {
      return Bad(std::string(section.str()), "is not a known section");
    }
    for (const auto& [name, value] : *table) {
      const std::string key = std::string(section.str()) + "." + std::string(name.str());
      const auto reader = Keys().find(key);
      if (reader == Keys().end()) {
        return Bad(key, "is not a known key; see docs/operate/configuration.md");
      }
      ENTENTE_TRY(reader->second(value, key, config));
    }
  }
  return {};
}

// Of a listener without TLS.
Status CheckLoopback(const std::string& key, const std::string& address) {
  if (address.empty()) {
    return {};
  }
  ENTENTE_ASSIGN(const net::Endpoint endpoint, ParseEndpoint(address));
  if (!IsLoopback(endpoint.host)) {
    return Bad(key,
               "must be an address of this machine alone, 127.0.0.1 or ::1: without TLS nobody "
               "else may reach it");
  }
  return {};
}

// A basic string of TOML 1.0.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      const auto code = static_cast<std::uint8_t>(c);
      out += "\\u00" + HexEncode({&code, 1});
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

Result<Config> ParseConfig(std::string_view text) {
  Config config;
  try {
    ENTENTE_TRY(ReadTable(toml::parse(text), config));
  } catch (const toml::parse_error& error) {
    return Error{ErrorCode::kInvalidInput,
                 "entente.toml:" + std::to_string(error.source().begin.line) + ":" +
                     std::to_string(error.source().begin.column) + ": " +
                     std::string(error.description())};
  }
  ENTENTE_TRY(CheckConfig(config));
  return config;
}

Status CheckConfig(const Config& config) {
  if (!config.listen.empty()) {
    ENTENTE_TRY(ParseEndpoint(config.listen));
  }
  ENTENTE_TRY(CheckLoopback("console.listen", config.console_listen));
  ENTENTE_TRY(CheckLoopback("ledger.listen", config.ledger_listen));
  if (config.ledger_listen.empty() && !config.ledger_token_file.empty()) {
    return Bad("ledger.token_file", "is of no use without ledger.listen");
  }
  if (config.redial_min.count() < 10 || config.redial_max < config.redial_min) {
    return Bad("link.redial_min", "must be at least 10ms and not above link.redial_max");
  }
  if (config.idle_timeout < std::chrono::seconds(1)) {
    return Bad("link.idle_timeout", "must be at least 1s");
  }
  return {};
}

std::string FormatConfig(const Config& config) {
  return "# How this node runs. Check with `entente config check`; values carry their unit.\n\n"
         "[link]\n"
         "# Where peers reach this node, \"address:port\". Empty: this node only dials.\n"
         "listen = " +
         Quoted(config.listen) +
         "\n# Pause between attempts to reach a peer; doubles from min to max, with jitter.\n"
         "redial_min = " +
         Quoted(FormatDuration(config.redial_min)) +
         "\nredial_max = " + Quoted(FormatDuration(config.redial_max)) +
         "\n# A link without a byte for so long is closed and dialled again.\n"
         "idle_timeout = " +
         Quoted(FormatDuration(config.idle_timeout)) +
         "\n\n[console]\n"
         "# Where browsers on this machine reach the console. Port 0: any free one. Empty: none.\n"
         "listen = " +
         Quoted(config.console_listen) +
         "\n\n[ledger]\n"
         "# Where tlog tools on this machine read the ledgers and have checkpoints witnessed.\n"
         "# Empty: nowhere.\n"
         "listen = " +
         Quoted(config.ledger_listen) +
         "\n# A file with the bearer token they must send; from the home if relative. Empty: "
         "every\n"
         "# user of this machine may read.\n"
         "token_file = " +
         Quoted(config.ledger_token_file) +
         "\n\n[workers]\n"
         "# Threads that compute match keys and rounds. 0: one per core.\n"
         "count = " +
         std::to_string(config.worker_count) + "\n";
}

Result<net::Endpoint> ParseEndpoint(std::string_view text) {
  const Error bad{ErrorCode::kInvalidInput,
                  "\"" + std::string(text) + "\" is not address:port, such as 192.0.2.7:7411"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return bad;
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  net::Endpoint endpoint{std::string(host), 0};
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc{} || rest != port.data() + port.size() || host.empty()) {
    return bad;
  }
  return endpoint;
}

}  // namespace entente::app
