// `entente serve`: joins the modules to sockets, clock, randomness and disk, and runs until it is
// told to stop.
#pragma once

#include "apps/entente/config.h"
#include "apps/entente/home.h"
#include "entente/base/log.h"

namespace entente::app {

// Returns when SIGINT or SIGTERM came and everything is closed. Prints one line of JSON to standard
// output once it serves: {"serving":true,"link":PORT,"console":URL,"ledger":URL}.
// Errors: kConflict if the home runs already, or its card is not the one its signed documents pin;
// what opening the store or binding an address returns.
Status Serve(const HomePaths& paths, const Config& config, const SecretText& passphrase,
             const Clock& clock, Log& log);

}  // namespace entente::app
