#include "entente/records/intake.h"

#include <algorithm>
#include <utility>

namespace entente::records {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10U;

class CountingSource final : public ByteSource {
 public:
  CountingSource(std::unique_ptr<ByteSource> source, std::uint64_t* count)
      : source_(std::move(source)), count_(count) {}
  Result<std::size_t> Read(std::span<std::uint8_t> out) override {
    ENTENTE_ASSIGN(const std::size_t size, source_->Read(out));
    *count_ += size;
    return size;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::uint64_t* count_;
};

}  // namespace

Intake::Intake(ReaderInput input)
    : name_(std::move(input.name)),
      bytes_read_(std::make_unique<std::uint64_t>(0)),
      source_(MakeMaybeGunzip(
          std::make_unique<CountingSource>(std::move(input.source), bytes_read_.get()))) {}

Result<bool> Intake::Grow() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(size_), buffer_.begin());
  size_ -= at_;
  at_ = 0;
  if (buffer_.size() - size_ < kReadBytes) {
    buffer_.resize(std::max(2 * buffer_.size(), kReadBytes));
  }
  const std::span<char> room = std::span(buffer_).subspan(size_);
  auto got = source_->Read({reinterpret_cast<std::uint8_t*>(room.data()), room.size()});
  if (!got) {
    return Error{got.error().code, name_ + ": " + got.error().message};
  }
  size_ += *got;
  return *got > 0;
}

Status Intake::BeginText() {
  ENTENTE_TRY(GrowTo(4));
  if (window().starts_with("\xEF\xBB\xBF")) {
    Consume(3);
  }
  // Without its mark, UTF-16 shows by the zero bytes of its first letters.
  if (window().starts_with("\xFF\xFE") || window().starts_with("\xFE\xFF") ||
      window().substr(0, 4).find('\0') != std::string_view::npos) {
    return Error{ErrorCode::kInvalidInput,
                 name_ + ":1:1: this is UTF-16 or no text: save the list in UTF-8"};
  }
  return {};
}

Status Intake::GrowTo(std::size_t size) {
  while (size_ - at_ < size) {
    ENTENTE_ASSIGN(const bool has_grown, Grow());
    if (!has_grown) {
      break;
    }
  }
  return {};
}

}  // namespace entente::records
