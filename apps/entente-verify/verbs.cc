#include "apps/entente-verify/verbs.h"

#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>

namespace entente::verify {

void Invocation::Print(const wire::Json& json, const std::string& text) const {
  std::cout << (is_json ? wire::WriteCanonicalJson(json) : text) << "\n";
}

CLI::App& AddVerb(CLI::App& app, Invocation& invocation, const std::string& name,
                  const std::string& help, std::function<Status()> action) {
  CLI::App* const verb = app.add_subcommand(name, help);
  verb->add_flag("--json", invocation.is_json, "One line of JSON instead of text");
  verb->callback([&invocation, action = std::move(action)] { invocation.action = action; });
  return *verb;
}

wire::Json CheckpointJson(const ledger::Checkpoint& checkpoint,
                          const std::optional<UtcTime>& cosigned_at) {
  return {{"result", "ok"},
          {"origin", checkpoint.origin},
          {"entries", checkpoint.size},
          {"root", Base64Encode(checkpoint.root.view())},
          {"cosigned_at", cosigned_at ? wire::Json(FormatRfc3339(*cosigned_at)) : wire::Json()}};
}

std::string CosignedText(const std::optional<UtcTime>& cosigned_at) {
  return cosigned_at ? "cosigned at " + FormatRfc3339(*cosigned_at) : "not cosigned";
}

}  // namespace entente::verify
