// People who carry parcels between two authorities that have no link: late, in any order, twice or
// never. Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/authority.h"
#include "sim/network.h"
#include "sim/scheduler.h"

namespace entente::sim {

class Courier {
 public:
  // Cuts the link between the two, as CutLink. `fail` hears what no honest peer may be told. All
  // references must outlive the object, and it the scheduler's tasks.
  Courier(Network& network, Authority& a, Authority& b, std::function<void(std::string)> fail);

  void CutLink();
  bool IsBetween(const Authority& a, const Authority& b) const {
    return (&a == &a_ && &b == &b_) || (&a == &b_ && &b == &a_);
  }
  // One of the two packs; what becomes of the parcel is drawn.
  void Send();
  // Both pack, and nothing happens on the way.
  void CarryBothWays();
  std::uint64_t unpacked() const { return unpacked_; }

 private:
  Authority& OtherThan(const Authority& one) { return &one == &a_ ? b_ : a_; }
  Bytes Pack(Authority& from);
  void Unpack(Authority& at, ByteView file);
  void ArriveLater(Authority& at, const Bytes& file);

  Network& network_;
  Scheduler& scheduler_;
  Authority& a_;
  Authority& b_;
  std::function<void(std::string)> fail_;
  std::uint64_t unpacked_ = 0;
};

}  // namespace entente::sim
