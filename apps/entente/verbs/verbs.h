// The command line's verbs. Each Add… declares a subcommand; the chosen one fills `action`.
#pragma once

#include <functional>
#include <string>

#include "apps/entente/client.h"
#include "entente/base/result.h"
#include "entente/wire/json.h"

namespace CLI {
class App;
}

namespace entente::app {

// What every verb shares.
struct Invocation {
  std::string home;
  std::string peer = "-";
  std::string lang = "en";
  bool is_json = false;
  int exit_code = 0;  // where all went well
  std::function<Status()> action;
  wire::Json error_details = wire::Json::object();  // of the node's last refusal

  // One JSON document on standard output, or the human text of `to_text`.
  void Print(const wire::Json& value,
             const std::function<std::string(const wire::Json&)>& to_text) const;
  // Connects, calls, and keeps the details of a refusal.
  Result<wire::Json> Get(const std::string& path);
  Result<wire::Json> Post(const std::string& path, const wire::Json& body = wire::Json::object());
  Result<Bytes> GetBytes(const std::string& path);
  Result<wire::Json> Delete(const std::string& path);
  std::string PeerPath(const std::string& rest) const { return "/api/v1/peers/" + peer + rest; }
};

// "1 record", "2 records"; `several` where an s is not enough. 0 for what is no number.
std::string CountOf(const wire::Json& count, const std::string& one,
                    const std::string& several = "");

// The text in `lang`, or the first there is; "" if there is none.
std::string TextIn(const wire::Json& texts, const std::string& lang);

// What the node's refusal says beyond its message: the article it cites in `lang`, and what the
// document allows instead. Lines, each with its end; "" if `details` are of no such refusal.
std::string RefusalText(const wire::Json& details, const std::string& lang);

// Adds --home (required), --json, --lang; with_peer adds --peer.
void AddCommon(CLI::App& verb, Invocation& invocation, bool with_peer = false);

void AddNodeVerbs(CLI::App& app, Invocation& invocation);      // init serve config status login
void AddCardVerbs(CLI::App& app, Invocation& invocation);      // card …
void AddDocumentVerbs(CLI::App& app, Invocation& invocation);  // document …
void AddListVerbs(CLI::App& app, Invocation& invocation);      // list …
void AddMatchVerbs(CLI::App& app, Invocation& invocation);     // match …
void AddLedgerVerbs(CLI::App& app, Invocation& invocation);    // ledger acts evidence
void AddBackupVerbs(CLI::App& app, Invocation& invocation);    // backup …
void AddHealthVerbs(CLI::App& app, Invocation& invocation);    // outbox doctor recover resume
void AddCourierVerbs(CLI::App& app, Invocation& invocation);   // courier …

// "[#####.....] 52 %  evaluate" on standard error, rewritten in place, if it is a terminal.
void ShowProgress(const std::string& label, std::uint64_t done, std::uint64_t total);
void EndProgress();

}  // namespace entente::app
