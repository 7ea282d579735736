#include "tests/hostile/puppet.h"

#include <array>
#include <utility>

#include "entente/agreement/testing.h"
#include "entente/match/keys.h"
#include "entente/matching/match_bodies.h"
#include "entente/records/record.h"
#include "entente/store/sqlite/testing.h"

namespace entente::hostile {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using wire::Json;

constexpr std::string_view kCollection = "persons";
constexpr std::string_view kPurpose = "terrorism";
constexpr milliseconds kTurn{5};

std::string Template(const AgreementTerms& terms) {
  Json json = agreement::SmallAgreement();
  for (Json& party : json["parties"]) {
    party.erase("card");
  }
  Json& agreed = json["terms"];
  agreed["valid_until"] = FormatRfc3339(terms.valid_until);
  Json& matching = agreed["matching"];
  matching.erase("scheme");
  matching.erase("scheme_digest");
  matching["records_max"] = 100;
  matching["rounds_per_day_max"] = terms.rounds_per_day_max;
  return json.dump();
}

}  // namespace

Puppet::Puppet(Arena& arena, const Authority& as, std::unique_ptr<TemporaryFolder> folder,
               std::unique_ptr<store::Store> store)
    : arena_(arena),
      as_(as),
      folder_(std::move(folder)),
      store_(std::move(store)),
      log_(arena.clock(), [](std::string_view /*line*/) {}),
      node_(as.identity(), {*store_, arena.clock(), arena.random(), background_, network_, log_},
            {}) {}

Result<std::unique_ptr<Puppet>> Puppet::Open(Arena& arena, const AgreementTerms& terms) {
  ENTENTE_ASSIGN(const Authority* const as, arena.NewPeer());
  auto folder = std::make_unique<TemporaryFolder>();
  ENTENTE_ASSIGN(auto store,
                 store::SqliteStore::Open(folder->File("puppet.db"), store::KeysForTests()));
  std::unique_ptr<Puppet> puppet(new Puppet(arena, *as, std::move(folder), std::move(store)));
  ENTENTE_TRY(puppet->node_.exchange().AddPeer(arena.signed_target()));
  ENTENTE_TRY(puppet->Sign(terms));
  ENTENTE_TRY(puppet->Fill());
  return puppet;
}

Status Puppet::Sign(const AgreementTerms& terms) {
  const PeerId target = arena_.target().id();
  documents::Documents& documents = node_.documents();
  ENTENTE_ASSIGN(agreement_, documents.Draft(target, Template(terms)));
  ENTENTE_TRY(documents.Propose(target, agreement_, "attacker"));
  const std::string name = "Annelore Musterfeld";
  ENTENTE_TRY(documents.Sign(target, agreement_, name, "attacker"));
  const std::string path = "/documents/" + agreement_.Hex();
  bool is_signed_there = false;
  return Run([&] {
    is_signed_there =
        is_signed_there || arena_.Post(as_.id(), path + "/sign", {{"signatory", name}}).has_value();
    const auto here = documents.GetHead(target, agreement_);
    const auto there = arena_.Get(as_.id(), path);
    return here && here->IsCoSigned() && there && (*there)["signatures"].size() == 2;
  });
}

Status Puppet::Fill() {
  std::vector<store::RecordRow> rows;
  for (const char* const name : {"Youssef Tazi", "Fatima Zahra Bennani"}) {
    records::Record record;
    record.id = std::to_string(rows.size() + 1);
    record.names.push_back({PersonalText(name), records::NameQuality::kPrimary});
    record.birth_dates = {*records::ParsePartialDate("1981-07-19")};
    rows.push_back({rows.size() + 1, record.id, records::Encode(record)});
  }
  return store_->Write([&](store::Transaction& transaction) -> Status {
    ENTENTE_ASSIGN(const store::ImportId import,
                   transaction.BeginImport(kCollection, store::Origin::kSynthetic));
    ENTENTE_TRY(transaction.AppendRecords(import, rows));
    ENTENTE_TRY(transaction.ActivateImport(import, arena_.clock().Now()));
    return {};
  });
}

Status Puppet::Send(exchange::Link& link, Caller& caller, wire::FrameDecoder& frames,
                    const Tap& tap) {
  ENTENTE_TRY(link.Pump());
  ENTENTE_ASSIGN(std::vector<wire::Frame> leaving, frames.Feed(link.TakeOutput()));
  for (wire::Frame& frame : leaving) {
    const auto instead = tap ? tap(std::move(frame)) : std::vector<wire::Frame>{std::move(frame)};
    for (const wire::Frame& one : instead) {
      caller.SayFrame(static_cast<peer::FrameType>(one.type), one.payload);
    }
  }
  return {};
}

Status Puppet::Run(const std::function<bool()>& stop, const Tap& tap) {
  ENTENTE_ASSIGN(Caller caller, Caller::Connect(arena_, as_));
  exchange::Link link(node_.exchange(), node_.matching(), arena_.target(), caller.binding());
  wire::FrameDecoder leaving;
  ENTENTE_TRY(link.Start());
  const auto until = steady_clock::now() + 2 * kPatience;
  while (!stop()) {
    ENTENTE_TRY(Send(link, caller, leaving, tap));
    const bool has_worked = background_.RunOne();
    Bytes heard;
    const auto what = caller.tls().Read(heard, has_worked ? milliseconds(0) : kTurn);
    if (what == TlsSocket::Heard::kEnd) {
      return Error{ErrorCode::kUnavailable, "the node under attack ended the link"};
    }
    ENTENTE_TRY(link.OnBytes(heard));
    if (steady_clock::now() > until) {
      return Error{ErrorCode::kDeadlineExceeded, "the puppet waits in vain"};
    }
  }
  return {};
}

Result<act::ActId> Puppet::Offer() {
  Result<exchange::Submission> offer = Error{ErrorCode::kInternal, "not called"};
  node_.matching().Offer(arena_.target().id(),
                         {std::string(kCollection), std::string(kPurpose), agreement_}, "attacker",
                         [&](Result<exchange::Submission> result) { offer = std::move(result); });
  while (background_.RunOne()) {
  }
  ENTENTE_ASSIGN(const exchange::Submission submission, std::move(offer));
  if (!submission.decision.is_permitted()) {
    return Error{ErrorCode::kNotPermitted, agreement::Describe(submission.decision)};
  }
  ENTENTE_TRY(Run([&] { return RoundAt(submission.id).has_value(); }));
  return submission.id;
}

Result<act::ActId> Puppet::AgreeOnRound() {
  ENTENTE_ASSIGN(const act::ActId offer, Offer());
  ENTENTE_TRY(
      arena_.Post(as_.id(), "/rounds/" + offer.Hex() + "/accept", {{"collection", kCollection}}));
  return offer;
}

Result<Seen> Puppet::RoundAt(const act::ActId& offer) {
  ENTENTE_ASSIGN(const Json round, arena_.Get(as_.id(), "/rounds/" + offer.Hex()));
  return Seen{Sign::kRound, round["state"].get<std::string>(), round["failure"].get<std::string>(),
              as_.id()};
}

Result<Seen> Puppet::AwaitEndOf(const act::ActId& offer) {
  const auto until = steady_clock::now() + kPatience;
  for (;;) {
    ENTENTE_ASSIGN(Seen seen, RoundAt(offer));
    if ((seen.code != "offered" && seen.code != "accepted") || steady_clock::now() > until) {
      return seen;
    }
    Pause();
  }
}

Result<Bytes> Puppet::Forge(std::string_view kind, Json body) {
  store::ChannelState channel;
  ENTENTE_TRY(store_->Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(channel, reader.GetChannel(arena_.target().id()));
    return {};
  }));
  act::Act act = MakeAct(arena_, as_, kind, channel.next_out, std::move(body));
  act.agreement = agreement_;
  return Sealed(as_, act);
}

Result<Caller> Puppet::LinkByHand() {
  exchange::Standing standing;
  ENTENTE_TRY(store_->Read([&](const store::Reader& reader) -> Status {
    ENTENTE_ASSIGN(standing, exchange::ComposeStanding(reader, arena_.target().id()));
    return {};
  }));
  return Caller::Link(arena_, as_, standing);
}

Json Puppet::GoodOffer() const {
  matching::SideBody body;
  body.purpose = kPurpose;
  body.scheme_digest = match::SchemeDigest().Hex();
  body.suite = matching::kCryptoSuite;
  body.side = {"synthetic", 100, psi::kSizeClassMin, crypto::Digest()};
  return matching::EncodeSide(body);
}

}  // namespace entente::hostile
