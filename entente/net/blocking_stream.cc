#include "entente/net/blocking_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "entente/net/plain_listener.h"

namespace entente::net {
namespace {

Error Failure(int number) {
  if (number == EAGAIN || number == EWOULDBLOCK) {
    return {ErrorCode::kDeadlineExceeded, "the node did not answer in time"};
  }
  return {ErrorCode::kUnavailable, std::string("the connection broke: ") + std::strerror(number)};
}

Error ConnectFailure(int number, const std::string& path) {
  if (number == EACCES || number == EPERM) {
    return {ErrorCode::kNotPermitted,
            "this user may not open " + path + ": run the command as the user the node runs as"};
  }
  return {ErrorCode::kUnavailable, "no node listens on " + path};
}

}  // namespace

Result<BlockingUnixStream> BlockingUnixStream::Connect(const std::string& path,
                                                       std::chrono::milliseconds timeout) {
  if (path.size() > kUnixPathSizeBytesMax) {
    return Error{ErrorCode::kInvalidInput, "a socket path has at most " +
                                               std::to_string(kUnixPathSizeBytesMax) +
                                               " bytes: use a shorter folder"};
  }
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return Failure(errno);
  }
  BlockingUnixStream stream(descriptor);
  timeval wait{};
  wait.tv_sec = timeout.count() / 1000;
  wait.tv_usec = timeout.count() % 1000 * 1000;
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return ConnectFailure(errno, path);
  }
  return stream;
}

BlockingUnixStream::BlockingUnixStream(BlockingUnixStream&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

BlockingUnixStream& BlockingUnixStream::operator=(BlockingUnixStream&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

BlockingUnixStream::~BlockingUnixStream() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Status BlockingUnixStream::Write(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    } else if (errno != EINTR) {
      return Failure(errno);
    }
  }
  return {};
}

Result<Bytes> BlockingUnixStream::Read(std::size_t size_bytes_max) {
  Bytes bytes(size_bytes_max);
  for (;;) {
    const ssize_t size = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (size >= 0) {
      bytes.resize(static_cast<std::size_t>(size));
      return bytes;
    }
    if (errno != EINTR) {
      return Failure(errno);
    }
  }
}

}  // namespace entente::net
