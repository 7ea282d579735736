#include "apps/entente/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace entente::app {
namespace {

Error SystemError(const std::string& path) {
  const int number = errno;
  const ErrorCode code = number == ENOENT                      ? ErrorCode::kNotFound
                         : number == EACCES || number == EPERM ? ErrorCode::kNotPermitted
                                                               : ErrorCode::kUnavailable;
  return {code, path + ": " + std::generic_category().message(number)};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  int number() const { return number_; }

 private:
  int number_;
};

Status WriteFile(const std::string& path, ByteView bytes, mode_t mode) {
  const std::string temporary = path + ".new";
  {
    const Descriptor file(open(temporary.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, mode));
    if (file.number() < 0) {
      return SystemError(temporary);
    }
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t written = write(file.number(), bytes.data() + at, bytes.size() - at);
      if (written < 0) {
        return SystemError(temporary);
      }
      at += static_cast<std::size_t>(written);
    }
    if (fsync(file.number()) != 0) {
      return SystemError(temporary);
    }
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return SystemError(path);
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor parent(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.number() < 0 || fsync(parent.number()) != 0) {
    return SystemError(folder);
  }
  return {};
}

}  // namespace

Result<Bytes> ReadFile(const std::string& path, std::size_t size_bytes_max) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) {
    return SystemError(path);
  }
  Bytes out;
  for (;;) {
    const std::size_t size = out.size();
    constexpr std::size_t kStep = std::size_t{64} << 10U;
    out.resize(size + kStep);
    const ssize_t got = read(file.number(), out.data() + size, kStep);
    if (got < 0) {
      return SystemError(path);
    }
    out.resize(size + static_cast<std::size_t>(got));
    if (out.size() > size_bytes_max) {
      return Error{ErrorCode::kLimitExceeded,
                   path + ": larger than " + std::to_string(size_bytes_max) + " bytes"};
    }
    if (got == 0) {
      return out;
    }
  }
}

Status WritePrivateFile(const std::string& path, ByteView bytes) {
  return WriteFile(path, bytes, 0600);
}

Status WritePublicFile(const std::string& path, ByteView bytes) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) {
    std::filesystem::create_directories(parent, error);
  }
  return error ? Status(Error{ErrorCode::kUnavailable, path + ": " + error.message()})
               : WriteFile(path, bytes, 0644);
}

Status MakePrivateFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return Error{ErrorCode::kUnavailable, path + ": " + error.message()};
  }
  if (!std::filesystem::is_empty(path, error)) {
    return Error{ErrorCode::kConflict, path + ": exists and is not empty; name a new folder"};
  }
  return chmod(path.c_str(), 0700) == 0 ? Status() : Status(SystemError(path));
}

}  // namespace entente::app
