#include "tests/integration/node.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "entente/crypto/random.h"
#include "entente/store/sqlite/testing.h"

namespace entente::testing {
Node::Node(const std::string& country, std::uint64_t seed, const std::string& store_path,
           ManualClock& clock, bool is_exercise, std::uint64_t life)
    : identity_random_(seed),
      random_(seed + 1000 * (life + 1)),
      identity_(country, is_exercise, TestStart(), identity_random_),
      clock_(clock),
      store_(*store::SqliteStore::Open(store_path, store::KeysForTests(seed + life))),
      log_(clock),
      node_(identity_.get(), {*store_, clock, random_, background, network_, log_}, {}),
      exchange(node_.exchange()),
      documents(node_.documents()),
      matching(node_.matching()) {}

void Node::Fill(const std::string& collection, const std::vector<records::Record>& records,
                store::Origin origin) {
  std::vector<store::RecordRow> rows;
  rows.reserve(records.size());
  for (const records::Record& record : records) {
    rows.push_back({rows.size() + 1, record.id, records::Encode(record)});
  }
  const Status status = store_->Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const store::ImportId import, transaction.BeginImport(collection, origin));
    ENTENTE_TRY(transaction.AppendRecords(import, rows));
    ENTENTE_TRY(transaction.ActivateImport(import, clock_.Now()));
    return {};
  });
  ASSERT_TRUE(status) << status.error().message;
}

std::vector<store::ActRow> Node::Acts(const PeerId& peer) const {
  std::vector<store::ActRow> acts;
  EXPECT_TRUE(store_->Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(acts, reader.RecentActs(peer, 1000));
    return {};
  }));
  return acts;
}

std::vector<store::EvidenceRow> Node::Evidence(const PeerId& peer) const {
  std::vector<store::EvidenceRow> evidence;
  EXPECT_TRUE(store_->Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(evidence, reader.ListEvidence(peer));
    return {};
  }));
  return evidence;
}

Wire::Wire(Node& left, Node& right, Tap tap)
    : left_{left, nullptr, {}}, right_{right, nullptr, {}}, tap_(std::move(tap)) {
  SeededRandomForTests random(99);
  const auto binding = crypto::RandomBytes<peer::ChannelBinding>(random);
  left_.link =
      std::make_unique<exchange::Link>(left.exchange, left.matching, right.card(), binding);
  right_.link =
      std::make_unique<exchange::Link>(right.exchange, right.matching, left.card(), binding);
  for (End* const end : {&left_, &right_}) {
    end->link->SetTap([this](std::uint8_t type, ByteView payload) {
      wire::AppendFrame(captured_, type, payload);
    });
  }
  EXPECT_TRUE(left_.link->Start());
  EXPECT_TRUE(right_.link->Start());
}

Result<bool> Wire::Move(End& from, End& to) {
  ENTENTE_TRY(from.link->Pump());
  const Bytes sent = from.link->TakeOutput();
  Bytes arrives = sent;
  if (tap_) {
    arrives.clear();
    ENTENTE_ASSIGN(std::vector<wire::Frame> frames, from.frames.Feed(sent));
    for (wire::Frame& frame : frames) {
      for (const wire::Frame& instead : tap_(from.node, std::move(frame))) {
        wire::AppendFrame(arrives, instead.type, instead.payload);
      }
    }
  }
  // In pieces, as a network would.
  constexpr std::size_t kPiece = 1000;
  for (std::size_t at = 0; at < arrives.size(); at += kPiece) {
    const std::size_t size = std::min(kPiece, arrives.size() - at);
    ENTENTE_TRY(to.link->OnBytes(ByteView(arrives).subspan(at, size)));
  }
  return !sent.empty();
}

Status Wire::Run(const std::function<bool()>& stop) {
  for (bool is_moving = true; is_moving && !stop();) {
    ENTENTE_ASSIGN(const bool moved_right, Move(left_, right_));
    ENTENTE_ASSIGN(const bool moved_left, Move(right_, left_));
    is_moving = moved_left || moved_right;
    is_moving |= left_.node.background.RunOne();
    is_moving |= right_.node.background.RunOne();
  }
  return {};
}

std::string ReadProjectFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace entente::testing
