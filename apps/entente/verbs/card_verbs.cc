#include <cctype>
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
         ")\nfingerprint: " + card.value("fingerprint", "");
}

std::string Advise(const wire::Json& card) {
  return Introduce(card) + "\ncompare it with its owner by voice before you import the card";
}

std::string Welcome(const wire::Json& peer) {
  const std::string warning =
      peer["warning"].is_string() ? "\nwarning: " + peer["warning"].get<std::string>() : "";
  return Introduce(peer) +
         "\nimported: go on only if this is the fingerprint its owner read to you" + warning;
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

// A signed card without the line end that an editor, a mail or `card export` put behind it.
Result<Bytes> ReadCardFile(const std::string& file) {
  ENTENTE_ASSIGN(Bytes bytes, ReadFile(file, kCardBytesMax));
  while (!bytes.empty() && std::isspace(bytes.back()) != 0) {
    bytes.pop_back();
  }
  if (const auto card = act::OpenCard(bytes); !card) {
    return Error{card.error().code, file + ": " + card.error().message};
  }
  return bytes;
}

Status Import(Invocation& invocation, const std::string& file) {
  ENTENTE_ASSIGN(const Bytes card, ReadCardFile(file));
  ENTENTE_ASSIGN(Client client, Client::Connect(invocation.home));
  ENTENTE_ASSIGN(const Bytes answer, client.Call(http::Method::kPost, "/api/v1/peers", card));
  ENTENTE_ASSIGN(const wire::Json peer, wire::ParseJson(AsText(answer)));
  invocation.Print(peer, Welcome);
  return {};
}

Status Fingerprint(Invocation& invocation, const std::string& file) {
  Bytes bytes;
  if (!file.empty()) {
    ENTENTE_ASSIGN(bytes, ReadCardFile(file));
  } else if (!invocation.home.empty()) {
    ENTENTE_ASSIGN(bytes, invocation.GetBytes("/api/v1/card"));
  } else {
    return Error{ErrorCode::kInvalidInput, "name a card file, or this node's --home"};
  }
  ENTENTE_ASSIGN(const act::Card card, act::OpenCard(bytes));
  invocation.Print(Describe(card), file.empty() ? Introduce : Advise);
  return {};
}

std::string PeersText(const wire::Json& answer) {
  std::string out;
  for (const wire::Json& peer : answer["peers"]) {
    out += (out.empty() ? "" : "\n") + peer.value("id", "").substr(0, 12) + "  " +
           peer.value("country", "") + "  " + peer.value("name", "") + "  " +
           peer.value("fingerprint", "");
  }
  return out.empty() ? "no card imported yet: begin with `entente card import`" : out;
}

Status List(Invocation& invocation) {
  ENTENTE_ASSIGN(const wire::Json answer, invocation.Get("/api/v1/peers"));
  invocation.Print(answer, PeersText);
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
  add("import", "Pin the peer's card: only if you compared its fingerprint by voice", Import)
      ->add_option("file", *file, "The card the peer gave you")
      ->required();
  CLI::App* const fingerprint =
      add("fingerprint", "Eight groups of digits to read aloud", Fingerprint);
  fingerprint->add_option("file", *file, "A card file, no node needed; this node's own without it");
  fingerprint->get_option("--home")->required(false);
  add("list", "The cards this node has imported",
      [](Invocation& with, const std::string& /*file*/) { return List(with); });
}

}  // namespace entente::app
