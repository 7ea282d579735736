#include "sim/story.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "entente/wire/json.h"
#include "sim/authority.h"
#include "sim/check.h"
#include "sim/network.h"

namespace entente::sim {
namespace {

using wire::Json;

constexpr std::array kCountries{"DE", "MA", "FR"};
constexpr Duration kActsUntil = std::chrono::minutes(20);
constexpr Duration kQuietBy = std::chrono::hours(60);  // a suspension lasts a day
constexpr Duration kQuietStep = std::chrono::seconds(20);

// How often what goes wrong in this seed. Each seed draws its own mix, most of them mild, so that
// some stories are all crashes and others all partitions.
struct Mix {
  NetworkFaults network;
  Duration between_acts{0};
  Duration between_crashes{0};     // 0: none
  Duration between_partitions{0};  // 0: none
  Duration between_jumps{0};       // 0: none
};

Mix DrawMix(Scheduler& scheduler) {
  Mix mix;
  const auto maybe = [&](std::uint64_t low, std::uint64_t high) {
    return scheduler.Chance(500'000) ? scheduler.Draw(low, high) : std::uint64_t{0};
  };
  const auto seconds = [](std::uint64_t count) {
    return Duration(std::chrono::seconds(static_cast<std::int64_t>(count)));
  };
  mix.network.delay_max = std::chrono::milliseconds(scheduler.Draw(2, 3000));
  mix.network.break_stream = maybe(1'000, 60'000);
  if (scheduler.Chance(300'000)) {
    mix.network.raw_loss = maybe(100, 20'000);
    mix.network.raw_duplicate = maybe(100, 20'000);
    mix.network.raw_reorder = maybe(100, 20'000);
    mix.network.raw_corrupt = maybe(100, 5'000);
  }
  mix.between_acts = std::chrono::milliseconds(scheduler.Draw(2'000, 15'000));
  mix.between_crashes = seconds(maybe(15, 300));
  mix.between_partitions = seconds(maybe(20, 300));
  mix.between_jumps = seconds(maybe(60, 600));
  return mix;
}

// Minutes of a meeting that say nothing but their number.
std::string Minutes(const Authority& a, const Authority& b, std::uint64_t number) {
  const auto party = [](const Authority& authority) {
    return Json{{"country", authority.card().country}, {"name", {{"en", authority.card().name}}}};
  };
  const auto signatory = [](const Authority& authority) {
    return Json{{"country", authority.card().country},
                {"name", "Robin Beispiel"},
                {"office", {{"en", "Secretary"}}}};
  };
  const Authority& first = a.card().country < b.card().country ? a : b;
  const Authority& second = &first == &a ? b : a;
  return Json{{"v", 1},
              {"type", "minutes"},
              {"exercise", true},
              {"languages", {"en"}},
              {"title", {{"en", "EXERCISE - FICTION: minutes " + std::to_string(number)}}},
              {"parties", {party(first), party(second)}},
              {"articles",
               {{{"id", "1"},
                 {"heading", {{"en", "Meeting"}}},
                 {"text", {{"en", "EXERCISE - FICTION. The delegations met."}}}}}},
              {"signatories", {signatory(first), signatory(second)}}}
      .dump();
}

class Story {
 public:
  explicit Story(std::uint64_t seed)
      : scheduler_(seed), network_(scheduler_), mix_(DrawMix(scheduler_)) {
    verdict_.seed = seed;
    network_.set_faults(mix_.network);
    for (const char* const country : kCountries) {
      const auto drift = static_cast<std::int64_t>(scheduler_.Draw(0, 1'000'000)) - 500'000;
      const std::uint64_t number = authorities_.size() + 1;
      authorities_.push_back(
          std::make_unique<Authority>(network_, country, number, seed * kCountries.size() + number,
                                      mix_.between_jumps == Duration(0) ? 0 : drift));
    }
  }

  Verdict Run() {
    if (Begin()) {
      Every(mix_.between_acts, [this] { Act(); });
      Every(mix_.between_crashes, [this] { Crash(); });
      Every(mix_.between_partitions, [this] { Partition(); });
      Every(mix_.between_jumps, [this] { JumpClock(); });
      scheduler_.RunUntil(kActsUntil);
      Heal();
      if (Settle()) {
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
    const auto draft = documents.Draft(to.id(), Minutes(from, to, ++last_document_));
    if (draft) {
      Note(from, to, documents.Propose(to.id(), *draft, "desk"));
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
    if (!authority.is_running()) {
      if (const Status status = authority.Start(); !status) {
        Fail(authority.endpoint() + " does not start again: " + status.error().message);
      }
    }
  }

  void Partition() {
    Authority& a = Any();
    Authority& b = AnyBut(a);
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
    NetworkFaults calm;
    calm.delay_max = std::chrono::milliseconds(20);
    network_.set_faults(calm);
    for (const auto& authority : authorities_) {
      authority->clock().Reset();
      if (authority->is_running() && !authority->disk().is_dead()) {
        authority->disk().Restart();  // a death that was still to come
      }
      Revive(*authority);
    }
  }

  // Until every act is answered and every log settled.
  bool Settle() {
    while (scheduler_.now() < kQuietBy) {
      scheduler_.RunUntil(scheduler_.now() + kQuietStep);
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
  std::vector<Acknowledged> acknowledged_;
  std::uint64_t last_document_ = 0;
};

}  // namespace

Verdict RunStory(std::uint64_t seed) { return Story(seed).Run(); }

}  // namespace entente::sim
