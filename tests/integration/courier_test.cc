// Parcels between two nodes: what they carry has the same effect as what a link carries.
#include "entente/exchange/courier.h"

#include <algorithm>

#include "entente/exchange/cosign_lag.h"
#include "entente/exchange/quota.h"
#include "entente/exchange/recovery.h"
#include "entente/exchange/standing.h"
#include "entente/ledger/checkpoint.h"
#include "tests/integration/person_notes.h"
#include "tests/integration/two_nodes.h"

namespace entente::testing {
namespace {

using exchange::Packed;
using exchange::Unpacked;
using exchange::Unpacking;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Courier : public TwoNodes {
 protected:
  Packed Pack(Node& from) {
    clock.Advance(std::chrono::hours(1));
    auto packed = exchange::PackParcel(from.exchange, PeerOf(from));
    EXPECT_THAT(packed, IsOk());
    return *std::move(packed);
  }
  static Result<Unpacked> Unpack(Node& at, ByteView file) {
    ENTENTE_ASSIGN(Unpacking unpacking, Unpacking::Open(at.exchange, file));
    for (bool is_more = true; is_more;) {
      ENTENTE_ASSIGN(is_more, unpacking.Step());
    }
    return unpacking.so_far();
  }
  // One trip from `from` to the other side.
  Unpacked Carry(Node& from) {
    const auto unpacked = Unpack(OtherThan(from), Pack(from).file);
    EXPECT_THAT(unpacked, IsOk());
    return *unpacked;
  }
  documents::DocumentId Propose(Node& from, const std::string& file = "declaration-t0.json") {
    const auto id =
        from.documents.Draft(PeerOf(from), ReadProjectFile("examples/documents/" + file));
    EXPECT_THAT(id, IsOk());
    EXPECT_THAT(from.documents.Propose(PeerOf(from), *id, "desk"), IsOk());
    return *id;
  }
  std::uint64_t SizeOf(Node& node, store::CheckpointKind kind) {
    std::uint64_t size = 0;
    EXPECT_THAT(node.exchange.store().Read([&](const store::Reader& reader) -> Status {
      ENTENTE_ASSIGN(const auto note, reader.GetCheckpoint(PeerOf(node), kind));
      if (note) {
        ENTENTE_ASSIGN(const auto parsed, ledger::ParseNoteWithoutVerifying(AsText(*note)));
        ENTENTE_ASSIGN(const auto checkpoint, ledger::ParseCheckpoint(parsed.text));
        size = checkpoint.size;
      }
      return {};
    }),
                IsOk());
    return size;
  }
  std::uint64_t Settled(Node& node) { return SizeOf(node, store::CheckpointKind::kOwnSettled); }
  std::uint64_t Size(Node& node) { return SizeOf(node, store::CheckpointKind::kOwnSigned); }
  void ExpectNoEvidenceOfFault() {
    for (Node* const node : {&rabat, &berlin}) {
      for (const store::EvidenceRow& row : node->Evidence(PeerOf(*node))) {
        EXPECT_THAT(row.what, HasSubstr("before it was restored"));
      }
    }
  }
  store::ActRow FirstAct(Node& node) { return node.Acts(PeerOf(node)).back(); }
};

TEST_F(Courier, ThreeTripsSettleAnActOnBothSides) {
  const auto id = Propose(rabat);
  const Unpacked first = Carry(rabat);
  EXPECT_EQ(first.acts_accepted, 1U);
  EXPECT_EQ(first.cosigned, 1U);
  EXPECT_THAT(berlin.documents.Get(rabat.id(), id), IsOk());
  const auto answered = act::DecodeAnswer(act::DecodeEnvelope(FirstAct(berlin).answer)->payload);
  EXPECT_EQ(answered->time, clock.Now());  // clocks run from the receipt

  const Unpacked second = Carry(berlin);
  EXPECT_EQ(second.receipts, 1U);
  EXPECT_EQ(second.settled, 1U);
  EXPECT_EQ(second.cosigned, 1U);
  EXPECT_EQ(FirstAct(rabat).state, store::ActState::kReceipted);
  EXPECT_EQ(Settled(rabat), 1U);

  const Unpacked third = Carry(rabat);
  EXPECT_EQ(third.settled, 1U);
  EXPECT_EQ(Settled(berlin), Size(berlin));
  EXPECT_EQ(third.acts_accepted + third.acts_repeated + third.receipts, 0U);

  Carry(berlin);  // and a fourth one settles the receipt's own leaf
  EXPECT_EQ(Settled(rabat), Size(rabat));
  EXPECT_EQ(Size(rabat), 2U);
  EXPECT_THAT(rabat.Evidence(berlin.id()), IsEmpty());
  EXPECT_THAT(berlin.Evidence(rabat.id()), IsEmpty());
}

TEST_F(Courier, AnAgreementIsCoSignedByHandOnly) {
  const auto id = Propose(rabat);
  Carry(rabat);
  for (Node* const node : {&rabat, &berlin}) {
    const auto view = node->documents.Get(PeerOf(*node), id);
    ASSERT_THAT(view, IsOk());
    for (const agreement::Signatory& signatory : view->document.signatories) {
      if (signatory.country == node->card().country) {
        EXPECT_THAT(node->documents.Sign(PeerOf(*node), id, signatory.name, "desk"), IsOk());
      }
    }
  }
  Carry(berlin);
  Carry(rabat);
  Carry(berlin);
  for (Node* const node : {&rabat, &berlin}) {
    EXPECT_EQ(node->documents.Get(PeerOf(*node), id)->StateAt(clock.Now()),
              documents::DocumentState::kInForce);
    for (const store::ActRow& row : node->Acts(PeerOf(*node))) {
      EXPECT_NE(row.state, store::ActState::kPending);
      EXPECT_NE(row.state, store::ActState::kRefused);
    }
  }
}

TEST_F(Courier, TwiceOutOfOrderAndLateChangesNothing) {
  Propose(rabat);
  const Packed first = Pack(rabat);
  Propose(rabat, "minutes.json");
  const Packed second = Pack(rabat);
  EXPECT_EQ(first.acts, 1U);
  EXPECT_EQ(second.acts, 2U);
  EXPECT_EQ(second.number, first.number + 1);

  EXPECT_EQ(Unpack(berlin, second.file)->acts_accepted, 2U);
  const auto acts = berlin.Acts(rabat.id());
  const auto size = Size(berlin);
  const auto late = Unpack(berlin, first.file);
  ASSERT_THAT(late, IsOk());
  EXPECT_TRUE(late->is_late);
  EXPECT_EQ(late->acts_repeated, 1U);
  EXPECT_FALSE(late->cosigned);
  EXPECT_THAT(late->not_cosigned, HasSubstr("since it was packed"));
  const auto again = Unpack(berlin, second.file);
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->is_late);
  EXPECT_EQ(again->acts_repeated, 2U);
  EXPECT_EQ(berlin.Acts(rabat.id()), acts);
  EXPECT_EQ(Size(berlin), size);
  EXPECT_THAT(berlin.Evidence(rabat.id()), IsEmpty());

  const Packed back = Pack(berlin);
  EXPECT_EQ(back.answers, 2U);
  EXPECT_EQ(Unpack(rabat, back.file)->receipts, 2U);
  const auto receipts = Unpack(rabat, back.file);
  ASSERT_THAT(receipts, IsOk());
  EXPECT_EQ(receipts->receipts, 0U);
  EXPECT_EQ(receipts->answers_repeated, 2U);
  EXPECT_FALSE(receipts->settled);
  EXPECT_EQ(Settled(rabat), 2U);
}

// The next parcel holds everything that is still unanswered, until its answer comes.
TEST_F(Courier, ALostParcelCostsTimeOnly) {
  Propose(rabat);
  Pack(rabat);  // lost
  EXPECT_EQ(Carry(rabat).acts_accepted, 1U);
  EXPECT_EQ(Pack(berlin).answers, 1U);  // lost
  Propose(rabat, "minutes.json");
  const Unpacked third = Carry(rabat);
  EXPECT_EQ(third.acts_repeated, 1U);
  EXPECT_EQ(third.acts_accepted, 1U);
  EXPECT_FALSE(third.cosigned);  // Rabat does not know yet what Berlin cosigned before
  EXPECT_EQ(Carry(berlin).receipts, 2U);
  EXPECT_EQ(Settled(rabat), 1U);
  Carry(rabat);
  EXPECT_EQ(Pack(berlin).answers, 0U);  // Rabat's parcel no longer carries the acts
  Carry(berlin);
  EXPECT_EQ(Settled(rabat), 4U);
  EXPECT_EQ(Size(rabat), 4U);
}

TEST_F(Courier, MixesWithALink) {
  Propose(rabat);
  const Packed packed = Pack(rabat);
  {
    Wire wire(rabat, berlin);
    ASSERT_THAT(wire.Run(), IsOk());
  }
  // Berlin's log was cosigned since: the parcel knows less, so nothing of it is taken.
  const auto size = Size(berlin);
  const auto late = Unpack(berlin, packed.file);
  ASSERT_THAT(late, IsOk());
  EXPECT_THAT(late->not_taken, HasSubstr("the parcel is old"));
  EXPECT_EQ(late->acts_repeated, 0U);
  EXPECT_EQ(Size(berlin), size);
  const Unpacked back = Carry(berlin);
  EXPECT_THAT(back.not_taken, IsEmpty());
  EXPECT_EQ(back.answers_repeated, 0U);  // the link brought it, and no parcel asked for it

  // By hand there, by link back.
  Propose(rabat, "minutes.json");
  EXPECT_EQ(Carry(rabat).acts_accepted, 1U);
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  for (Node* const node : {&rabat, &berlin}) {
    EXPECT_EQ(Settled(*node), Size(*node));
    EXPECT_THAT(node->Evidence(PeerOf(*node)), IsEmpty());
    for (const store::ActRow& row : node->Acts(PeerOf(*node))) {
      EXPECT_NE(row.state, store::ActState::kPending);
    }
  }
}

class ManyByHand : public Courier {
 protected:
  static void SetUpTestSuite() { AddPersonNotes(); }
  PersonNotes notes_;
};

// What came by hand may come again by link before the answers went back, however much it was.
TEST_F(ManyByHand, MayComeAgainByLink) {
  const auto under = CoSignText(AgreementWithPersonNotes());
  rabat.exchange.Register(kPersonNote, notes_);
  berlin.exchange.Register(kPersonNote, notes_);
  constexpr std::size_t kActs = 2 * exchange::kActsInFlight + 10;
  for (std::size_t i = 0; i < kActs; ++i) {
    ASSERT_THAT(rabat.exchange.Submit(
                    berlin.id(),
                    {std::string(kPersonNote), under, {{"person", std::to_string(i)}}, "officer"}),
                IsOk());
  }
  EXPECT_EQ(Carry(rabat).acts_accepted, kActs);
  Wire wire(rabat, berlin);
  ASSERT_THAT(wire.Run(), IsOk());
  EXPECT_EQ(Settled(rabat), Size(rabat));
  for (const store::ActRow& row : rabat.Acts(berlin.id())) {
    EXPECT_NE(row.state, store::ActState::kPending);
    EXPECT_NE(row.state, store::ActState::kRefused);
  }
}

TEST_F(Courier, AStoppedPeerGetsNoParcel) {
  Propose(rabat);
  ASSERT_THAT(rabat.exchange.store().Write([&](store::Transaction& transaction) {
    return exchange::PutStop(transaction, berlin.id(), {"it contradicts itself", clock.Now()});
  }),
              IsOk());
  EXPECT_THAT(exchange::PackParcel(rabat.exchange, berlin.id()),
              FailsWith(ErrorCode::kNotPermitted));
}

TEST_F(Courier, SurvivesRestarts) {
  Propose(rabat);
  const Bytes there = Pack(rabat).file;
  Restart(rabat);
  Restart(berlin);
  EXPECT_EQ(Unpack(berlin, there)->acts_accepted, 1U);
  Restart(berlin);
  const Packed back = Pack(berlin);
  EXPECT_EQ(back.answers, 1U);
  EXPECT_EQ(back.number, 1U);
  EXPECT_EQ(Unpack(rabat, back.file)->receipts, 1U);
  Restart(rabat);
  EXPECT_EQ(Pack(rabat).number, 2U);
}

// A parcel that takes years: the proposal has expired by then.
TEST_F(Courier, ARefusalComesBackToo) {
  Propose(rabat);
  const Bytes there = Pack(rabat).file;
  clock.Advance(std::chrono::hours(24 * 365 * 6));
  EXPECT_EQ(Unpack(berlin, there)->acts_refused, 1U);
  const Unpacked back = Carry(berlin);
  EXPECT_EQ(back.refusals, 1U);
  EXPECT_EQ(back.receipts, 0U);
  EXPECT_EQ(FirstAct(rabat).state, store::ActState::kRefused);
}

TEST_F(Courier, IsForItsReceiverOnlyAndFromAKnownPeer) {
  Propose(rabat);
  const Bytes file = Pack(rabat).file;
  EXPECT_THAT(Unpack(rabat, file), FailsWith(ErrorCode::kInvalidInput));
  Node paris{"FR", 7, folder.File("fr.db"), clock};
  EXPECT_THAT(Unpack(paris, file), FailsWith(ErrorCode::kInvalidInput));
  EXPECT_THAT(exchange::PackParcel(rabat.exchange, paris.id()), FailsWith(ErrorCode::kNotFound));
  ASSERT_THAT(paris.exchange.AddPeer(berlin.signed_card()), IsOk());
  const auto stranger = exchange::PackParcel(paris.exchange, berlin.id());
  ASSERT_THAT(stranger, IsOk());
  EXPECT_THAT(Unpack(berlin, stranger->file), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Courier, AnyAlteredByteIsRefusedAndChangesNothing) {
  Propose(rabat);
  Bytes file = Pack(rabat).file;
  for (std::size_t at = 0; at < file.size(); at += 97) {
    file[at] ^= 0x10U;
    EXPECT_THAT(Unpack(berlin, file), FailsWith(ErrorCode::kInvalidInput)) << at;
    file[at] ^= 0x10U;
  }
  EXPECT_THAT(berlin.Acts(rabat.id()), IsEmpty());
  EXPECT_EQ(Unpack(berlin, file)->acts_accepted, 1U);
}

TEST_F(Courier, WhatDoesNotFitWaitsTheNewestFirst) {
  Propose(rabat);
  const std::size_t alone = Pack(rabat).file.size();
  Propose(rabat, "minutes.json");
  const Packed both = Pack(rabat);
  EXPECT_EQ(both.acts, 2U);
  EXPECT_TRUE(both.is_complete);
  const auto bounded = exchange::PackParcel(rabat.exchange, berlin.id(), alone);
  ASSERT_THAT(bounded, IsOk());
  EXPECT_EQ(bounded->acts, 1U);
  EXPECT_FALSE(bounded->is_complete);
  EXPECT_EQ(Unpack(berlin, bounded->file)->acts_accepted, 1U);
  EXPECT_EQ(Carry(berlin).receipts, 1U);
  const Unpacked rest = Carry(rabat);
  EXPECT_EQ(rest.acts_accepted, 1U);
  EXPECT_EQ(rest.acts_repeated, 0U);
}

// A peer must cosign within four hours, but trips take days.
TEST_F(Courier, NewActsAreTakenWhileParcelsAreCarried) {
  const auto check = [&] {
    return rabat.exchange.store().Read([&](const store::Reader& reader) {
      return exchange::CheckCosignLag(reader, berlin.id(), clock.Now());
    });
  };
  const UtcTime since = clock.Now();
  Propose(rabat);
  clock.Advance(exchange::kCosignLagMax + std::chrono::microseconds(1));
  EXPECT_THAT(check(), FailsWith(ErrorCode::kUnavailable, HasSubstr("pack one")));
  Pack(rabat);
  EXPECT_THAT(check(), IsOk());
  clock.Advance(since + exchange::kCarriedCosignLagMax - clock.Now());
  EXPECT_THAT(check(), IsOk());
  clock.Advance(std::chrono::microseconds(1));
  EXPECT_THAT(check(), FailsWith(ErrorCode::kUnavailable));
  Carry(rabat);
  EXPECT_THAT(check(), FailsWith(ErrorCode::kUnavailable));  // too late for that alone
  Carry(berlin);
  Carry(rabat);
  Carry(berlin);
  EXPECT_THAT(check(), IsOk());

  // Nobody carries any more.
  clock.Advance(exchange::kCarriedCosignLagMax);
  Propose(rabat, "minutes.json");
  clock.Advance(exchange::kCosignLagMax + std::chrono::microseconds(1));
  EXPECT_THAT(check(), FailsWith(ErrorCode::kUnavailable));
}

// Rabat's home is put back to a copy and recovers over a link. What its first life packed and
// nobody unpacked must not come into the second one.
TEST_F(Courier, AParcelOfAnOlderEpochHasNoEffect) {
  const Packed empty = Pack(rabat);
  Copy();
  Propose(rabat);
  const Packed before = Pack(rabat);
  Propose(rabat, "minutes.json");
  const Packed lost = Pack(rabat);
  EXPECT_EQ(Unpack(berlin, before.file)->acts_accepted, 1U);
  const Packed answer = Pack(berlin);

  PutBack();
  EXPECT_THAT(Unpack(rabat, answer.file), FailsWith(ErrorCode::kUnavailable));
  EXPECT_THAT(exchange::PackParcel(rabat.exchange, berlin.id()),
              FailsWith(ErrorCode::kUnavailable));
  ASSERT_THAT(exchange::Recovery(rabat.exchange).Begin(berlin.id()), IsOk());
  {
    Wire wire(rabat, berlin);
    ASSERT_THAT(wire.Run(), IsOk());
  }
  EXPECT_EQ(rabat.Acts(berlin.id()).size(), 1U);
  const auto size = Size(berlin);
  for (const Packed* const old : {&empty, &before, &lost}) {
    EXPECT_THAT(Unpack(berlin, old->file),
                FailsWith(ErrorCode::kConflict, HasSubstr("packed again")));
  }
  EXPECT_EQ(Size(berlin), size);

  // Its parcels count from the copy's number, and are not late for that.
  Propose(rabat, "minutes.json");
  const Packed anew = Pack(rabat);
  EXPECT_LT(anew.number, lost.number);
  const auto taken = Unpack(berlin, anew.file);
  ASSERT_THAT(taken, IsOk());
  EXPECT_FALSE(taken->is_late);
  EXPECT_EQ(taken->acts_accepted, 1U);
  EXPECT_EQ(Carry(berlin).receipts, 1U);
  EXPECT_THAT(Unpack(rabat, answer.file), IsOk());  // Berlin's own epoch did not change
  ExpectNoEvidenceOfFault();
}

// Rabat's home is a copy and does not know it: what it signs under a number that it used before is
// not taken for a contradiction, and it learns from the answer.
TEST_F(Courier, APutBackPeerIsNotAccused) {
  Copy();
  Propose(rabat);
  Propose(berlin, "minutes.json");
  Carry(rabat);
  Carry(berlin);
  Carry(rabat);
  PutBack();
  Propose(rabat, "minutes.json");
  const Unpacked refused = Carry(rabat);
  EXPECT_THAT(refused.not_taken, HasSubstr("restored"));
  EXPECT_EQ(refused.acts_accepted, 0U);
  EXPECT_THAT(Unpack(rabat, Pack(berlin).file), FailsWith(ErrorCode::kUnavailable));
  ExpectNoEvidenceOfFault();
}

// Whatever becomes of the parcels, what was proposed arrives once, in order, in both ledgers.
class CourierStory : public Courier, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  std::size_t Draw(std::size_t bound) { return random_.Next() % bound; }
  void ProposeAnother(Node& from) {
    Pack(from);  // it is lost, but new acts are taken from now on
    std::string text = ReadProjectFile("examples/documents/minutes.json");
    const std::string words = "Minutes of the Meeting";
    text.replace(text.find(words), words.size(), "Meeting " + std::to_string(++proposed_));
    const auto id = from.documents.Draft(PeerOf(from), text);
    ASSERT_THAT(id, IsOk());
    ASSERT_THAT(from.documents.Propose(PeerOf(from), *id, "desk"), IsOk());
  }
  // Something happens to the nodes, the parcels on their way, or the link that is there at times.
  void Happen() {
    Node& node = Draw(2) == 0 ? rabat : berlin;
    switch (Draw(8)) {
      case 0:
        return ProposeAnother(node);
      case 1:
      case 2:
        return under_way_.emplace_back(&OtherThan(node), Pack(node).file), void();
      case 3:
        return Restart(node);
      case 4: {
        Wire wire(rabat, berlin);
        auto left = Draw(12);
        EXPECT_THAT(wire.Run([&] { return left-- == 0; }), IsOk());
        return;
      }
      default:
        return Arrive();
    }
  }
  // Any of the parcels under way comes in, and may come in again.
  void Arrive() {
    if (under_way_.empty()) {
      return;
    }
    const std::size_t chosen = Draw(under_way_.size());
    EXPECT_THAT(Unpack(*under_way_[chosen].first, under_way_[chosen].second), IsOk());
    if (Draw(3) != 0) {
      under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(chosen));
    }
  }
  void ExpectAllAgree() {
    for (Node* const node : {&rabat, &berlin}) {
      EXPECT_EQ(Settled(*node), Size(*node));
      EXPECT_THAT(node->Evidence(PeerOf(*node)), IsEmpty());
      for (const store::ActRow& row : node->Acts(PeerOf(*node))) {
        EXPECT_NE(row.state, store::ActState::kPending);
        const auto there = OtherThan(*node).Acts(node->id());
        EXPECT_EQ(std::ranges::count(there, row.id, &store::ActRow::id), 1);
      }
    }
    EXPECT_EQ(rabat.Acts(berlin.id()).size(), proposed_);
  }

 private:
  SeededRandomForTests random_{GetParam()};
  std::size_t proposed_ = 0;
  std::vector<std::pair<Node*, Bytes>> under_way_;
};

TEST_P(CourierStory, EndsWithBothSidesAlike) {
  for (int i = 0; i < 60; ++i) {
    Happen();
  }
  for (int trip = 0; trip < 3; ++trip) {
    Carry(rabat);
    Carry(berlin);
  }
  ExpectAllAgree();
}
INSTANTIATE_TEST_SUITE_P(Seeds, CourierStory, ::testing::Range<std::uint64_t>(1, 21));

// What a peer may not do on a link it may not do in a parcel.
class HostileParcel : public Courier {
 protected:
  // A parcel of Rabat's with these items behind the standing of a home that holds nothing yet.
  Bytes Parcel(std::vector<wire::Frame> frames, std::uint64_t number = 1) {
    frames.insert(frames.begin(), {6, exchange::EncodeStanding({})});
    return ParcelOf(frames, number);
  }
  Bytes ParcelOf(const std::vector<wire::Frame>& frames, std::uint64_t number = 1) {
    Bytes items;
    for (const wire::Frame& frame : frames) {
      wire::AppendFrame(items, frame.type, frame.payload);
    }
    const exchange::Identity& own = rabat.exchange.identity();
    return *peer::SealParcel({rabat.id(), berlin.id(), 1, number, clock.Now()}, items,
                             {*own.message, *own.encryption, berlin.card().keys.encryption});
  }
};

TEST_F(HostileParcel, WhatCameBeforeTheItemAtFaultStands) {
  Propose(rabat);
  Propose(rabat, "minutes.json");
  const auto acts = rabat.Acts(berlin.id());  // the last one first
  const wire::Frame first{2, acts[1].envelope};
  const wire::Frame second{2, acts[0].envelope};
  EXPECT_THAT(Unpack(berlin, Parcel({first, {2, ToBytes("{}")}, second})),
              FailsWith(ErrorCode::kPeerViolation));
  EXPECT_EQ(berlin.Acts(rabat.id()).size(), 1U);
  EXPECT_EQ(Pack(berlin).answers, 1U);
  EXPECT_EQ(Unpack(berlin, Parcel({first, second}, 2))->acts_accepted, 1U);
}

TEST_F(HostileParcel, AGapAForgeryAndAnAnswerToNothingAreRefused) {
  Propose(rabat);
  Propose(rabat, "minutes.json");
  EXPECT_THAT(Unpack(berlin, Parcel({{2, rabat.Acts(berlin.id()).front().envelope}})),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("sequence")));
  Propose(berlin);
  EXPECT_THAT(Unpack(berlin, Parcel({{2, FirstAct(berlin).envelope}})),
              FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(Unpack(berlin, Parcel({{3, ToBytes("{}")}})), FailsWith(ErrorCode::kPeerViolation));
  Carry(berlin);
  EXPECT_THAT(Unpack(rabat, Pack(berlin).file), IsOk());
}

TEST_F(HostileParcel, ACosignatureMustBeTheirsOnOurs) {
  Propose(berlin);
  for (const Bytes& note :
       {Bytes(), ToBytes("no note"), [&] {
          Bytes own;  // Berlin's checkpoint without a cosignature
          EXPECT_THAT(berlin.exchange.store().Read([&](const store::Reader& reader) -> Status {
            ENTENTE_ASSIGN(const auto signed_note,
                           reader.GetCheckpoint(rabat.id(), store::CheckpointKind::kOwnSigned));
            own = *signed_note;
            return {};
          }),
                      IsOk());
          return own;
        }()}) {
    EXPECT_THAT(Unpack(berlin, Parcel({{5, note}})),
                FailsWith(ErrorCode::kPeerViolation, HasSubstr("none")));
  }
  EXPECT_EQ(Settled(berlin), 0U);
}

// Berlin's home is replaced by a copy from before: Rabat knows of more than the copy holds.
TEST_F(HostileParcel, WhatThisHomeLacksClosesItsGuard) {
  Propose(berlin);
  Carry(berlin);
  const Bytes back = Pack(rabat).file;
  Node copy{"DE", 2, folder.File("copy.db"), clock};
  ASSERT_THAT(copy.exchange.AddPeer(rabat.signed_card()), IsOk());
  const auto id =
      copy.documents.Draft(rabat.id(), ReadProjectFile("examples/documents/minutes.json"));
  ASSERT_THAT(copy.documents.Propose(rabat.id(), *id, "desk"), IsOk());
  EXPECT_THAT(Unpack(copy, back),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("run `entente recover`")));
  EXPECT_THAT(exchange::PackParcel(copy.exchange, rabat.id()), FailsWith(ErrorCode::kUnavailable));
  EXPECT_THAT(Unpack(copy, back), FailsWith(ErrorCode::kUnavailable));
}

TEST_F(HostileParcel, ACosignedLogThatThisHomeLacksClosesItsGuardToo) {
  Propose(berlin);
  Carry(berlin);
  std::string note;
  ASSERT_THAT(rabat.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto found,
                   rabat.exchange.journal().WitnessedCheckpoint(reader, berlin.id(), clock.Now()));
    note = found.value_or("");
    return {};
  }),
              IsOk());
  Node copy{"DE", 2, folder.File("copy.db"), clock};
  ASSERT_THAT(copy.exchange.AddPeer(rabat.signed_card()), IsOk());
  EXPECT_THAT(Unpack(copy, Parcel({{5, ToBytes(note)}})),
              FailsWith(ErrorCode::kUnavailable, HasSubstr("cosigned another log")));
}

TEST_F(HostileParcel, AMalformedStandingIsRefused) {
  const wire::Frame standing{6, exchange::EncodeStanding({})};
  EXPECT_THAT(Unpack(berlin, ParcelOf({{6, ToBytes("{}")}})), FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(Unpack(berlin, ParcelOf({})), FailsWith(ErrorCode::kPeerViolation));
  EXPECT_THAT(Unpack(berlin, ParcelOf({{4, ToBytes("checkpoint")}, standing})),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("first")));
  EXPECT_THAT(Unpack(berlin, ParcelOf({standing, standing})),
              FailsWith(ErrorCode::kPeerViolation, HasSubstr("second standing")));
  EXPECT_THAT(Unpack(berlin, ParcelOf({standing})), IsOk());
}

TEST_F(HostileParcel, AForkOfItsLogIsKeptAsEvidence) {
  Propose(rabat);
  Carry(rabat);
  Node other{"MA", 1, folder.File("fork.db"), clock};
  ASSERT_THAT(other.exchange.AddPeer(berlin.signed_card()), IsOk());
  const auto id =
      other.documents.Draft(berlin.id(), ReadProjectFile("examples/documents/minutes.json"));
  ASSERT_THAT(other.documents.Propose(berlin.id(), *id, "desk"), IsOk());
  Bytes fork;
  ASSERT_THAT(other.exchange.store().Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(const auto request,
                   other.exchange.journal().CheckpointRequest(reader, berlin.id(), 1));
    fork = request ? request->body : Bytes();
    return {};
  }),
              IsOk());
  const auto unpacked = Unpack(berlin, Parcel({{4, fork}}, 9));
  ASSERT_THAT(unpacked, IsOk());
  EXPECT_FALSE(unpacked->cosigned);
  EXPECT_THAT(unpacked->not_cosigned, HasSubstr("422"));
  EXPECT_EQ(berlin.Evidence(rabat.id()).size(), 1U);
  EXPECT_FALSE(Pack(berlin).has_cosigned);  // never again
}

TEST_F(HostileParcel, ASuspendedPeerIsNotHeard) {
  const Bytes file = Pack(rabat).file;
  ASSERT_THAT(berlin.exchange.store().Write([&](store::Transaction& transaction) -> Status {
    for (std::uint64_t i = 0; i < exchange::kRefusalsPerWindowMax; ++i) {
      ENTENTE_TRY(
          exchange::CountKept(transaction, rabat.id(), exchange::Kept::kEvidence, clock.Now()));
    }
    return {};
  }),
              IsOk());
  EXPECT_THAT(Unpack(berlin, file), FailsWith(ErrorCode::kLimitExceeded));
}

}  // namespace
}  // namespace entente::testing
