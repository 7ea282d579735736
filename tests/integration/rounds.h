// The fixture of the tests about rounds: an agreement is in force and both nodes hold a list.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "entente/psi/round_message.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {

// The first byte of a round message (docs/formats/round.md).
enum class Message : std::uint8_t { kHello = 1, kBlinded, kEvaluated, kCommit, kTags, kFinish };

// A frame of a round as it left its sender; the acceptor's wish for a new attempt is none.
struct SentMessage {
  const Node* sender = nullptr;
  act::ActId offer;
  std::uint32_t attempt = 0;
  Message message = Message::kHello;
};

inline std::optional<SentMessage> MessageOf(const Node& sender, const wire::Frame& frame) {
  if (frame.type != static_cast<std::uint8_t>(peer::FrameType::kRound)) {
    return std::nullopt;
  }
  const auto round = matching::DecodeRoundFrame(frame.payload);
  EXPECT_THAT(round, IsOk());
  if (round->message.empty()) {
    return std::nullopt;
  }
  return SentMessage{&sender, round->offer, round->attempt,
                     static_cast<Message>(round->message.front())};
}

class Rounds : public TwoNodes {
 protected:
  void SetUp() override {
    TwoNodes::SetUp();
    agreement = CoSign("agreement-t1.json");
    FillBoth();
  }

  void Sync() {
    Wire wire(rabat, berlin, Listener());
    EXPECT_THAT(wire.Run(), IsOk());
  }
  // Offered by Rabat; Berlin knows it.
  act::ActId Offered() {
    const auto offer = Offer(rabat, berlin.id(), agreement);
    EXPECT_THAT(offer, IsOk());
    EXPECT_TRUE(offer->decision.is_permitted()) << agreement::Describe(offer->decision);
    Sync();
    return offer->id;
  }
  // Accepted by Berlin; nothing of that has crossed yet.
  act::ActId Accepted() {
    const act::ActId offer = Offered();
    EXPECT_THAT(Accept(berlin, rabat.id(), offer), IsOk());
    return offer;
  }

  matching::RoundRow RowAt(Node& node, const act::ActId& offer) {
    const auto view = node.matching.Get(PeerOf(node), offer);
    EXPECT_THAT(view, IsOk());
    return view ? view->row : matching::RoundRow();
  }
  // Whether keys of any round are still stored.
  bool HoldsKeys(Node& node) {
    bool holds = false;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const auto rows, reader.ListRows("round_entries", PeerOf(node), "", 1));
      holds = !rows.empty();
      return {};
    }),
                IsOk());
    return holds;
  }
  void ExpectDoneOnBoth(const act::ActId& offer) {
    const matching::RoundRow here = RowAt(rabat, offer);
    const matching::RoundRow there = RowAt(berlin, offer);
    EXPECT_EQ(here.state, matching::RoundState::kDone) << here.failure;
    EXPECT_EQ(there.state, matching::RoundState::kDone) << there.failure;
    EXPECT_EQ(here.own_result, there.own_result);
    EXPECT_EQ(here.own_result, here.peer_result);
    EXPECT_EQ(here.hit_count, 1U);
    EXPECT_EQ(there.hit_count, 1U);
    EXPECT_FALSE(HoldsKeys(rabat) || HoldsKeys(berlin));
  }
  void ExpectOverOnBoth(const act::ActId& offer) {
    for (Node* const node : {&rabat, &berlin}) {
      const matching::RoundRow row = RowAt(*node, offer);
      EXPECT_FALSE(row.IsOpen()) << node->card().country;
      EXPECT_NE(row.state, matching::RoundState::kDone) << node->card().country;
      EXPECT_NE(row.failure, "") << node->card().country;
      EXPECT_FALSE(HoldsKeys(*node)) << node->card().country;
    }
  }
  // A node that revealed tags says so in its store, and did so in one attempt.
  void ExpectOneRevealEach(const act::ActId& offer) {
    for (Node* const node : {&rabat, &berlin}) {
      std::set<std::uint32_t> attempts;
      for (const SentMessage& sent : sent_messages) {
        if (sent.sender == node && sent.offer == offer && sent.message == Message::kTags) {
          attempts.insert(sent.attempt);
        }
      }
      EXPECT_LE(attempts.size(), 1U) << node->card().country;
      EXPECT_EQ(RowAt(*node, offer).is_revealed, !attempts.empty()) << node->card().country;
    }
  }
  void ExpectActsStillFlow() {
    const auto document =
        rabat.documents.Draft(berlin.id(), ReadProjectFile("examples/documents/minutes.json"));
    ASSERT_THAT(document, IsOk());
    ASSERT_THAT(rabat.documents.Propose(berlin.id(), *document, "desk"), IsOk());
    Sync();
    EXPECT_THAT(berlin.documents.Get(rabat.id(), *document), IsOk());
    for (Node* const node : {&rabat, &berlin}) {
      EXPECT_THAT(node->Acts(PeerOf(*node)),
                  ::testing::Not(::testing::Contains(
                      ::testing::Field(&store::ActRow::state, store::ActState::kPending))));
    }
  }

  // Signs an act in the name of `from` without its policy and gives it to the other node.
  Result<act::Answer> Deliver(Node& from, std::string_view kind, wire::Json body,
                              std::chrono::hours age = std::chrono::hours(0)) {
    Node& to = OtherThan(from);
    store::ChannelState channel;
    ENTENTE_TRY(to.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(channel, reader.GetChannel(from.id()));
      return {};
    }));
    act::Act act;
    act.kind = std::string(kind);
    act.from = from.id();
    act.to = to.id();
    act.agreement = agreement;
    act.sequence = channel.next_in;
    act.time = clock.Now() - age;
    act.body = std::move(body);
    ENTENTE_ASSIGN(const act::Envelope envelope, act::Sign(act::kActType, act::EncodeAct(act),
                                                           *from.exchange.identity().message));
    ENTENTE_ASSIGN(const auto received, to.exchange.ReceiveAct(from.id(), act::Encode(envelope)));
    ENTENTE_ASSIGN(const act::Envelope signed_answer, act::DecodeEnvelope(received.answer));
    return act::DecodeAnswer(signed_answer.payload);
  }

  // Lets everything pass and notes what was sent of rounds.
  Wire::Tap Listener() {
    return [this](const Node& sender, wire::Frame frame) {
      if (const auto message = MessageOf(sender, frame)) {
        sent_messages.push_back(*message);
      }
      return std::vector<wire::Frame>{std::move(frame)};
    };
  }
  // Loses everything after the `last` round message, in both directions.
  Wire::Tap CutAfter(std::size_t last) {
    return [this, last](const Node& sender, wire::Frame frame) {
      if (const auto message = MessageOf(sender, frame)) {
        sent_messages.push_back(*message);
      }
      return sent_messages.size() > last ? std::vector<wire::Frame>()
                                         : std::vector<wire::Frame>{std::move(frame)};
    };
  }

  documents::DocumentId agreement;
  std::vector<SentMessage> sent_messages;
};

}  // namespace entente::testing
