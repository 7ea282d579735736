#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "apps/entente/files.h"
#include "apps/entente/verbs/verbs.h"

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
};

Status Upload(Client& client, const std::string& path, const std::string& file) {
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
    offset += got;
    ShowProgress("sending " + file, offset, total);
  }
  return input.bad() ? Status(Error{ErrorCode::kUnavailable, file + ": cannot be read"}) : Status();
}

Result<wire::Json> WaitForImport(Client& client, const std::string& path) {
  for (;;) {
    ENTENTE_ASSIGN(wire::Json status, client.Get(path));
    if (status["state"] == "done" || status["state"] == "failed") {
      EndProgress();
      return status;
    }
    ShowProgress("reading, " + status["records"].dump() + " records",
                 status["bytes"].get<std::uint64_t>(), status["bytes_total"].get<std::uint64_t>());
    std::this_thread::sleep_for(kPollPause);
  }
}

std::string ImportText(const wire::Json& status) {
  std::string out;
  for (const wire::Json& error : status["errors"]) {
    out += error.value("file", "") + ":" + error["line"].dump() + ":" + error["column"].dump() +
           ": " + error.value("reason", "") + "\n";
  }
  return out + status["records"].dump() + " records imported, " + status["skipped"].dump() +
         " entries that are not persons passed over, " + status["rejected"].dump() +
         " bad rows skipped";
}

Status Import(Invocation& invocation, const ImportOptions& options) {
  ENTENTE_ASSIGN(Client client, Client::Connect(invocation.home));
  wire::Json files = {{"main", std::filesystem::path(options.file).filename().string()}};
  wire::Json request = {{"collection", options.collection},
                        {"origin", options.origin},
                        {"skip_bad", options.skip_bad}};
  if (!options.format.empty()) {
    request["format"] = options.format;
  }
  if (!options.mapping.empty()) {
    request["mapping"] = options.mapping;
  }
  const std::map<std::string, std::string> parts{
      {"main", options.file}, {"alt", options.alt}, {"add", options.add}};
  for (const auto& [part, file] : parts) {
    if (!file.empty()) {
      files[part] = std::filesystem::path(file).filename().string();
    }
  }
  request["files"] = files;
  ENTENTE_ASSIGN(const wire::Json begun, client.Post("/api/v1/imports", request));
  const std::string path = "/api/v1/imports/" + begun["import"].dump();
  for (const auto& [part, file] : parts) {
    if (!file.empty()) {
      ENTENTE_TRY(Upload(client, path + "/" + part, file));
    }
  }
  ENTENTE_TRY(client.Post(path + "/finish"));
  ENTENTE_ASSIGN(const wire::Json status, WaitForImport(client, path));
  if (!options.rejects.empty() && status["rejected"].get<std::uint64_t>() > 0) {
    ENTENTE_ASSIGN(const Bytes rejects, client.Call(http::Method::kGet, path + "/rejects"));
    ENTENTE_TRY(WritePrivateFile(options.rejects, rejects));
  }
  if (status["state"] == "failed") {
    invocation.error_details = status;
    std::string errors = ImportText(status);
    if (!invocation.is_json && !status["errors"].empty()) {
      std::cerr << errors.substr(0, errors.rfind('\n') + 1);
    }
    return Error{ErrorCode::kInvalidInput, status.value("error", "the import failed")};
  }
  invocation.Print(status, ImportText);
  return {};
}

std::string CollectionsText(const wire::Json& answer) {
  std::string out;
  for (const wire::Json& item : answer["collections"]) {
    out += (out.empty() ? "" : "\n") + item.value("name", "") + "  " + item.value("origin", "") +
           "  " + item["records"].dump() + " records  " + item.value("time", "");
  }
  return out.empty() ? "no collections yet: begin with `entente list import`" : out;
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
  import->add_option("--rejects", options->rejects, "Where the bad rows are written");
  import->callback([&invocation, options] {
    invocation.action = [&invocation, options] { return Import(invocation, *options); };
  });
  CLI::App* const show = list->add_subcommand("show", "The collections");
  AddCommon(*show, invocation);
  show->callback([&invocation] {
    invocation.action = [&invocation]() -> Status {
      ENTENTE_ASSIGN(const wire::Json answer, invocation.Get("/api/v1/collections"));
      invocation.Print(answer, CollectionsText);
      return {};
    };
  });
}

}  // namespace entente::app
