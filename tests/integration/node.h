// A whole node in memory: the very libraries of `entente serve`, with a hand-moved clock, seeded
// randomness, a store in a temporary folder and links that are byte queues.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "entente/base/background.h"
#include "entente/base/random.h"
#include "entente/base/time.h"
#include "entente/documents/documents.h"
#include "entente/exchange/exchange.h"
#include "entente/exchange/link.h"
#include "entente/matching/matching.h"
#include "entente/node/node.h"
#include "entente/node/testing.h"
#include "entente/records/record.h"
#include "entente/store/sqlite/sqlite_store.h"
#include "entente/wire/frame.h"

namespace entente::testing {

inline UtcTime TestStart() { return *ParseRfc3339("2026-11-23T10:00:00Z"); }

// No calls and no callers: the tests hang links on byte queues themselves.
class NoNetwork final : public node::Network {
 public:
  void Dial(const std::string& /*endpoint*/, const crypto::Digest& /*spki*/,
            OnResult /*on_result*/) override {}
  std::unique_ptr<node::PendingCall> After(std::chrono::milliseconds /*delay*/,
                                           std::function<void()> /*task*/) override {
    return nullptr;
  }
  void Post(std::function<void()> /*task*/) override {}
};

class Node {
 public:
  // The same `seed` gives the same identity, another `life` other randomness afterwards: a node
  // that is started again from its store does not draw the numbers of its last life.
  Node(const std::string& country, std::uint64_t seed, const std::string& store_path,
       ManualClock& clock, bool is_exercise = true, std::uint64_t life = 0);

  const act::Card& card() const { return identity_.card(); }
  PeerId id() const { return card().id(); }
  const Bytes& signed_card() const { return identity_.get().signed_card; }
  // Fills a collection with records, replacing it.
  void Fill(const std::string& collection, const std::vector<records::Record>& records,
            store::Origin origin = store::Origin::kSynthetic);
  std::vector<store::ActRow> Acts(const PeerId& peer) const;
  std::vector<store::EvidenceRow> Evidence(const PeerId& peer) const;

 private:
  SeededRandomForTests identity_random_;
  SeededRandomForTests random_;
  node::IdentityForTests identity_;
  ManualClock& clock_;
  std::unique_ptr<store::Store> store_;

 public:
  QueuedBackground background;

 private:
  NoNetwork network_;
  Log log_;
  node::Node node_;

 public:
  exchange::Exchange& exchange;
  documents::Documents& documents;
  matching::Matching& matching;
};

// A connection between two nodes. Destroying it is losing the connection.
class Wire {
 public:
  // What arrives in the place of a frame: itself, another one, several or none.
  using Tap = std::function<std::vector<wire::Frame>(const Node& sender, wire::Frame frame)>;

  Wire(Node& left, Node& right, Tap tap = nullptr);
  Wire(const Wire&) = delete;  // its links look at it
  Wire& operator=(const Wire&) = delete;
  // Moves bytes and runs background tasks until nothing moves or `stop` says so. Returns the first
  // error of either link; then the wire is cut.
  Status Run(const std::function<bool()>& stop = [] { return false; });
  // Every frame that was sent, before it was sealed.
  const Bytes& captured() const { return captured_; }
  exchange::Link& left_link() { return *left_.link; }
  exchange::Link& right_link() { return *right_.link; }

 private:
  struct End {
    Node& node;
    std::unique_ptr<exchange::Link> link;
    wire::FrameDecoder frames;  // of what it sends
  };
  Result<bool> Move(End& from, End& to);

  End left_;
  End right_;
  Tap tap_;
  Bytes captured_;
};

// The text of a file under the project root; fails the test if there is none.
std::string ReadProjectFile(const std::string& path);

}  // namespace entente::testing
