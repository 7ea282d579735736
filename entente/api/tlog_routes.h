// The exchange logs as other people's tlog tools read them, and this node as their witness.
//
//   GET  /entente/<a>/<b>/checkpoint            a = this node, b = the peer: first 16 digits of ids
//   GET  /entente/<a>/<b>/tile/<L>/<N>[.p/<W>]
//   GET  /entente/<a>/<b>/tile/entries/<N>[.p/<W>]
//   POST /entente/<a>/witness/add-checkpoint
//   GET  /entente/<a>/witness/<hex SHA-256 of an origin>/checkpoint
//
// So a log's prefix is its origin, and the witness's two prefixes are its name. Sources: C2SP
// tlog-tiles v0.1.0 and tlog-witness v1.0.0; the same files as `entente ledger export`, at the
// settled checkpoint, made from the store when they are asked for. What is not there is 404: other
// logs, empty tiles, tiles past the checkpoint, other spellings of a path, and everything while
// nothing is settled. Formats: docs/formats/ledger.md; why a listener of its own:
// docs/decisions/0019-ledger-over-http.md.
// Leaks, to whoever may read: what leaves leak (ledger/leaf.h), of all relations; nothing else.
// Cost: at most 257 rows and two signature checks a file. Threads: the node's owner thread.
#pragma once

#include <cstddef>
#include <memory>

#include "entente/base/secret.h"
#include "entente/exchange/exchange.h"
#include "entente/http/codec.h"
#include "entente/http/router.h"

namespace entente::api {

inline constexpr std::size_t kBearerTokenBytesMin = 16;
inline constexpr std::size_t kBearerTokenBytesMax = 512;

// Bodies: an add-checkpoint request with the largest note and 63 hashes fits.
inline constexpr http::CodecLimits kTlogCodecLimits{.body_size_bytes_max = std::size_t{272} << 10U};

// The SessionCheck of a router that has these routes only. Admits requests of loopback's own names
// ("host" 127.x.y.z, [::1] or localhost, so that a page of a foreign name that resolves to loopback
// reads nothing) that carry `token` (RFC 6750). An empty token admits without one.
// Errors, of the check: kNotPermitted.
http::SessionCheck TlogAccess(SecretText token);
// What a request that TlogAccess refuses gets: 401.
http::Response TlogRefusal(const http::RequestContext& context, const Error& why);

// Adds the routes above, all behind the router's SessionCheck. `exchange` must outlive the router.
void AddTlogRoutes(http::Router& router, exchange::Exchange& exchange);

}  // namespace entente::api
