#include "sim/story.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "sim/authority.h"
#include "sim/check.h"
#include "sim/courier.h"
#include "sim/material.h"
#include "sim/mix.h"
#include "sim/network.h"

namespace entente::sim {
namespace {

constexpr std::array kCountries{"DE", "MA", "FR"};
constexpr Duration kActsUntil = std::chrono::minutes(20);
constexpr Duration kQuietWithin = std::chrono::hours(60);  // a suspension lasts a day
constexpr Duration kQuietStep = std::chrono::seconds(20);
constexpr Duration kBetweenLooks = std::chrono::seconds(20);
// In one story out of so many the first and the last authority have no link.
constexpr std::uint64_t kStoriesByHand = 5;
constexpr Duration kBetweenParcels = std::chrono::seconds(15);
constexpr std::uint64_t kFreeBytesMax = 100'000;
constexpr std::uint64_t kErrorsPerMillionMax = 200'000;

class Story {
 public:
  Story(std::uint64_t seed, bool lies)
      : scheduler_(seed), network_(scheduler_), mix_(DrawMix(scheduler_)) {
    verdict_.seed = seed;
    network_.set_faults(mix_.network);
    for (const char* const country : kCountries) {
      const auto drift = static_cast<std::int64_t>(scheduler_.Draw(0, 1'000'000)) - 500'000;
      const std::uint64_t number = authorities_.size() + 1;
      authorities_.push_back(
          std::make_unique<Authority>(network_, country, number, seed * kCountries.size() + number,
                                      mix_.between_jumps == Duration(0) ? 0 : drift));
      authorities_.back()->disk().set_lies(lies);
    }
    if (seed % kStoriesByHand == kStoriesByHand - 1) {
      courier_.emplace(network_, *authorities_.front(), *authorities_.back(),
                       [this](std::string why) { Fail(std::move(why)); });
    }
  }

  Verdict Run() {
    if (Begin()) {
      Every(mix_.between_acts, [this] { Act(); });
      Every(mix_.between_rounds, [this] { Match(); });
      Every(mix_.between_crashes, [this] { Crash(); });
      Every(mix_.between_partitions, [this] { Partition(); });
      Every(mix_.between_jumps, [this] { JumpClock(); });
      Every(mix_.between_disk_faults, [this] { FailDisk(); });
      if (courier_) {
        Every(kBetweenParcels, [this] { courier_->Send(); });
      }
      Every(kBetweenLooks, [this] { CheckPromises(authorities_, verdict_); });
      scheduler_.RunUntil(kActsUntil);
      Heal();
      // A promise that was broken may leave a node stuck: days for nothing.
      if (verdict_.holds() && Settle() && EndRounds()) {
        Check(authorities_, acknowledged_, verdict_);
      }
    }
    return Finish();
  }

 private:
  void Fail(std::string why) { verdict_.failures.push_back(std::move(why)); }

  bool Begin() {
    for (const auto& authority : authorities_) {
      if (const Status status = authority->Start(); !status) {
        Fail("start: " + status.error().message);
        return false;
      }
      if (!FillCollection(*authority)) {
        Fail("a collection was not taken");
        return false;
      }
    }
    for (const auto& a : authorities_) {
      for (const auto& b : authorities_) {
        if (a != b && !a->node().exchange().AddPeer(b->signed_card())) {
          Fail("a card was not taken");
          return false;
        }
      }
    }
    return true;
  }

  // Calls `task` again and again until the acting is over, after times around `pause`.
  void Every(Duration pause, const std::function<void()>& task) {
    if (pause == Duration(0)) {
      return;
    }
    const Duration next = scheduler_.DrawTime(pause / 4, pause * 7 / 4);
    if (scheduler_.now() + next >= kActsUntil) {
      return;
    }
    scheduler_.After(next, [this, pause, task] {
      task();
      Every(pause, task);
    });
  }

  Authority& Any() { return *authorities_[scheduler_.Draw(0, authorities_.size() - 1)]; }
  Authority& AnyBut(const Authority& other) {
    for (;;) {
      Authority& any = Any();
      if (&any != &other) {
        return any;
      }
    }
  }

  void Note(Authority& from, Authority& to, const Result<exchange::Submission>& submission) {
    if (submission && submission->decision.is_permitted()) {
      acknowledged_.push_back({&from, &to, submission->id, submission->sequence});
      scheduler_.Trace("acknowledged " + from.endpoint(), submission->id.view());
      ++verdict_.acknowledged;
    }
  }

  // Somebody does something that makes sense to do.
  void Act() {
    Authority& from = Any();
    Authority& to = AnyBut(from);
    if (!from.is_running()) {
      return;
    }
    documents::Documents& documents = from.node().documents();
    const auto heads = documents.List(to.id());
    if (!heads) {
      return;
    }
    const std::uint64_t choice = scheduler_.Draw(0, 2);
    if (choice != 0) {
      for (const documents::DocumentHead& head : *heads) {
        const auto open = head.OpenSignatories(from.card().country);
        if (head.IsProposed() && !open.empty()) {
          return Note(from, to, documents.Sign(to.id(), head.id, open.front().name, "desk"));
        }
        if (head.IsCoSigned() && !head.published_by.contains(from.card().country)) {
          return Note(from, to, documents.Publish(to.id(), head.id, "desk"));
        }
      }
    }
    Propose(from, to, Minutes(from, to, ++last_document_));
  }

  void Propose(Authority& from, Authority& to, const std::string& text) {
    documents::Documents& documents = from.node().documents();
    if (const auto draft = documents.Draft(to.id(), text)) {
      Note(from, to, documents.Propose(to.id(), *draft, "desk"));
    }
  }

  // One of the first two does the next thing on the way to a private matching round.
  void Match() {
    const bool is_first = scheduler_.Chance(500'000);
    Authority& from = *authorities_.at(is_first ? 0 : 1);
    Authority& to = *authorities_.at(is_first ? 1 : 0);
    if (!from.is_running()) {
      return;
    }
    documents::Documents& documents = from.node().documents();
    const auto agreement = documents.BestInForce(to.id());
    if (!agreement) {
      return;  // the disk fails
    }
    const std::optional<agreement::AgreementInForce>& in_force = *agreement;
    if (!in_force) {
      return Agree(from, to);
    }
    const auto rounds = from.node().matching().List(to.id());
    if (!rounds) {
      return;
    }
    for (const matching::RoundView& round : *rounds) {
      if (round.row.state == matching::RoundState::kOffered &&
          round.row.role == psi::Role::kAcceptor) {
        return Answer(from, to, round.row.offer);
      }
    }
    Offer(from, to, in_force->id);
    if (scheduler_.Chance(500'000)) {  // the budget may be enough for one of the two only
      Offer(to, from, in_force->id);
    }
  }

  std::function<void(const Result<exchange::Submission>&)> NoteLater(Authority& from,
                                                                     Authority& to) {
    return [this, &from, &to](const Result<exchange::Submission>& submission) {
      Note(from, to, submission);
    };
  }

  void Offer(Authority& from, Authority& to, const act::AgreementId& agreement) {
    if (from.is_running()) {
      from.node().matching().Offer(to.id(), {kCollection, kPurpose, agreement}, "desk",
                                   NoteLater(from, to));
    }
  }

  // Accepts or declines; sometimes the other side withdraws at the same time.
  void Answer(Authority& from, Authority& to, const act::ActId& offer) {
    if (scheduler_.Chance(200'000)) {
      return Note(from, to, from.node().matching().Decline(to.id(), offer, "desk"));
    }
    from.node().matching().Accept(to.id(), offer, kCollection, "desk", NoteLater(from, to));
    if (to.is_running() && scheduler_.Chance(300'000)) {
      Note(to, from, to.node().matching().Decline(from.id(), offer, "desk"));
    }
  }

  void Agree(Authority& from, Authority& to) {
    documents::Documents& documents = from.node().documents();
    const auto draft = documents.Draft(to.id(), MatchingAgreement(from, to));
    const auto head =
        draft ? documents.GetHead(to.id(), *draft) : Result<documents::DocumentHead>(draft.error());
    if (!head) {
      return;
    }
    const auto open = head->OpenSignatories(from.card().country);
    if (!head->IsProposed()) {
      Note(from, to, documents.Propose(to.id(), *draft, "desk"));
    } else if (!open.empty()) {
      Note(from, to, documents.Sign(to.id(), *draft, open.front().name, "desk"));
    }
  }

  void Crash() {
    Authority& authority = Any();
    if (!authority.is_running() || authority.disk().is_dead()) {
      return;
    }
    ++verdict_.crashes;
    const auto death =
        scheduler_.Chance(700'000) ? Authority::Death::kPower : Authority::Death::kProcess;
    const auto revive_later = [this, &authority] {
      scheduler_.After(scheduler_.DrawTime(std::chrono::milliseconds(50), std::chrono::seconds(40)),
                       [this, &authority] { Revive(authority); });
    };
    if (scheduler_.Chance(800'000)) {
      return authority.KillDuring(scheduler_.Draw(0, 60), death, revive_later);
    }
    authority.Kill(death);
    revive_later();
  }

  void Revive(Authority& authority) {
    if (authority.is_running()) {
      return;
    }
    const Status status = authority.Start();
    if (status) {
      return;
    }
    if (authority.disk().is_sound()) {
      return Fail(authority.endpoint() + " does not start again: " + status.error().message);
    }
    scheduler_.After(kQuietStep, [this, &authority] { Revive(authority); });
  }

  // A disk is full, or its operations fail now and then, for a while.
  void FailDisk() {
    Authority& authority = Any();
    Disk& disk = authority.disk();
    if (!disk.is_sound()) {
      return;
    }
    ++verdict_.disk_faults;
    const bool is_full = scheduler_.Chance(500'000);
    scheduler_.Trace((is_full ? "full " : "errors ") + authority.endpoint());
    if (is_full) {
      disk.set_size_bytes_max(disk.size_bytes() + scheduler_.Draw(0, kFreeBytesMax));
    } else {
      disk.set_errors_per_million(scheduler_.Draw(1, kErrorsPerMillionMax));
    }
    scheduler_.After(scheduler_.DrawTime(std::chrono::milliseconds(100), std::chrono::minutes(1)),
                     [this, &authority, is_full] {
                       MendDisk(authority);
                       if (is_full && !GoesOn(authority)) {
                         Fail(authority.endpoint() + " does not go on after its disk was full");
                       }
                       RestartIfLost(authority);
                     });
  }

  static void MendDisk(Authority& authority) {
    authority.disk().set_size_bytes_max(std::nullopt);
    authority.disk().set_errors_per_million(0);
  }

  // Whether a running node can still write. After a failed flush its store wants a restart.
  static bool GoesOn(Authority& authority) {
    return !authority.is_running() || authority.disk().is_dead() ||
           authority.store().Write([](store::Transaction& /*nothing*/) { return Status(); });
  }
  // What the operator does, or whatever looks after the process.
  void RestartIfLost(Authority& authority) {
    if (!GoesOn(authority)) {
      authority.Kill(Authority::Death::kProcess);
      Revive(authority);
    }
  }

  void Partition() {
    Authority& a = Any();
    Authority& b = AnyBut(a);
    if (courier_ && courier_->IsBetween(a, b)) {
      return;
    }
    ++verdict_.partitions;
    const bool is_one_way = scheduler_.Chance(500'000);
    network_.Cut(a.endpoint(), b.endpoint());
    if (!is_one_way) {
      network_.Cut(b.endpoint(), a.endpoint());
    }
    scheduler_.Trace("cut " + a.endpoint() + " " + b.endpoint());
    scheduler_.After(scheduler_.DrawTime(std::chrono::seconds(1), std::chrono::minutes(3)),
                     [this, &a, &b] {
                       network_.Heal(a.endpoint(), b.endpoint());
                       network_.Heal(b.endpoint(), a.endpoint());
                     });
  }

  void JumpClock() {
    Authority& authority = Any();
    ++verdict_.clock_jumps;
    const Duration day = std::chrono::hours(24);
    authority.clock().Jump(scheduler_.DrawTime(Duration(0), 2 * day) - day);
    scheduler_.Trace("clock " + authority.endpoint());
  }

  void Heal() {
    network_.HealAll();
    if (courier_) {
      courier_->CutLink();
    }
    NetworkFaults calm;
    calm.delay_max = std::chrono::milliseconds(20);
    network_.set_faults(calm);
    for (const auto& authority : authorities_) {
      authority->clock().Reset();
      if (authority->is_running() && !authority->disk().is_dead()) {
        authority->disk().Restart();  // a death that was still to come
      }
      MendDisk(*authority);
      RestartIfLost(*authority);
      Revive(*authority);
    }
  }

  // Weeks later no round is open any more, by whatever clock it began; some ended with a word to
  // the peer.
  bool EndRounds() {
    for (const auto& authority : authorities_) {
      authority->clock().Jump(4 * matching::kRoundLifetime);
      authority->node().matching().EndExpired();
    }
    return Settle();
  }

  // Until every act is answered and every log settled.
  bool Settle() {
    const Duration quiet_by = scheduler_.now() + kQuietWithin;
    while (scheduler_.now() < quiet_by) {
      scheduler_.RunUntil(scheduler_.now() + kQuietStep);
      if (courier_) {
        courier_->CarryBothWays();
      }
      const bool is_quiet =
          std::all_of(authorities_.begin(), authorities_.end(), [&](const auto& a) {
            return std::all_of(authorities_.begin(), authorities_.end(), [&](const auto& b) {
              return a == b || (a->is_running() && IsQuiet(*a, *b));
            });
          });
      if (is_quiet) {
        return true;
      }
    }
    Fail(
        "a node is stuck: acts without an answer, or a log that does not settle, days after the "
        "last fault");
    return false;
  }

  Verdict Finish() {
    verdict_.trace = scheduler_.trace();
    verdict_.simulated = scheduler_.now();
    verdict_.parcels = courier_ ? courier_->unpacked() : 0;
    if (!verdict_.holds()) {
      for (const auto& authority : authorities_) {
        for (const std::string& line : authority->log_lines()) {
          verdict_.log_lines.push_back(authority->endpoint() + " " + line);
        }
      }
    }
    return std::move(verdict_);
  }

  Scheduler scheduler_;
  Network network_;
  Mix mix_;
  Verdict verdict_;
  std::vector<std::unique_ptr<Authority>> authorities_;
  std::optional<Courier> courier_;
  std::vector<Acknowledged> acknowledged_;
  std::uint64_t last_document_ = 0;
};

}  // namespace

Verdict RunStory(std::uint64_t seed, bool lies) { return Story(seed, lies).Run(); }

}  // namespace entente::sim
