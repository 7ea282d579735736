// entente-verify receipt: who received what, and when.
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/entente-verify/inputs.h"
#include "apps/entente-verify/verbs.h"
#include "entente/ledger/proof.h"

namespace entente::verify {
namespace {

struct Options {
  std::string answer;
  std::string act;
  KeyOptions keys;
  std::vector<std::string> proofs;
};

wire::Json AnswerJson(const ProvenAnswer& proven) {
  return {{"result", "ok"},
          {"outcome", proven.answer.is_receipt ? "receipt" : "refusal"},
          {"act", proven.answer.act.Hex()},
          {"kind", proven.act.kind},
          {"sequence", proven.act.sequence},
          {"epoch", proven.act.epoch},
          {"sender", {{"country", proven.sender.country}, {"id", proven.sender.id().str()}}},
          {"receiver", {{"country", proven.receiver.country}, {"id", proven.receiver.id().str()}}},
          {"exercise", proven.act.is_exercise},
          {"sent_at", FormatRfc3339(proven.act.time)},
          {"answered_at", FormatRfc3339(proven.answer.time)},
          {"code", proven.answer.code},
          {"article", proven.answer.article},
          {"logged", wire::Json::array()}};
}

std::string AnswerText(const ProvenAnswer& proven) {
  const act::Answer& answer = proven.answer;
  std::string text =
      "OK " + proven.receiver.country + (answer.is_receipt ? " received " : " refused ") +
      proven.act.kind + " " + std::to_string(proven.act.sequence) + " of " + proven.sender.country +
      " at " + FormatRfc3339(answer.time) + (proven.act.is_exercise ? ", EXERCISE" : "") +
      "\n   act " + answer.act.Hex() + "\n   sent at " + FormatRfc3339(proven.act.time) +
      ", signed by " + proven.sender.name + "\n   answered by " + proven.receiver.name;
  if (!answer.is_receipt) {
    text += "\n   " + answer.code + (answer.article.empty() ? "" : ", article " + answer.article) +
            ": " + answer.reason;
  }
  return text;
}

Status VerifyReceipt(const Invocation& invocation, const Options& options) {
  ENTENTE_ASSIGN(const Cards cards, ReadPinnedCards(options.keys));
  ENTENTE_ASSIGN(const NamedFile answer, ReadEnvelopeFile(options.answer));
  ENTENTE_ASSIGN(const NamedFile act, ReadEnvelopeFile(options.act));
  ENTENTE_ASSIGN(const ProvenAnswer proven, OpenAnswer(answer, act, cards));
  wire::Json json = AnswerJson(proven);
  json["keys_from"] = options.keys.agreement.empty() ? "cards" : "agreement";
  std::string text = AnswerText(proven);
  for (const std::string& path : options.proofs) {
    ENTENTE_ASSIGN(const NamedFile proof, ReadNamedFile(path, ledger::kProofBytesMax));
    ENTENTE_ASSIGN(const ProvenLeaf entry, OpenProofOf(proof, proven, cards));
    json["logged"].push_back(
        {{"origin", entry.settled.checkpoint.origin},
         {"index", entry.index},
         {"kind", entry.leaf.kind},
         {"time", FormatRfc3339(entry.leaf.time)},
         {"cosigned_at", entry.settled.cosigned_at
                             ? wire::Json(FormatRfc3339(*entry.settled.cosigned_at))
                             : wire::Json()}});
    text += "\n   " + entry.leaf.kind + " is entry " + std::to_string(entry.index) + " of " +
            entry.settled.checkpoint.origin + ", " + CosignedText(entry.settled.cosigned_at);
  }
  invocation.Print(json, text);
  return {};
}

}  // namespace

void AddReceiptVerb(CLI::App& app, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  CLI::App& verb =
      AddVerb(app, invocation, "receipt",
              "Check a signed answer and the act it answers: who received what, and when",
              [&invocation, options] { return VerifyReceipt(invocation, *options); });
  verb.add_option("ANSWER", options->answer,
                  "The signed answer, answer.json of `entente ledger receipt`")
      ->required();
  verb.add_option("--act", options->act, "The signed act, act.json of `entente ledger receipt`")
      ->type_name("FILE")
      ->required();
  AddPinnedCards(verb, options->keys);
  verb.add_option("--proof", options->proofs,
                  "A .tlog-proof that one of the logs has the act or the answer; may be given "
                  "several times")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

}  // namespace entente::verify
