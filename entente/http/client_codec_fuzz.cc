// An answer that is written again reads the same.
#include <cstdlib>

#include "entente/http/codec.h"

namespace {

using entente::ByteView;
using entente::http::ClientCodec;
using entente::http::Method;
using entente::http::Response;

std::optional<Response> Decode(ByteView bytes) {
  ClientCodec codec(Method::kGet);
  const auto response = codec.Feed(bytes);
  if (!response) {
    return std::nullopt;
  }
  if (*response) {
    return *response;
  }
  const auto at_end = codec.FeedEnd();
  return at_end ? std::optional(*at_end) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const std::optional<Response> response = Decode({data, size})) {
    if (Decode(FormatResponse(*response, true)) != response) {
      std::abort();
    }
  }
  return 0;
}
