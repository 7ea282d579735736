// backup create, restore, drill.
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include <CLI/CLI.hpp>

#include "apps/entente/backup.h"
#include "apps/entente/verbs/verbs.h"
#include "entente/base/error_table.h"

namespace entente::app {
namespace {

constexpr std::chrono::milliseconds kAskAgain{200};

Status Create(Invocation& invocation, const std::string& folder, const std::string& /*file*/) {
  std::error_code failure;
  const std::string path = std::filesystem::absolute(folder, failure).lexically_normal().string();
  ENTENTE_ASSIGN(wire::Json status, invocation.Post("/api/v1/backup", {{"folder", path}}));
  while (status["state"] == "copying" || status["state"] == "checking") {
    ShowProgress("copy", status.value("pages_done", std::uint64_t{0}),
                 status.value("pages_total", std::uint64_t{0}));
    std::this_thread::sleep_for(kAskAgain);
    ENTENTE_ASSIGN(status, invocation.Get("/api/v1/backup"));
  }
  EndProgress();
  if (status["state"] != "done") {
    const auto code = ErrorCodeFromName(status["code"].is_string() ? status.value("code", "") : "");
    return Error{code.value_or(ErrorCode::kUnavailable), status.value("error", "")};
  }
  invocation.Print({{"folder", path}}, [&](const wire::Json&) {
    return "backup made: " + path + "\nnext: entente backup drill " + path + " --home " +
           invocation.home;
  });
  return {};
}

Status Restore(Invocation& invocation, const std::string& folder, const std::string& survivor) {
  ENTENTE_ASSIGN(const BackupManifest manifest,
                 RestoreBackup(folder, HomePaths(invocation.home), survivor));
  invocation.Print({{"home", invocation.home},
                    {"created", FormatRfc3339(manifest.created)},
                    {"files", manifest.files.size()}},
                   [&](const wire::Json&) {
                     return "restored as of " + FormatRfc3339(manifest.created) + ": " +
                            invocation.home + "\nnext: entente serve --home " + invocation.home +
                            ", then entente recover for each peer; nothing is signed before that";
                   });
  return {};
}

Status Drill(Invocation& invocation, const std::string& folder,
             const std::string& passphrase_file) {
  ENTENTE_ASSIGN(const SecretText passphrase, ReadPassphrase(passphrase_file, false));
  ENTENTE_ASSIGN(const DrillResult result, DrillBackup(folder, passphrase, SystemClock()));
  const wire::Json report{{"created", FormatRfc3339(result.manifest.created)},
                          {"files", result.manifest.files.size()},
                          {"relations", result.manifest.relations.size()},
                          {"acts", result.acts},
                          {"leaves", result.leaves},
                          {"cosigned", result.cosigned}};
  invocation.Print(report, [&](const wire::Json&) {
    return "the backup of " + FormatRfc3339(result.manifest.created) +
           " restores: " + CountOf(report["files"], "file") + ", " +
           CountOf(report["acts"], "act") + " opened, " +
           CountOf(report["leaves"], "leaf", "leaves") + " recomputed, " +
           CountOf(report["cosigned"], "root") + " cosigned by peers";
  });
  return {};
}

// A verb's option that names a file.
struct FileOption {
  const char* name = nullptr;
  const char* help = nullptr;
};

using Run = Status (*)(Invocation&, const std::string& folder, const std::string& file);

void AddVerb(CLI::App& backup, Invocation& invocation, const std::string& name,
             const std::string& help, Run run, const std::optional<FileOption>& option) {
  auto folder = std::make_shared<std::string>();
  auto file = std::make_shared<std::string>();
  CLI::App* const verb = backup.add_subcommand(name, help);
  AddCommon(*verb, invocation);
  verb->add_option("FOLDER", *folder, "The backup's folder")->required();
  if (option) {
    verb->add_option(option->name, *file, option->help);
  }
  verb->callback([&invocation, folder, file, run] {
    invocation.action = [&invocation, folder, file, run] {
      return run(invocation, *folder, *file);
    };
  });
}

}  // namespace

void AddBackupVerbs(CLI::App& app, Invocation& invocation) {
  CLI::App* const backup = app.add_subcommand("backup", "Copies of a home that can be proven");
  backup->require_subcommand(1);
  AddVerb(*backup, invocation, "create", "Copy the home of a running node into a new folder",
          Create, std::nullopt);
  AddVerb(
      *backup, invocation, "restore", "Make a home from a backup; no node", Restore,
      FileOption{"--erased", "node.db.keys of the old home: what was erased since stays erased"});
  AddVerb(*backup, invocation, "drill",
          "Restore into a temporary folder and recompute every ledger; no node", Drill,
          FileOption{"--passphrase-file", "File with the keys' passphrase"});
}

}  // namespace entente::app
