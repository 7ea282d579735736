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
// `base` is the API's path of the log.
Result<std::map<std::string, Bytes>> Fetch(Invocation& invocation, const std::string& base) {
  ENTENTE_ASSIGN(const wire::Json list, invocation.Get(base + "/files"));
  std::map<std::string, Bytes> files;
  const std::string folder = base + "/file/";
  for (const wire::Json& path : list["files"]) {
    const auto name = path.get<std::string>();
    if (name == ledger::kCheckpointPath) {
      files[name] = ToBytes(list["checkpoint"].get<std::string>());
      continue;
    }
    ENTENTE_ASSIGN(files[name], invocation.GetBytes(folder + name));
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

Status Export(Invocation& invocation, const std::string& base, const std::string& folder) {
  ENTENTE_ASSIGN(const auto files, Fetch(invocation, base));
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

// `what` is below the peer in the API.
Status WriteProof(Invocation& invocation, const std::string& what, const std::string& path) {
  ENTENTE_ASSIGN(const Bytes proof, invocation.GetBytes(invocation.PeerPath(what)));
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
  ENTENTE_ASSIGN(const auto files, Fetch(invocation, invocation.PeerPath("/ledger")));
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

std::string EvidenceText(const wire::Json& answer) {
  std::string out;
  for (const wire::Json& item : answer["evidence"]) {
    out += (out.empty() ? "" : "\n") + item["number"].dump() + "  " + item.value("time", "") +
           "  " + item.value("what", "") + "  " + CountOf(item["bytes"], "byte") + " kept";
  }
  return out.empty() ? "no evidence against the peer" : out;
}

std::string AuditText(const wire::Json& audit) {
  std::string out = CountOf(audit["size"], "leaf", "leaves") + ", " + audit["committed"].dump() +
                    " of them committed to in the exchange logs";
  for (const wire::Json& entry : audit["entries"]) {
    const std::string article = entry.value("article", "");
    out += "\n" + entry["index"].dump() + "  " + entry.value("time", "") + "  " +
           entry.value("peer", "").substr(0, 8) + "  " + entry.value("direction", "") + "  " +
           entry.value("kind", "") + "  " + entry.value("rule", "") +
           (article.empty() ? "" : ", article " + article);
  }
  return out;
}

Status Audit(Invocation& invocation, const std::string& folder) {
  if (!folder.empty()) {
    return Export(invocation, "/api/v1/audit", folder);
  }
  ENTENTE_ASSIGN(const wire::Json audit, invocation.Get("/api/v1/audit"));
  invocation.Print(audit, AuditText);
  return {};
}

Status ShowEvidence(Invocation& invocation, std::uint64_t number, const std::string& path) {
  if (path.empty()) {
    ENTENTE_ASSIGN(const wire::Json list, invocation.Get(invocation.PeerPath("/evidence")));
    invocation.Print(list, EvidenceText);
    return {};
  }
  ENTENTE_ASSIGN(const Bytes bytes,
                 invocation.GetBytes(invocation.PeerPath("/evidence/" + std::to_string(number))));
  ENTENTE_TRY(WritePublicFile(path, bytes));
  invocation.Print({{"file", path}},
                   [&](const wire::Json& /*value*/) { return "written to " + path; });
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

void AddEvidenceVerb(CLI::App& app, Invocation& invocation) {
  auto number = std::make_shared<std::uint64_t>(0);
  auto path = std::make_shared<std::string>();
  CLI::App* const verb = app.add_subcommand("evidence", "What the peer did against the rules");
  AddCommon(*verb, invocation, /*with_peer=*/true);
  CLI::Option* const out =
      verb->add_option("--out", *path, "Write the kept bytes of one of them")->type_name("FILE");
  out->needs(verb->add_option("--number", *number, "Which one")->needs(out));
  verb->callback([&invocation, number, path] {
    invocation.action = [&invocation, number, path] {
      return ShowEvidence(invocation, *number, *path);
    };
  });
}

void AddProofVerb(CLI::App& ledger, Invocation& invocation) {
  auto act = std::make_shared<std::string>();
  auto index = std::make_shared<std::uint64_t>(0);
  auto path = std::make_shared<std::string>();
  CLI::App* const verb =
      ledger.add_subcommand("proof", "Write the proof that an act is in this node's ledger");
  AddCommon(*verb, invocation, /*with_peer=*/true);
  CLI::Option_group* const which = verb->add_option_group("which");
  which->add_option("act", *act, "The act's id, or the beginning of it");
  which->add_option("--index", *index, "Any entry, by its number in the ledger");
  which->require_option(1);
  verb->add_option("--out", *path, "Where to")->type_name("FILE")->required();
  verb->callback([&invocation, act, index, path] {
    invocation.action = [&invocation, act, index, path] {
      return WriteProof(invocation,
                        act->empty() ? "/ledger/proof/" + std::to_string(*index)
                                     : "/acts/" + *act + "/act.tlog-proof",
                        *path);
    };
  });
}

void AddReceiptVerb(CLI::App& ledger, Invocation& invocation) {
  auto act = std::make_shared<std::string>();
  auto folder = std::make_shared<std::string>();
  CLI::App* const verb = ledger.add_subcommand(
      "receipt", "Write one act, its answer and their proofs, for an outsider");
  AddCommon(*verb, invocation, /*with_peer=*/true);
  verb->add_option("act", *act, "The act's id, or the beginning of it")->required();
  verb->add_option("--out", *folder, "Where to")->type_name("DIR")->required();
  verb->callback([&invocation, act, folder] {
    invocation.action = [&invocation, act, folder] {
      return WriteReceipt(invocation, *act, *folder);
    };
  });
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
  AddEvidenceVerb(app, invocation);
  AddProofVerb(*ledger, invocation);
  auto audit_folder = std::make_shared<std::string>();
  CLI::App* const audit =
      ledger->add_subcommand("audit", "This node's own decisions, which no peer reads");
  AddCommon(*audit, invocation);
  audit->add_option("--out", *audit_folder, "Write the audit log as files instead")
      ->type_name("DIR");
  audit->callback([&invocation, audit_folder] {
    invocation.action = [&invocation, audit_folder] { return Audit(invocation, *audit_folder); };
  });
  auto folder = std::make_shared<std::string>();
  CLI::App* const exporter =
      ledger->add_subcommand("export", "Write the log as files any tlog tool verifies");
  AddCommon(*exporter, invocation, /*with_peer=*/true);
  exporter->add_option("folder", *folder, "Where to")->required();
  exporter->callback([&invocation, folder] {
    invocation.action = [&invocation, folder] {
      return Export(invocation, invocation.PeerPath("/ledger"), *folder);
    };
  });
  AddReceiptVerb(*ledger, invocation);
  CLI::App* const verify =
      ledger->add_subcommand("verify", "Verify this node's log against the pinned keys");
  AddCommon(*verify, invocation, /*with_peer=*/true);
  verify->callback(
      [&invocation] { invocation.action = [&invocation] { return Verify(invocation); }; });
}

}  // namespace entente::app
