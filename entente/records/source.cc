#include "entente/records/source.h"

#include <algorithm>
#include <array>
#include <utility>

#include <zlib.h>

namespace entente::records {
namespace {

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> Read(std::span<std::uint8_t> out) override {
    const std::size_t size = std::min(out.size(), text_.size() - at_);
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

class MaybeGunzip final : public ByteSource {
 public:
  explicit MaybeGunzip(std::unique_ptr<ByteSource> packed) : packed_(std::move(packed)) {}
  MaybeGunzip(const MaybeGunzip&) = delete;
  MaybeGunzip& operator=(const MaybeGunzip&) = delete;
  ~MaybeGunzip() override {
    if (state_ == State::kInMember || state_ == State::kBetween) {
      inflateEnd(&stream_);
    }
  }

  Result<std::size_t> Read(std::span<std::uint8_t> out) override {
    if (state_ == State::kUnknown) {
      ENTENTE_TRY(Begin());
    }
    return state_ == State::kPlain ? ReadPlain(out) : ReadPacked(out);
  }

 private:
  enum class State { kUnknown, kPlain, kInMember, kBetween };

  // Reads until `size` bytes wait in the buffer or the source ends.
  Status Fill(std::size_t size) {
    if (size_ - at_ >= size) {
      return {};
    }
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(size_), buffer_.begin());
    size_ -= at_;
    at_ = 0;
    while (size_ < size) {
      ENTENTE_ASSIGN(const std::size_t more, packed_->Read(std::span(buffer_).subspan(size_)));
      if (more == 0) {
        break;
      }
      size_ += more;
      packed_bytes_ += more;
    }
    return {};
  }

  bool IsGzipHere() const {
    return size_ - at_ >= 2 && buffer_[at_] == 0x1F && buffer_[at_ + 1] == 0x8B;
  }

  Status Begin() {
    ENTENTE_TRY(Fill(2));
    if (!IsGzipHere()) {
      state_ = State::kPlain;
      return {};
    }
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) {  // 15: largest window; 16: gzip framing
      return Error{ErrorCode::kUnavailable, "no memory to unpack gzip"};
    }
    state_ = State::kInMember;
    return {};
  }

  Result<std::size_t> ReadPlain(std::span<std::uint8_t> out) {
    if (at_ == size_) {
      return packed_->Read(out);
    }
    const std::size_t size = std::min(out.size(), size_ - at_);
    std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(at_), size, out.begin());
    at_ += size;
    return size;
  }

  Result<std::size_t> ReadPacked(std::span<std::uint8_t> out) {
    while (true) {
      if (state_ == State::kBetween) {
        ENTENTE_TRY(Fill(2));
        if (at_ == size_) {
          return 0;
        }
        if (!IsGzipHere() || inflateReset(&stream_) != Z_OK) {
          return Error{ErrorCode::kCorruptData,
                       "bytes follow the end of the gzip data: fetch the file again"};
        }
        state_ = State::kInMember;
      }
      ENTENTE_TRY(Fill(1));
      if (at_ == size_) {
        return Error{ErrorCode::kCorruptData, "the gzip data end too early: fetch the file again"};
      }
      ENTENTE_ASSIGN(const std::size_t got, Inflate(out));
      if (got > 0) {
        return got;
      }
    }
  }

  // One step of zlib over what waits in the buffer.
  Result<std::size_t> Inflate(std::span<std::uint8_t> out) {
    stream_.next_in = buffer_.data() + at_;
    stream_.avail_in = static_cast<uInt>(size_ - at_);
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), 1U << 30U));
    const uInt room = stream_.avail_out;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    at_ = size_ - stream_.avail_in;
    const std::size_t got = room - stream_.avail_out;
    unpacked_bytes_ += got;
    if (code == Z_STREAM_END) {
      state_ = State::kBetween;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return Error{ErrorCode::kCorruptData, "the gzip data are damaged: fetch the file again"};
    }
    if (unpacked_bytes_ > kUnpackedBytesMax ||
        (unpacked_bytes_ > kUnpackRatioFloor &&
         unpacked_bytes_ / kUnpackRatioMax > packed_bytes_)) {
      return Error{
          ErrorCode::kLimitExceeded,
          "the gzip data unpack to far more than a list does: unpack and look at them first"};
    }
    return got;
  }

  std::unique_ptr<ByteSource> packed_;
  std::array<std::uint8_t, std::size_t{64} << 10U> buffer_{};
  std::size_t at_ = 0;
  std::size_t size_ = 0;
  State state_ = State::kUnknown;
  z_stream stream_{};
  std::uint64_t packed_bytes_ = 0;
  std::uint64_t unpacked_bytes_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> MakeMemorySource(std::string text) {
  return std::make_unique<MemorySource>(std::move(text));
}

std::unique_ptr<ByteSource> MakeMaybeGunzip(std::unique_ptr<ByteSource> packed) {
  return std::make_unique<MaybeGunzip>(std::move(packed));
}

}  // namespace entente::records
