#include "tests/hostile/arena.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include <poll.h>

#include "apps/entente/config.h"

namespace entente::hostile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using wire::Json;

constexpr std::string_view kSignatory = "Annelore Musterfeld";

std::string PeerPath(const PeerId& peer, const std::string& path) {
  return "/api/v1/peers/" + peer.str() + path;
}

Result<Bytes> SignedCardOf(app::Client& client) {
  return client.Call(http::Method::kGet, "/api/v1/card");
}

// Minutes that one person of each side signs.
Json Minutes(std::uint64_t number) {
  const Json text{{"en", "EXERCISE - FICTION " + std::to_string(number)}};
  const auto party = [&](const char* country) {
    return Json{{"country", country}, {"name", text}};
  };
  const auto signatory = [&](const char* country) {
    return Json{{"country", country}, {"name", kSignatory}, {"office", text}};
  };
  return {{"v", 1},
          {"type", "minutes"},
          {"exercise", true},
          {"languages", {"en"}},
          {"title", text},
          {"parties", {party("DE"), party("MA")}},
          {"articles", {{{"id", "1"}, {"heading", text}, {"text", text}}}},
          {"signatories", {signatory("DE"), signatory("MA")}}};
}

}  // namespace

void Pause() { ::poll(nullptr, 0, 10); }

Result<std::unique_ptr<Arena>> Arena::Open(const ArenaSettings& settings) {
  ENTENTE_ASSIGN(app::Client target, app::Client::Connect(settings.target_home));
  ENTENTE_ASSIGN(app::Client honest, app::Client::Connect(settings.honest_home));
  std::unique_ptr<Arena> arena(new Arena(settings, std::move(target), std::move(honest)));
  ENTENTE_ASSIGN(arena->signed_target_, SignedCardOf(arena->target_));
  ENTENTE_ASSIGN(arena->target_card_, act::OpenCard(arena->signed_target_));
  ENTENTE_ASSIGN(const Bytes honest_card, SignedCardOf(arena->honest_));
  ENTENTE_ASSIGN(arena->honest_card_, act::OpenCard(honest_card));
  if (arena->target_card_.endpoints.empty()) {
    return Error{ErrorCode::kInvalidInput, "the node under attack does not listen"};
  }
  ENTENTE_ASSIGN(arena->endpoint_, app::ParseEndpoint(arena->target_card_.endpoints.front()));
  return arena;
}

Result<const Authority*> Arena::NewPeer(std::vector<std::string> endpoints) {
  const Authority& peer = authorities_.emplace_back(random_, clock_, std::move(endpoints));
  ENTENTE_TRY(target_.Call(http::Method::kPost, "/api/v1/peers", peer.signed_card()));
  return &peer;
}

Result<Json> Arena::Get(const PeerId& peer, const std::string& path) {
  return target_.Get(PeerPath(peer, path));
}

Result<Json> Arena::Post(const PeerId& peer, const std::string& path, const Json& body) {
  return target_.Post(PeerPath(peer, path), body);
}

Status Arena::ProposeTo(const PeerId& peer) {
  ENTENTE_ASSIGN(const Json draft, Post(peer, "/documents", Minutes(++documents_)));
  ENTENTE_TRY(Post(peer, "/documents/" + draft["id"].get<std::string>() + "/propose"));
  return {};
}

Result<Json> Arena::StatusOf(const PeerId& peer) {
  ENTENTE_ASSIGN(const Json status, target_.Get("/api/v1/status"));
  for (const Json& row : status["peers"]) {
    if (row["id"] == peer.str()) {
      return row;
    }
  }
  return Error{ErrorCode::kNotFound, "the status does not name the peer"};
}

Result<std::string> Arena::AwaitLinkError(const PeerId& peer, std::string_view words) {
  const auto until = steady_clock::now() + 2 * kPatience;
  for (;;) {
    ENTENTE_ASSIGN(const Json status, StatusOf(peer));
    std::string error = status["link_error"].get<std::string>();
    if (error.find(words) != std::string::npos || steady_clock::now() > until) {
      return error;
    }
    Pause();
  }
}

Result<std::vector<std::string>> Arena::EvidenceOf(const PeerId& peer) {
  ENTENTE_ASSIGN(const Json answer, Get(peer, "/evidence"));
  std::vector<std::string> out;
  for (const Json& row : answer["evidence"]) {
    out.push_back(row["what"].get<std::string>());
  }
  return out;
}

Result<bool> Arena::IsCoSigned(app::Client& client, const PeerId& peer,
                               const std::string& document) {
  ENTENTE_ASSIGN(const Json view, client.Get(PeerPath(peer, "/documents/" + document)));
  return view["state"] == "co-signed";
}

Result<milliseconds> Arena::HonestExchange() {
  const PeerId target = target_card_.id();
  const PeerId honest = honest_card_.id();
  const Json signing{{"signatory", kSignatory}};
  ENTENTE_ASSIGN(const Json draft,
                 honest_.Post(PeerPath(target, "/documents"), Minutes(++documents_)));
  const std::string id = draft["id"].get<std::string>();
  const std::string path = "/documents/" + id;
  const auto begin = steady_clock::now();
  ENTENTE_TRY(honest_.Post(PeerPath(target, path + "/propose")));
  ENTENTE_TRY(honest_.Post(PeerPath(target, path + "/sign"), signing));
  bool has_target_signed = false;
  while (steady_clock::now() - begin < kHonestExchangeMax) {
    if (!has_target_signed) {
      has_target_signed = target_.Post(PeerPath(honest, path + "/sign"), signing).has_value();
    } else {
      ENTENTE_ASSIGN(const bool is_here, IsCoSigned(target_, honest, id));
      ENTENTE_ASSIGN(const bool is_there, IsCoSigned(honest_, target, id));
      if (is_here && is_there) {
        return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
      }
    }
    Pause();
  }
  return Error{ErrorCode::kDeadlineExceeded, "the honest peer was not served in time"};
}

Status Arena::ResetPeakMemory() {
  std::ofstream file("/proc/" + std::to_string(settings_.target_pid) + "/clear_refs");
  file << "5" << std::flush;
  return file ? Status() : Error{ErrorCode::kUnavailable, "the node under attack is gone"};
}

Result<std::uint64_t> Arena::PeakMemoryMib() {
  std::ifstream file("/proc/" + std::to_string(settings_.target_pid) + "/status");
  constexpr std::uint64_t kKibPerMib = 1024;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::stoull(line.substr(line.find(':') + 1)) / kKibPerMib;
    }
  }
  return Error{ErrorCode::kUnavailable, "the node under attack is gone"};
}

Result<std::size_t> Arena::OpenDescriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries(
      "/proc/" + std::to_string(settings_.target_pid) + "/fd", error);
  if (error) {
    return Error{ErrorCode::kUnavailable, "the node under attack is gone"};
  }
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace entente::hostile
