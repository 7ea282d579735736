// The head file of a home: HOME/head, mode 0600, replaced as a whole (entente/exchange/head.h).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "entente/exchange/head.h"

namespace entente::app {

class HomeHeadFile final : public exchange::HeadFile {
 public:
  explicit HomeHeadFile(std::string path) : path_(std::move(path)) {}
  // Errors: those of ReadFile but kNotFound.
  Result<std::optional<Bytes>> Read() const override;
  // Errors: those of WritePrivateFile.
  Status Write(ByteView bytes) override;

 private:
  std::string path_;
};

}  // namespace entente::app
