// Where attacks take place: the node under attack and the honest node it is linked with, both real
// processes that another program started. Threads: one owner.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "apps/entente/client.h"
#include "entente/act/card.h"
#include "entente/base/time.h"
#include "entente/crypto/random.h"
#include "entente/net/tls.h"
#include "entente/wire/json.h"
#include "tests/hostile/authority.h"

namespace entente::hostile {

// The most resident memory (VmHWM) the node may have had during any one attack.
inline constexpr std::uint64_t kMemoryMibMax = 192;
// An honest document must be proposed and signed by both sides in this time.
inline constexpr std::chrono::milliseconds kHonestExchangeMax{std::chrono::seconds(5)};

struct ArenaSettings {
  std::string target_home;
  pid_t target_pid = 0;
  std::string honest_home;
  std::uint64_t memory_mib_max = kMemoryMibMax;
};

class Arena {
 public:
  // Errors: those of the two nodes' answers.
  static Result<std::unique_ptr<Arena>> Open(const ArenaSettings& settings);

  Random& random() { return random_; }
  const Clock& clock() const { return clock_; }
  const act::Card& target() const { return target_card_; }
  const Bytes& signed_target() const { return signed_target_; }
  const net::Endpoint& endpoint() const { return endpoint_; }

  // An attacker whose card the node under attack has imported. Lives as long as the arena.
  Result<const Authority*> NewPeer(std::vector<std::string> endpoints = {});

  // The API of the node under attack, below the path of `peer`.
  Result<wire::Json> Get(const PeerId& peer, const std::string& path);
  Result<wire::Json> Post(const PeerId& peer, const std::string& path,
                          const wire::Json& body = wire::Json::object());
  // Has the node under attack propose a document to `peer`: an act that waits for an answer.
  Status ProposeTo(const PeerId& peer);
  // What its status says about `peer`. Errors: kNotFound.
  Result<wire::Json> StatusOf(const PeerId& peer);
  // The link error of the status once it holds `words`, or the last one after kPatience.
  Result<std::string> AwaitLinkError(const PeerId& peer, std::string_view words);
  Result<std::vector<std::string>> EvidenceOf(const PeerId& peer);

  // The honest node proposes a document, both sign it, both hold it co-signed. Returns how long
  // that took. Errors: kDeadlineExceeded after kHonestExchangeMax.
  Result<std::chrono::milliseconds> HonestExchange();

  // Of the node under attack. Errors: kUnavailable if the process is gone.
  Status ResetPeakMemory();
  Result<std::uint64_t> PeakMemoryMib();
  Result<std::size_t> OpenDescriptors();
  std::uint64_t memory_mib_max() const { return settings_.memory_mib_max; }

 private:
  Arena(ArenaSettings settings, app::Client target, app::Client honest)
      : settings_(std::move(settings)), target_(std::move(target)), honest_(std::move(honest)) {}
  Result<bool> IsCoSigned(app::Client& client, const PeerId& peer, const std::string& document);

  ArenaSettings settings_;
  app::Client target_;
  app::Client honest_;
  crypto::SystemRandom random_;
  SystemClock clock_;
  Bytes signed_target_;
  act::Card target_card_;
  act::Card honest_card_;
  net::Endpoint endpoint_;
  std::deque<Authority> authorities_;
  std::uint64_t documents_ = 0;
};

// Lets a little time pass between two looks at what another process does.
void Pause();

}  // namespace entente::hostile
