// What is wrong with a node and its relations, and what to do about each. Threads: the node's owner
// thread.
#pragma once

#include <vector>

#include "entente/api/services.h"

namespace entente::api {

// The links, guards, stops, dead letters, ledgers and clocks of every relation, and what the
// services say of the machine. Errors: those of the store.
Result<std::vector<Finding>> Examine(const Services& services);

}  // namespace entente::api
