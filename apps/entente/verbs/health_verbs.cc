// outbox, doctor, recover, resume.
#include <CLI/CLI.hpp>

#include "apps/entente/home.h"
#include "apps/entente/verbs/verbs.h"
#include "entente/store/sqlite/schema.h"
#include "entente/store/sqlite/sqlite_store.h"

namespace entente::app {
namespace {

std::string OutboxText(const wire::Json& outbox) {
  if (outbox["acts"].empty()) {
    return "nothing waits for an answer";
  }
  std::string out;
  for (const wire::Json& act : outbox["acts"]) {
    out += (act.value("dead", false) ? "DEAD  " : "waits ") + act["epoch"].dump() + "/" +
           act["sequence"].dump() + "  " + act.value("kind", "") + "  since " +
           act.value("time", "") + "\n";
  }
  const std::string why = outbox.value("why", "");
  return out + (why.empty() ? "the peer is linked and has not answered yet" : why);
}

std::string DoctorText(const wire::Json& report) {
  std::string out;
  for (const wire::Json& finding : report["findings"]) {
    const bool is_ok = finding.value("ok", false);
    const wire::Json& peer = finding["peer"];
    out += (is_ok ? "ok     " : "WRONG  ") + finding.value("check", "") +
           (peer.is_string() ? " (" + peer.get<std::string>().substr(0, 12) + ")" : "") + ": " +
           finding.value("what", "") + "\n";
    out += is_ok ? "" : "       do: " + finding.value("do", "") + "\n";
  }
  return out + (report.value("ok", false) ? "all is well" : "something is wrong");
}

wire::Json FindingOf(const std::string& check, const Status& status, const std::string& fine) {
  return {{"check", check},
          {"peer", nullptr},
          {"ok", status.has_value()},
          {"what", status ? fine : status.error().message},
          {"do", status ? "" : "mend it, then start the node: `entente serve`"}};
}

std::string SchemaText(const store::DryRun& run) {
  const std::string has = "the store has schema " + std::to_string(run.version);
  return run.version == run.next
             ? has
             : has + "; the next start makes schema " + std::to_string(run.next) +
                   " of it, which was tried and undone: make a backup first";
}

// What can be seen without a node: only then may the store be opened and read whole.
Result<wire::Json> ExamineStopped(const std::string& home) {
  const HomePaths paths(home);
  wire::Json findings = wire::Json::array();
  findings.push_back(
      FindingOf("node", Error{ErrorCode::kUnavailable, "the node does not run"}, ""));
  const auto config = CheckHome(paths);
  findings.push_back(FindingOf("home", config ? Status() : Status(config.error()),
                               "the home and entente.toml are good"));
  ENTENTE_ASSIGN(const HomeLock lock, HomeLock::Take(paths));
  findings.push_back(FindingOf("store", store::SqliteStore::CheckFiles(paths.store()),
                               "the store's files are whole"));
  const auto run = store::SqliteStore::TryMigrations(paths.store());
  findings.push_back(
      FindingOf("schema", run ? Status() : Status(run.error()), run ? SchemaText(*run) : ""));
  return wire::Json{{"ok", false}, {"findings", std::move(findings)}};
}

void AddOutbox(CLI::App& app, Invocation& invocation) {
  CLI::App* const verb =
      app.add_subcommand("outbox", "Acts that wait for the peer's answer, and why");
  AddCommon(*verb, invocation, /*with_peer=*/true);
  verb->callback([&invocation] {
    invocation.action = [&invocation]() -> Status {
      ENTENTE_ASSIGN(const wire::Json answer, invocation.Get(invocation.PeerPath("/outbox")));
      invocation.Print(answer, OutboxText);
      return {};
    };
  });
}

void AddDoctor(CLI::App& app, Invocation& invocation) {
  CLI::App* const verb =
      app.add_subcommand("doctor", "What is wrong and what to do; exit code 1 if anything is");
  AddCommon(*verb, invocation);
  verb->callback([&invocation] {
    invocation.action = [&invocation]() -> Status {
      auto report = invocation.Get("/api/v1/doctor");
      if (!report && report.error().code == ErrorCode::kUnavailable) {
        report = ExamineStopped(invocation.home);
      }
      ENTENTE_ASSIGN(const wire::Json found, std::move(report));
      invocation.Print(found, DoctorText);
      invocation.exit_code = found.value("ok", false) ? 0 : 1;
      return {};
    };
  });
}

// A verb that posts to the peer's path of its name and prints `text`.
void AddPeerOrder(CLI::App& app, Invocation& invocation, const std::string& name,
                  const std::string& help, const std::string& text) {
  CLI::App* const verb = app.add_subcommand(name, help);
  AddCommon(*verb, invocation, /*with_peer=*/true);
  verb->callback([&invocation, name, text] {
    invocation.action = [&invocation, name, text]() -> Status {
      ENTENTE_ASSIGN(const wire::Json answer, invocation.Post(invocation.PeerPath("/" + name)));
      invocation.Print(answer, [&](const wire::Json&) { return text; });
      return {};
    };
  });
}

}  // namespace

void AddHealthVerbs(CLI::App& app, Invocation& invocation) {
  AddOutbox(app, invocation);
  AddDoctor(app, invocation);
  AddPeerOrder(app, invocation, "recover",
               "After a restore: get back from the peer what this home lacks",
               "the peer is asked as soon as it is linked; follow it with `entente status`");
  AddPeerOrder(app, invocation, "resume",
               "Listen again to a peer that signed two acts under one number",
               "the peer is listened to again");
}

}  // namespace entente::app
