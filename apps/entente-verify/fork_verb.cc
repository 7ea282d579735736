// entente-verify fork: that a log showed two histories.
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente-verify/inputs.h"
#include "apps/entente-verify/verbs.h"
#include "entente/ledger/fork.h"

namespace entente::verify {
namespace {

struct Options {
  std::string file;
  KeyOptions keys;
};

Status VerifyForkFile(const Invocation& invocation, const Options& options) {
  ENTENTE_ASSIGN(const NamedFile file, ReadNamedFile(options.file, ledger::kForkBytesMax));
  const auto fork = ledger::ParseForkWithoutVerifying(AsText(file.bytes));
  if (!fork) {
    return Error{ErrorCode::kCorruptData, file.name + ": " + fork.error().message};
  }
  ENTENTE_ASSIGN(const Keys keys, ReadKeys(options.keys, file.name, fork->first));
  const auto proven = ledger::VerifyFork(*fork, keys.trust.log);
  if (!proven) {
    return Error{ErrorCode::kCorruptData, file.name + ": " + proven.error().message};
  }
  const std::string& origin = keys.trust.log.name;
  const std::string first = Base64Encode(proven->first_root.view());
  const std::string second = Base64Encode(proven->second_root.view());
  invocation.Print({{"result", "ok"},
                    {"origin", origin},
                    {"size", proven->size},
                    {"first_root", first},
                    {"second_root", second},
                    {"keys_from", keys.source}},
                   "OK this proves a fork: " + origin + " signed two histories of " +
                       std::to_string(proven->size) + " entries\n   root " + first + "\n   root " +
                       second + "\n   keys from the " + keys.source);
  return {};
}

}  // namespace

void AddForkVerb(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  CLI::App& verb =
      AddVerb(app, invocation, "fork", "Check evidence that a log showed two histories",
              [&invocation, options] { return VerifyForkFile(invocation, *options); });
  verb.add_option("FILE", options->file, "The evidence, as `entente evidence --out` writes it")
      ->required();
  AddKeys(verb, options->keys);
}

}  // namespace entente::verify
