#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente/home.h"
#include "apps/entente/server/serve.h"
#include "apps/entente/verbs/verbs.h"
#include "entente/crypto/random.h"

namespace entente::app {
namespace {

void AddInit(CLI::App& app, Invocation& invocation) {
  auto request = std::make_shared<InitRequest>();
  auto passphrase_file = std::make_shared<std::string>();
  request->languages = {"fr", "de", "ar", "en"};
  request->console_listen = "127.0.0.1:0";
  CLI::App* const verb = app.add_subcommand("init", "Make a node's home: identity, keys, settings");
  AddCommon(*verb, invocation);
  verb->add_option("--name", request->name, "The authority's name")->required();
  verb->add_option("--country", request->country, "ISO 3166-1 code, such as MA")->required();
  verb->add_flag("--exercise", request->is_exercise,
                 "An exercise node; it and a live node refuse each other");
  verb->add_option("--language", request->languages, "Of fr, de, ar, en; repeat it")
      ->capture_default_str();
  verb->add_option("--contact", request->contact, "The 24/7 contact point");
  verb->add_option("--endpoint", request->endpoints,
                   "host:port where peers reach this node; repeat it; leave out to dial only");
  verb->add_option("--listen", request->listen, "address:port the peer link listens on");
  verb->add_option("--console", request->console_listen, "Loopback address:port of the console")
      ->capture_default_str();
  verb->add_option("--passphrase-file", *passphrase_file, "File with the keys' passphrase");
  verb->callback([&invocation, request, passphrase_file] {
    invocation.action = [&invocation, request, passphrase_file]() -> Status {
      ENTENTE_ASSIGN(const SecretText passphrase, ReadPassphrase(*passphrase_file, true));
      const HomePaths paths(invocation.home);
      crypto::SystemRandom random;
      const SystemClock clock;
      ENTENTE_TRY(InitHome(paths, *request, passphrase, random, clock));
      ENTENTE_ASSIGN(const NodeKeys keys, NodeKeys::Open(paths, passphrase, clock));
      const act::Card card = keys.identity().card;
      invocation.Print(
          {{"home", invocation.home},
           {"id", card.id().str()},
           {"fingerprint", act::Spoken(act::FingerprintOf(card))}},
          [&](const wire::Json& value) {
            return "home made: " + invocation.home +
                   "\nfingerprint to read to the peer: " + value["fingerprint"].get<std::string>() +
                   "\nnext: entente serve --home " + invocation.home;
          });
      return {};
    };
  });
}

void AddServe(CLI::App& app, Invocation& invocation) {
  auto passphrase_file = std::make_shared<std::string>();
  CLI::App* const verb =
      app.add_subcommand("serve", "Run the node until SIGTERM; logs go to standard error");
  AddCommon(*verb, invocation);
  verb->add_option("--passphrase-file", *passphrase_file, "File with the keys' passphrase");
  verb->callback([&invocation, passphrase_file] {
    invocation.action = [&invocation, passphrase_file]() -> Status {
      const HomePaths paths(invocation.home);
      ENTENTE_ASSIGN(const Config config, CheckHome(paths));
      ENTENTE_ASSIGN(const SecretText passphrase, ReadPassphrase(*passphrase_file, false));
      const SystemClock clock;
      Log log(clock);
      return Serve(paths, config, passphrase, clock, log);
    };
  });
}

void AddConfig(CLI::App& app, Invocation& invocation) {
  CLI::App* const config = app.add_subcommand("config", "The node's settings");
  config->require_subcommand(1);
  CLI::App* const check =
      config->add_subcommand("check", "Check the home and entente.toml without running");
  AddCommon(*check, invocation);
  check->callback([&invocation] {
    invocation.action = [&invocation]() -> Status {
      ENTENTE_TRY(CheckHome(HomePaths(invocation.home)));
      invocation.Print({{"ok", true}},
                       [](const wire::Json&) { return "the home and entente.toml are good"; });
      return {};
    };
  });
}

std::string StatusText(const wire::Json& status) {
  std::string out = status.value("name", "") + " (" + status.value("country", "") +
                    (status.value("exercise", false) ? ", EXERCISE" : "") + ")\n";
  for (const wire::Json& peer : status["peers"]) {
    out +=
        "peer " + peer.value("country", "") + "  " + peer.value("id", "").substr(0, 12) + "  " +
        peer.value("name", "") + "\n  " +
        (peer.value("linked", false) ? "linked" : "not linked: " + peer.value("link_error", "")) +
        "; pending acts " + peer["pending_acts"].dump() + "; ledger " +
        peer["settled_size"].dump() + " of " + CountOf(peer["ledger_size"], "leaf", "leaves") +
        " settled; evidence " + peer["evidence"].dump() + "\n";
  }
  if (status["peers"].empty()) {
    out += "no peer yet: exchange cards with `entente card export` and `entente card import`\n";
  }
  return out.substr(0, out.size() - 1);
}

}  // namespace

void AddNodeVerbs(CLI::App& app, Invocation& invocation) {
  AddInit(app, invocation);
  AddServe(app, invocation);
  AddConfig(app, invocation);
  CLI::App* const status = app.add_subcommand("status", "What the node is doing");
  AddCommon(*status, invocation);
  status->callback([&invocation] {
    invocation.action = [&invocation]() -> Status {
      ENTENTE_ASSIGN(const wire::Json answer, invocation.Get("/api/v1/status"));
      invocation.Print(answer, StatusText);
      return {};
    };
  });
  CLI::App* const login = app.add_subcommand("login", "A one-time address to open the console");
  AddCommon(*login, invocation);
  login->callback([&invocation] {
    invocation.action = [&invocation]() -> Status {
      ENTENTE_ASSIGN(const wire::Json answer,
                     invocation.Post("/api/v1/logins", {{"lang", invocation.lang}}));
      invocation.Print(answer,
                       [](const wire::Json& value) { return value.value("url", std::string()); });
      return {};
    };
  });
}

}  // namespace entente::app
