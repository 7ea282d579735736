// The thin console: server-rendered pages without scripts, in four languages
// (docs/reference/console.md). Threads: the node's owner thread.
#pragma once

#include "entente/api/catalogue.h"
#include "entente/api/login_book.h"
#include "entente/api/services.h"
#include "entente/http/router.h"

namespace entente::api {

// Adds /login and /static/console.css for anyone who can connect, everything else for a session,
// and the page that a request without a session gets. What `services` refers to, `logins` and
// `catalogue` must outlive the router, whose SessionCheck must be LoginBook::Check.
void AddConsoleRoutes(http::Router& router, const Services& services, LoginBook& logins,
                      const Catalogue& catalogue);

}  // namespace entente::api
