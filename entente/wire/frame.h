// The peer link's frames: u32 length (big endian, of the payload) | u8 type | payload.
//
// Grammar: docs/formats/peer-link.md. Limit: kFramePayloadBytesMax. The decoder holds at most one
// unfinished frame. Threads: one owner.
#pragma once

#include <cstdint>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/result.h"

namespace entente::wire {

inline constexpr std::size_t kFramePayloadBytesMax = std::size_t{8} << 20U;
inline constexpr std::size_t kFrameHeaderBytes = 5;

struct Frame {
  std::uint8_t type = 0;
  Bytes payload;
  bool operator==(const Frame&) const = default;
};

// Appends the frame to `out`. Requires payload ≤ kFramePayloadBytesMax.
void AppendFrame(Bytes& out, std::uint8_t type, ByteView payload);

class FrameDecoder {
 public:
  // The frames that `bytes` completes, in order.
  // Errors: kPeerViolation as soon as a header announces more than the limit; the decoder is then
  // of no further use.
  Result<std::vector<Frame>> Feed(ByteView bytes);

 private:
  Bytes pending_;
};

}  // namespace entente::wire
