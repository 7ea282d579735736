// Small files of a home and of the command line.
#pragma once

#include <cstddef>
#include <string>

#include "entente/base/bytes.h"
#include "entente/base/result.h"

namespace entente::app {

// Errors: kNotFound, kNotPermitted, kLimitExceeded above `size_bytes_max`, kUnavailable.
Result<Bytes> ReadFile(const std::string& path, std::size_t size_bytes_max);

// Writes so that after a crash the file is either the old or the new one; mode 0600.
// Errors: kUnavailable, kNotPermitted.
Status WritePrivateFile(const std::string& path, ByteView bytes);
// As WritePrivateFile, with the mode the umask gives; makes missing parent folders.
Status WritePublicFile(const std::string& path, ByteView bytes);

// Mode 0700. Errors: kConflict if it exists and is not empty.
Status MakePrivateFolder(const std::string& path);

}  // namespace entente::app
