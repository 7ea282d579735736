#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "apps/entente/files.h"
#include "apps/entente/verbs/verbs.h"
#include "entente/base/error_table.h"

namespace entente::app {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{2} << 20U;
constexpr std::chrono::milliseconds kPollPause{200};

struct ImportOptions {
  std::string file;
  std::string alt;
  std::string add;
  std::string collection;
  std::string origin;
  std::string format;
  std::string mapping;
  std::string rejects;
  bool skip_bad = false;
  bool replace = false;
};

// Holds back the signals that end a program while it lives, so that an import can be cancelled
// first; they take effect when it dies. Signals that are ignored stay ignored.
class HeldInterrupts {
 public:
  HeldInterrupts() {
    sigemptyset(&held_);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction action{};
      if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
        sigaddset(&held_, number);
      }
    }
    sigprocmask(SIG_BLOCK, &held_, &before_);
  }
  HeldInterrupts(const HeldInterrupts&) = delete;
  HeldInterrupts& operator=(const HeldInterrupts&) = delete;
  ~HeldInterrupts() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

  // Errors: kConflict once one came.
  Status Check() const {
    sigset_t pending;
    sigpending(&pending);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
      if (sigismember(&held_, number) == 1 && sigismember(&pending, number) == 1) {
        return Error{ErrorCode::kConflict, "interrupted"};
      }
    }
    return {};
  }

 private:
  sigset_t held_{};
  sigset_t before_{};
};

using Parts = std::map<std::string, std::string>;  // "main", "alt", "add" → file

Status Upload(Client& client, const std::string& path, const std::string& file,
              const HeldInterrupts& interrupts) {
  std::ifstream input(file, std::ios::binary);
  if (!input) {
    return Error{ErrorCode::kNotFound, file + ": cannot be opened"};
  }
  std::error_code ignored;
  const std::uintmax_t total = std::filesystem::file_size(file, ignored);
  Bytes piece(kPieceBytes);
  std::uint64_t offset = 0;
  while (input) {
    input.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<std::size_t>(input.gcount());
    if (got == 0) {
      break;
    }
    ENTENTE_TRY(client.Call(http::Method::kPut, path, ByteView(piece).first(got),
                            {{"offset", std::to_string(offset)}}));
    ENTENTE_TRY(interrupts.Check());
    offset += got;
    ShowProgress("sending " + file, offset, total);
  }
  return input.bad() ? Status(Error{ErrorCode::kUnavailable, file + ": cannot be read"}) : Status();
}

Result<wire::Json> WaitForImport(Client& client, const std::string& path,
                                 const HeldInterrupts& interrupts) {
  for (;;) {
    ENTENTE_ASSIGN(wire::Json status, client.Get(path));
    if (status["state"] == "done" || status["state"] == "failed") {
      EndProgress();
      return status;
    }
    ENTENTE_TRY(interrupts.Check());
    ShowProgress("reading, " + CountOf(status["records"], "record"),
                 status["bytes"].get<std::uint64_t>(), status["bytes_total"].get<std::uint64_t>());
    std::this_thread::sleep_for(kPollPause);
  }
}

// Fetches the bad rows piece by piece; the file appears when it is complete.
Status SaveRejects(Client& client, const std::string& path, const std::string& file,
                   const HeldInterrupts& interrupts) {
  ENTENTE_ASSIGN(NewFile out, NewFile::Create(file));
  for (std::uint64_t offset = 0;;) {
    ENTENTE_ASSIGN(const Bytes piece, client.Call(http::Method::kGet, path + "/rejects", {},
                                                  {{"offset", std::to_string(offset)}}));
    if (piece.empty()) {
      return out.Commit();
    }
    ENTENTE_TRY(out.Append(piece));
    ENTENTE_TRY(interrupts.Check());
    offset += piece.size();
  }
}

std::string RowErrorsText(const wire::Json& status) {
  std::string out;
  for (const wire::Json& error : status["errors"]) {
    out += error.value("file", "") + ":" + error["line"].dump() + ":" + error["column"].dump() +
           ": " + error.value("reason", "") + "\n";
  }
  return out;
}

std::string ImportText(const wire::Json& status) {
  std::string out = RowErrorsText(status) + CountOf(status["records"], "record") + " imported";
  if (!status["replaced"].is_null()) {
    out += ", replaces " + CountOf(status["replaced"], "record");
  }
  out += "; " +
         CountOf(status["skipped"], "entry that is not a person", "entries that are not persons") +
         " passed over, " + CountOf(status["rejected"], "bad row") + " skipped";
  return status["rejects_left_out"] == 0
             ? out
             : out + ", " + status["rejects_left_out"].dump() + " of them too long for --rejects";
}

wire::Json RequestOf(const ImportOptions& options, const Parts& parts) {
  wire::Json request = {{"collection", options.collection},
                        {"origin", options.origin},
                        {"skip_bad", options.skip_bad},
                        {"replace", options.replace}};
  if (!options.format.empty()) {
    request["format"] = options.format;
  }
  if (!options.mapping.empty()) {
    request["mapping"] = options.mapping;
  }
  for (const auto& [part, file] : parts) {
    request["files"][part] = std::filesystem::path(file).filename().string();
  }
  return request;
}

// Sends the files, waits for the end and saves the bad rows. The node keeps nothing of it: an
// import that fails on the way is cancelled.
Result<wire::Json> Transfer(Client& client, const std::string& path, const Parts& parts,
                            const std::string& rejects) {
  const HeldInterrupts interrupts;
  std::string if_lost = ", nothing was imported: start the node and repeat the command";
  std::string if_failed;
  const auto run = [&]() -> Result<wire::Json> {
    for (const auto& [part, file] : parts) {
      std::string target = path;
      target.append("/").append(part);
      ENTENTE_TRY(Upload(client, target, file, interrupts));
    }
    // The list becomes visible at once, at the end; only the node knows whether it came to that.
    if_lost =
        ", nothing was imported unless `entente list show` says so: start the node and repeat the "
        "command";
    ENTENTE_TRY(client.Post(path + "/finish"));
    ENTENTE_ASSIGN(wire::Json status, WaitForImport(client, path, interrupts));
    if_lost.clear();
    if_failed = status["state"] == "done" ? ": the list is imported, but its bad rows are not saved"
                                          : ": nothing is imported, and the bad rows are not saved";
    if (!rejects.empty() && status["rejected"].get<std::uint64_t>() > 0) {
      ENTENTE_TRY(SaveRejects(client, path, rejects, interrupts));
    }
    return status;
  };
  auto status = run();
  const bool is_lost = client.is_lost();
  static_cast<void>(client.Call(http::Method::kDelete, path));  // it may be gone already
  if (status) {
    return status;
  }
  EndProgress();
  const bool is_interrupted = !interrupts.Check();
  const std::string outcome = !if_failed.empty() ? if_failed
                              : is_lost          ? if_lost
                              : is_interrupted   ? ": the import is cancelled"
                                                 : "";
  const Error why{status.error().code, status.error().message + outcome};
  if (is_interrupted) {
    std::cerr << "entente: " << why.message << "\n";  // unbuffered: the signal ends us next
  }
  return why;
}

Status Import(Invocation& invocation, const ImportOptions& options) {
  Parts parts{{"main", options.file}, {"alt", options.alt}, {"add", options.add}};
  std::erase_if(parts, [](const auto& entry) { return entry.second.empty(); });
  ENTENTE_ASSIGN(Client client, Client::Connect(invocation.home));
  ENTENTE_ASSIGN(const wire::Json begun, client.Post("/api/v1/imports", RequestOf(options, parts)));
  const std::string path = "/api/v1/imports/" + begun["import"].dump();
  ENTENTE_ASSIGN(const wire::Json status, Transfer(client, path, parts, options.rejects));
  if (status["state"] == "failed") {
    invocation.error_details = status;
    if (!invocation.is_json) {
      std::cerr << RowErrorsText(status);
    }
    const auto code = ErrorCodeFromName(status.value("code", ""));
    return Error{code.value_or(ErrorCode::kInternal), status.value("error", "the import failed")};
  }
  invocation.Print(status, ImportText);
  return {};
}

Status Remove(Invocation& invocation, const std::string& name, const std::string& again,
              bool is_sure) {
  if (!is_sure && again != name) {
    return Error{ErrorCode::kInvalidInput,
                 "a removed collection does not come back: give --yes, or its name twice"};
  }
  ENTENTE_ASSIGN(const wire::Json answer, invocation.Delete("/api/v1/collections/" + name));
  invocation.Print(answer, [&](const wire::Json& value) {
    return "collection " + name + " removed, " + CountOf(value["removed"]["records"], "record");
  });
  return {};
}

std::string CollectionsText(const wire::Json& answer) {
  std::string out;
  for (const wire::Json& item : answer["collections"]) {
    out += (out.empty() ? "" : "\n") + item.value("name", "") + "  " + item.value("origin", "") +
           "  " + CountOf(item["records"], "record") + "  " + item.value("time", "");
  }
  return out.empty() ? "no collections yet: begin with `entente list import`" : out;
}

void AddShow(CLI::App& list, Invocation& invocation) {
  CLI::App* const show = list.add_subcommand("show", "The collections");
  AddCommon(*show, invocation);
  show->callback([&invocation] {
    invocation.action = [&invocation]() -> Status {
      ENTENTE_ASSIGN(const wire::Json answer, invocation.Get("/api/v1/collections"));
      invocation.Print(answer, CollectionsText);
      return {};
    };
  });
}

void AddRemove(CLI::App& list, Invocation& invocation) {
  auto name = std::make_shared<std::string>();
  auto again = std::make_shared<std::string>();
  auto is_sure = std::make_shared<bool>(false);
  CLI::App* const remove = list.add_subcommand("remove", "Erase a collection and its records");
  AddCommon(*remove, invocation);
  remove->add_option("name", *name, "The collection")->required();
  remove->add_option("again", *again, "Its name once more, instead of --yes");
  remove->add_flag("--yes", *is_sure, "Do not ask for the name twice");
  remove->callback([&invocation, name, again, is_sure] {
    invocation.action = [&invocation, name, again, is_sure] {
      return Remove(invocation, *name, *again, *is_sure);
    };
  });
}

}  // namespace

void AddListVerbs(CLI::App& app, Invocation& invocation) {
  CLI::App* const list = app.add_subcommand("list", "The lists this node holds");
  list->require_subcommand(1);
  auto options = std::make_shared<ImportOptions>();
  CLI::App* const import = list->add_subcommand(
      "import", "Read a list; a bad row is reported and nothing is imported half");
  AddCommon(*import, invocation);
  import->add_option("file", options->file, "The list; .gz is read directly")->required();
  import->add_option("--collection", options->collection, "Name of the collection it becomes")
      ->required();
  import->add_option("--origin", options->origin, "synthetic, public-list or operational")
      ->required();
  import->add_option("--format", options->format, "ofac, un, ftm, eu or csv; guessed without it");
  import->add_option("--map", options->mapping, "CSV columns: \"id=ID,name=Full name,…\"");
  import->add_option("--alt", options->alt, "OFAC: alt.csv");
  import->add_option("--add", options->add, "OFAC: add.csv");
  import->add_flag("--skip-bad", options->skip_bad, "Import the good rows, leave the bad ones");
  import->add_option("--rejects", options->rejects,
                     "Where the bad rows are written, to be corrected and imported");
  import->add_flag("--replace", options->replace,
                   "Replace the collection if it exists; its origin cannot change");
  import->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return Import(invocation, *options); };
  });
  AddShow(*list, invocation);
  AddRemove(*list, invocation);
}

}  // namespace entente::app
