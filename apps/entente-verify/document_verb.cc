// entente-verify document: who signed it.
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente-verify/inputs.h"
#include "apps/entente-verify/verbs.h"

namespace entente::verify {
namespace {

struct Options {
  std::string file;
  KeyOptions keys;
};

Status VerifyDocument(const Invocation& invocation, const Options& options) {
  ENTENTE_ASSIGN(const Cards cards, ReadCards(options.keys.cards));
  ENTENTE_ASSIGN(const SignedDocument proven, ReadDocument(options.file, cards));
  const agreement::Document& document = proven.document;
  const std::string type(agreement::TypeName(document.type));
  std::string text = "OK " + type + " " + proven.id.Hex() + ", pins both cards";
  for (const auto& [language, title] : document.title) {
    text += "\n   " + language + "  " + title;
  }
  wire::Json signatories = wire::Json::array();
  for (const agreement::Signatory& signatory : document.signatories) {
    signatories.push_back({{"country", signatory.country}, {"name", signatory.name}});
    text += "\n   signed for " + signatory.country + " by " + signatory.name;
  }
  invocation.Print({{"result", "ok"},
                    {"id", proven.id.Hex()},
                    {"type", type},
                    {"title", document.title},
                    {"signatories", std::move(signatories)}},
                   text);
  return {};
}

}  // namespace

void AddDocumentVerb(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  CLI::App& verb =
      AddVerb(app, invocation, "document", "Check a co-signed document and say who signed it",
              [&invocation, options] { return VerifyDocument(invocation, *options); });
  verb.add_option("FILE", options->file, "What `entente document export` wrote")->required();
  AddCards(verb, options->keys);
}

}  // namespace entente::verify
