#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente/files.h"
#include "apps/entente/verbs/verbs.h"

namespace entente::app {
namespace {

constexpr std::size_t kTemplateBytesMax = std::size_t{1} << 20U;

bool HasSigned(const wire::Json& answer, const wire::Json& signatory) {
  const wire::Json& signatures = answer["signatures"];
  return std::any_of(signatures.begin(), signatures.end(), [&](const wire::Json& signature) {
    return signature["country"] == signatory["country"] &&
           signature["signatory"] == signatory["name"];
  });
}

// "co-signed; publication agreed by MA, waits for DE"
std::string StateText(const wire::Json& answer) {
  const std::string state = answer.value("state", "");
  if (answer["published_by"].empty() || answer["published"].get<bool>()) {
    return answer["published"].get<bool>() && state != "published" ? state + ", published" : state;
  }
  const std::string agreed = answer["published_by"].front().get<std::string>();
  std::string open;
  for (const wire::Json& signatory : answer["signatories"]) {
    if (signatory["country"] != agreed) {
      open = signatory.value("country", "");
    }
  }
  return state + "; publication agreed by " + agreed + ", waits for " + open;
}

std::string Line(const wire::Json& answer, const std::string& lang) {
  return answer.value("id", "").substr(0, 12) + "  " + answer.value("type", "") + "  " +
         StateText(answer) + "  " + std::to_string(answer["signatures"].size()) + " of " +
         std::to_string(answer["signatories"].size()) + " signed  " + TextIn(answer["title"], lang);
}

// "terrorism (article 5), organised-crime (article 5)"
std::string ByArticle(const wire::Json& articles) {
  std::string out;
  for (const auto& [word, article] : articles.items()) {
    out += (out.empty() ? "" : ", ") + word + " (article " + article.get<std::string>() + ")";
  }
  return out.empty() ? "none" : out;
}

std::string Joined(const wire::Json& words) {
  std::string out;
  for (const wire::Json& word : words) {
    out += (out.empty() ? "" : ", ") + word.get<std::string>();
  }
  return out;
}

std::string TermsText(const wire::Json& terms) {
  std::string out = "\ntier         ";
  out += terms["tier"] == "T0" ? "T0: a declaration of intent, no personal data"
                               : "T1: a binding agreement, with a basis for personal data";
  out += "\nvalid        from " + terms.value("valid_from", "") + " until " +
         terms.value("valid_until", "") + "\npermits      " + ByArticle(terms["permits"]) +
         "\npurposes     " + ByArticle(terms["purposes"]);
  if (terms.contains("matching")) {
    const wire::Json& matching = terms["matching"];
    out += "\nmatching     at most " + CountOf(matching["records_max"], "record") + " a side and " +
           CountOf(matching["rounds_per_day_max"], "round") + " in 24 hours; lists of origin " +
           Joined(matching["origins"]) + "; by " + Joined(matching["crypto_suites"]);
  }
  return out;
}

// Alternat: each party's copy names itself first.
wire::Json OwnFirst(wire::Json list, const wire::Json& own) {
  std::stable_partition(list.begin(), list.end(),
                        [&](const wire::Json& item) { return item["country"] == own; });
  return list;
}

std::string FullText(const wire::Json& answer, const std::string& lang) {
  const wire::Json& document = answer["document"];
  std::string out = answer.value("type", "") + "  " + TextIn(answer["title"], lang) +
                    "\nid           " + answer.value("id", "") + "\nstate        " +
                    StateText(answer);
  for (const wire::Json& party : OwnFirst(document["parties"], answer["own"])) {
    out += "\nparty        " + party.value("country", "") + "  " + TextIn(party["name"], lang);
  }
  for (const wire::Json& signatory : OwnFirst(document["signatories"], answer["own"])) {
    out += "\nsignatory    " + signatory.value("country", "") + "  " + signatory.value("name", "") +
           ", " + TextIn(signatory["office"], lang) +
           (HasSigned(answer, signatory) ? ": signed" : ": open");
  }
  if (document.contains("terms")) {
    out += TermsText(document["terms"]);
  }
  for (const wire::Json& article : document["articles"]) {
    out += "\n\n" + article.value("id", "") + ". " + TextIn(article["heading"], lang) + "\n" +
           TextIn(article["text"], lang);
  }
  return out;
}

// The envelope that `entente-verify document` checks.
Status Export(Invocation& invocation, const std::string& id, const std::string& out) {
  ENTENTE_ASSIGN(const Bytes envelope,
                 invocation.GetBytes(invocation.PeerPath("/documents/" + id + "/envelope")));
  if (out.empty()) {
    std::cout << AsText(envelope) << "\n";
    return {};
  }
  ENTENTE_TRY(WritePublicFile(out, envelope));
  invocation.Print({{"file", out}}, [&](const wire::Json&) {
    return "document with its signatures written to " + out +
           "\ncheck it without a node: entente-verify document " + out + " --card A --card B";
  });
  return {};
}

std::string SubmissionText(const wire::Json& answer) {
  return "sent as act " + answer["sequence"].dump() + ", ledger leaf " + answer["leaf"].dump();
}

Status Draft(Invocation& invocation, const std::string& file) {
  ENTENTE_ASSIGN(const Bytes text, ReadFile(file, kTemplateBytesMax));
  const auto json = wire::ParseJson(AsText(text));
  if (!json) {
    return Error{json.error().code, file + ": " + json.error().message};
  }
  ENTENTE_ASSIGN(const wire::Json answer,
                 invocation.Post(invocation.PeerPath("/documents"), *json));
  invocation.Print(answer, [](const wire::Json& value) { return value.value("id", ""); });
  return {};
}

Status Act(Invocation& invocation, const std::string& id, const char* what,
           const wire::Json& body = wire::Json::object()) {
  ENTENTE_ASSIGN(const wire::Json answer,
                 invocation.Post(invocation.PeerPath("/documents/" + id + "/" + what), body));
  invocation.Print(answer, SubmissionText);
  return {};
}

}  // namespace

void AddDocumentVerbs(CLI::App& app, Invocation& invocation) {
  CLI::App* const document =
      app.add_subcommand("document", "Declarations, agreements, minutes, communiqués");
  document->require_subcommand(1);
  auto id = std::make_shared<std::string>();
  auto signatory = std::make_shared<std::string>();
  const auto add = [&](const char* name, const char* help, std::function<Status()> action) {
    CLI::App* const verb = document->add_subcommand(name, help);
    AddCommon(*verb, invocation, /*with_peer=*/true);
    verb->callback([&invocation, action = std::move(action)] { invocation.action = action; });
    return verb;
  };
  const auto add_with_id = [&](const char* name, const char* help, std::function<Status()> action) {
    CLI::App* const verb = add(name, help, std::move(action));
    verb->add_option("id", *id, "The document's id or its beginning")->required();
    return verb;
  };
  add("draft", "Complete a template with both cards and keep it as a draft",
      [&invocation, id] { return Draft(invocation, *id); })
      ->add_option("file", *id, "A template, such as examples/documents/declaration-t0.json")
      ->required();
  add_with_id("propose", "Send the draft to the peer",
              [&invocation, id] { return Act(invocation, *id, "propose"); });
  add_with_id("sign", "Sign for a signatory the document names",
              [&invocation, id, signatory] {
                return Act(invocation, *id, "sign", {{"signatory", *signatory}});
              })
      ->add_option("--signatory", *signatory, "The name, as in the document")
      ->required();
  add_with_id("publish", "Agree to the publication of a co-signed document; both sides must",
              [&invocation, id] { return Act(invocation, *id, "publish"); });
  add_with_id("show", "Parties, signatories, terms and text", [&invocation, id] {
    const auto answer = invocation.Get(invocation.PeerPath("/documents/" + *id));
    if (!answer) {
      return Status(answer.error());
    }
    invocation.Print(*answer,
                     [&](const wire::Json& value) { return FullText(value, invocation.lang); });
    return Status();
  });
  auto file = std::make_shared<std::string>();
  add_with_id("export", "Write the co-signed document with all its signatures",
              [&invocation, id, file] { return Export(invocation, *id, *file); })
      ->add_option("--out", *file, "File to write; standard output without it");
  add("list", "All documents with this peer", [&invocation] {
    const auto answer = invocation.Get(invocation.PeerPath("/documents"));
    if (!answer) {
      return Status(answer.error());
    }
    invocation.Print(*answer, [&](const wire::Json& value) {
      std::string out;
      for (const wire::Json& item : value["documents"]) {
        out += (out.empty() ? "" : "\n") + Line(item, invocation.lang);
      }
      return out.empty() ? "no documents yet: begin with `entente document draft`" : out;
    });
    return Status();
  });
}

}  // namespace entente::app
