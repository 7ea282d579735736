// Match keys, scheme "entente-keys/1": what two records must share to be thought the same person.
//
// A key is always a conjunction: name skeletons and (part of) the birth date whose information
// reaches a threshold, or issuer, type and number of a document. A date alone or a common name
// never makes one. Two records of two lists match if they share one key. Keys cross no border:
// matching/ hashes them inside private set intersection (psi/). Format and worked example:
// docs/formats/match-keys.md; why these thresholds: docs/decisions/0005-match-keys-v1.md.
//
// The scheme chooses by public tables and the spelling at hand only, so both authorities choose
// alike; SchemeDigest() pins all of it. Gender, nationality and places are not read. Cost: about 6
// µs a record. Limits: kKeysMax keys a record, the ones with most information, then in byte order.
// Threads: free functions, thread-safe. Pure: no I/O, clock or randomness.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "entente/crypto/hash.h"
#include "entente/match/frequency.h"
#include "entente/records/record.h"

namespace entente::match {

inline constexpr std::string_view kSchemeId = "entente-keys/1";
inline constexpr std::size_t kKeysMax = 32;

enum class RuleId : std::uint8_t {
  kFullDate,      // names and the full birth date, day and month in either order
  kYear,          // names and the birth year
  kWrittenYear,   // the whole name in one spelling and the birth year
  kWrittenMonth,  // the whole name in one spelling, year and month: the day may be wrong
  kWrittenDay,    // the whole name in one spelling, decade, month and day: the year may be wrong
  kDocument,      // issuer, type and number of a document
};

struct RuleInfo {
  RuleId id;
  char code;               // the first character of its keys
  std::string_view label;  // neutral English, for a hit
};

// The rules in code order.
std::span<const RuleInfo> Rules();
const RuleInfo& InfoOf(RuleId id);

struct Key {
  RuleId rule;
  std::string text;  // "F|19750302|BDRHMN|MHMD": never shown, never logged, hashed only inside psi

  auto operator<=>(const Key&) const = default;
};

// The keys of a record, ordered, no two equal. An empty set means that the record cannot be
// matched: it says too little. The caller refuses protected records before this.
std::vector<Key> BuildKeys(const records::Record& record);

// SHA-256 over SchemeText(): two authorities match only if theirs are equal.
crypto::Digest SchemeDigest();
// Name, thresholds, limits and every table, as text.
std::string SchemeText();

}  // namespace entente::match
