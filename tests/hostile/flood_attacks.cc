// Attacks by numbers and by slowness. The honest peer is served while they last.
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "entente/net/limits.h"
#include "tests/hostile/caller.h"

namespace entente::hostile {
namespace {

using peer::FrameType;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

const net::ListenerLimits kLimits;
constexpr milliseconds kNow{0};

milliseconds Since(steady_clock::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

std::string CallerAddress(std::size_t number) { return "127.0.2." + std::to_string(1 + number); }

// Connections that say nothing, `count` from each of so many addresses, by address.
Result<std::map<std::string, std::vector<Socket>>> HalfOpen(Arena& arena, std::size_t addresses,
                                                            std::size_t count) {
  std::map<std::string, std::vector<Socket>> out;
  for (std::size_t i = 0; i < addresses * count; ++i) {
    const std::string from = CallerAddress(i % addresses);
    ENTENTE_ASSIGN(Socket socket, Socket::Connect(arena.endpoint(), from));
    out[from].push_back(std::move(socket));
  }
  return out;
}

// How many of them the node has not closed, once it has looked at all.
std::size_t StillOpen(const std::vector<Socket>& sockets) {
  std::size_t open = 0;
  for (const Socket& socket : sockets) {
    open += socket.AwaitEnd(kNow) ? 0 : 1;
  }
  return open;
}

// The honest peer is served while the connections are held; then those that are left.
Result<std::map<std::string, std::size_t>> OpenWhileServing(
    Arena& arena, const std::map<std::string, std::vector<Socket>>& held) {
  ENTENTE_TRY(arena.HonestExchange());
  std::map<std::string, std::size_t> open;
  for (const auto& [address, sockets] : held) {
    open[address] = StillOpen(sockets);
  }
  return open;
}

Result<Seen> OneAddress(Arena& arena) {
  constexpr std::size_t kCalls = 100;
  ENTENTE_ASSIGN(const auto held, HalfOpen(arena, 1, kCalls));
  ENTENTE_ASSIGN(const auto open, OpenWhileServing(arena, held));
  return Seen{Sign::kClosed,
              "",
              std::to_string(open.begin()->second) + " of " + std::to_string(kCalls) + " stay open",
              {}};
}

Result<Seen> ManyAddresses(Arena& arena) {
  constexpr std::size_t kAddresses = 100;
  constexpr std::size_t kCalls = 30;
  ENTENTE_ASSIGN(const auto held, HalfOpen(arena, kAddresses, kCalls));
  ENTENTE_ASSIGN(const auto open, OpenWhileServing(arena, held));
  std::size_t total = 0;
  bool is_shared = true;
  for (const auto& [address, count] : open) {
    total += count;
    is_shared = is_shared && count <= kLimits.connections_per_address_max;
  }
  const bool is_bounded = is_shared && total > 0 && total <= kLimits.connections_max;
  return Seen{
      Sign::kClosed,
      "",
      is_bounded ? "no more than 256 of 3000 stay open" : std::to_string(total) + " are open",
      {}};
}

Result<Seen> SlowHandshake(Arena& arena) {
  constexpr milliseconds kEarliest{9'500};
  constexpr milliseconds kLatest{13'000};
  constexpr milliseconds kDrip{500};
  ENTENTE_ASSIGN(const Socket socket, Socket::Connect(arena.endpoint()));
  const auto begin = steady_clock::now();
  // The head of a ClientHello of 512 bytes, then its bytes one by one.
  socket.Write(Bytes{0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03});
  while (!socket.AwaitEnd(kDrip) && Since(begin) < kLatest) {
    socket.Write(Bytes{0x41});
  }
  const milliseconds lasted = Since(begin);
  const bool is_in_time = lasted >= kEarliest && lasted < kLatest;
  return Seen{Sign::kClosed,
              "",
              is_in_time ? "after 10 s" : "after " + std::to_string(lasted.count()) + " ms",
              {}};
}

// A peer that never ends its hello keeps its own place only, and until it calls again.
Result<Seen> SlowHello(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  ENTENTE_ASSIGN(Caller slow, Caller::Connect(arena, *peer));
  for (const std::uint8_t byte : Bytes{0x00, 0x00, 0x01, 0x00, 0x01, 0x7B}) {
    slow.SayRaw(Bytes{byte});
    Pause();
  }
  ENTENTE_ASSIGN(const Caller next, Caller::Link(arena, *peer));
  Bytes heard;
  while (slow.tls().Read(heard, kPatience) == TlsSocket::Heard::kBytes) {
  }
  const bool has_ended = slow.tls().socket().AwaitEnd(kNow);
  return Seen{Sign::kClosed, "", has_ended ? "when the same peer calls again" : "never",
              peer->id()};
}

Result<Seen> ManyLinks(Arena& arena) {
  constexpr int kLinks = 1000;
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  std::vector<Caller> held;
  for (int i = 0; i < kLinks; ++i) {
    ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *peer));
    held.push_back(std::move(caller));
  }
  ENTENTE_TRY(arena.HonestExchange());
  std::size_t open = 0;
  for (Caller& caller : held) {
    open += caller.tls().socket().AwaitEnd(kNow) ? 0 : 1;
  }
  return Seen{Sign::kClosed, "",
              std::to_string(open) + " of " + std::to_string(kLinks) + " links stays", peer->id()};
}

Result<Seen> ManyStrangers(Arena& arena) {
  constexpr int kCalls = 1000;
  const Credentials stranger = SelfSigned(crypto::NewSeed(arena.random()), arena.clock().Now());
  TlsOptions options;
  options.credentials = &stranger;
  int refused = 0;
  for (int i = 0; i < kCalls; ++i) {
    ENTENTE_ASSIGN(Socket socket, Socket::Connect(arena.endpoint()));
    ENTENTE_ASSIGN(TlsSocket tls,
                   TlsSocket::Create(std::move(socket), TlsSocket::Role::kDialer, options));
    Bytes heard;
    tls.Handshake();
    tls.Read(heard, kPatience);
    refused += tls.alert() == SSL_AD_BAD_CERTIFICATE ? 1 : 0;
  }
  return Seen{Sign::kAlert,
              std::to_string(SSL_AD_BAD_CERTIFICATE),
              std::to_string(refused) + " of " + std::to_string(kCalls),
              {}};
}

// Requests whose replies nobody reads: they wait in the node up to its limit.
Result<Seen> UnreadReplies(Arena& arena) {
  ENTENTE_ASSIGN(const Authority* const peer, arena.NewPeer());
  ENTENTE_ASSIGN(Caller caller, Caller::Link(arena, *peer));
  Bytes burst;
  constexpr int kFramesABurst = 4096;
  for (int i = 0; i < kFramesABurst; ++i) {
    wire::AppendFrame(burst, static_cast<std::uint8_t>(FrameType::kCheckpoint), AsBytes("old x\n"));
  }
  const auto begin = steady_clock::now();
  constexpr std::chrono::seconds kLong{60};
  while (caller.tls().Write(burst) && Since(begin) < kLong) {
  }
  ENTENTE_ASSIGN(std::string error, arena.AwaitLinkError(peer->id(), "wait to be sent"));
  return Seen{Sign::kStatus, "", std::move(error), peer->id()};
}

}  // namespace

std::vector<Attack> FloodAttacks() {
  const auto closed = [](const char* words) { return Refusal{Sign::kClosed, "", words, {}}; };
  const std::string_view admit = "entente/net/internal/acceptor.cc: Admit";
  const std::string_view yields = "entente/node/peer_links.cc: Yields";
  return {
      {"flood-one-address", "100 connections of one address that say nothing",
       closed("16 of 100 stay open"), admit, OneAddress},
      {"flood-many-addresses", "3,000 such connections of 100 addresses",
       closed("no more than 256 of 3000 stay open"), admit, ManyAddresses},
      {"flood-slow-handshake", "a ClientHello, one byte every half second", closed("after 10 s"),
       "entente/net/tls.cc: OnSocket", SlowHandshake},
      {"flood-slow-hello", "a hello that does not end", closed("when the same peer calls again"),
       yields, SlowHello},
      {"flood-links", "1,000 links of one pinned peer, all held", closed("1 of 1000 links stays"),
       yields, ManyLinks},
      {"flood-strangers",
       "1,000 handshakes with a key that no card has",
       {Sign::kAlert, "42", "1000 of 1000", {}},
       "entente/net/internal/tls_session.cc: CheckPin",
       ManyStrangers},
      {"flood-unread-replies",
       "requests for cosignatures whose replies are not read",
       {Sign::kStatus, "", "more than 16MiB wait to be sent on one connection", {}},
       "entente/net/connection.cc: OnQueued",
       UnreadReplies},
  };
}

}  // namespace entente::hostile
