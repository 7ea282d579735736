// Deterministic CBOR (RFC 8949 §4.2.1), the subset Entente hashes and stores: integers, byte and
// text strings, arrays, maps with integer keys, true, false, null.
//
// One value has exactly one encoding, so decode → encode gives the same bytes. Refused: lengths and
// integers that are not shortest, indefinite lengths, keys out of order or twice, text that is not
// UTF-8, tags, floats, other simple values, integers below -2^63, trailing bytes.
// Limits: kCborBytesMax bytes, kCborDepthMax levels. Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "entente/base/bytes.h"
#include "entente/base/result.h"

namespace entente::wire {

inline constexpr std::size_t kCborBytesMax = std::size_t{64} << 10U;
inline constexpr std::size_t kCborDepthMax = 16;

// The order of the encoded keys: 0, 1, 2, …, -1, -2, …
struct CborKeyOrder {
  bool operator()(std::int64_t a, std::int64_t b) const;
};

// One data item. Integers are std::uint64_t if they are not negative, std::int64_t if they are.
struct Cbor {
  using Array = std::vector<Cbor>;
  using Map = std::map<std::int64_t, Cbor, CborKeyOrder>;

  std::variant<std::nullptr_t, bool, std::uint64_t, std::int64_t, Bytes, std::string, Array, Map>
      value;

  bool operator==(const Cbor&) const = default;
};

// Errors: kInvalidInput (with the byte offset) for what the subset refuses; kLimitExceeded above
// kCborBytesMax bytes or kCborDepthMax levels of arrays and maps.
Result<Cbor> ParseCbor(ByteView bytes);

// Requires UTF-8 text and at most kCborDepthMax levels: our own values, anything else is a bug.
Bytes WriteCbor(const Cbor& item);

// Typed reading of one map with errors that name the key. Unknown keys are refused by Finish().
//
// Every getter: Errors: kInvalidInput naming "leaf key 3" if missing, of another type or out of
// bounds.
class CborReader {
 public:
  // `item` must outlive the reader. `path` begins every error message.
  CborReader(const Cbor& item, std::string path);

  bool Has(std::int64_t key) const;
  Result<std::uint64_t> Unsigned(std::int64_t key, std::uint64_t max);
  Result<Bytes> ByteString(std::int64_t key, std::size_t size_bytes_max);
  Result<std::string> Text(std::int64_t key, std::size_t size_bytes_max);
  // Errors: kInvalidInput if `item` is no map or has a key that nobody asked for.
  Status Finish() const;

 private:
  template <typename T>
  Result<const T*> Member(std::int64_t key, const char* type);
  Error Bad(std::int64_t key, const std::string& why) const;

  const Cbor::Map* map_;
  std::string path_;
  std::vector<std::int64_t> seen_;
};

}  // namespace entente::wire
