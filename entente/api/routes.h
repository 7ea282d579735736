// The JSON API of one node, v1: docs/reference/api.md. Threads: the node's owner thread.
#pragma once

#include "entente/api/login_book.h"
#include "entente/api/services.h"
#include "entente/http/router.h"

namespace entente::api {

// Every route is for the administrator's socket only. What `services` refers to and `logins` must
// outlive the router.
void AddApiRoutes(http::Router& router, const Services& services, LoginBook& logins);

}  // namespace entente::api
