// Secret bytes: move-only, wiped when they go, compared in constant time, never formatted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "entente/base/bytes.h"

namespace entente {

// Overwrites `bytes` in a way the optimiser keeps.
void Wipe(std::span<std::uint8_t> bytes);

// True if equal; time depends on the lengths only.
bool EqualConstantTime(ByteView a, ByteView b);

// `Size` secret bytes. There is no ==, no hash and no formatter: logging one does not compile.
template <std::size_t Size>
class Secret {
 public:
  static constexpr std::size_t kSize = Size;

  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { Wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      Wipe(other.bytes_);
    }
    return *this;
  }
  ~Secret() { Wipe(bytes_); }

  ByteView view() const { return bytes_; }
  std::span<std::uint8_t, Size> mutable_view() { return bytes_; }

 private:
  std::array<std::uint8_t, Size> bytes_{};
};

// Secret text of any length (a passphrase): move-only and wiped.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(Bytes bytes) : bytes_(std::move(bytes)) {}
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  SecretText(SecretText&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  SecretText& operator=(SecretText&& other) noexcept {
    Wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    return *this;
  }
  ~SecretText() { Wipe(bytes_); }

  ByteView view() const { return bytes_; }

 private:
  Bytes bytes_;
};

}  // namespace entente
