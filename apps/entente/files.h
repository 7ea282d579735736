// Small files of a home and of the command line.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "entente/base/bytes.h"
#include "entente/base/result.h"
#include "entente/base/secret.h"

namespace entente::app {

// Errors: kNotFound, kNotPermitted, kLimitExceeded above `size_bytes_max`, kUnavailable.
Result<Bytes> ReadFile(const std::string& path, std::size_t size_bytes_max);
// As ReadFile, and no copy of the bytes is left behind.
Result<SecretText> ReadSecretFile(const std::string& path, std::size_t size_bytes_max);

// A file that is written piece by piece and appears under its name when it is complete: after a
// crash there is the old or the new one. Destroying it before Commit() leaves nothing.
class NewFile {
 public:
  // Errors: kNotFound for a missing folder, kNotPermitted, kUnavailable; of Append and Commit too.
  static Result<NewFile> Create(const std::string& path, unsigned mode = 0600);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  Status Append(ByteView bytes);
  // The last call.
  Status Commit();

 private:
  NewFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_;
};

// A NewFile in one go; mode 0600. Errors: kUnavailable, kNotPermitted.
Status WritePrivateFile(const std::string& path, ByteView bytes);
// As WritePrivateFile, with the mode the umask gives; makes missing parent folders.
Status WritePublicFile(const std::string& path, ByteView bytes);

// Mode 0700. Errors: kConflict if it exists and is not empty.
Status MakePrivateFolder(const std::string& path);

}  // namespace entente::app
