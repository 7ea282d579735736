#include "apps/entente-exercise/list_files.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "entente/records/reader.h"

namespace entente::exercise {
namespace {

class FileSource final : public records::ByteSource {
 public:
  explicit FileSource(const std::string& path) : file_(path, std::ios::binary) {}
  bool is_open() const { return file_.is_open(); }
  Result<std::size_t> Read(std::span<std::uint8_t> out) override {
    file_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    return static_cast<std::size_t>(file_.gcount());
  }

 private:
  std::ifstream file_;
};

Result<records::ReaderInput> Open(const std::string& path) {
  if (path.empty()) {
    return records::ReaderInput{};
  }
  auto source = std::make_unique<FileSource>(path);
  if (!source->is_open()) {
    return Error{ErrorCode::kNotFound, path + ": cannot be opened"};
  }
  return records::ReaderInput{std::filesystem::path(path).filename().string(), std::move(source)};
}

}  // namespace

Status ForEachRecord(const ListFiles& files,
                     const std::function<void(const records::Record&)>& take) {
  records::ReaderInputs inputs;
  ENTENTE_ASSIGN(inputs.main, Open(files.main));
  ENTENTE_ASSIGN(inputs.alt, Open(files.alt));
  ENTENTE_ASSIGN(inputs.add, Open(files.add));
  ENTENTE_ASSIGN(const auto reader, records::OpenReader(std::nullopt, std::move(inputs)));
  for (;;) {
    ENTENTE_ASSIGN(const auto event, reader->Next());
    if (!event) {
      return {};
    }
    if (const auto* const record = std::get_if<records::Record>(&*event)) {
      take(*record);
    }
  }
}

}  // namespace entente::exercise
