// Where the bytes of a list come from. Opening files is the business of apps/.
//
// Threads: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "entente/base/result.h"

namespace entente::records {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills the beginning of `out` (never empty) and returns how much; 0 means the end.
  // Errors: kUnavailable if the bytes cannot be had, kCorruptData if they cannot be unpacked,
  // kLimitExceeded if they would unpack to more than the stated limit.
  virtual Result<std::size_t> Read(std::span<std::uint8_t> out) = 0;
};

// The bytes of `text`.
std::unique_ptr<ByteSource> MakeMemorySource(std::string text);

// Reads gzip (RFC 1952, several members in a row included) if the first bytes are 1f 8b, and
// otherwise passes everything on as it is. A member's checksum and length are verified.
//
// Against "zip bombs": unpacking stops with kLimitExceeded above kUnpackedBytesMax, and above
// kUnpackRatioMax times the packed size once kUnpackRatioFloor bytes came out. Deflate itself
// cannot exceed 1032:1; lists stay below 30:1.
std::unique_ptr<ByteSource> MakeMaybeGunzip(std::unique_ptr<ByteSource> packed);

inline constexpr std::uint64_t kUnpackedBytesMax = std::uint64_t{16} << 30U;
inline constexpr std::uint64_t kUnpackRatioMax = 200;
inline constexpr std::uint64_t kUnpackRatioFloor = std::uint64_t{16} << 20U;

}  // namespace entente::records
