#include "entente/wire/frame.h"

#include <string>

#include "entente/base/check.h"

namespace entente::wire {

void AppendFrame(Bytes& out, std::uint8_t type, ByteView payload) {
  ENTENTE_CHECK(payload.size() <= kFramePayloadBytesMax);
  const auto size = static_cast<std::uint32_t>(payload.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  out.push_back(type);
  Append(out, payload);
}

Result<std::vector<Frame>> FrameDecoder::Feed(ByteView bytes) {
  Append(pending_, bytes);
  std::vector<Frame> frames;
  std::size_t at = 0;
  while (pending_.size() - at >= kFrameHeaderBytes) {
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      size = size << 8U | pending_[at + i];
    }
    const std::uint8_t type = pending_[at + 4];
    if (const std::size_t size_max = limit_(type); size > size_max) {
      return Error{ErrorCode::kPeerViolation,
                   "a frame of type " + std::to_string(type) + " announces " +
                       std::to_string(size) + " bytes, the limit is " + std::to_string(size_max)};
    }
    if (pending_.size() - at - kFrameHeaderBytes < size) {
      break;
    }
    const ByteView payload = ByteView(pending_).subspan(at + kFrameHeaderBytes, size);
    frames.push_back({type, ToBytes(payload)});
    at += kFrameHeaderBytes + size;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
  return frames;
}

}  // namespace entente::wire
