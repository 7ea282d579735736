// Backups are put back in the middle of a simulation, again and again, with links that break and
// nodes that die while they recover: no act that the peer received is lost, doubled or
// contradicted.
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "entente/exchange/head.h"
#include "entente/exchange/recovery.h"
#include "entente/store/sqlite/testing.h"
#include "sim/authority.h"
#include "sim/network.h"

namespace entente::sim {
namespace {

using exchange::Position;
using Acts = std::map<Position, store::ActRow>;

constexpr std::uint64_t kSeeds = 12;
constexpr std::uint64_t kSteps = 60;

std::string Minutes() {
  std::ifstream file("examples/documents/minutes.json");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Restores {
 public:
  explicit Restores(std::uint64_t seed) : scheduler_(seed), network_(scheduler_) {
    NetworkFaults faults;
    faults.delay_max = std::chrono::milliseconds(scheduler_.Draw(2, 500));
    faults.break_stream = scheduler_.Draw(0, 40'000);
    network_.set_faults(faults);
    std::uint64_t number = 0;
    for (const char* const country : {"DE", "MA"}) {
      ++number;
      nodes_.push_back(
          std::make_unique<Authority>(network_, country, number, seed * 2 + number, 0));
    }
    for (const auto& node : nodes_) {
      Must(node->Start());
      const auto added = node->node().exchange().AddPeer(OtherThan(*node).signed_card());
      EXPECT_TRUE(added);
    }
  }

  void Run() {
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      scheduler_.RunUntil(scheduler_.now() +
                          scheduler_.DrawTime(Duration(0), std::chrono::seconds(4)));
      Authority& node = *nodes_[scheduler_.Draw(0, 1)];
      switch (scheduler_.Draw(0, 9)) {
        case 0:
          image_ = {&node, node.disk().Copy()};
          break;
        case 1:
          if (image_.first != nullptr) {
            PutBack();
          }
          break;
        case 2:
          node.Kill(Authority::Death::kPower);
          Must(node.Start());
          break;
        default:
          Propose(node, step);
      }
      Recover();
    }
    network_.set_faults({});
    for (int i = 0; i < 100 && !IsQuiet(); ++i) {
      scheduler_.RunUntil(scheduler_.now() + std::chrono::minutes(1));
      Recover();
    }
    EXPECT_TRUE(IsQuiet());
    Compare(*nodes_[0], *nodes_[1]);
    Compare(*nodes_[1], *nodes_[0]);
  }

  std::uint64_t restores() const { return restores_; }

 private:
  static void Must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }
  Authority& OtherThan(const Authority& node) { return *nodes_[nodes_[0].get() == &node ? 1 : 0]; }

  // What a guard refuses was not acknowledged.
  void Propose(Authority& node, std::uint64_t number) {
    std::string text = Minutes();
    text.insert(text.find("Minutes of the Meeting"),
                std::to_string(restores_) + "/" + std::to_string(number) + ": ");
    const PeerId peer = OtherThan(node).id();
    const auto id = node.node().documents().Draft(peer, text);
    if (id) {
      static_cast<void>(node.node().documents().Propose(peer, *id, "desk"));
    }
  }

  // What the peer has from this node must come back, byte for byte.
  void PutBack() {
    Authority& node = *std::exchange(image_.first, nullptr);
    const Acts held = Read(OtherThan(node), store::Direction::kIn);
    kept_[&node].insert(held.begin(), held.end());
    node.Kill(Authority::Death::kProcess);
    node.disk().PutBack(image_.second);
    MarkAsCopy(node);
    Must(node.Start());
    ++restores_;
  }

  // As `entente backup` does with what it makes.
  void MarkAsCopy(Authority& node) const {
    const auto store = store::SqliteStore::Open("store.db", store::KeysForTests(restores_),
                                                node.disk().name().c_str());
    ASSERT_TRUE(store) << store.error().message;
    Must((*store)->Write([](store::Transaction& transaction) {
      return transaction.PutMeta(exchange::kIncarnationKey, AsBytes(exchange::kCopyIncarnation));
    }));
  }

  void Recover() {
    for (const auto& node : nodes_) {
      exchange::Recovery recovery(node->node().exchange());
      const PeerId peer = OtherThan(*node).id();
      if (recovery.GuardOf(peer)->state == exchange::GuardState::kRolledBack) {
        Must(recovery.Begin(peer));
      }
    }
  }

  Acts Read(Authority& node, store::Direction direction) {
    Acts acts;
    const PeerId peer = OtherThan(node).id();
    Must(node.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(auto rows, reader.RecentActs(peer, 10'000));
      for (store::ActRow& row : rows) {
        if (row.direction == direction) {
          acts.emplace(Position{row.epoch, row.sequence}, std::move(row));
        }
      }
      return {};
    }));
    return acts;
  }

  bool IsQuiet() {
    for (const auto& node : nodes_) {
      const exchange::Recovery recovery(node->node().exchange());
      if (!recovery.GuardOf(OtherThan(*node).id())->is_open()) {
        return false;
      }
      for (const auto& [position, row] : Read(*node, store::Direction::kOut)) {
        if (row.state == store::ActState::kPending) {
          return false;
        }
      }
    }
    return true;
  }

  void Compare(Authority& from, Authority& to) {
    const Acts sent = Read(from, store::Direction::kOut);
    const Acts received = Read(to, store::Direction::kIn);
    ASSERT_EQ(sent.size(), received.size());
    for (const auto& [position, row] : received) {
      ASSERT_TRUE(sent.contains(position)) << position.epoch << "/" << position.sequence;
      EXPECT_EQ(sent.at(position).id, row.id);
      EXPECT_EQ(sent.at(position).answer, row.answer);
    }
    for (const auto& [position, row] : kept_[&from]) {
      ASSERT_TRUE(received.contains(position)) << position.epoch << "/" << position.sequence;
      EXPECT_EQ(received.at(position).id, row.id);
      EXPECT_EQ(received.at(position).answer, row.answer);
    }
    const auto stopped = to.store().Read(
        [&](const store::Reader& reader) { return exchange::CheckStop(reader, from.id()); });
    EXPECT_TRUE(stopped);  // nobody was caught signing twice
  }

  Scheduler scheduler_;
  Network network_;
  std::vector<std::unique_ptr<Authority>> nodes_;
  std::pair<Authority*, Disk::Files> image_{nullptr, {}};
  std::map<Authority*, Acts> kept_;  // what the peer held when the copy was put back
  std::uint64_t restores_ = 0;
};

TEST(RestoreStory, NothingThePeerReceivedIsLostDoubledOrContradicted) {
  std::uint64_t restores = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Restores story(seed);
    story.Run();
    restores += story.restores();
  }
  EXPECT_GE(restores, kSeeds);
}

}  // namespace
}  // namespace entente::sim
