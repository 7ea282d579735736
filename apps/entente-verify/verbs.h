// The verbs of entente-verify: one file each, and one row in main's table.
#pragma once

#include <functional>
#include <string>

#include <CLI/App.hpp>

#include "entente/base/result.h"
#include "entente/base/time.h"
#include "entente/ledger/checkpoint.h"
#include "entente/wire/json.h"

namespace entente::verify {

// What the chosen verb fills in and main() runs.
struct Invocation {
  bool is_json = false;
  std::function<Status()> action;

  // One line of JSON on standard output, or the text, which needs no line end.
  void Print(const wire::Json& json, const std::string& text) const;
};

// A subcommand with --json, whose `action` runs if it is the one that is given.
CLI::App& AddVerb(CLI::App& app, Invocation& invocation, const std::string& name,
                  const std::string& help, std::function<Status()> action);

void AddLedgerVerb(CLI::App& app, Invocation& invocation);
void AddProofVerb(CLI::App& app, Invocation& invocation);
void AddReceiptVerb(CLI::App& app, Invocation& invocation);
void AddDocumentVerb(CLI::App& app, Invocation& invocation);
void AddForkVerb(CLI::App& app, Invocation& invocation);
void AddCardVerb(CLI::App& app, Invocation& invocation);

// The members of every answer about a checkpoint, and its time in words.
wire::Json CheckpointJson(const ledger::Checkpoint& checkpoint,
                          const std::optional<UtcTime>& cosigned_at);
std::string CosignedText(const std::optional<UtcTime>& cosigned_at);

}  // namespace entente::verify
