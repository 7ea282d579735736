#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente/files.h"
#include "apps/entente/verbs/verbs.h"
#include "entente/act/card.h"

namespace entente::app {
namespace {

constexpr std::size_t kCardBytesMax = std::size_t{64} << 10U;

std::string Introduce(const wire::Json& card) {
  return card.value("name", "") + " (" + card.value("country", "") +
         ")\nfingerprint: " + card.value("fingerprint", "") +
         "\ncompare it with the peer by voice before anything is signed";
}

wire::Json Describe(const act::Card& card) {
  return {{"id", card.id().str()},
          {"name", card.name},
          {"country", card.country},
          {"exercise", card.is_exercise},
          {"fingerprint", act::Spoken(act::FingerprintOf(card))}};
}

Status Export(Invocation& invocation, const std::string& out) {
  ENTENTE_ASSIGN(const Bytes card, invocation.GetBytes("/api/v1/card"));
  if (out.empty()) {
    std::cout << AsText(card) << "\n";
    return {};
  }
  ENTENTE_TRY(WritePublicFile(out, card));
  invocation.Print({{"file", out}}, [&](const wire::Json&) { return "card written to " + out; });
  return {};
}

Status Import(Invocation& invocation, const std::string& file) {
  ENTENTE_ASSIGN(const Bytes card, ReadFile(file, kCardBytesMax));
  ENTENTE_ASSIGN(Client client, Client::Connect(invocation.home));
  ENTENTE_ASSIGN(const Bytes answer, client.Call(http::Method::kPost, "/api/v1/peers", card));
  ENTENTE_ASSIGN(const wire::Json peer, wire::ParseJson(AsText(answer)));
  invocation.Print(peer, Introduce);
  return {};
}

Status Fingerprint(Invocation& invocation, const std::string& file) {
  Bytes bytes;
  if (file.empty()) {
    ENTENTE_ASSIGN(bytes, invocation.GetBytes("/api/v1/card"));
  } else {
    ENTENTE_ASSIGN(bytes, ReadFile(file, kCardBytesMax));
  }
  ENTENTE_ASSIGN(const act::Card card, act::OpenCard(bytes));
  invocation.Print(Describe(card), Introduce);
  return {};
}

}  // namespace

void AddCardVerbs(CLI::App& app, Invocation& invocation) {
  CLI::App* const card = app.add_subcommand("card", "This node's card, and the peer's");
  card->require_subcommand(1);
  auto file = std::make_shared<std::string>();
  const auto add = [&](const char* name, const char* help, auto action) {
    CLI::App* const verb = card->add_subcommand(name, help);
    AddCommon(*verb, invocation);
    verb->callback([&invocation, file, action] {
      invocation.action = [&invocation, file, action] { return action(invocation, *file); };
    });
    return verb;
  };
  add("export", "Write this node's signed card", Export)
      ->add_option("--out", *file, "File to write; standard output without it");
  add("import", "Pin the peer's card; then compare fingerprints by voice", Import)
      ->add_option("file", *file, "The card the peer gave you")
      ->required();
  add("fingerprint", "Eight groups of digits to read aloud", Fingerprint)
      ->add_option("file", *file, "A card file; this node's own without it");
}

}  // namespace entente::app
