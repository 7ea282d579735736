#include "sim/network.h"

#include <algorithm>
#include <array>

namespace entente::sim {
namespace {

constexpr Duration kHalfOpenMax = std::chrono::seconds(90);
// As net::ConnectionLimits: a connection over which nothing comes is given up.
constexpr Duration kIdleMax = std::chrono::minutes(10);
constexpr Duration kWorkMax = std::chrono::milliseconds(30);

Error Broken(std::string why) { return {ErrorCode::kUnavailable, std::move(why)}; }

}  // namespace

// A connection: its two ends, as long as they live.
struct Port::Wire {
  std::array<End*, 2> ends{};
  std::array<Duration, 2> last_arrival{};  // order is kept per direction
  peer::ChannelBinding binding;
  Duration last_heard{0};
  bool is_over = false;
};

class Port::End final : public node::Stream {
 public:
  End(Port& port, std::shared_ptr<Wire> wire, std::size_t side, std::string other_endpoint,
      const crypto::Digest& other_spki)
      : port_(port),
        wire_(std::move(wire)),
        side_(side),
        other_endpoint_(std::move(other_endpoint)),
        other_spki_(other_spki) {
    wire_->ends.at(side_) = this;
  }
  ~End() override {
    wire_->ends.at(side_) = nullptr;
    BreakSoon(wire_, port_.network_.scheduler_);
  }

  void Start(node::StreamHandler& handler) override { handler_ = &handler; }
  std::size_t pending_bytes() const override { return 0; }
  const peer::ChannelBinding& binding() const override { return wire_->binding; }
  const crypto::Digest& peer_spki() const override { return other_spki_; }

  void Close() override {
    Break(wire_, port_.network_.scheduler_, port_.network_.faults_.delay_max);
  }

  void Send(ByteView frames) override {
    if (port_.is_silent_ || wire_->is_over) {
      return;
    }
    sim::Network& network = port_.network_;
    Scheduler& scheduler = network.scheduler_;
    const NetworkFaults& faults = network.faults_;
    scheduler.Trace("send " + port_.endpoint_ + ">" + other_endpoint_, frames);
    if (network.IsCut(port_.endpoint_, other_endpoint_)) {
      return Break(wire_, scheduler, scheduler.DrawTime(Duration(0), kHalfOpenMax));
    }
    if (scheduler.Chance(faults.break_stream)) {
      return Break(wire_, scheduler, Duration(0));
    }
    if (scheduler.Chance(faults.raw_loss)) {
      return;
    }
    Bytes chunk = ToBytes(frames);
    if (scheduler.Chance(faults.raw_corrupt)) {
      chunk[scheduler.Draw(0, chunk.size() - 1)] ^=
          static_cast<std::uint8_t>(1U << scheduler.Draw(0, 7));
    }
    Duration& last = wire_->last_arrival.at(side_);
    Duration arrival = scheduler.now() + scheduler.DrawTime(faults.delay_min, faults.delay_max);
    if (!scheduler.Chance(faults.raw_reorder)) {
      arrival = std::max(arrival, last);
    }
    last = std::max(last, arrival);
    if (scheduler.Chance(faults.raw_duplicate)) {
      Deliver(chunk, arrival);
    }
    Deliver(std::move(chunk), arrival);
  }

  static void BreakWhenIdle(const std::shared_ptr<Wire>& wire, Scheduler& scheduler) {
    if (scheduler.now() - wire->last_heard >= kIdleMax) {
      return Break(wire, scheduler, Duration(0));
    }
    scheduler.After(kIdleMax, [wire, &scheduler] {
      if (!wire->is_over) {
        BreakWhenIdle(wire, scheduler);
      }
    });
  }

 private:
  void Deliver(Bytes chunk, Duration arrival) {
    Scheduler& scheduler = port_.network_.scheduler_;
    scheduler.After(arrival - scheduler.now(),
                    [wire = wire_, to = 1 - side_, chunk = std::move(chunk), &scheduler] {
                      wire->last_heard = scheduler.now();
                      End* const end = wire->ends.at(to);
                      if (end != nullptr && !wire->is_over && end->handler_ != nullptr) {
                        end->handler_->OnBytes(chunk);
                      }
                    });
  }
  static void BreakSoon(const std::shared_ptr<Wire>& wire, Scheduler& scheduler) {
    Break(wire, scheduler, std::chrono::milliseconds(5));
  }
  // Both ends hear of it, each if it still lives then.
  static void Break(const std::shared_ptr<Wire>& wire, Scheduler& scheduler, Duration delay) {
    scheduler.After(delay, [wire] {
      wire->is_over = true;
      for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        End* const end = wire->ends.at(side);
        if (end != nullptr && end->handler_ != nullptr) {
          // The handler may destroy the end from inside the call.
          std::exchange(end->handler_, nullptr)->OnClosed(Broken("the connection broke"));
        }
      }
    });
  }

  Port& port_;
  std::shared_ptr<Wire> wire_;
  std::size_t side_;
  std::string other_endpoint_;
  crypto::Digest other_spki_;
  node::StreamHandler* handler_ = nullptr;
};

Port* Network::Find(const std::string& endpoint) const {
  const auto found = ports_.find(endpoint);
  return found == ports_.end() ? nullptr : found->second;
}

Port::Port(sim::Network& network, std::string endpoint, const crypto::Digest& spki)
    : network_(network), endpoint_(std::move(endpoint)), spki_(spki) {
  network_.ports_[endpoint_] = this;
}

Port::~Port() {
  *is_alive_ = false;
  network_.ports_.erase(endpoint_);
}

void Port::Later(Duration delay, std::function<void()> task) {
  network_.scheduler_.After(delay, [is_alive = is_alive_, task = std::move(task)] {
    if (*is_alive) {
      task();
    }
  });
}

void Port::Dial(const std::string& endpoint, const crypto::Digest& spki, OnResult on_result) {
  Scheduler& scheduler = network_.scheduler_;
  const Duration delay =
      2 * scheduler.DrawTime(network_.faults_.delay_min, network_.faults_.delay_max);
  Later(delay, [this, endpoint, spki, on_result = std::move(on_result)] {
    Port* const other = network_.Find(endpoint);
    const bool is_cut = network_.IsCut(endpoint_, endpoint) || network_.IsCut(endpoint, endpoint_);
    if (other == nullptr || other->links_ == nullptr || is_cut) {
      return on_result(Broken("nobody answers"));
    }
    if (other->spki_ != spki || !other->links_->IsPinned(spki_)) {
      return on_result(Error{ErrorCode::kNotPermitted, "the key is not pinned"});
    }
    auto wire = std::make_shared<Wire>();
    for (std::uint8_t& byte : wire->binding.bytes) {
      byte = static_cast<std::uint8_t>(network_.scheduler_.Draw(0, 255));
    }
    auto near = std::make_unique<End>(*this, wire, 0, endpoint, other->spki_);
    auto far = std::make_unique<End>(*other, wire, 1, endpoint_, spki_);
    wire->last_heard = network_.scheduler_.now();
    End::BreakWhenIdle(wire, network_.scheduler_);
    network_.scheduler_.Trace("link " + endpoint_ + ">" + endpoint);
    on_result(std::move(near));
    other->links_->OnCaller(std::move(far));
  });
}

namespace {

class Call final : public node::PendingCall {
 public:
  explicit Call(std::shared_ptr<bool> is_wanted) : is_wanted_(std::move(is_wanted)) {}
  ~Call() override { *is_wanted_ = false; }

 private:
  std::shared_ptr<bool> is_wanted_;
};

}  // namespace

std::unique_ptr<node::PendingCall> Port::After(std::chrono::milliseconds delay,
                                               std::function<void()> task) {
  auto is_wanted = std::make_shared<bool>(true);
  Later(delay, [is_wanted, task = std::move(task)] {
    if (*is_wanted) {
      task();
    }
  });
  return std::make_unique<Call>(std::move(is_wanted));
}

void Port::Post(std::function<void()> task) { Later(Duration(0), std::move(task)); }

void Port::Run(std::function<void()> work, std::function<void()> done) {
  Later(network_.scheduler_.DrawTime(Duration(1), kWorkMax),
        [work = std::move(work), done = std::move(done)] {
          work();
          done();
        });
}

}  // namespace entente::sim
