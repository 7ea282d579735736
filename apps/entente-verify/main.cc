// entente-verify: checks what Entente nodes signed and logged, offline and without a node.
#include <array>
#include <iostream>

#include <CLI/CLI.hpp>

#include "apps/entente-verify/verbs.h"
#include "apps/entente/version.h"
#include "apps/main_guard.h"
#include "entente/base/error_table.h"

namespace entente::verify {
namespace {

constexpr const char* kDescription =
    "Checks what Entente nodes signed and logged: offline, without a node, trusting only the\n"
    "cards or keys you give.";
constexpr const char* kFooter =
    "Exit status: 0 everything holds; 9 something was altered (one line names the file and, in a\n"
    "ledger, the first bad entry); 2 the command or a key is wrong; 7 a file could not be read.\n\n"
    "What you trust are the two cards: the authorities compared their fingerprints by voice, and\n"
    "the agreement they signed pins them. `entente-verify card` shows a card's fingerprint,\n"
    "--agreement checks the pins. A VKEY, name+id+base64, is one of a card's keys;\n"
    "`entente-verify card CARD --peer CARD` prints it.";

constexpr std::array kVerbs{&AddLedgerVerb,   &AddProofVerb, &AddReceiptVerb,
                            &AddDocumentVerb, &AddForkVerb,  &AddCardVerb};

int Report(const Status& status, bool is_json) {
  if (status) {
    return 0;
  }
  const ErrorRow& row = ErrorRowFor(status.error().code);
  if (is_json) {
    std::cout << wire::WriteCanonicalJson(
                     {{"result", row.name}, {"message", status.error().message}})
              << "\n";
  } else {
    std::cerr << (status.error().code == ErrorCode::kCorruptData ? "ALTERED " : "error: ")
              << status.error().message << "\n";
  }
  return row.exit_code;
}

int Run(int argc, char** argv) {
  CLI::App app(kDescription, "entente-verify");
  app.footer(kFooter);
  app.set_version_flag("--version", app::kVersion);
  app.require_subcommand(1);
  Invocation invocation;
  for (const auto add : kVerbs) {
    add(app, invocation);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : ErrorRowFor(ErrorCode::kInvalidInput).exit_code;
  }
  return Report(invocation.action(), invocation.is_json);
}

}  // namespace
}  // namespace entente::verify

int main(int argc, char** argv) {
  return entente::GuardMain("entente-verify", entente::verify::Run, argc, argv);
}
