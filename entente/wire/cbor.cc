#include "entente/wire/cbor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "entente/base/check.h"
#include "entente/base/utf8.h"

namespace entente::wire {
namespace {

// RFC 8949 §3.1: the three high bits of an initial byte.
enum Major : std::uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

constexpr std::uint8_t kFalse = 20;
constexpr std::uint8_t kTrue = 21;
constexpr std::uint8_t kNull = 22;
constexpr std::uint8_t kOneByteFollows = 24;
constexpr std::uint8_t kEightBytesFollow = 27;

struct Head {
  std::uint8_t major;
  std::uint64_t argument;
};

class Parser {
 public:
  explicit Parser(ByteView bytes) : bytes_(bytes) {}

  Result<Cbor> Item(std::size_t depth) {
    ENTENTE_ASSIGN(const Head head, TakeHead());
    switch (head.major) {
      case kUnsigned:
        return Cbor{head.argument};
      case kNegative: {
        ENTENTE_ASSIGN(const std::int64_t number, Negative(head.argument));
        return Cbor{number};
      }
      case kBytes: {
        ENTENTE_ASSIGN(const ByteView content, Take(head.argument));
        return Cbor{ToBytes(content)};
      }
      case kText: {
        ENTENTE_ASSIGN(const ByteView content, Take(head.argument));
        if (!IsUtf8(AsText(content))) {
          return Bad("text is not UTF-8");
        }
        return Cbor{ToText(content)};
      }
      case kArray:
      case kMap:
        if (depth == kCborDepthMax) {
          return Error{ErrorCode::kLimitExceeded,
                       "CBOR is nested deeper than " + std::to_string(kCborDepthMax) + " levels"};
        }
        return head.major == kArray ? Array(head.argument, depth) : Map(head.argument, depth);
      case kTag:
        return Bad("tags are not allowed");
      default:
        return Simple(head.argument);
    }
  }

  Status Finish() const {
    if (at_ != bytes_.size()) {
      return Bad("bytes follow the value");
    }
    return {};
  }

 private:
  Error Bad(const std::string& why) const {
    return {ErrorCode::kInvalidInput,
            "CBOR is not deterministic at byte " + std::to_string(at_) + ": " + why};
  }

  Result<ByteView> Take(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      return Bad("it ends too early");
    }
    const ByteView taken = bytes_.subspan(at_, count);
    at_ += count;
    return taken;
  }

  Result<Head> TakeHead() {
    ENTENTE_ASSIGN(const ByteView initial, Take(1));
    const auto major = static_cast<std::uint8_t>(initial[0] >> 5U);
    const auto info = static_cast<std::uint8_t>(initial[0] & 0x1FU);
    if (info < kOneByteFollows) {
      return Head{major, info};
    }
    if (info > kEightBytesFollow) {
      return Bad("indefinite lengths are not allowed");
    }
    if (major == kSimple) {
      return Bad("floats and unassigned simple values are not allowed");
    }
    const std::size_t size = std::size_t{1} << (info - kOneByteFollows);
    ENTENTE_ASSIGN(const ByteView rest, Take(size));
    std::uint64_t argument = 0;
    for (const std::uint8_t byte : rest) {
      argument = argument << 8U | byte;
    }
    // §4.2.1: the number must not fit a shorter form (half as many bytes, or the initial byte).
    const bool is_shortest = size == 1 ? argument >= kOneByteFollows : argument >> (size * 4) != 0;
    if (!is_shortest) {
      return Bad("a number is not in its shortest form");
    }
    return Head{major, argument};
  }

  Result<std::int64_t> Negative(std::uint64_t argument) const {
    if (argument > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return Bad("an integer is below -2^63");
    }
    return -1 - static_cast<std::int64_t>(argument);
  }

  Result<Cbor> Simple(std::uint64_t value) const {
    switch (value) {
      case kFalse:
        return Cbor{false};
      case kTrue:
        return Cbor{true};
      case kNull:
        return Cbor{nullptr};
      default:
        return Bad("floats and unassigned simple values are not allowed");
    }
  }

  // Every item takes at least a byte, so a count that lies ends with the input.
  Result<Cbor> Array(std::uint64_t count, std::size_t depth) {
    Cbor::Array items;
    for (std::uint64_t i = 0; i < count; ++i) {
      ENTENTE_ASSIGN(Cbor item, Item(depth + 1));
      items.push_back(std::move(item));
    }
    return Cbor{std::move(items)};
  }

  Result<std::int64_t> Key() {
    ENTENTE_ASSIGN(const Head head, TakeHead());
    if (head.major == kNegative) {
      return Negative(head.argument);
    }
    if (head.major != kUnsigned ||
        head.argument > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return Bad("a key is not an integer in the range of int64");
    }
    return static_cast<std::int64_t>(head.argument);
  }

  Result<Cbor> Map(std::uint64_t count, std::size_t depth) {
    Cbor::Map members;
    for (std::uint64_t i = 0; i < count; ++i) {
      ENTENTE_ASSIGN(const std::int64_t key, Key());
      if (!members.empty() && !CborKeyOrder()(members.rbegin()->first, key)) {
        return Bad("a key is out of order or appears twice");
      }
      ENTENTE_ASSIGN(Cbor item, Item(depth + 1));
      members.emplace_hint(members.end(), key, std::move(item));
    }
    return Cbor{std::move(members)};
  }

  ByteView bytes_;
  std::size_t at_ = 0;
};

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void operator()(std::nullptr_t) { PutHead(kSimple, kNull); }
  void operator()(bool value) { PutHead(kSimple, value ? kTrue : kFalse); }
  void operator()(std::uint64_t value) { PutHead(kUnsigned, value); }
  void operator()(std::int64_t value) {
    if (value < 0) {
      PutHead(kNegative, static_cast<std::uint64_t>(-1 - value));
    } else {
      PutHead(kUnsigned, static_cast<std::uint64_t>(value));
    }
  }
  void operator()(const Bytes& value) {
    PutHead(kBytes, value.size());
    Append(out_, value);
  }
  void operator()(const std::string& value) {
    ENTENTE_CHECK(IsUtf8(value));
    PutHead(kText, value.size());
    Append(out_, AsBytes(value));
  }
  void operator()(const Cbor::Array& items) {
    PutHead(kArray, items.size());
    for (const Cbor& item : items) {
      std::visit(*this, item.value);
    }
  }
  void operator()(const Cbor::Map& members) {
    PutHead(kMap, members.size());
    for (const auto& [key, item] : members) {
      (*this)(key);
      std::visit(*this, item.value);
    }
  }

 private:
  void PutHead(std::uint8_t major, std::uint64_t argument) {
    const auto initial = static_cast<std::uint8_t>(major << 5U);
    if (argument < kOneByteFollows) {
      out_.push_back(static_cast<std::uint8_t>(initial | argument));
      return;
    }
    std::size_t size = 1;
    std::uint8_t info = kOneByteFollows;
    while (size < 8 && argument >> (size * 8) != 0) {
      size *= 2;
      ++info;
    }
    out_.push_back(static_cast<std::uint8_t>(initial | info));
    for (std::size_t i = size; i-- > 0;) {
      out_.push_back(static_cast<std::uint8_t>(argument >> (i * 8)));
    }
  }

  Bytes& out_;
};

}  // namespace

bool CborKeyOrder::operator()(std::int64_t a, std::int64_t b) const {
  if ((a < 0) != (b < 0)) {
    return b < 0;
  }
  return a < 0 ? b < a : a < b;
}

Result<Cbor> ParseCbor(ByteView bytes) {
  if (bytes.size() > kCborBytesMax) {
    return Error{ErrorCode::kLimitExceeded,
                 "CBOR is larger than " + std::to_string(kCborBytesMax) + " bytes"};
  }
  Parser parser(bytes);
  ENTENTE_ASSIGN(Cbor item, parser.Item(0));
  ENTENTE_TRY(parser.Finish());
  return item;
}

Bytes WriteCbor(const Cbor& item) {
  Bytes out;
  std::visit(Writer(out), item.value);
  return out;
}

CborReader::CborReader(const Cbor& item, std::string path)
    : map_(std::get_if<Cbor::Map>(&item.value)), path_(std::move(path)) {}

Error CborReader::Bad(std::int64_t key, const std::string& why) const {
  return {ErrorCode::kInvalidInput, path_ + " key " + std::to_string(key) + " " + why};
}

bool CborReader::Has(std::int64_t key) const { return map_ != nullptr && map_->contains(key); }

template <typename T>
Result<const T*> CborReader::Member(std::int64_t key, const char* type) {
  if (!Has(key)) {
    return Bad(key, "is missing");
  }
  seen_.push_back(key);
  const T* value = std::get_if<T>(&map_->at(key).value);
  if (value == nullptr) {
    return Bad(key, std::string("is not ") + type);
  }
  return value;
}

Result<std::uint64_t> CborReader::Unsigned(std::int64_t key, std::uint64_t max) {
  ENTENTE_ASSIGN(const std::uint64_t* value,
                 Member<std::uint64_t>(key, "an integer that is not negative"));
  if (*value > max) {
    return Bad(key, "is above " + std::to_string(max));
  }
  return *value;
}

Result<Bytes> CborReader::ByteString(std::int64_t key, std::size_t size_bytes_max) {
  ENTENTE_ASSIGN(const Bytes* value, Member<Bytes>(key, "a byte string"));
  if (value->size() > size_bytes_max) {
    return Bad(key, "is longer than " + std::to_string(size_bytes_max) + " bytes");
  }
  return *value;
}

Result<std::string> CborReader::Text(std::int64_t key, std::size_t size_bytes_max) {
  ENTENTE_ASSIGN(const std::string* value, Member<std::string>(key, "a text string"));
  if (value->size() > size_bytes_max) {
    return Bad(key, "is longer than " + std::to_string(size_bytes_max) + " bytes");
  }
  return *value;
}

Status CborReader::Finish() const {
  if (map_ == nullptr) {
    return Error{ErrorCode::kInvalidInput, path_ + " is not a map"};
  }
  for (const auto& [key, item] : *map_) {
    if (std::find(seen_.begin(), seen_.end(), key) == seen_.end()) {
      return Bad(key, "is not known");
    }
  }
  return {};
}

}  // namespace entente::wire
