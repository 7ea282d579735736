// entente: one binary, `entente serve` and every verb that speaks to it.
#include <algorithm>
#include <iostream>
#include <span>

#include <CLI/CLI.hpp>

#include "apps/entente/verbs/verbs.h"
#include "apps/entente/version.h"
#include "apps/main_guard.h"
#include "entente/base/error_table.h"

namespace entente::app {
namespace {

int Report(const Invocation& invocation, const Error& error) {
  if (invocation.is_json) {
    wire::Json out =
        invocation.error_details.is_object() ? invocation.error_details : wire::Json::object();
    wire::Json& body = out["error"];
    body = body.is_object() ? body : wire::Json::object();  // the node's may name an article
    body["code"] = ErrorRowFor(error.code).name;
    body["message"] = error.message;
    std::cout << out.dump() << "\n";
  } else {
    std::cerr << "entente: " << error.message << "\n"
              << RefusalText(invocation.error_details, invocation.lang);
  }
  return ErrorRowFor(error.code).exit_code;
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Entente: two authorities find what they have in common and act on it, without "
      "handing over the rest.",
      "entente");
  app.require_subcommand(1);
  app.set_version_flag("--version", kVersion);
  app.footer(
      "Exit codes: 0 done, 1 the doctor found something, 2 bad input, 3 not permitted, 4 not "
      "found, 5 conflict, 6 limit,\n"
      "7 unavailable, 8 too late, 9 corrupt data, 10 bug, 11 the peer broke the rules.");
  Invocation invocation;
  AddNodeVerbs(app, invocation);
  AddCardVerbs(app, invocation);
  AddDocumentVerbs(app, invocation);
  AddListVerbs(app, invocation);
  AddMatchVerbs(app, invocation);
  AddLedgerVerbs(app, invocation);
  AddHealthVerbs(app, invocation);
  AddBackupVerbs(app, invocation);
  AddCourierVerbs(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help, --version
    }
    const std::span words(argv, static_cast<std::size_t>(argc));
    invocation.is_json = std::any_of(words.begin(), words.end(), [](const char* word) {
      return std::string_view(word) == "--json";
    });
    return Report(invocation,
                  {ErrorCode::kInvalidInput, std::string(error.what()) + "; see `entente --help`"});
  }
  Status status = invocation.action();
  if (status && !std::cout.flush()) {
    status = Error{ErrorCode::kUnavailable, "standard output cannot be written: is the disk full?"};
  }
  return status ? invocation.exit_code : Report(invocation, status.error());
}

}  // namespace
}  // namespace entente::app

int main(int argc, char** argv) {
  return entente::GuardMain("entente", entente::app::Main, argc, argv);
}
