// A folder of its own for one test or benchmark; removed with all it holds at the end.
//
// Lies under the system's temporary folder, with a path short enough for a Unix socket in it.
// Declare it before whatever keeps files in it. Tests and benchmarks only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <stdlib.h>

#include "entente/base/check.h"

namespace entente {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "entente-XXXXXX").string()) {
    ENTENTE_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~TemporaryFolder() {
    std::error_code failure;
    std::filesystem::remove_all(path_, failure);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace entente
