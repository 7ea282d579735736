// The peer link's frames: u32 length (big endian, of the payload) | u8 type | payload.
//
// Grammar: docs/formats/peer-link.md. Limit: kFramePayloadBytesMax, or less by type. The decoder
// holds at most one unfinished frame. Threads: one owner.
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
  // How many payload bytes a frame of `type` may have; at most kFramePayloadBytesMax.
  using Limit = std::size_t (*)(std::uint8_t type);

  FrameDecoder() : FrameDecoder([](std::uint8_t /*type*/) { return kFramePayloadBytesMax; }) {}
  explicit FrameDecoder(Limit limit) : limit_(limit) {}

  // The frames that `bytes` completes, in order.
  // Errors: kPeerViolation as soon as a header announces more than the limit; the decoder is then
  // of no further use.
  Result<std::vector<Frame>> Feed(ByteView bytes);

 private:
  Limit limit_;
  Bytes pending_;
};

}  // namespace entente::wire
