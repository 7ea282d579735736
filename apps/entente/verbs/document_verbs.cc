#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente/files.h"
#include "apps/entente/verbs/verbs.h"

namespace entente::app {
namespace {

constexpr std::size_t kTemplateBytesMax = std::size_t{1} << 20U;

std::string Line(const wire::Json& document, const std::string& lang) {
  return document.value("id", "").substr(0, 12) + "  " + document.value("type", "") + "  " +
         document.value("state", "") + "  " + TextIn(document["title"], lang);
}

std::string FullText(const wire::Json& answer, const std::string& lang) {
  const wire::Json& document = answer["document"];
  std::string out = Line(answer, lang) + "\n";
  for (const wire::Json& article : document["articles"]) {
    out += "\n" + article.value("id", "") + ". " + TextIn(article["heading"], lang) + "\n" +
           TextIn(article["text"], lang) + "\n";
  }
  for (const wire::Json& signature : answer["signatures"]) {
    out +=
        "\nsigned for " + signature.value("country", "") + ": " + signature.value("signatory", "");
  }
  return out;
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
  const auto add = [&](const char* name, const char* help, const std::function<Status()>& action) {
    CLI::App* const verb = document->add_subcommand(name, help);
    AddCommon(*verb, invocation, /*with_peer=*/true);
    verb->callback([&invocation, action] { invocation.action = action; });
    return verb;
  };
  const auto add_with_id = [&](const char* name, const char* help,
                               const std::function<Status()>& action) {
    CLI::App* const verb = add(name, help, action);
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
  add_with_id("publish", "Declare the co-signed document public",
              [&invocation, id] { return Act(invocation, *id, "publish"); });
  add_with_id("show", "The text and its signatures", [&invocation, id] {
    const auto answer = invocation.Get(invocation.PeerPath("/documents/" + *id));
    if (!answer) {
      return Status(answer.error());
    }
    invocation.Print(*answer,
                     [&](const wire::Json& value) { return FullText(value, invocation.lang); });
    return Status();
  });
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
