// entente-verify card: whose it is, and its keys.
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente-verify/inputs.h"
#include "apps/entente-verify/verbs.h"
#include "entente/ledger/relation.h"

namespace entente::verify {
namespace {

struct Options {
  std::string file;
  std::string fingerprint;
  std::string peer;
};

Status ShowCard(const Invocation& invocation, const Options& options) {
  ENTENTE_ASSIGN(const NamedFile file, ReadEnvelopeFile(options.file));
  ENTENTE_ASSIGN(const act::Card card, OpenCard(file));
  if (!options.fingerprint.empty()) {
    ENTENTE_TRY(CheckFingerprint(card, options.fingerprint));
  }
  const act::CardFingerprint fingerprint = act::FingerprintOf(card);
  const std::string witness_vkey =
      ledger::FormatVerifierKey(ledger::WitnessKey(card.id(), card.keys.witness));
  wire::Json json{{"result", "ok"},
                  {"name", card.name},
                  {"country", card.country},
                  {"exercise", card.is_exercise},
                  {"id", card.id().str()},
                  {"fingerprint", act::Spoken(fingerprint)},
                  {"fingerprint_hex", fingerprint.Hex()},
                  {"log_vkey", nullptr},
                  {"witness_vkey", witness_vkey}};
  std::string log_text = "named after both sides: give --peer CARD";
  if (!options.peer.empty()) {
    ENTENTE_ASSIGN(const Cards cards, ReadCards({options.file, options.peer}));
    log_text =
        ledger::FormatVerifierKey(ledger::LogKey(card.id(), cards[1].id(), card.keys.ledger));
    json["log_vkey"] = log_text;
  }
  invocation.Print(json, "OK card of " + card.name + " (" + card.country +
                             (card.is_exercise ? ", EXERCISE" : "") + ")\n   fingerprint  " +
                             act::Spoken(fingerprint) + "\n                " + fingerprint.Hex() +
                             "\n   log          " + log_text + "\n   witness      " + witness_vkey);
  return {};
}

}  // namespace

void AddCardVerb(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  CLI::App& verb =
      AddVerb(app, invocation, "card", "Show whose card this is, its fingerprint and its keys",
              [&invocation, options] { return ShowCard(invocation, *options); });
  verb.add_option("FILE", options->file, "The card")->required();
  verb.add_option("--fingerprint", options->fingerprint,
                  "The fingerprint it must have, as read aloud or in hex")
      ->type_name("TEXT");
  verb.add_option("--peer", options->peer, "The other side's card: the log is named after both")
      ->type_name("CARD");
}

}  // namespace entente::verify
