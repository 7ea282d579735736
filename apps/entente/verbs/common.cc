#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "apps/entente/verbs/verbs.h"

namespace entente::app {
namespace {

constexpr std::uint64_t kBarWidth = 30;

// "terrorism, migration" of a list, or the plain value.
std::string ListText(const wire::Json& value) {
  if (!value.is_array()) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  }
  std::string out;
  for (const wire::Json& item : value) {
    out += (out.empty() ? "" : ", ") + ListText(item);
  }
  return out.empty() ? "none" : out;
}

// "records_max" as "records at most".
std::string AgreedName(std::string name) {
  constexpr std::string_view kMax = "_max";
  if (name.ends_with(kMax)) {
    name = name.substr(0, name.size() - kMax.size()) + " at most";
  }
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

}  // namespace

std::string CountOf(const wire::Json& count, const std::string& one, const std::string& several) {
  const std::uint64_t number = count.is_number_integer() ? count.get<std::uint64_t>() : 0;
  const std::string& many = several.empty() ? one + "s" : several;
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

std::string TextIn(const wire::Json& texts, const std::string& lang) {
  if (!texts.is_object() || texts.empty()) {
    return "";
  }
  return texts.contains(lang) ? texts[lang].get<std::string>() : texts.begin()->get<std::string>();
}

std::string RefusalText(const wire::Json& details, const std::string& lang) {
  if (!details.is_object() || !details.contains("decision")) {
    return "";
  }
  const wire::Json& decision = details["decision"];
  std::string out;
  if (const wire::Json text = decision.value("article_text", wire::Json()); text.is_object()) {
    out += "  Article " + decision.value("article", "") + ": " + TextIn(text["heading"], lang) +
           "\n  " + TextIn(text["text"], lang) + "\n";
  }
  const wire::Json agreed = decision.value("agreed", wire::Json());
  for (const auto& [name, value] : agreed.items()) {
    out += "  agreed " + AgreedName(name) + ": " + ListText(value) + "\n";
  }
  return out;
}

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

Result<wire::Json> Invocation::Delete(const std::string& path) {
  ENTENTE_ASSIGN(Client client, Client::Connect(home));
  const auto body = client.Call(http::Method::kDelete, path);
  if (!body) {
    error_details = client.last_error();
    return Error(body.error());
  }
  return wire::ParseJson(AsText(*body));
}

void AddCommon(CLI::App& verb, Invocation& invocation, bool with_peer) {
  verb.add_option("--home", invocation.home, "The node's folder")->required();
  verb.add_flag("--json", invocation.is_json, "Print one JSON document");
  verb.add_option("--lang", invocation.lang, "Of texts in several languages: fr, de, ar or en")
      ->check(CLI::IsMember({"fr", "de", "ar", "en"}))
      ->capture_default_str();
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
