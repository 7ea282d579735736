// How often what goes wrong in one story. Each seed draws its own mix, most of them mild, so that
// some stories are all crashes and others all partitions.
#pragma once

#include "sim/network.h"
#include "sim/scheduler.h"

namespace entente::sim {

struct Mix {
  NetworkFaults network;
  Duration between_acts{0};
  // 0: none.
  Duration between_rounds{0};
  Duration between_crashes{0};
  Duration between_partitions{0};
  Duration between_jumps{0};
  Duration between_disk_faults{0};
};

Mix DrawMix(Scheduler& scheduler);

}  // namespace entente::sim
