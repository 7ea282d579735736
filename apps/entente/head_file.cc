#include "apps/entente/head_file.h"

#include "apps/entente/files.h"

namespace entente::app {
namespace {

constexpr std::size_t kHeadBytesMax = std::size_t{4} << 20U;

}  // namespace

Result<std::optional<Bytes>> HomeHeadFile::Read() const {
  auto bytes = ReadFile(path_, kHeadBytesMax);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
    return std::optional<Bytes>();
  }
  ENTENTE_ASSIGN(Bytes read, std::move(bytes));
  return std::optional(std::move(read));
}

Status HomeHeadFile::Write(ByteView bytes) { return WritePrivateFile(path_, bytes); }

}  // namespace entente::app
