// ledger_make_peer NODE.card DIR: a peer that is only keys, for foreign logs that a running node is
// to witness. Writes `peer.card` to import there, and for whoever plays the peer's log:
//   origin        the log's name          log.skey      its private key, as golang.org/x/mod's note
//   witness.vkey  the node's witness      witness.name  its name: the prefix to send to
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "entente/act/testing.h"
#include "entente/ledger/note.h"
#include "entente/ledger/relation.h"

namespace entente::ledger {
namespace {

constexpr std::uint8_t kSeed = 0x51;  // the card's keys have this seed and the four after it

Status WriteText(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? Status() : Status(Error{ErrorCode::kUnavailable, "cannot write " + path.string()});
}

// "PRIVATE+KEY+name+hex8(id)+base64(type || seed)"
std::string SecretKey(const VerifierKey& log) {
  const crypto::Seed seed = act::ExampleSeed(kSeed + 1);
  Bytes typed{static_cast<std::uint8_t>(log.type)};
  Append(typed, seed.view());
  const std::string vkey = FormatVerifierKey(log);
  return "PRIVATE+KEY+" + vkey.substr(0, vkey.find('+', log.name.size() + 1)) + "+" +
         Base64Encode(typed);
}

Status MakePeer(const std::string& card_path, const std::filesystem::path& folder) {
  std::ifstream stream(card_path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  ENTENTE_ASSIGN(const act::Card node, act::OpenCard(AsBytes(text)));
  act::Card peer = act::ExampleCard("Foreign log", "XL", kSeed);
  peer.is_exercise = node.is_exercise;
  peer.endpoints = {};
  ENTENTE_ASSIGN(const Bytes card, act::SignCard(peer, act::ExampleSigner(kSeed)));
  std::filesystem::create_directories(folder);
  const VerifierKey log = LogKey(peer.id(), node.id(), peer.keys.ledger);
  const VerifierKey witness = WitnessKey(node.id(), node.keys.witness);
  ENTENTE_TRY(WriteText(folder / "peer.card", AsText(card)));
  ENTENTE_TRY(WriteText(folder / "origin", log.name));
  ENTENTE_TRY(WriteText(folder / "log.skey", SecretKey(log)));
  ENTENTE_TRY(WriteText(folder / "witness.vkey", FormatVerifierKey(witness)));
  return WriteText(folder / "witness.name", witness.name);
}

}  // namespace
}  // namespace entente::ledger

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: ledger_make_peer NODE.card DIR\n";
    return 2;
  }
  const auto made = entente::ledger::MakePeer(argv[1], argv[2]);
  if (!made) {
    std::cerr << "error: " << made.error().message << "\n";
    return 1;
  }
  return 0;
}
