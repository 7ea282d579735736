#include "entente/match/keys.h"

#include <algorithm>
#include <utility>

#include "entente/match/internal/document_key.h"
#include "entente/match/internal/name_keys.h"
#include "entente/match/internal/thresholds.h"
#include "entente/names/tokenize.h"

namespace entente::match {
namespace {

constexpr RuleInfo kRules[] = {
    {RuleId::kFullDate, 'F', "name and full date of birth"},
    {RuleId::kYear, 'Y', "three names and year of birth"},
    {RuleId::kWrittenYear, 'W', "three names in the same spelling and year of birth"},
    {RuleId::kWrittenMonth, 'N', "two names in the same spelling, year and month of birth"},
    {RuleId::kWrittenDay, 'M', "names in the same spelling, decade, month and day of birth"},
    {RuleId::kDocument, 'D', "document number"},
};

constexpr Bits16 kDocumentKeyBits = 64 * kBit;  // kept before any name key

}  // namespace

const Thresholds kThresholds = {
    .full_date = {RuleId::kFullDate, 2, 21 * kBit, 34 * kBit},
    .year = {RuleId::kYear, 3, 35 * kBit, 36 * kBit},
    .written_year = {RuleId::kWrittenYear, 20 * kBit, kNever},
    .written_month = {RuleId::kWrittenMonth, kNever, 29 * kBit},
    .written_day = {RuleId::kWrittenDay, 20 * kBit, 30 * kBit},
    .choices_max = 4,
    .readings_max = 3,
    .reading_gap_max = 5 * kBit,
    .reading_step = 1 * kBit,
};

std::span<const RuleInfo> Rules() { return kRules; }

const RuleInfo& InfoOf(RuleId id) { return kRules[static_cast<std::size_t>(id)]; }

std::vector<Key> BuildKeysWith(const records::Record& record, const Thresholds& thresholds) {
  std::vector<RatedKey> rated;
  for (const records::Document& document : record.documents) {
    if (const auto part = DocumentKeyPart(document)) {
      rated.push_back({kDocumentKeyBits, {RuleId::kDocument, "D|" + *part}});
    }
  }
  for (const records::Name& name : record.names) {
    if (name.quality == records::NameQuality::kWeak) {
      continue;  // its list does not vouch for it
    }
    const ReadName read = Read(name, thresholds);
    for (const records::PartialDate& date : record.birth_dates) {
      AppendNameKeys(read, date, thresholds, rated);
    }
  }
  std::sort(rated.begin(), rated.end(), [](const RatedKey& a, const RatedKey& b) {
    return a.bits != b.bits ? a.bits > b.bits : a.key < b.key;
  });
  std::vector<Key> keys;
  for (RatedKey& candidate : rated) {
    if (keys.size() < kKeysMax &&
        std::find(keys.begin(), keys.end(), candidate.key) == keys.end()) {
      keys.push_back(std::move(candidate.key));
    }
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<Key> BuildKeys(const records::Record& record) {
  return BuildKeysWith(record, kThresholds);
}

std::string SchemeText() {
  const auto number = [](auto value) { return std::to_string(value) + "\n"; };
  const auto rule = [&](std::string_view name, const SkeletonRule& numbers) {
    return std::string(name) + " " + std::to_string(numbers.tokens_min) + " " +
           std::to_string(numbers.whole_bits_min) + " " + number(numbers.part_bits_min);
  };
  const auto written = [&](std::string_view name, const WrittenRule& numbers) {
    return std::string(name) + " " + std::to_string(numbers.bits_min) + " " +
           number(numbers.pair_bits_min);
  };
  std::string text(kSchemeId);
  text.append("\nbits are in sixteenths\n");
  text += rule("full-date", kThresholds.full_date) + rule("year", kThresholds.year);
  text += written("written-year", kThresholds.written_year);
  text += written("written-month", kThresholds.written_month);
  text += written("written-day", kThresholds.written_day);
  text += "choices-max " + number(kThresholds.choices_max);
  text += "readings-max " + number(kThresholds.readings_max);
  text += "reading-gap-max " + number(kThresholds.reading_gap_max);
  text += "reading-step " + number(kThresholds.reading_step);
  text += "tokens-per-name " + number(kTokensPerName);
  text += "keys-max " + number(kKeysMax);
  text += "full-date-bits " + number(kFullDateBits);
  text += "first-of-january-bits " + number(kFirstOfJanuaryBits);
  text += "decade-day-bits " + number(kDecadeDayBits);
  text += "year-month-bits " + number(kYearMonthBits);
  text += "year-bits " + number(kYearBits);
  text += "document-bits " + number(kDocumentBits);
  text += "other-document-bits " + number(kOtherDocumentBits);
  text += "unknown-issuer-bits " + number(kUnknownIssuerBits);
  text += "token-bits-max " + number(kTokenBitsMax);
  for (const RuleInfo& info : kRules) {
    text.append("rule ").append(1, info.code).append("\n");
  }
  text.append(names::TablesText());
  text.append("frequencies\n").append(FrequencyTableText());
  return text;
}

crypto::Digest SchemeDigest() {
  static const crypto::Digest digest = crypto::Sha256(AsBytes(SchemeText()));
  return digest;
}

}  // namespace entente::match
