#include "sim/courier.h"

#include <utility>

#include "entente/exchange/courier.h"

namespace entente::sim {
namespace {

constexpr Duration kTripMax = std::chrono::minutes(4);

// All of it, step by step.
Status TakeIn(exchange::Exchange& exchange, ByteView file) {
  ENTENTE_ASSIGN(exchange::Unpacking unpacking, exchange::Unpacking::Open(exchange, file));
  for (bool is_more = true; is_more;) {
    ENTENTE_ASSIGN(is_more, unpacking.Step());
  }
  return {};
}

}  // namespace

Courier::Courier(Network& network, Authority& a, Authority& b,
                 std::function<void(std::string)> fail)
    : network_(network), scheduler_(network.scheduler()), a_(a), b_(b), fail_(std::move(fail)) {
  CutLink();
}

void Courier::CutLink() {
  network_.Cut(a_.endpoint(), b_.endpoint());
  network_.Cut(b_.endpoint(), a_.endpoint());
}

void Courier::Send() {
  const bool is_first = scheduler_.Chance(500'000);
  const Bytes file = Pack(is_first ? a_ : b_);
  if (file.empty() || scheduler_.Chance(150'000)) {
    return;  // lost
  }
  ArriveLater(is_first ? b_ : a_, file);
  if (scheduler_.Chance(200'000)) {
    ArriveLater(is_first ? b_ : a_, file);
  }
}

void Courier::CarryBothWays() {
  Unpack(b_, Pack(a_));
  Unpack(a_, Pack(b_));
}

void Courier::ArriveLater(Authority& at, const Bytes& file) {
  scheduler_.After(scheduler_.DrawTime(Duration(0), kTripMax),
                   [this, &at, file] { Unpack(at, file); });
}

// Empty if the node is down or its disk fails.
Bytes Courier::Pack(Authority& from) {
  if (!from.is_running()) {
    return {};
  }
  auto packed = exchange::PackParcel(from.node().exchange(), OtherThan(from).id());
  return packed ? std::move(packed->file) : Bytes();
}

void Courier::Unpack(Authority& at, ByteView file) {
  if (file.empty() || !at.is_running()) {
    return;
  }
  const Status taken = TakeIn(at.node().exchange(), file);
  scheduler_.Trace("carried to " + at.endpoint(), file);
  if (taken) {
    ++unpacked_;
  } else if (taken.error().code != ErrorCode::kUnavailable) {  // its disk fails
    fail_(at.endpoint() + " refuses a parcel: " + taken.error().message);
  }
}

}  // namespace entente::sim
