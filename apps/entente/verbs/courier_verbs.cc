#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/entente/files.h"
#include "apps/entente/verbs/verbs.h"
#include "entente/peer/parcel.h"

namespace entente::app {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{2} << 20U;

std::string ParcelPath(const wire::Json& answer) {
  return "/api/v1/parcels/" + answer["parcel"].dump();
}

std::string PackText(const wire::Json& parcel, const std::string& path) {
  std::string out = "parcel " + parcel["number"].dump() + " for " +
                    parcel["peer"].value("name", "") + ": " + CountOf(parcel["acts"], "act") +
                    ", " + CountOf(parcel["answers"], "answer");
  out += parcel.value("checkpoint", false) ? ", our checkpoint to be cosigned" : "";
  out += parcel.value("cosigned", false) ? ", theirs with our cosignature" : "";
  out += "\nwritten to " + path + ": " + CountOf(parcel["bytes"], "byte") +
         ", sealed to the peer; the other side runs: entente courier unpack FILE";
  if (!parcel.value("complete", true)) {
    out += "\nmore waits than a parcel holds: pack again once the answer to this one is unpacked";
  }
  return out;
}

Status Pack(Invocation& invocation, const std::string& path) {
  ENTENTE_ASSIGN(NewFile file, NewFile::Create(path));
  ENTENTE_ASSIGN(const wire::Json parcel, invocation.Post(invocation.PeerPath("/parcels")));
  ENTENTE_ASSIGN(Client client, Client::Connect(invocation.home));
  for (std::size_t offset = 0;;) {
    ENTENTE_ASSIGN(const Bytes piece, client.Call(http::Method::kGet, ParcelPath(parcel), {},
                                                  {{"offset", std::to_string(offset)}}));
    if (piece.empty()) {
      break;
    }
    ENTENTE_TRY(file.Append(piece));
    offset += piece.size();
  }
  ENTENTE_TRY(file.Commit());
  wire::Json out = parcel;
  out.erase("parcel");
  out["file"] = path;
  invocation.Print(out, [&](const wire::Json& value) { return PackText(value, path); });
  return {};
}

std::string UnpackText(const wire::Json& parcel) {
  const wire::Json& acts = parcel["acts"];
  const wire::Json& answers = parcel["answers"];
  std::string out = "parcel " + parcel["number"].dump() + " of " +
                    parcel["peer"].value("name", "") + ", packed " + parcel.value("time", "");
  out += parcel.value("late", false) ? " (a later one was unpacked before)" : "";
  if (!parcel["not_taken"].is_null()) {
    return out + "\nnothing was taken: " + parcel.value("not_taken", "") +
           "\npack one for the peer: entente courier pack; it says there what is missing";
  }
  out += "\nacts:    " + acts["accepted"].dump() + " accepted, " + acts["refused"].dump() +
         " refused, " + acts["repeated"].dump() + " known before";
  out += "\nanswers: " + CountOf(answers["receipts"], "receipt") + ", " +
         CountOf(answers["refusals"], "refusal") + ", " + answers["repeated"].dump() +
         " known before";
  if (!parcel["settled"].is_null()) {
    out += "\nledger:  settled up to " + CountOf(parcel["settled"], "leaf", "leaves");
  }
  if (!parcel["cosigned"].is_null()) {
    out +=
        "\nledger:  the peer's is cosigned up to " + CountOf(parcel["cosigned"], "leaf", "leaves");
  }
  if (!parcel["not_cosigned"].is_null()) {
    out += "\nledger:  " + parcel.value("not_cosigned", "");
  }
  return out + "\nbring an answer back: entente courier pack --peer " +
         parcel["peer"].value("id", "").substr(0, 12) + " --out FILE";
}

Status Unpack(Invocation& invocation, const std::string& path) {
  ENTENTE_ASSIGN(const Bytes file, ReadFile(path, peer::kParcelBytesMax));
  ENTENTE_ASSIGN(const wire::Json parcel, invocation.Post("/api/v1/parcels"));
  ENTENTE_ASSIGN(Client client, Client::Connect(invocation.home));
  for (std::size_t offset = 0; offset < file.size();) {
    const ByteView rest = ByteView(file).subspan(offset);
    const ByteView piece = rest.first(std::min(rest.size(), kPieceBytes));
    ENTENTE_TRY(client.Call(http::Method::kPut, ParcelPath(parcel), piece,
                            {{"offset", std::to_string(offset)}}));
    offset += piece.size();
  }
  wire::Json unpacked;
  do {
    ENTENTE_ASSIGN(unpacked, invocation.Post(ParcelPath(parcel) + "/unpack"));
  } while (!unpacked.value("done", true));
  unpacked.erase("done");
  invocation.Print(unpacked, &UnpackText);
  return {};
}

}  // namespace

void AddCourierVerbs(CLI::App& app, Invocation& invocation) {
  CLI::App* const courier =
      app.add_subcommand("courier", "Carry acts, answers and checkpoints by hand, without a link");
  courier->require_subcommand(1);
  auto out = std::make_shared<std::string>();
  CLI::App* const pack =
      courier->add_subcommand("pack", "Write all that the peer has not answered into one file");
  AddCommon(*pack, invocation, /*with_peer=*/true);
  pack->add_option("--out", *out, "Where to")->type_name("FILE")->required();
  pack->callback([&invocation, out] {
    invocation.action = [&invocation, out] { return Pack(invocation, *out); };
  });
  auto file = std::make_shared<std::string>();
  CLI::App* const unpack = courier->add_subcommand("unpack", "Take in what a peer packed");
  AddCommon(*unpack, invocation);
  unpack->add_option("file", *file, "The parcel")->required();
  unpack->callback([&invocation, file] {
    invocation.action = [&invocation, file] { return Unpack(invocation, *file); };
  });
}

}  // namespace entente::app
