#include "apps/entente/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

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

std::string TemporaryName(const std::string& path) { return path + ".new"; }

Status WriteFile(const std::string& path, ByteView bytes, unsigned mode) {
  ENTENTE_ASSIGN(NewFile file, NewFile::Create(path, mode));
  ENTENTE_TRY(file.Append(bytes));
  return file.Commit();
}

Error TooLarge(const std::string& path, std::size_t size_bytes_max) {
  return {ErrorCode::kLimitExceeded,
          path + ": larger than " + std::to_string(size_bytes_max) + " bytes"};
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
      return TooLarge(path, size_bytes_max);
    }
    if (got == 0) {
      return out;
    }
  }
}

Result<SecretText> ReadSecretFile(const std::string& path, std::size_t size_bytes_max) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) {
    return SystemError(path);
  }
  // One buffer from the beginning: growing would leave copies behind.
  Bytes buffer(size_bytes_max + 1);
  std::size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < buffer.size(); size += static_cast<std::size_t>(got)) {
    got = read(file.number(), buffer.data() + size, buffer.size() - size);
    if (got < 0) {
      const Error why = SystemError(path);
      Wipe(buffer);
      return why;
    }
  }
  if (size > size_bytes_max) {
    Wipe(buffer);
    return TooLarge(path, size_bytes_max);
  }
  buffer.resize(size);
  return SecretText(std::move(buffer));
}

Result<NewFile> NewFile::Create(const std::string& path, unsigned mode) {
  const std::string temporary = TemporaryName(path);
  const int descriptor =
      open(temporary.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode));
  if (descriptor < 0) {
    return SystemError(temporary);
  }
  return NewFile(path, descriptor);
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

NewFile::~NewFile() {
  if (descriptor_ >= 0) {
    close(descriptor_);
    unlink(TemporaryName(path_).c_str());
  }
}

Status NewFile::Append(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      return SystemError(TemporaryName(path_));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status NewFile::Commit() {
  if (fsync(descriptor_) != 0) {
    return SystemError(TemporaryName(path_));
  }
  if (rename(TemporaryName(path_).c_str(), path_.c_str()) != 0) {
    return SystemError(path_);
  }
  close(std::exchange(descriptor_, -1));
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  const Descriptor parent(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.number() < 0 || fsync(parent.number()) != 0) {
    return SystemError(folder);
  }
  return {};
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
