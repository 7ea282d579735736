// A blocking client of a Unix socket, for command lines that ask a running node.
// Threads: not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"

namespace entente::net {

class BlockingUnixStream {
 public:
  // `timeout` > 0 bounds each wait for the other side, not the whole exchange.
  // Errors: kInvalidInput for a path over kUnixPathSizeBytesMax; kUnavailable if nobody listens;
  // kNotPermitted if the file's mode keeps us out.
  static Result<BlockingUnixStream> Connect(const std::string& path,
                                            std::chrono::milliseconds timeout);
  BlockingUnixStream(BlockingUnixStream&& other) noexcept;
  BlockingUnixStream& operator=(BlockingUnixStream&& other) noexcept;
  ~BlockingUnixStream();

  // All of `bytes`. Errors: kUnavailable if the other side closed; kDeadlineExceeded.
  Status Write(ByteView bytes);

  // What came, 1 to `size_bytes_max` bytes; none at the end of the stream.
  // Errors: kUnavailable if the stream broke; kDeadlineExceeded.
  Result<Bytes> Read(std::size_t size_bytes_max);

 private:
  explicit BlockingUnixStream(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace entente::net
