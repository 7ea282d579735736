#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente/files.h"
#include "apps/entente/verbs/verbs.h"
#include "entente/ledger/export.h"
#include "entente/ledger/verify.h"

namespace entente::app {
namespace {

// The static tree of the log, as the node serves it. Tiles never change; the checkpoint is the one
// that the list was made for, since the log may grow meanwhile.
Result<std::map<std::string, Bytes>> Fetch(Invocation& invocation) {
  ENTENTE_ASSIGN(const wire::Json list, invocation.Get(invocation.PeerPath("/ledger/files")));
  std::map<std::string, Bytes> files;
  for (const wire::Json& path : list["files"]) {
    const auto name = path.get<std::string>();
    if (name == ledger::kCheckpointPath) {
      files[name] = ToBytes(list["checkpoint"].get<std::string>());
      continue;
    }
    ENTENTE_ASSIGN(files[name], invocation.GetBytes(invocation.PeerPath("/ledger/file/" + name)));
  }
  return files;
}

// An export may take the place of an earlier one of the same log, and of nothing else.
Status CheckFolder(const std::string& folder, const std::map<std::string, Bytes>& files) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error) || std::filesystem::is_empty(folder, error)) {
    return {};
  }
  const std::string policy(ledger::kPolicyPath);
  const auto now = files.find(policy);
  const auto earlier = ReadFile(folder + "/" + policy, ledger::kPolicyBytesMax);
  if (!earlier || now == files.end() || *earlier != now->second) {
    return Error{ErrorCode::kConflict,
                 folder +
                     ": is not empty and holds no earlier export of this ledger; name a new "
                     "folder"};
  }
  return {};
}

Status Export(Invocation& invocation, const std::string& folder) {
  ENTENTE_ASSIGN(const auto files, Fetch(invocation));
  ENTENTE_TRY(CheckFolder(folder, files));
  const std::string prefix = folder + "/";
  for (const auto& [path, bytes] : files) {
    ENTENTE_TRY(WritePublicFile(prefix + path, bytes));
  }
  invocation.Print({{"folder", folder}, {"files", files.size()}}, [&](const wire::Json& value) {
    return CountOf(value["files"], "file") + " written to " + folder +
           "\ncheck them without a node: entente-verify ledger " + folder + " --card A --card B";
  });
  return {};
}

Status WriteProof(Invocation& invocation, const std::string& act, const std::string& path) {
  ENTENTE_ASSIGN(const Bytes proof,
                 invocation.GetBytes(invocation.PeerPath("/acts/" + act + "/act.tlog-proof")));
  ENTENTE_TRY(WritePublicFile(path, proof));
  invocation.Print({{"file", path}}, [&](const wire::Json& /*value*/) {
    return "written to " + path + "\ncheck it without a node: entente-verify proof " + path +
           " --card A --card B";
  });
  return {};
}

// The act, its answer, and the proofs of those of their leaves that are settled.
Result<std::map<std::string, Bytes>> FetchReceipt(Invocation& invocation, const std::string& act) {
  std::map<std::string, Bytes> files;
  const std::string base = invocation.PeerPath("/acts/" + act + "/");
  for (const std::string name : {"act.json", "answer.json"}) {
    ENTENTE_ASSIGN(files[name], invocation.GetBytes(base + name));
  }
  for (const std::string name : {"act.tlog-proof", "answer.tlog-proof"}) {
    auto proof = invocation.GetBytes(base + name);
    if (proof) {
      files[name] = *std::move(proof);
    } else if (proof.error().code != ErrorCode::kConflict &&
               proof.error().code != ErrorCode::kNotFound) {
      return Error(proof.error());
    }
  }
  return files;
}

Status WriteReceipt(Invocation& invocation, const std::string& act, const std::string& folder) {
  ENTENTE_ASSIGN(const auto files, FetchReceipt(invocation, act));
  const auto earlier = ReadFile(folder + "/act.json", files.at("act.json").size());
  if (earlier ? *earlier != files.at("act.json") : earlier.error().code != ErrorCode::kNotFound) {
    return Error{ErrorCode::kConflict, folder + ": holds another act; name a new folder"};
  }
  wire::Json names = wire::Json::array();
  const std::string inside = folder + "/";
  std::string command = "entente-verify receipt " + folder + "/answer.json --act " + folder +
                        "/act.json --card A --card B";
  for (const auto& [name, bytes] : files) {
    const std::string path = inside + name;
    ENTENTE_TRY(WritePublicFile(path, bytes));
    names.push_back(name);
    if (name.ends_with(".tlog-proof")) {
      command += " --proof ";
      command += path;
    }
  }
  invocation.Print({{"folder", folder}, {"files", names}}, [&](const wire::Json& value) {
    return CountOf(value["files"].size(), "file") + " written to " + folder +
           "\ncheck them without a node: " + command;
  });
  return {};
}

class MemoryFiles final : public ledger::FileReader {
 public:
  explicit MemoryFiles(const std::map<std::string, Bytes>& files) : files_(files) {}
  Result<Bytes> Read(const std::string& path, std::size_t /*size_bytes_max*/) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) {
      return Error{ErrorCode::kNotFound, path + " is missing"};
    }
    return found->second;
  }

 private:
  const std::map<std::string, Bytes>& files_;
};

Status Verify(Invocation& invocation) {
  ENTENTE_ASSIGN(const wire::Json info, invocation.Get(invocation.PeerPath("/ledger")));
  ENTENTE_ASSIGN(const auto log, ledger::ParseVerifierKey(info.value("log_vkey", "")));
  ENTENTE_ASSIGN(const auto witness, ledger::ParseVerifierKey(info.value("witness_vkey", "")));
  ENTENTE_ASSIGN(const auto files, Fetch(invocation));
  ENTENTE_ASSIGN(const auto report, ledger::VerifyLog(MemoryFiles(files), {log, {witness}, 1},
                                                      ledger::EntryCheck::kLeaves));
  invocation.Print({{"ok", true},
                    {"entries", report.checkpoint.size},
                    {"root", Base64Encode(report.checkpoint.root.view())}},
                   [](const wire::Json& value) {
                     return CountOf(value["entries"], "leaf", "leaves") +
                            " verified, cosigned by the peer; root " + value.value("root", "");
                   });
  return {};
}

std::string LedgerText(const wire::Json& ledger) {
  std::string out = ledger["settled"].dump() + " of " + CountOf(ledger["size"], "leaf", "leaves") +
                    " settled (cosigned by the peer); root " + ledger.value("root", "");
  for (const wire::Json& entry : ledger["entries"]) {
    out += "\n" + entry["index"].dump() + "  " + entry.value("time", "") + "  " +
           entry.value("direction", "") + "  " + entry.value("kind", "");
  }
  return out;
}

std::string ActsText(const wire::Json& answer) {
  std::string out;
  for (const wire::Json& act : answer["acts"]) {
    out += (out.empty() ? "" : "\n") + act.value("direction", "") + " " + act["sequence"].dump() +
           "  " + act.value("kind", "") + "  " + act.value("state", "") + "  leaf " +
           act["leaf"].dump();
    if (!act["answer"].is_null() && act["answer"].value("outcome", "") == "refusal") {
      out += "  refused: " + act["answer"].value("reason", "");
    }
  }
  return out.empty() ? "no acts yet" : out;
}

std::string EvidenceText(const wire::Json& answer) {
  std::string out;
  for (const wire::Json& item : answer["evidence"]) {
    out += (out.empty() ? "" : "\n") + item["number"].dump() + "  " + item.value("time", "") +
           "  " + item.value("what", "") + "  " + CountOf(item["bytes"], "byte") + " kept";
  }
  return out.empty() ? "no evidence against the peer" : out;
}

}  // namespace

void AddLedgerVerbs(CLI::App& app, Invocation& invocation) {
  const auto add_show = [&](CLI::App& parent, const char* name, const char* help, const char* path,
                            std::string (*to_text)(const wire::Json&)) {
    CLI::App* const verb = parent.add_subcommand(name, help);
    AddCommon(*verb, invocation, /*with_peer=*/true);
    verb->callback([&invocation, path, to_text] {
      invocation.action = [&invocation, path, to_text]() -> Status {
        ENTENTE_ASSIGN(const wire::Json answer, invocation.Get(invocation.PeerPath(path)));
        invocation.Print(answer, to_text);
        return {};
      };
    });
  };
  CLI::App* const ledger = app.add_subcommand("ledger", "The proof of what crossed");
  ledger->require_subcommand(1);
  add_show(*ledger, "show", "Size, root and the latest leaves", "/ledger", LedgerText);
  add_show(app, "acts", "The latest acts in both directions and their answers", "/acts", ActsText);
  add_show(app, "evidence", "What the peer did against the rules", "/evidence", EvidenceText);
  auto folder = std::make_shared<std::string>();
  CLI::App* const exporter =
      ledger->add_subcommand("export", "Write the log as files any tlog tool verifies");
  AddCommon(*exporter, invocation, /*with_peer=*/true);
  exporter->add_option("folder", *folder, "Where to")->required();
  exporter->callback([&invocation, folder] {
    invocation.action = [&invocation, folder] { return Export(invocation, *folder); };
  });
  const auto add_act = [&](const char* name, const char* help, const char* out,
                           Status (*write)(Invocation&, const std::string&, const std::string&)) {
    auto act = std::make_shared<std::string>();
    auto target = std::make_shared<std::string>();
    CLI::App* const verb = ledger->add_subcommand(name, help);
    AddCommon(*verb, invocation, /*with_peer=*/true);
    verb->add_option("act", *act, "The act's id, or the beginning of it")->required();
    verb->add_option("--out", *target, "Where to")->type_name(out)->required();
    verb->callback([&invocation, write, act, target] {
      invocation.action = [&invocation, write, act, target] {
        return write(invocation, *act, *target);
      };
    });
  };
  add_act("proof", "Write the proof that one act is in this node's ledger", "FILE", &WriteProof);
  add_act("receipt", "Write one act, its answer and their proofs, for an outsider", "DIR",
          &WriteReceipt);
  CLI::App* const verify =
      ledger->add_subcommand("verify", "Verify this node's log against the pinned keys");
  AddCommon(*verify, invocation, /*with_peer=*/true);
  verify->callback(
      [&invocation] { invocation.action = [&invocation] { return Verify(invocation); }; });
}

}  // namespace entente::app
