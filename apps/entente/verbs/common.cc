#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "apps/entente/verbs/verbs.h"

namespace entente::app {
namespace {

constexpr std::uint64_t kBarWidth = 30;

}  // namespace

void Invocation::Print(const wire::Json& value,
                       const std::function<std::string(const wire::Json&)>& to_text) const {
  std::cout << (is_json ? value.dump() : to_text(value)) << "\n";
}

Result<wire::Json> Invocation::Get(const std::string& path) {
  ENTENTE_ASSIGN(const Bytes body, GetBytes(path));
  return wire::ParseJson(AsText(body));
}

Result<Bytes> Invocation::GetBytes(const std::string& path) {
  ENTENTE_ASSIGN(Client client, Client::Connect(home));
  auto bytes = client.Call(http::Method::kGet, path);
  if (!bytes) {
    error_details = client.last_error();
  }
  return bytes;
}

Result<wire::Json> Invocation::Post(const std::string& path, const wire::Json& body) {
  ENTENTE_ASSIGN(Client client, Client::Connect(home));
  auto answer = client.Post(path, body);
  if (!answer) {
    error_details = client.last_error();
  }
  return answer;
}

void AddCommon(CLI::App& verb, Invocation& invocation, bool with_peer) {
  verb.add_option("--home", invocation.home, "The node's folder")->required();
  verb.add_flag("--json", invocation.is_json, "Print one JSON document");
  if (with_peer) {
    verb.add_option("--peer", invocation.peer,
                    "The peer: its country (DE), or the beginning of its id; needed only if there "
                    "are several");
  }
}

void ShowProgress(const std::string& label, std::uint64_t done, std::uint64_t total) {
  if (isatty(STDERR_FILENO) != 1 || total == 0) {
    return;
  }
  const std::uint64_t filled = std::min(kBarWidth, kBarWidth * done / total);
  std::cerr << "\r[" << std::string(filled, '#') << std::string(kBarWidth - filled, '.') << "] "
            << 100 * done / total << " %  " << label << "\033[K" << std::flush;
}

void EndProgress() {
  if (isatty(STDERR_FILENO) == 1) {
    std::cerr << "\r\033[K" << std::flush;
  }
}

}  // namespace entente::app
