// JSON as Entente signs, stores and serves it.
//
// Canonical form: RFC 8785 (JCS) restricted so that every conforming writer agrees byte for byte:
// object keys are ASCII and sorted, numbers are integers in ±(2^53-1), strings are well-formed
// UTF-8, no insignificant white space.
// Limits: kJsonBytesMax bytes, kJsonDepthMax levels. Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "entente/base/bytes.h"
#include "entente/base/result.h"

namespace entente::wire {

// Keys are kept sorted. Other modules include this header, never the library's own.
using Json = nlohmann::json;

inline constexpr std::size_t kJsonBytesMax = std::size_t{4} << 20U;
inline constexpr std::size_t kJsonDepthMax = 32;

// Parses strict JSON of our own side (operator, browser, own files): no duplicate keys, no
// comments, no trailing bytes, no non-integer numbers. The error repeats the name of a duplicate
// key. Errors: kInvalidInput (with the byte offset where the parser knows it), kLimitExceeded.
Result<Json> ParseJson(std::string_view text);

// As ParseJson, and the text must be exactly what WriteCanonicalJson gives for its value. This is
// for a peer's bytes too: no error repeats a word of them. Who knows the schema may bound the cost
// by `values_max`, the values of all levels (each takes at least a byte and up to 50 in memory).
// Errors: as ParseJson; kInvalidInput if the form is not canonical, or above `values_max`.
Result<Json> ParseCanonicalJson(std::string_view text, std::size_t values_max = kJsonBytesMax);

// The canonical form. Requires what ParseJson accepts (our own values): anything else is a bug.
std::string WriteCanonicalJson(const Json& value);

// Typed reading of one object with errors that name the member asked for. Unknown members are
// refused by Finish(), so a schema is the list of calls made. No error repeats a word of the
// object: a peer could write a person's name where our logs would keep it.
//
//   JsonReader reader(json, "card");
//   ENTENTE_ASSIGN(std::string name, reader.String("name", 200));
//   ENTENTE_TRY(reader.Finish());
//
// Every getter: Errors: kInvalidInput naming "card.name" if missing, of another type or too long.
class JsonReader {
 public:
  // `json` must outlive the reader. `path` begins every error message.
  JsonReader(const Json& json, std::string path);

  bool Has(std::string_view member);
  Result<std::string> String(std::string_view member, std::size_t size_bytes_max = 4096);
  // "" if absent.
  Result<std::string> OptionalString(std::string_view member, std::size_t size_bytes_max = 4096);
  Result<std::int64_t> Integer(std::string_view member, std::int64_t min, std::int64_t max);
  Result<bool> Boolean(std::string_view member);
  // Bytes written as base64.
  Result<Bytes> Base64(std::string_view member, std::size_t size_bytes_max);
  Result<std::vector<std::string>> Strings(std::string_view member, std::size_t count_max);
  // Views into the json given to the constructor.
  Result<const Json*> Object(std::string_view member);
  Result<const Json*> Array(std::string_view member, std::size_t count_max);
  // Errors: kInvalidInput listing what was asked for if there is any other member.
  Status Finish() const;

 private:
  void Know(std::string_view member);
  Result<const Json*> Member(std::string_view member);
  Error Bad(std::string_view member, std::string_view why) const;

  const Json& json_;
  std::string path_;
  std::vector<std::string> known_;  // what was asked for, each once
};

}  // namespace entente::wire
