// However the bytes are cut, the same requests come out; and a request that is written again reads
// the same.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "entente/http/codec.h"

namespace {

using entente::ByteView;
using entente::http::Method;
using entente::http::Request;
using entente::http::ServerCodec;

// The requests of `bytes` given in pieces of `piece_size`, up to the first error.
std::vector<Request> Decode(ByteView bytes, std::size_t piece_size) {
  ServerCodec codec;
  std::vector<Request> requests;
  while (true) {
    const ByteView piece = bytes.first(std::min(piece_size, bytes.size()));
    bytes = bytes.subspan(piece.size());
    const auto next = codec.Feed(piece);
    if (!next || (!*next && piece.empty())) {
      return requests;
    }
    if (*next) {
      requests.push_back(**next);
      codec.Encode(entente::http::Text(200, "x"), true);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<Request> requests = Decode({data, size}, size);
  if (Decode({data, size}, 1) != requests) {
    std::abort();
  }
  for (const Request& request : requests) {
    if (request.method == Method::kOther || !request.headers.Find("host")) {
      continue;
    }
    const std::vector<Request> again = Decode(FormatRequest(request), 1U << 20U);
    if (again != std::vector{request}) {
      std::abort();
    }
  }
  return 0;
}
