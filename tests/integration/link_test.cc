// A peer with the right keys that says frames out of place: each ends the link with a typed error,
// signed bytes are kept as evidence, and the node goes on with the next connection.
#include "entente/exchange/link.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "entente/act/kind.h"
#include "entente/crypto/random.h"
#include "entente/exchange/quota.h"
#include "entente/exchange/standing.h"
#include "entente/ledger/cosignature.h"
#include "entente/ledger/relation.h"
#include "entente/ledger/witness.h"
#include "tests/integration/rounds.h"

namespace entente::testing {
namespace {

using peer::FrameType;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class NoRounds final : public exchange::RoundPort {
 public:
  void OnLinkUp(const PeerId& /*peer*/) override {}
  void OnLinkDown(const PeerId& /*peer*/) override {}
  Status OnRoundMessage(const PeerId& /*peer*/, ByteView /*message*/) override {
    return Error{ErrorCode::kPeerViolation, "no round"};
  }
  std::optional<Bytes> NextRoundMessage(const PeerId& /*peer*/) override { return std::nullopt; }
};

// Counts the transactions, and fails a group when told to.
class CountingStore final : public store::Store {
 public:
  explicit CountingStore(store::Store& inner) : inner_(inner) {}
  Status Write(const std::function<Status(store::Transaction&)>& body) override {
    ++writes;
    return inner_.Write(body);
  }
  Status Group(const std::function<Status()>& body) override {
    ++groups;
    return inner_.Group([&]() -> Status {
      ENTENTE_TRY(body());
      return std::exchange(next_group_fails, false)
                 ? Status(Error{ErrorCode::kUnavailable, "the disk is full"})
                 : Status();
    });
  }
  Status Read(const std::function<Status(const store::Reader&)>& body) const override {
    return inner_.Read(body);
  }
  Result<bool> Maintain(std::size_t record_count_max) override {
    return inner_.Maintain(record_count_max);
  }

  int writes = 0;
  int groups = 0;
  bool next_group_fails = false;

 private:
  store::Store& inner_;
};

// Rabat's keys speak by hand; Berlin's node answers over a real link. Its writes are counted.
class HandLink : public TwoNodes {
 protected:
  void SetUp() override {
    TwoNodes::SetUp();
    Connect();
  }

  // What Rabat would say it holds, if it holds all that Berlin knows of.
  Bytes StandingOfRabat() {
    exchange::Standing standing;
    EXPECT_THAT(store.Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(standing.held, exchange::LastAnswered(reader, rabat.id()));
      ENTENTE_ASSIGN(const auto row, reader.GetAct(rabat.id(), store::Direction::kOut,
                                                   standing.held.epoch, standing.held.sequence));
      standing.held_id = row ? row->id : act::ActId();
      ENTENTE_ASSIGN(const exchange::LogHead log,
                     exchange::ReadLogHead(reader, rabat.id(), store::CheckpointKind::kOwnSettled));
      standing.log_size = log.checkpoint.size;
      standing.log_root = log.checkpoint.root;
      return {};
    }),
                IsOk());
    return exchange::EncodeStanding(standing);
  }
  // A new connection, hellos and standings exchanged. What Berlin says at once is in `heard`.
  void Connect() {
    link.reset();
    const auto binding = crypto::RandomBytes<peer::ChannelBinding>(random);
    caller = std::make_unique<peer::Session>(peer::SessionParties{rabat.card(), berlin.card()},
                                             binding, *rabat.exchange.identity().message,
                                             *rabat.exchange.identity().encryption);
    link = std::make_unique<exchange::Link>(exchange, no_rounds, rabat.card(), binding);
    ASSERT_THAT(caller->Start(), IsOk());
    ASSERT_THAT(link->Start(), IsOk());
    ASSERT_THAT(link->OnBytes(caller->TakeOutput()), IsOk());
    const auto frames = caller->OnBytes(link->TakeOutput());
    ASSERT_THAT(frames, IsOk());
    EXPECT_THAT(*frames, SizeIs(1));  // Berlin's standing
    ASSERT_THAT(Say(FrameType::kStanding, StandingOfRabat()), IsOk());
  }
  // What Berlin's link makes of a frame; what it says to it is in `heard`.
  Status Say(FrameType type, ByteView payload) { return SayTogether({{type, ToBytes(payload)}}); }
  // Several frames, which arrive together.
  Status SayTogether(const std::vector<std::pair<FrameType, Bytes>>& said) {
    for (const auto& [type, payload] : said) {
      caller->Send(type, payload);
    }
    Status status = link->OnBytes(caller->TakeOutput());
    const auto frames = caller->OnBytes(link->TakeOutput());
    if (status || status.error().code != ErrorCode::kUnavailable) {
      EXPECT_EQ(static_cast<bool>(frames), static_cast<bool>(status));  // a bye for every error
    }
    heard = frames.value_or(std::vector<wire::Frame>());
    return status;
  }
  Status Say(FrameType type, std::string_view payload) { return Say(type, AsBytes(payload)); }
  // The payload of such a frame, "" if there was none.
  std::string Heard(FrameType type) const {
    for (const wire::Frame& frame : heard) {
      if (frame.type == static_cast<std::uint8_t>(type)) {
        return ToText(frame.payload);
      }
    }
    return {};
  }

  // An act that `from` composed and has not sent.
  Bytes Proposal(Node& from, const std::string& file = "minutes.json") {
    const auto id =
        from.documents.Draft(PeerOf(from), ReadProjectFile("examples/documents/" + file));
    EXPECT_THAT(id, IsOk());
    EXPECT_THAT(from.documents.Propose(PeerOf(from), *id, "desk"), IsOk());
    return from.Acts(PeerOf(from)).front().envelope;
  }
  // Rabat's receipt for an act of Berlin's.
  Bytes ReceiptFor(ByteView envelope, UtcTime time) {
    const Bytes payload = act::DecodeEnvelope(envelope)->payload;
    const act::Act sent = *act::DecodeAct(payload);
    act::Answer answer;
    answer.act = act::IdOf(payload);
    answer.from = rabat.id();
    answer.to = berlin.id();
    answer.epoch = sent.epoch;
    answer.sequence = sent.sequence;
    answer.time = time;
    return act::Encode(*act::Sign(act::kAnswerType, act::EncodeAnswer(answer),
                                  *rabat.exchange.identity().message));
  }
  // What Rabat would ask Berlin to cosign.
  std::string CheckpointFrom(std::optional<std::uint64_t> witnessed_size) {
    std::string body;
    EXPECT_THAT(rabat.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const auto request, rabat.exchange.journal().CheckpointRequest(
                                             reader, berlin.id(), witnessed_size));
      body = ToText(request->body);
      return {};
    }),
                IsOk());
    return body;
  }
  // Rabat's cosignature of what Berlin asks for, as a reply.
  std::string CosignatureOf(std::string_view request) {
    const auto parsed = ledger::ParseAddCheckpoint(request);
    const auto note = ledger::ParseNoteWithoutVerifying(parsed->checkpoint);
    return ledger::FormatWitnessReply(ledger::WitnessAnswer::kCosign,
                                      ledger::FormatSignatureLine(*ledger::Cosign(
                                          note->text, ledger::WitnessName(rabat.id()),
                                          *rabat.exchange.identity().witness, clock.Now())));
  }
  // The stored note, "" if there is none.
  std::string Checkpoint(store::CheckpointKind kind) {
    std::optional<Bytes> note;
    EXPECT_THAT(store.Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(note, reader.GetCheckpoint(rabat.id(), kind));
      return {};
    }),
                IsOk());
    return note ? ToText(*note) : "";
  }
  void ExpectTheNodeGoesOn() {
    Connect();
    ASSERT_THAT(Say(FrameType::kAct, Proposal(rabat, "declaration-t0.json")), IsOk());
    EXPECT_THAT(Heard(FrameType::kAnswer), Not(IsEmpty()));
  }

  SeededRandomForTests random{11};
  NoRounds no_rounds;
  CountingStore store{berlin.exchange.store()};
  exchange::Exchange exchange{berlin.exchange.identity(), store, clock, random};
  documents::Documents documents{exchange, "scheme", crypto::Digest()};
  std::unique_ptr<peer::Session> caller;
  std::unique_ptr<exchange::Link> link;
  std::vector<wire::Frame> heard;
};

TEST_F(HandLink, EveryFrameOutOfPlaceEndsTheLinkAndTheNodeGoesOn) {
  struct OutOfPlace {
    FrameType type;
    std::string_view payload;
    std::string_view why;
  };
  for (const OutOfPlace& row :
       {OutOfPlace{FrameType::kHello, "{}", "unexpected hello"},
        {FrameType::kAct, "{}", "envelope.payload is missing"},
        {FrameType::kAnswer, "{}", "an answer came although no act is open"},
        {FrameType::kCosignature, "200\n", "a cosignature nobody asked for"},
        {FrameType::kRound, "", "no round"}}) {
    Connect();
    EXPECT_THAT(Say(row.type, row.payload),
                FailsWith(ErrorCode::kPeerViolation, HasSubstr(std::string(row.why))));
  }
  Connect();
  EXPECT_THAT(Say(FrameType::kBye, "{}"), FailsWith(ErrorCode::kUnavailable));
  Connect();
  Bytes unknown;
  wire::AppendFrame(unknown, 12, {});
  EXPECT_THAT(link->OnBytes(unknown),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("unknown frame type")));
  EXPECT_THAT(berlin.Evidence(rabat.id()), IsEmpty());  // nothing of this was signed
  ExpectTheNodeGoesOn();
}

TEST_F(HandLink, WhatArrivesTogetherIsCommittedTogether) {
  const Bytes first = Proposal(rabat);
  const Bytes second = Proposal(rabat, "declaration-t0.json");
  store.groups = 0;
  EXPECT_THAT(SayTogether({{FrameType::kAct, first}, {FrameType::kAct, second}}), IsOk());
  EXPECT_THAT(heard, SizeIs(3));  // two answers and the checkpoint of both
  EXPECT_EQ(store.groups, 1);
  const auto request = ledger::ParseAddCheckpoint(Heard(FrameType::kCheckpoint));
  ASSERT_THAT(request, IsOk());
  EXPECT_THAT(request->checkpoint, HasSubstr("\n2\n"));
}

TEST_F(HandLink, NothingIsSaidOfWhatIsNotDurable) {
  const Bytes act = Proposal(rabat);
  store.next_group_fails = true;
  EXPECT_THAT(SayTogether({{FrameType::kAct, act}}), FailsWith(ErrorCode::kUnavailable));
  EXPECT_THAT(Heard(FrameType::kAnswer), IsEmpty());
  EXPECT_THAT(berlin.Acts(rabat.id()), IsEmpty());
  Connect();
  EXPECT_THAT(SayTogether({{FrameType::kAct, act}}), IsOk());
  EXPECT_THAT(Heard(FrameType::kAnswer), Not(IsEmpty()));
}

TEST_F(HandLink, WhatCameBeforeARefusedFrameStands) {
  EXPECT_THAT(SayTogether({{FrameType::kAct, Proposal(rabat)}, {FrameType::kCosignature, {}}}),
              FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(berlin.Acts(rabat.id()), SizeIs(1));
}

TEST_F(HandLink, AMalformedCheckpointIsAnsweredAndNothingIsWritten) {
  store.writes = 0;
  ASSERT_THAT(Say(FrameType::kCheckpoint, "abc"), IsOk());
  EXPECT_THAT(Heard(FrameType::kCosignature), StartsWith("400\n"));
  EXPECT_EQ(store.writes, 0);
}

TEST_F(HandLink, AnActAnsweredInTwoWaysIsEvidence) {
  const Bytes first = Proposal(berlin, "minutes.json");
  const Bytes second = Proposal(berlin, "communique.json");  // so that an act stays open
  Connect();
  const Bytes receipt = ReceiptFor(first, clock.Now());
  ASSERT_THAT(Say(FrameType::kAnswer, receipt), IsOk());
  EXPECT_THAT(Say(FrameType::kAnswer, ReceiptFor(first, clock.Now() + std::chrono::seconds(1))),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("answered one act in two ways")));
  EXPECT_THAT(berlin.Evidence(rabat.id()), SizeIs(1));
  Connect();
  EXPECT_THAT(Say(FrameType::kAnswer, ReceiptFor(second, clock.Now())), IsOk());
  EXPECT_THAT(Say(FrameType::kAnswer, ReceiptFor(second, clock.Now())),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("no act is open")));
  ExpectTheNodeGoesOn();
}

struct WitnessReplyRow {
  std::string reply;
  ErrorCode code;
  std::string message;
};

TEST_F(HandLink, WhatThePeerMayAnswerToACheckpoint) {
  Proposal(berlin);
  constexpr ErrorCode kViolation = ErrorCode::kPeerViolation;
  for (const WitnessReplyRow& row : {
           WitnessReplyRow{"abc", kViolation, "no status"},
           {"", kViolation, "no status"},
           {"200", kViolation, "no status"},
           {"0409\n1\n", kViolation, "no status"},
           {"500\ntrouble", kViolation, "no status"},
           {"200\n", kViolation, "the witness's answer"},
           {"200\nabc\n", kViolation, "the witness's answer"},
           {"200\n— somebody AAAABBBB\n", kViolation, "no valid cosignature"},
           {"400\nAmal Doe", kViolation, "status 400"},
           {"403\nAmal Doe", kViolation, "status 403: compare the cards"},
           {"404\nAmal Doe", kViolation, "status 404"},
           {"409\n", kViolation, "names no size"},
           {"409\n1", kViolation, "names no size"},
           {"409\nAmal Doe\n", kViolation, "names no size"},
           {"409\n9223372036854775808\n", kViolation, "names no size"},
           {"409\n2\n", ErrorCode::kCorruptData, "the peer says it cosigned a later log of ours"},
           {"422\nAmal Doe", ErrorCode::kCorruptData, "the peer says it cosigned another log"},
       }) {
    Connect();
    ASSERT_THAT(Heard(FrameType::kCheckpoint), Not(IsEmpty())) << row.reply;
    const Status status = Say(FrameType::kCosignature, row.reply);
    EXPECT_THAT(status, FailsWith(row.code, HasSubstr(row.message))) << row.reply;
    EXPECT_THAT(status.error().message, Not(HasSubstr("Amal"))) << row.reply;
    EXPECT_THAT(Checkpoint(store::CheckpointKind::kOwnSettled), IsEmpty());
  }
  EXPECT_THAT(berlin.Evidence(rabat.id()), IsEmpty());
  ExpectTheNodeGoesOn();
}

TEST_F(HandLink, AStaleWitnessIsAskedAgainFromItsSize) {
  Proposal(berlin);
  Connect();
  EXPECT_THAT(Heard(FrameType::kCheckpoint), StartsWith("old 0\n"));
  ASSERT_THAT(Say(FrameType::kCosignature, "409\n1\n"), IsOk());
  const std::string again = Heard(FrameType::kCheckpoint);
  EXPECT_THAT(again, StartsWith("old 1\n"));
  ASSERT_THAT(Say(FrameType::kCosignature, CosignatureOf(again)), IsOk());
  EXPECT_THAT(Checkpoint(store::CheckpointKind::kOwnSettled), Not(IsEmpty()));
}

TEST_F(HandLink, AWitnessNamesItsSizeOnce) {
  Proposal(berlin);
  for (const std::string_view second : {"409\n1\n", "409\n0\n"}) {
    Connect();
    ASSERT_THAT(Say(FrameType::kCosignature, "409\n1\n"), IsOk());
    EXPECT_THAT(Say(FrameType::kCosignature, second),
                FailsWith(ErrorCode::kPeerViolation,
                          HasSubstr("the witness refuses the size it named itself")));
  }
  ExpectTheNodeGoesOn();
}

TEST_F(HandLink, OnlyACheckpointThatGrewIsWritten) {
  Proposal(rabat);
  const std::string first = CheckpointFrom(std::nullopt);
  store.writes = 0;
  ASSERT_THAT(Say(FrameType::kCheckpoint, first), IsOk());
  EXPECT_THAT(Heard(FrameType::kCosignature), StartsWith("200\n"));
  EXPECT_EQ(store.writes, 1);
  const std::string same = CheckpointFrom(1);
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(Say(FrameType::kCheckpoint, same), IsOk());
    EXPECT_THAT(Heard(FrameType::kCosignature), StartsWith("200\n"));
    ASSERT_THAT(Say(FrameType::kCheckpoint, first), IsOk());
    EXPECT_EQ(Heard(FrameType::kCosignature), "409\n1\n");
  }
  EXPECT_EQ(store.writes, 1);
  Proposal(rabat, "communique.json");
  ASSERT_THAT(Say(FrameType::kCheckpoint, CheckpointFrom(1)), IsOk());
  EXPECT_EQ(store.writes, 2);
}

TEST_F(HandLink, LinesOfUnknownKeysAreNotKept) {
  Proposal(rabat);
  const std::string request = CheckpointFrom(std::nullopt);
  ASSERT_THAT(Say(FrameType::kCheckpoint,
                  request + ledger::FormatSignatureLine({"Amal", 7, Bytes(60'000, 1)})),
              IsOk());
  EXPECT_THAT(Heard(FrameType::kCosignature), StartsWith("200\n"));
  EXPECT_EQ(Checkpoint(store::CheckpointKind::kPeerCosigned),
            ledger::ParseAddCheckpoint(request)->checkpoint);
}

TEST_F(HandLink, CheckpointsThatGrowAreBounded) {
  Proposal(rabat);
  ASSERT_THAT(store.Write([&](store::Transaction& transaction) -> Status {
    for (std::uint64_t i = 1; i < exchange::kCheckpointsPerWindowMax; ++i) {
      ENTENTE_TRY(
          exchange::CountKept(transaction, rabat.id(), exchange::Kept::kCheckpoint, clock.Now()));
    }
    return {};
  }),
              IsOk());
  ASSERT_THAT(Say(FrameType::kCheckpoint, CheckpointFrom(std::nullopt)), IsOk());
  ASSERT_THAT(Say(FrameType::kCheckpoint, CheckpointFrom(1)), IsOk());  // the same again
  Proposal(rabat, "communique.json");
  EXPECT_THAT(Say(FrameType::kCheckpoint, CheckpointFrom(1)),
              FailsWith(ErrorCode::kLimitExceeded, HasSubstr("too many checkpoints")));
  clock.Advance(exchange::kQuotaWindow);
  Connect();
  EXPECT_THAT(Say(FrameType::kCheckpoint, CheckpointFrom(1)), IsOk());
}

TEST_F(HandLink, AnAnsweredActMayComeAgainAsOftenAsActsWereInFlight) {
  const Bytes act = Proposal(rabat);
  ASSERT_THAT(Say(FrameType::kAct, act), IsOk());
  const auto answer = Heard(FrameType::kAnswer);
  for (int lives = 0; lives < 2; ++lives) {
    for (std::size_t i = 0; i < exchange::kActsInFlight; ++i) {
      ASSERT_THAT(Say(FrameType::kAct, act), IsOk());
      EXPECT_EQ(Heard(FrameType::kAnswer), answer);
    }
    EXPECT_THAT(Say(FrameType::kAct, act),
                FailsWith(ErrorCode::kPeerViolation, HasSubstr("repeats more answered acts")));
    Connect();
  }
  EXPECT_THAT(berlin.Acts(rabat.id()), SizeIs(1));
  ExpectTheNodeGoesOn();
}

TEST_F(HandLink, AFrameAboveTheLimitOfItsTypeEndsTheLink) {
  EXPECT_THAT(Say(FrameType::kAnswer, Bytes(peer::PayloadBytesMax(FrameType::kAnswer) + 1)),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("the limit is")));
  ExpectTheNodeGoesOn();
}

// A signed refusal goes into both logs for good: it repeats no member of the body it refuses.
TEST_F(Rounds, NoRefusalRepeatsAForeignMember) {
  const act::ActId offer = Offered();
  const auto expect_silence = [&](std::string_view kind, wire::Json body) {
    const auto answer = Deliver(rabat, kind, std::move(body));
    ASSERT_THAT(answer, IsOk()) << kind;
    EXPECT_EQ(answer->code, "invalid_input") << kind << answer->reason;
    EXPECT_THAT(answer->reason, Not(HasSubstr("Amal"))) << kind;
  };
  std::map<std::string, wire::Json> bodies;
  for (const store::ActRow& row : rabat.Acts(berlin.id())) {
    bodies[row.kind] = act::DecodeAct(act::DecodeEnvelope(row.envelope)->payload)->body;
  }
  const std::string digest = offer.Hex();
  bodies["document.publish"] = {{"document", digest}};
  bodies["match.accept"] = bodies.at("match.offer");
  bodies["match.accept"]["offer"] = digest;
  bodies["match.decline"] = {{"offer", digest}};
  bodies["match.result"] = {{"offer", digest},
                            {"attempt", 1},
                            {"common", 0},
                            {"intersection", digest},
                            {"transcript", digest}};
  ASSERT_THAT(bodies, SizeIs(act::AllKinds().size()));
  for (const auto& [kind, body] : bodies) {
    wire::Json planted = body;
    planted["Amal Doe"] = 1;
    expect_silence(kind, planted);
  }
  const auto document = rabat.documents.Get(berlin.id(), agreement);
  ASSERT_THAT(document, IsOk());
  for (const char* const object :
       {"", "/title", "/parties/0", "/articles/0", "/signatories/0", "/terms", "/terms/matching",
        "/terms/permits", "/terms/purposes", "/terms/refusals"}) {
    for (const wire::Json& value : {wire::Json("1"), wire::Json(1)}) {
      wire::Json planted = *wire::ParseJson(AsText(document->bytes));
      planted[wire::Json::json_pointer(object)]["Amal Doe"] = value;
      expect_silence(act::kDocumentPropose,
                     {{"document", Base64Encode(AsBytes(wire::WriteCanonicalJson(planted)))}});
    }
  }
}

}  // namespace
}  // namespace entente::testing
