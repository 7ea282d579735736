// Whatever arrives, what the decoder gives encodes to a prefix of it.
#include <cstdlib>

#include "entente/wire/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const entente::ByteView input(data, size);
  entente::wire::FrameDecoder decoder;
  const std::size_t cut = size == 0 ? 0 : data[0] % size;
  entente::Bytes again;
  for (const entente::ByteView part : {input.first(cut), input.subspan(cut)}) {
    const auto frames = decoder.Feed(part);
    if (!frames) {
      return 0;
    }
    for (const entente::wire::Frame& frame : *frames) {
      entente::wire::AppendFrame(again, frame.type, frame.payload);
    }
  }
  if (again.size() > size || !std::equal(again.begin(), again.end(), input.begin())) {
    std::abort();
  }
  return 0;
}
