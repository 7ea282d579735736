// entente-verify proof: one .tlog-proof file.
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente-verify/inputs.h"
#include "apps/entente-verify/verbs.h"
#include "entente/ledger/proof.h"

namespace entente::verify {
namespace {

struct Options {
  std::string file;
  KeyOptions keys;
};

Status VerifyProofFile(const Invocation& invocation, const Options& options) {
  ENTENTE_ASSIGN(const NamedFile file, ReadNamedFile(options.file, ledger::kProofBytesMax));
  ENTENTE_ASSIGN(const ledger::EntryProof proof, ReadProof(file));
  ENTENTE_ASSIGN(const Keys keys, ReadKeys(options.keys, file.name, proof.checkpoint));
  ENTENTE_ASSIGN(const ProvenEntry entry, OpenProof(file, keys.trust));
  const ledger::Checkpoint& checkpoint = entry.settled.checkpoint;
  const auto& leaf = entry.leaf;
  wire::Json json = CheckpointJson(checkpoint, entry.settled.cosigned_at);
  json["keys_from"] = keys.source;
  json["index"] = entry.index;
  json["kind"] = leaf ? wire::Json(leaf->kind) : wire::Json();
  json["object"] = leaf ? wire::Json(leaf->object.Hex()) : wire::Json();
  json["time"] = leaf ? wire::Json(FormatRfc3339(leaf->time)) : wire::Json();
  std::string text = "OK entry " + std::to_string(entry.index) + " of " +
                     std::to_string(checkpoint.size) + " in " + checkpoint.origin + ", " +
                     CosignedText(entry.settled.cosigned_at) + "\n   keys from the " + keys.source;
  if (leaf) {
    text += "\n   " + leaf->kind + " at " + FormatRfc3339(leaf->time) + ", object " +
            leaf->object.Hex();
  }
  invocation.Print(json, text);
  return {};
}

}  // namespace

void AddProofVerb(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  CLI::App& verb =
      AddVerb(app, invocation, "proof", "Check one .tlog-proof file: is its entry in the log?",
              [&invocation, options] { return VerifyProofFile(invocation, *options); });
  verb.add_option("FILE", options->file, "The proof")->required();
  AddKeys(verb, options->keys);
}

}  // namespace entente::verify
